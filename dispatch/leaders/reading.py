"""Reads what reached a leader: the tickets of whose ladders a rung has told the leader's office, and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select

from dispatch.city.pack import CityPack
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.ladders.instructions import instruction_view, instructions_of
from dispatch.ladders.reading import LadderReader, ladder_view
from dispatch.leaders import shapes
from dispatch.leaders.due_times import due_choices
from dispatch.leaders.offices import offices_of
from dispatch.roles import Actor
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import AssignmentRow, InstructionRow, LadderRow, LadderStepRow, TicketRow
from dispatch.storage.tables import Assignment, Instruction, JournalEntry, Ladder, LadderStep, Ticket
from dispatch.tickets.lifecycle import TicketState
from dispatch.tickets.views import incident_type, short_number

WEEK = timedelta(days=7)
#: More than anybody reads; the newest count.
MOST = 100
_HISTORY = (
    JournalKind.TICKET_DISPATCHED,
    JournalKind.TICKET_CLOSED,
    JournalKind.TICKET_REOPENED,
    JournalKind.TICKET_INSTRUCTED,
    JournalKind.TICKET_INSTRUCTION_DONE,
    JournalKind.ASSIGNMENT_SENT,
    JournalKind.ASSIGNMENT_ACKNOWLEDGED,
    JournalKind.ASSIGNMENT_DECLINED,
    JournalKind.ASSIGNMENT_EN_ROUTE,
    JournalKind.ASSIGNMENT_ON_SCENE,
    JournalKind.ASSIGNMENT_CLEARED,
    JournalKind.ASSIGNMENT_CANCELLED,
    JournalKind.LADDER_FIRED,
    JournalKind.LADDER_LOST,
    JournalKind.LADDER_DELAYED,
)


@dataclass(frozen=True, slots=True)
class _Brought:
    """A ladder that told an office, and the rung that did."""

    ladder: LadderRow
    rung: int
    office: str
    at: datetime


def overview(connection: Connection, city: CityPack, actor: Actor, now: datetime) -> shapes.LeaderOverview:
    """All that reached this leader; nothing for whoever leads no office."""
    offices = offices_of(connection, actor)
    brought = _newest_of_each(_brought(connection, offices, now)) if offices else []
    items = _cases(connection, city, now, brought, offices)
    answered = _answered(connection, offices, now) if offices else 0
    return {
        "at": to_iso(now),
        "offices": [{"code": code, "name": _office_name(city, code)} for code in offices],
        "items": items,
        "week": {
            "reached": sum(one.at > now - WEEK for one in brought),
            "answered": answered,
            "done": sum(item["section"] == "done" for item in items),
        },
        "due_choices": [to_iso(at) for at in due_choices(city, now)],
        "longest_delay_s": city.ladders.leader.longest_delay_s,
    }


def _brought(connection: Connection, offices: Sequence[str], now: datetime) -> list[_Brought]:
    """The rungs that told these offices, newest first, of tickets that are open or were so within the week."""
    recent: ColumnElement[bool] = or_(Ticket.closed_at.is_(None), Ticket.closed_at > now - WEEK)
    rows = connection.execute(
        select(Ladder.__table__, LadderStep.rung, LadderStep.office_code, LadderStep.fired_at)
        .select_from(LadderStep)
        .join(Ladder, Ladder.id == LadderStep.ladder_id)
        .join(Ticket, Ticket.id == Ladder.ticket_id)
        .where(LadderStep.office_code.in_(offices), LadderStep.office_code.is_not(None), recent)
        .order_by(LadderStep.id.desc())
        .limit(4 * MOST)
    )
    return [_Brought(LadderRow.from_row(row[:-3]), *row[-3:]) for row in rows]


def _newest_of_each(brought: Iterable[_Brought]) -> list[_Brought]:
    """One for each task (or ticket) and office: the newest rung; that of a leader's own instruction counts after it."""
    found: dict[tuple[int, int | None, str], _Brought] = {}
    for one in sorted(brought, key=lambda one: one.ladder.subject.startswith("instruction:")):
        found.setdefault((one.ladder.ticket_id, one.ladder.assignment_id, one.office), one)
    return list(found.values())[:MOST]


