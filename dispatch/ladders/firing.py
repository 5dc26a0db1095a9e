"""Fires the rungs that are due: each once, for whoever is on duty when it fires.

Once, because of the unique row of each rung, which is written with the messages it sends: it does not matter how many
workers ask, nor where one of them died.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from dispatch.city.ladders import Channel
from dispatch.city.model import Priority
from dispatch.city.policy import ClockKind
from dispatch.deliveries.notices import About, NoticeKind, notify
from dispatch.duty.on_duty import PersonOnDuty, on_duty
from dispatch.ladders.running import Subject, end_ladder, rung_due_at
from dispatch.roles import AGENCY_ROLES, Actor, LadderRole
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import LadderRow
from dispatch.storage.tables import Assignment, Epoch, Instruction, Ladder, LadderStep, Ticket
from dispatch.storage.transaction import Transaction

_URGENT = frozenset({Priority.P1, Priority.P2})
#: How long after its rung a message is still wanted, if the clock is not stopped before.
_WANTED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Fired:
    """What came of looking for due rungs."""

    ladders: int  #: how many were looked at; fewer than the limit: nothing more is due
    rungs: int
    holes: int


class _TicketFacts(NamedTuple):
    """What a rung has to know of the ticket."""

    priority: str | None
    kelurahan_code: str | None


def any_rung_due(connection: Connection, now: datetime) -> bool:
    """Whether some rung may be due: a look without a write, through an index that holds only what may become due."""
    present = select(Epoch.epoch).order_by(Epoch.id.desc()).limit(1).scalar_subquery()
    return connection.execute(select(Ladder.id).where(*_due(now), Ladder.epoch == present).limit(1)).first() is not None


def fire_due_rungs(tx: Transaction, *, limit: int = 10) -> Fired:
    """Fire what is due, oldest first. Of a ladder whose clock stands already nothing is fired: it ends."""
    statement = select(Ladder.__table__).where(*_due(tx.now), Ladder.epoch == tx.epoch)
    rows = tx.connection.execute(statement.order_by(Ladder.next_at, Ladder.id).limit(limit)).all()
    look_up = _DutyNow(tx)
    rungs = holes = 0
    for ladder in map(LadderRow.from_row, rows):
        facts = _clock_of(tx, ladder)
        if facts is None:
            end_ladder(tx, subject_of(ladder), "stopped")
            continue
        fired, missed = _climb(tx, ladder, facts, look_up)
        rungs, holes = rungs + fired, holes + missed
    return Fired(len(rows), rungs, holes)


def lost(tx: Transaction, *, step_id: int) -> bool:
    """Note that no message of a rung got through: the next one fires at once. Return whether that was news."""
    row = tx.connection.execute(
        select(Ladder.__table__, LadderStep.rung)
        .join(LadderStep, LadderStep.ladder_id == Ladder.id)
        .where(LadderStep.id == step_id, LadderStep.hole.is_(False), Ladder.ended_at.is_(None))
    ).first()
    if row is None:
        return False
    *columns, rung = row
    ladder = LadderRow.from_row(columns)
    tx.update(LadderStep, LadderStep.id == step_id, hole=True)
    if ladder.next_at is not None:
        tx.update(Ladder, Ladder.id == ladder.id, next_at=min(ladder.next_at, tx.now))
    _record(tx, ladder, JournalKind.LADDER_LOST, rung=rung, who=ladder.rungs[rung]["who"])
    return True


def subject_of(ladder: LadderRow) -> Subject:
    """Whose clock a ladder follows."""
    kind, _, id_ = ladder.subject.partition(":")
    instruction_id = int(id_) if kind == "instruction" else None
    return Subject(ladder.ticket_id, ladder.assignment_id, instruction_id, ladder.agency_code)


class _DutyNow:
    """Who is on duty at the instant of one command, looked up once for each role of an agency and area."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known = lru_cache(maxsize=None)(self._read)

    def people(self, ladder: LadderRow, rung: dict[str, Any], kelurahan_code: str | None) -> list[PersonOnDuty]:
        """Everybody whom a rung names, each once."""
        found: dict[tuple[int | None, int | None], PersonOnDuty] = {}
        for name in rung["roles"]:
            role = LadderRole(name)
            if role in AGENCY_ROLES:
                agency = ladder.agency_code
            elif role is LadderRole.LEADER:
                agency = rung.get("office") or _asked_by(self._tx, ladder)
            else:
                agency = self._tx.city.ladders.centre
            if agency is not None:
                for person in self._known(agency, role, kelurahan_code):
                    found.setdefault((person.contact_id, person.user_id), person)
        return list(found.values())

    def _read(self, agency: str, role: LadderRole, kelurahan_code: str | None) -> tuple[PersonOnDuty, ...]:
        tx = self._tx
        return on_duty(tx.connection, tx.city, agency_code=agency, role=role, at=tx.now, kelurahan_code=kelurahan_code)


