"""Looks over all open clocks and says what did not happen that should have.

It shares nothing with the worker that fires rungs but the tables: what is due is computed here once more, from the
clock's start and the rungs that were kept with its ladder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, Text, cast, exists, func, literal, or_, select

from dispatch.city.pack import CityPack
from dispatch.storage.tables import (
    Assignment,
    Epoch,
    Instruction,
    Ladder,
    LadderStep,
    Notice,
    NoticeDelivery,
    Ticket,
)

SLICE = 500  #: clocks looked at in one go; between two whoever waits for the loop gets it
#: What may still be on its way: the worker looks every half second, and a commit may wait for another node.
SPARED_S = 15.0
#: No message is put off for longer; one that is was put off by a clock that has been set back since.
LONGEST_WAIT_S = 3600.0
_URGENT = ("P1", "P2")
#: How many findings are told one by one.
TOLD = 100


@dataclass(frozen=True, slots=True)
class Missed:
    """One thing that should have happened: `what` is a stable code, `subject` whose clock it is."""

    what: str
    subject: str
    ticket_number: str
    rung: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit has found; clean if nothing was missed."""

    at: datetime
    clocks: int
    missed: int
    findings: tuple[Missed, ...]  #: the first of what was missed
    held: int  #: ladders of before the database was brought back from a backup, which wait for a person

    @property
    def clean(self) -> bool:
        """Whether everybody who should have been told was."""
        return self.missed == 0


class _Clock(NamedTuple):
    id: int
    ticket_number: str
    priority: str | None
    kind: str
    started_at: datetime
    ladder_id: int | None
    ladder_kind: str | None
    ladder_started_at: datetime | None
    epoch: str | None
    rungs: str | None
    shift_s: int | None
    fired: str | None  #: the numbers of the rungs that were, with commas
    last_hole_at: datetime | None


def audit(
    read: Callable[[], AbstractContextManager[Connection]],
    city: CityPack,
    now: datetime,
    *,
    between_slices: Callable[[], None] = lambda: None,
) -> Audit:
    """Look at every open clock, and at what was to be sent.

    Each slice is read in a transaction of its own, later than `now`: a clock that was stopped meanwhile is no finding.
    """
    suspects: list[Missed] = []
    clocks = held = 0
    with read() as connection:
        present = connection.execute(select(Epoch.epoch, Epoch.began_at).order_by(Epoch.id.desc()).limit(1)).first()
    epoch, epoch_began_at = present if present is not None else (None, now)
    for name, statement, key in _ALL_CLOCKS:
        after = 0
        while True:
            with read() as connection:
                of = statement.where(key > after).order_by(key).limit(SLICE)
                rows = [_Clock(*row) for row in connection.execute(of)]
            for row in rows:
                clocks += 1
                if row.epoch is not None and row.epoch != epoch:
                    held += 1
                    continue
                suspects += _missed(f"{name}:{row.id}", row, city, now, epoch_began_at)
            if len(rows) < SLICE:
                break
            after = rows[-1].id
            between_slices()
    with read() as connection:
        suspects = _without_dropped(connection, suspects)
        suspects += _unsent(connection, epoch, now)
    return Audit(now, clocks, len(suspects), tuple(suspects[:TOLD]), held)


def _without_dropped(connection: Connection, suspects: list[Missed]) -> list[Missed]:
    """A clock has no ladder where a person has dropped it after a restore: that is a reason."""
    numbers = sorted({one.ticket_number for one in suspects if one.what == "no_ladder"})
    dropped: set[tuple[str, datetime]] = set()
    for first in range(0, len(numbers), SLICE):
        statement = (
            select(Ladder.subject, Ladder.started_at)
            .join(Ticket, Ticket.id == Ladder.ticket_id)
            .where(Ticket.number.in_(numbers[first : first + SLICE]), Ladder.ended_why == "dropped")
        )
        dropped.update((subject, started_at) for subject, started_at in connection.execute(statement))
    return [one for one in suspects if one.what != "no_ladder" or (one.subject, one.since) not in dropped]


def _missed(subject: str, clock: _Clock, city: CityPack, now: datetime, epoch_began_at: datetime) -> Iterator[Missed]:
    def finding(what: str, rung: int | None, since: datetime) -> Missed:
        return Missed(what, subject, clock.ticket_number, rung, since)

    spared = now - timedelta(seconds=SPARED_S)
    if clock.started_at > now + timedelta(seconds=SPARED_S):
        yield finding("starts_in_the_future", None, clock.started_at)  # its rungs come late by as much
        return
    if clock.rungs is None:
        if clock.started_at < spared:
            yield finding("no_ladder", None, clock.started_at)
        return
    if clock.ladder_kind != clock.kind or clock.ladder_started_at != clock.started_at:
        yield finding("another_ladder", None, clock.started_at)
        return
    rungs = _parsed(clock.rungs)
    fired = _numbers(clock.fired)
    for number, (after_s, roles) in enumerate(rungs):
        if number in fired:
            continue
        due_at = clock.started_at + timedelta(seconds=after_s + (clock.shift_s or 0))
        if due_at >= spared:
            break
        if not _may_rest(city, clock.priority, roles, now):
            yield finding("rung_not_fired", number, due_at)
    hole_at = clock.last_hole_at
    # Of a hole from before a restore nobody knows what came after it: such a ladder was released to go on from then.
    if hole_at is not None and epoch_began_at <= hole_at < spared:
        after = enumerate(rungs[max(fired) + 1 :], max(fired) + 1)
        awake = (number for number, (_, roles) in after if not _may_rest(city, clock.priority, roles, now))
        for stopped_at in islice(awake, 1):
            yield finding("stopped_at_a_hole", stopped_at, hole_at)


