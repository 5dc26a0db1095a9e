"""Fires the rungs that are due: each once, for whoever is on duty when it fires.

Once, because of the unique row of each rung, which is written with the messages it sends: it does not matter how many
workers ask, nor where one of them died.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Connection, Executable, bindparam, or_, select

from dispatch.city.ladders import URGENT, Channel, Reach
from dispatch.city.model import Priority
from dispatch.city.policy import ClockKind
from dispatch.deliveries.notices import FAILED, HOLE, About, NoticeKind, Telling, notify_all
from dispatch.duty.on_duty import PersonOnDuty, read_duty_book, read_screens, screens_of
from dispatch.ladders.running import Subject, end_ladder, rung_due_at
from dispatch.roles import AGENCY_ROLES, Actor, LadderRole
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.prepared import PreparedInsert
from dispatch.storage.rows import LadderRow
from dispatch.storage.tables import Assignment, Epoch, Instruction, Ladder, LadderStep, Notice, Ticket, table_of
from dispatch.storage.transaction import Transaction

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


def fire_due_rungs(tx: Transaction, *, limit: int = 25) -> Fired:
    """Fire what is due, oldest first. Of a ladder whose clock stands already nothing is fired: it ends."""
    statement = select(Ladder.__table__).where(*_due(tx.now), Ladder.epoch == tx.epoch)
    rows = tx.connection.execute(statement.order_by(Ladder.next_at, Ladder.id).limit(limit)).all()
    ladders = [LadderRow.from_row(row) for row in rows]
    facts = _facts_of(tx, ladders)
    duty = _DutyNow(tx, [ladder for ladder in ladders if ladder.id in facts])
    passed = _fired_past_a_resting_rung(tx, ladders)
    firing = _Firing(tx)
    for ladder in ladders:
        if ladder.id in facts:
            _climb(tx, ladder, facts[ladder.id], duty, firing, passed.get(ladder.id, frozenset()))
        else:
            end_ladder(tx, subject_of(ladder), "stopped")
    firing.write()
    return Fired(len(rows), len(firing.steps), sum(step.hole for step in firing.steps))


def lost(tx: Transaction, *, step_id: int) -> bool:
    """Note that a person of a rung was not got through to; where that is all of them, the next rung fires at once.

    Return whether the rung is lost by it. Of two who are told, one who cannot be reached wakes nobody higher.
    """
    row = tx.connection.execute(
        select(Ladder.__table__, LadderStep.rung)
        .join(LadderStep, LadderStep.ladder_id == Ladder.id)
        .where(LadderStep.id == step_id, LadderStep.hole.is_(False), Ladder.ended_at.is_(None))
    ).first()
    if row is None or _somebody_else_told(tx, step_id):
        return False
    *columns, rung = row
    ladder = LadderRow.from_row(columns)
    tx.update(LadderStep, LadderStep.id == step_id, hole=True)
    if ladder.next_at is not None:
        tx.update(Ladder, Ladder.id == ladder.id, next_at=min(ladder.next_at, tx.now))
    _record(tx, ladder, JournalKind.LADDER_LOST, rung=rung, who=ladder.rungs[rung]["who"])
    return True


def _somebody_else_told(tx: Transaction, step_id: int) -> bool:
    """Whether a rung's message to somebody has come further than to a failure, or may yet."""
    told = select(Notice.id).where(
        Notice.step_id == step_id,
        Notice.level.not_in((FAILED, HOLE)),
        or_(Notice.ended_at.is_(None), Notice.level != Reach.QUEUED.value),
    )
    return tx.connection.execute(told.limit(1)).first() is not None


def subject_of(ladder: LadderRow) -> Subject:
    """Whose clock a ladder follows."""
    kind, _, id_ = ladder.subject.partition(":")
    instruction_id = int(id_) if kind == "instruction" else None
    return Subject(ladder.ticket_id, ladder.assignment_id, instruction_id, ladder.agency_code)