def _climb(tx: Transaction, ladder: LadderRow, facts: _TicketFacts, duty: _DutyNow) -> tuple[int, int]:
    """Fire every rung of a ladder that is due, and after one that reaches nobody the next; return rungs and holes."""
    fired = holes = 0
    at_once = True  #: the first may have been brought forward; whatever follows goes by its own time
    told: set[tuple[int | None, int | None]] = set()
    rung_number, next_at = ladder.next_rung, ladder.next_at
    while rung_number < len(ladder.rungs):
        rung = ladder.rungs[rung_number]
        due_at = rung_due_at(ladder.started_at, ladder.shift_s, rung)
        if due_at > tx.now and not at_once:
            next_at = due_at
            break
        wakes_at = _quiet_until(tx, rung, facts.priority)
        if wakes_at is not None:
            next_at = wakes_at
            break
        people = duty.people(ladder, rung, facts.kelurahan_code)
        reachable = [person for person in people if person.reachable]
        _fire(tx, ladder, rung_number, due_at, reachable, told, facts)
        fired, holes = fired + 1, holes + (not reachable)
        rung_number, next_at, at_once = rung_number + 1, None, not reachable
    tx.update(Ladder, Ladder.id == ladder.id, next_rung=rung_number, next_at=next_at)
    return fired, holes


def _fire(
    tx: Transaction,
    ladder: LadderRow,
    number: int,
    due_at: datetime,
    people: list[PersonOnDuty],
    told: set[tuple[int | None, int | None]],
    facts: _TicketFacts,
) -> None:
    rung = ladder.rungs[number]
    late = (tx.now - due_at).total_seconds() > tx.city.ladders.late_after_s
    step_id = tx.insert(
        LadderStep,
        ladder_id=ladder.id,
        rung=number,
        due_at=due_at,
        fired_at=tx.now,
        late=late,
        people=len(people),
        hole=not people,
    )
    for person in people:
        key = (person.contact_id, person.user_id)
        if key in told:
            continue  # after a suspension several rungs fire at once, and one message each is enough
        told.add(key)
        about = About(
            _kind(ladder, number, person.role), ladder.ticket_id, ladder.assignment_id, ladder.id, step_id, late
        )
        said = {"clock": ladder.clock_kind, "rung": number, "agency": ladder.agency_code}
        if rung.get("each"):
            said["each"] = True
        notify(
            tx,
            person,
            about,
            facts=said,
            deadline=tx.now + _WANTED,
            channels=[Channel(name) for name in rung.get("channels", ())],
        )
    _record(
        tx,
        ladder,
        JournalKind.LADDER_FIRED,
        rung=number,
        of=len(ladder.rungs),
        who=rung["who"],
        people=len(people),
        hole=not people,
        late=late,
    )


def _kind(ladder: LadderRow, number: int, role: LadderRole) -> NoticeKind:
    if ladder.subject.startswith("instruction:"):
        return NoticeKind.INSTRUCTION
    if ladder.assignment_id is None:
        return NoticeKind.CENTRE
    if role is LadderRole.DUTY:
        first = number == 0 and ladder.clock_kind == ClockKind.ACKNOWLEDGE
        return NoticeKind.TASK if first else NoticeKind.REMINDER
    return NoticeKind.ESCALATION


def _clock_of(tx: Transaction, ladder: LadderRow) -> _TicketFacts | None:
    """What there is to know of a ladder's ticket; None where its clock stands, or is another one by now.

    The software of before this release stops clocks without ending ladders, and runs beside us during an upgrade.
    """
    statement = select(Ticket.priority, Ticket.kelurahan_code).where(Ticket.id == ladder.ticket_id)
    kind, _, id_ = ladder.subject.partition(":")
    if kind == "instruction":
        statement = statement.join(Instruction, Instruction.ticket_id == Ticket.id).where(
            Instruction.id == int(id_), Instruction.done_at.is_(None)
        )
    else:
        of = Ticket if kind == "ticket" else Assignment
        if of is Assignment:
            statement = statement.join(Assignment, Assignment.ticket_id == Ticket.id).where(Assignment.id == int(id_))
        statement = statement.where(of.clock_kind == ladder.clock_kind, of.clock_started_at == ladder.started_at)
    row = tx.connection.execute(statement).first()
    return _TicketFacts(*row) if row is not None else None


def _asked_by(tx: Transaction, ladder: LadderRow) -> str | None:
    """The office whose instruction a ladder follows."""
    instruction_id = subject_of(ladder).instruction_id
    if instruction_id is None:
        return None
    return tx.connection.execute(select(Instruction.office_code).where(Instruction.id == instruction_id)).scalar()


def _quiet_until(tx: Transaction, rung: dict[str, Any], priority: str | None) -> datetime | None:
    """When the quiet hours of everybody whom a rung names are over; None where somebody may be told now."""
    if priority is None or Priority(priority) in _URGENT:
        return None
    hours = [tx.city.ladders.quiet_hours.get(LadderRole(role)) for role in rung["roles"]]
    local = tx.now.astimezone(tx.city.timezone)
    covering = [quiet for quiet in hours if quiet is not None and quiet.cover(local.time())]
    if len(covering) < len(hours):
        return None
    ends = []
    for quiet in covering:
        end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=quiet.end.second, microsecond=0)
        ends.append(end if end > local else end + timedelta(days=1))
    return min(ends).astimezone(tx.now.tzinfo)


def _record(tx: Transaction, ladder: LadderRow, kind: JournalKind, **data: Any) -> int:
    return tx.record(
        kind,
        Actor.system(),
        ticket_id=ladder.ticket_id,
        assignment_id=ladder.assignment_id,
        ladder_id=ladder.id,
        clock=ladder.clock_kind,
        **data,
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Ladder.next_at.is_not(None), Ladder.next_at <= now