def _may_rest(city: CityPack, priority: str | None, roles: Sequence[str], now: datetime) -> bool:
    """Whether nobody of these roles is to be woken now, or was not until a moment ago."""
    if priority is None or priority in _URGENT:
        return False
    quiet = {str(role): (hours.start, hours.end) for role, hours in city.ladders.quiet_hours.items()}
    if any(role not in quiet for role in roles):
        return False
    for instant in (now, now - timedelta(seconds=SPARED_S)):
        local = instant.astimezone(city.timezone).time()
        for role in roles:
            start, end = quiet[role]
            inside = start <= local < end if start < end else local >= start or local < end
            if not inside:
                break
        else:
            return True
    return False


@lru_cache(maxsize=256)
def _numbers(fired: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in fired.split(",")) if fired else frozenset()


@lru_cache(maxsize=256)
def _parsed(rungs: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The rungs of a ladder: after how long, for whom. Few different ones are kept with many ladders."""
    return tuple((int(rung["after_s"]), tuple(rung["roles"])) for rung in json.loads(rungs))


def _unsent(connection: Connection, epoch: str | None, now: datetime) -> list[Missed]:
    """Messages that nobody has tried to send, or tries too late, and notices whose next channel nobody has tried."""
    late = now - timedelta(seconds=4 * SPARED_S)
    far = now + timedelta(seconds=LONGEST_WAIT_S)
    untried = (
        select(NoticeDelivery.id, Ticket.number, NoticeDelivery.due_at)
        .join(Notice, Notice.id == NoticeDelivery.notice_id)
        .join(Ticket, Ticket.id == Notice.ticket_id)
        .where(
            NoticeDelivery.ended_at.is_(None),
            or_((NoticeDelivery.attempts == 0) & (NoticeDelivery.due_at < late), NoticeDelivery.due_at > far),
            NoticeDelivery.epoch == epoch,
        )
        .limit(TOLD)
    )
    waiting = (
        select(Notice.id, Ticket.number, Notice.next_channel_at)
        .join(Ticket, Ticket.id == Notice.ticket_id)
        .where(
            Notice.next_channel_at.is_not(None),
            Notice.next_channel_at < late,
            ~exists().where(NoticeDelivery.notice_id == Notice.id, NoticeDelivery.epoch != epoch),
        )
        .limit(TOLD)
    )
    found = [Missed("not_sent", f"delivery:{id_}", number, None, at) for id_, number, at in connection.execute(untried)]
    found += [
        Missed("next_channel_not_tried", f"notice:{id_}", number, None, at)
        for id_, number, at in connection.execute(waiting)
        if at is not None
    ]
    return found


def _clocks_of(key: Any, kind: Any, started_at: Any) -> Select[Any]:
    """The clocks of one kind of subject, each with its open ladder, if it has one."""
    of_ladder = LadderStep.ladder_id == Ladder.id
    fired = select(func.aggregate_strings(cast(LadderStep.rung, String), ",")).where(of_ladder).scalar_subquery()
    last_fired = select(func.max(LadderStep.rung)).where(of_ladder).correlate(Ladder).scalar_subquery()
    last_hole_at = (
        select(LadderStep.fired_at)
        .where(of_ladder, LadderStep.hole.is_(True), LadderStep.rung == last_fired)
        .scalar_subquery()
    )
    return select(
        key,
        Ticket.number,
        Ticket.priority,
        kind,
        started_at,
        Ladder.id,
        Ladder.clock_kind,
        Ladder.started_at,
        Ladder.epoch,
        cast(Ladder.rungs, Text),
        Ladder.shift_s,
        fired,
        last_hole_at,
    )


def _with_ladder(name: str, statement: Select[Any], key: Any) -> Select[Any]:
    own = (Ladder.subject == literal(f"{name}:") + cast(key, String)) & Ladder.ended_at.is_(None)
    return statement.outerjoin(Ladder, own)


_OF_TICKETS = _with_ladder(
    "ticket",
    _clocks_of(Ticket.id, Ticket.clock_kind, Ticket.clock_started_at)
    .select_from(Ticket)
    .where(Ticket.state != "closed", Ticket.clock_kind.is_not(None)),
    Ticket.id,
)
_OF_ASSIGNMENTS = _with_ladder(
    "assignment",
    _clocks_of(Assignment.id, Assignment.clock_kind, Assignment.clock_started_at)
    .select_from(Assignment)
    .join(Ticket, Ticket.id == Assignment.ticket_id)
    .where(Assignment.clock_kind.is_not(None)),
    Assignment.id,
)
_OF_INSTRUCTIONS = _with_ladder(
    "instruction",
    _clocks_of(Instruction.id, literal("instruction"), Instruction.given_at)
    .select_from(Instruction)
    .join(Ticket, Ticket.id == Instruction.ticket_id)
    .where(Instruction.done_at.is_(None), Ticket.state != "closed"),
    Instruction.id,
)
_ALL_CLOCKS: tuple[tuple[str, Select[Any], Any], ...] = (
    ("ticket", _OF_TICKETS, Ticket.id),
    ("assignment", _OF_ASSIGNMENTS, Assignment.id),
    ("instruction", _OF_INSTRUCTIONS, Instruction.id),
)