class _DutyNow:
    """Who is on duty at the instant of one command, for all ladders that it fires."""

    def __init__(self, tx: Transaction, ladders: Sequence[LadderRow]) -> None:
        self._tx = tx
        self._centre = tx.city.ladders.centre
        self._asked_by = {ladder.id: _asked_by(tx, ladder) for ladder in ladders if subject_of(ladder).instruction_id}
        agencies = {self._centre, *(ladder.agency_code for ladder in ladders), *self._asked_by.values()}
        agencies |= {rung.get("office") for ladder in ladders for rung in ladder.rungs[ladder.next_rung :]}
        codes = [code for code in agencies if code is not None]
        self._book = read_duty_book(tx.connection, tx.city, since=tx.now, until=tx.now, agency_codes=codes)
        self._screens = read_screens(tx.connection, tx.city, tx.now)

    def people(self, ladder: LadderRow, rung: dict[str, Any], kelurahan_code: str | None) -> list[PersonOnDuty]:
        """Everybody whom a rung names, each once."""
        found: dict[tuple[int | None, int | None], PersonOnDuty] = {}
        for name in rung["roles"]:
            role = LadderRole(name)
            agency = self._agency(ladder, rung, role)
            if agency is not None:
                screens = screens_of(self._screens, agency, role)
                on_duty = self._book.on_duty(agency, role, self._tx.now, kelurahan_code=kelurahan_code, screens=screens)
                for person in on_duty:
                    found.setdefault((person.contact_id, person.user_id), person)
        return list(found.values())

    def _agency(self, ladder: LadderRow, rung: dict[str, Any], role: LadderRole) -> str | None:
        if role in AGENCY_ROLES:
            return ladder.agency_code
        return self.office(ladder, rung) if role is LadderRole.LEADER else self._centre

    def office(self, ladder: LadderRow, rung: dict[str, Any]) -> str | None:
        """Whose leader a rung tells, if it tells one: the one that it names, or whoever has asked."""
        if LadderRole.LEADER not in rung["roles"]:
            return None
        return rung.get("office") or self._asked_by.get(ladder.id)


class _NewStep(NamedTuple):
    """A rung that fires, as the table's columns stand."""

    ladder_id: int
    rung: int
    due_at: datetime
    fired_at: datetime
    late: bool
    people: int
    hole: bool
    office_code: str | None


_STEPS = PreparedInsert(table_of(LadderStep), _NewStep._fields)