def _cases(
    connection: Connection, city: CityPack, now: datetime, brought: Sequence[_Brought], offices: Sequence[str]
) -> list[shapes.Case]:
    ids = sorted({one.ladder.ticket_id for one in brought})
    if not ids:
        return []
    tickets = {
        row.id: TicketRow.from_row(row)
        for row in connection.execute(select(Ticket.__table__).where(Ticket.id.in_(ids)))
    }
    of_tickets = select(Assignment.__table__).where(Assignment.ticket_id.in_(ids))
    assignments = {row.id: AssignmentRow.from_row(row) for row in connection.execute(of_tickets)}
    instructions = instructions_of(connection, ids)
    steps = _steps(connection, [one.ladder.id for one in brought])
    history = _history(connection, ids)
    ladders = LadderReader(connection, ids, {one.ticket_id for one in assignments.values()})
    epoch = read_epoch(connection)
    cases = []
    for one in brought:
        task = assignments.get(one.ladder.assignment_id or 0)
        mine = [row for row in instructions if row.assignment_id == one.ladder.assignment_id]
        mine = [row for row in mine if row.ticket_id == one.ladder.ticket_id]
        ticket = tickets[one.ladder.ticket_id]
        running = ladders.of_assignment(task.id) if task is not None else ladders.of_ticket(ticket.id)
        reach = ladders.reach(task.id, task.acknowledged_at) if task is not None else None
        section, over_at = _section(one, ticket, mine, now)
        case: shapes.Case = {
            **_of_ticket(city, ticket),
            **_of_task(city, task),
            "office": one.office,
            "reached_at": to_iso(one.at),
            "clock": one.ladder.clock_kind,
            "since": to_iso(one.ladder.started_at),
            "due_at": to_iso(one.ladder.due_at),
            "lies_with": _rung_before(one),
            "next_at": running["next_at"] if running is not None else None,
            "next_who": running["next_who"] if running is not None else None,
            "section": section,
            "ladder": ladder_view(one.ladder, steps[one.ladder.id], epoch),
            "people": reach["people"] if reach is not None else [],
            "instructions": [instruction_view(city, row) for row in mine],
            "history": _of_task_alone(history[ticket.id], task),
            "over_at": to_iso_if_any(over_at),
        }
        cases.append(case)
    recent = to_iso(now - WEEK)
    return [case for case in cases if case["section"] != "done" or (case["over_at"] or "") > recent]


def _section(
    one: _Brought, ticket: TicketRow, instructions: Sequence[InstructionRow], now: datetime
) -> tuple[shapes.Section, datetime | None]:
    """Where a case stands for its office, and since when it is over.

    A leader's own due time that is over without an answer puts it back among those that wait.
    """
    own = [row for row in instructions if row.office_code == one.office]
    if ticket.state == TicketState.CLOSED:
        return "done", ticket.closed_at
    if any(row.done_at is None and row.due_at > now for row in own):
        return "running", None
    if own and own[-1].done_at is not None:
        return "done", own[-1].done_at
    if one.ladder.ended_at is not None and not own:
        return "done", one.ladder.ended_at
    return "waiting", None


def _of_ticket(city: CityPack, ticket: TicketRow) -> shapes.CaseTicket:
    kelurahan = city.kelurahan.get(ticket.kelurahan_code or "")
    place: shapes.CasePlace | None = None
    if kelurahan is not None:
        place = {"text": ticket.place_text, "kelurahan": kelurahan.name, "kecamatan": kelurahan.kecamatan}
    return {
        "ticket_number": ticket.number,
        "short": short_number(ticket.number),
        "state": ticket.state,
        "type": incident_type(city, ticket.type_code),
        "priority": ticket.priority,
        "place": place,
    }


def _of_task(city: CityPack, task: AssignmentRow | None) -> shapes.CaseTask:
    agency = city.agencies.get(task.agency_code) if task is not None else None
    return {
        "assignment_id": task.id if task is not None else None,
        "agency": task.agency_code if task is not None else None,
        "agency_short": agency.short_name if agency is not None else None,
        "agency_phone": agency.phone if agency is not None else None,
        "assignment_state": task.state if task is not None else None,
    }


def _rung_before(one: _Brought) -> str | None:
    return str(one.ladder.rungs[one.rung - 1]["who"]) if one.rung else None


def _steps(connection: Connection, ladder_ids: Sequence[int]) -> dict[int, list[LadderStepRow]]:
    found: dict[int, list[LadderStepRow]] = defaultdict(list)
    statement = select(LadderStep.__table__).where(LadderStep.ladder_id.in_(ladder_ids)).order_by(LadderStep.rung)
    for row in connection.execute(statement):
        step = LadderStepRow.from_row(row)
        found[step.ladder_id].append(step)
    return found


def _history(connection: Connection, ticket_ids: Sequence[int]) -> dict[int, list[tuple[int | None, shapes.CaseStep]]]:
    """What happened to each ticket, oldest first, with the assignment that it happened to."""
    found: dict[int, list[tuple[int | None, shapes.CaseStep]]] = defaultdict(list)
    kinds = [kind.value for kind in _HISTORY]
    rows = connection.execute(
        select(
            JournalEntry.at, JournalEntry.kind, JournalEntry.ticket_id, JournalEntry.assignment_id, JournalEntry.data
        )
        .where(JournalEntry.ticket_id.in_(ticket_ids), JournalEntry.kind.in_(kinds))
        .order_by(JournalEntry.seq)
    )
    for row in rows:
        step: shapes.CaseStep = {
            "at": to_iso(row.at),
            "kind": row.kind,
            "agency": row.data.get("agency"),
            "who": row.data.get("who"),
            "hole": bool(row.data.get("hole", False)),
        }
        found[row.ticket_id].append((row.assignment_id, step))
    return found


def _of_task_alone(
    history: Sequence[tuple[int | None, shapes.CaseStep]], task: AssignmentRow | None
) -> list[shapes.CaseStep]:
    own = (None, task.id) if task is not None else None
    return [step for assignment_id, step in history if own is None or assignment_id in own]


def _answered(connection: Connection, offices: Sequence[str], now: datetime) -> int:
    given = select(Instruction.ticket_id, Instruction.assignment_id).where(
        Instruction.office_code.in_(offices), Instruction.given_at > now - WEEK
    )
    return len(set(map(tuple, connection.execute(given))))


def _office_name(city: CityPack, code: str) -> str:
    office = city.agencies.get(code)
    return office.short_name if office else code