class _Firing:
    """What one command fires, written with one statement for each table."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.steps: list[_NewStep] = []
        self._tellings: list[tuple[int, Telling]] = []  #: with the place of its step
        self._climbed: list[tuple[LadderRow, int, datetime | None]] = []

    def add(self, ladder: LadderRow, step: _NewStep, tellings: Sequence[Telling]) -> None:
        """Fire a rung, and tell these."""
        self._tellings += [(len(self.steps), telling) for telling in tellings]
        self.steps.append(step)
        rung = ladder.rungs[step.rung]
        facts = {"rung": step.rung, "of": len(ladder.rungs), "who": rung["who"]}
        _record(
            self._tx,
            ladder,
            JournalKind.LADDER_FIRED,
            people=step.people,
            hole=step.hole,
            late=step.late,
            **facts,
        )

    def climbed(self, ladder: LadderRow, next_rung: int, next_at: datetime | None) -> None:
        """Note how far a ladder has come."""
        self._climbed.append((ladder, next_rung, next_at))

    def write(self) -> None:
        """Write all of it."""
        tx = self._tx
        ids = _STEPS.ids(tx.connection, self.steps) if self.steps else []
        notify_all(
            tx,
            [replace(telling, about=replace(telling.about, step_id=ids[place])) for place, telling in self._tellings],
        )
        for ladder, next_rung, next_at in self._climbed:
            tx.update(Ladder, Ladder.id == ladder.id, next_rung=next_rung, next_at=next_at)


def _climb(
    tx: Transaction,
    ladder: LadderRow,
    facts: _TicketFacts,
    duty: _DutyNow,
    firing: _Firing,
    passed: Collection[int],
) -> None:
    """Fire every rung of a ladder that is due, and after one that reaches nobody the next.

    A rung whose people are not woken now holds nobody else up: those after it are told at their own time. `passed`
    are the rungs that were fired so already.
    """
    numbers = [number for number in range(ladder.next_rung, len(ladder.rungs)) if number not in passed]
    dues = {number: rung_due_at(ladder.started_at, ladder.shift_s, ladder.rungs[number]) for number in numbers}
    #: The first may have been brought forward, to an instant that is no rung's; whatever follows goes by its own time.
    at_once = ladder.next_at not in dues.values()
    told: set[tuple[int | None, int | None]] = set()
    waiting: list[tuple[int, datetime]] = []
    for number, due_at in dues.items():
        rung = ladder.rungs[number]
        fires_at = tx.now if at_once else max(due_at, tx.now)
        wakes_at = _quiet_until(tx, rung, facts.priority, fires_at)
        if wakes_at is not None:
            waiting.append((number, wakes_at))
            continue
        if fires_at > tx.now:
            waiting.append((number, fires_at))
            break
        people = [person for person in duty.people(ladder, rung, facts.kelurahan_code) if person.reachable]
        late = (tx.now - due_at).total_seconds() > tx.city.ladders.late_after_s
        office = duty.office(ladder, rung)
        step = _NewStep(ladder.id, number, due_at, tx.now, late, len(people), not people, office)
        # After a suspension several rungs fire at once, and one message each is enough.
        fresh = [person for person in people if (person.contact_id, person.user_id) not in told]
        told |= {(person.contact_id, person.user_id) for person in fresh}
        firing.add(ladder, step, [_telling(tx, ladder, step, person) for person in fresh])
        at_once = not people
    next_rung = min((number for number, _ in waiting), default=len(ladder.rungs))
    firing.climbed(ladder, next_rung, min((at for _, at in waiting), default=None))


def _fired_past_a_resting_rung(tx: Transaction, ladders: Sequence[LadderRow]) -> dict[int, set[int]]:
    """By ladder the rungs that were fired already although an earlier one still waits for the morning."""
    found: dict[int, set[int]] = defaultdict(set)
    for ladder_id, rung in tx.connection.execute(_PASSED, {"ids": [ladder.id for ladder in ladders]}):
        found[ladder_id].add(rung)
    return found


def _telling(tx: Transaction, ladder: LadderRow, step: _NewStep, person: PersonOnDuty) -> Telling:
    rung = ladder.rungs[step.rung]
    said = {"clock": ladder.clock_kind, "rung": step.rung, "agency": ladder.agency_code}
    if rung.get("each"):
        said["each"] = True
    return Telling(
        person,
        About(
            _kind(ladder, step.rung, person.role),
            ladder.ticket_id,
            ladder.assignment_id,
            ladder.id,
            late=step.late,
        ),
        said,
        tx.now + _WANTED,
        [Channel(name) for name in rung.get("channels", ())],
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


def _facts_of(tx: Transaction, ladders: Sequence[LadderRow]) -> dict[int, _TicketFacts]:
    """What there is to know of each ladder's ticket; left out is one whose clock stands, or is another one by now.

    The software of before this release stops clocks without ending ladders, and runs beside us during an upgrade.
    """
    by_kind: dict[str, dict[int, LadderRow]] = {"ticket": {}, "assignment": {}, "instruction": {}}
    for ladder in ladders:
        kind, _, id_ = ladder.subject.partition(":")
        by_kind[kind][int(id_)] = ladder
    found: dict[int, _TicketFacts] = {}
    for kind, statement in _CLOCKS.items():
        mine = by_kind[kind]
        if not mine:
            continue
        for row in tx.connection.execute(statement, {"ids": list(mine)}):
            ladder = mine[row.id]
            if kind == "instruction" or (row.clock_kind, row.clock_started_at) == (
                ladder.clock_kind,
                ladder.started_at,
            ):
                found[ladder.id] = _TicketFacts(row.priority, row.kelurahan_code)
    return found


_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_PASSED = (
    select(LadderStep.ladder_id, LadderStep.rung)
    .join(Ladder, Ladder.id == LadderStep.ladder_id)
    .where(LadderStep.ladder_id.in_(_IDS), LadderStep.rung > Ladder.next_rung)
)
_CLOCKS: Mapping[str, Executable] = {
    "ticket": select(
        Ticket.id, Ticket.clock_kind, Ticket.clock_started_at, Ticket.priority, Ticket.kelurahan_code
    ).where(Ticket.id.in_(_IDS)),
    "assignment": select(
        Assignment.id, Assignment.clock_kind, Assignment.clock_started_at, Ticket.priority, Ticket.kelurahan_code
    )
    .join(Ticket, Ticket.id == Assignment.ticket_id)
    .where(Assignment.id.in_(_IDS)),
    "instruction": select(Instruction.id, Ticket.priority, Ticket.kelurahan_code)
    .join(Ticket, Ticket.id == Instruction.ticket_id)
    .where(Instruction.id.in_(_IDS), Instruction.done_at.is_(None)),
}


def _asked_by(tx: Transaction, ladder: LadderRow) -> str | None:
    """The office whose instruction a ladder follows."""
    instruction_id = subject_of(ladder).instruction_id
    if instruction_id is None:
        return None
    return tx.connection.execute(select(Instruction.office_code).where(Instruction.id == instruction_id)).scalar()


def _quiet_until(tx: Transaction, rung: dict[str, Any], priority: str | None, at: datetime) -> datetime | None:
    """When the quiet hours of everybody whom a rung names are over; None where somebody may be told at that instant."""
    if priority is None or Priority(priority) in URGENT:
        return None
    hours = [tx.city.ladders.quiet_hours.get(LadderRole(role)) for role in rung["roles"]]
    local = at.astimezone(tx.city.timezone)
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
