"""Starts and ends ladders with their clocks; for other commands' transactions.

A clock is three columns of a ticket, an assignment or an instruction. Whoever writes these calls `follow_clock` in the
same transaction, so that no clock runs without its ladder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from dispatch.city.ladders import INSTRUCTION, Confirm, Rung
from dispatch.city.model import Priority
from dispatch.city.policy import ClockKind
from dispatch.deliveries.notices import withdraw_notices
from dispatch.storage.prepared import PreparedInsert, PreparedQuery
from dispatch.storage.rows import LadderRow
from dispatch.storage.tables import Ladder, table_of
from dispatch.storage.transaction import Transaction

#: As everywhere: what has no priority yet is timed as if it were critical.
_UNKNOWN = Priority.P1


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose clock it is: a ticket's own, an assignment's, or an instruction's."""

    ticket_id: int
    assignment_id: int | None = None
    instruction_id: int | None = None
    agency_code: str | None = None

    @property
    def name(self) -> str:
        """Its name among all: `ticket:12`."""
        if self.instruction_id is not None:
            return f"instruction:{self.instruction_id}"
        if self.assignment_id is not None:
            return f"assignment:{self.assignment_id}"
        return f"ticket:{self.ticket_id}"


class _NewLadder(NamedTuple):
    """What a ladder has that has just begun, as the table's columns stand."""

    subject: str
    ticket_id: int
    assignment_id: int | None
    agency_code: str | None
    clock_kind: str
    generation: int
    epoch: str
    started_at: datetime
    due_at: datetime
    rungs: list[dict[str, Any]]
    next_rung: int
    next_at: datetime
    shift_s: int


_INSERT = PreparedInsert(table_of(Ladder), _NewLadder._fields)
_OPEN = PreparedQuery(
    select(Ladder.id, Ladder.next_rung).where(Ladder.subject == bindparam("subject"), Ladder.ended_at.is_(None))
)


def follow_clock(
    tx: Transaction,
    subject: Subject,
    clock: Mapping[str, Any],
    priority: str | None,
    *,
    at_once: bool = False,
    confirmed: bool = False,
    counted_from_now: bool = False,
) -> None:
    """End the ladder of the clock that ran before, and begin that of `clock` (the three columns), if one runs now.

    With `at_once` the first rung fires now: what the clock would wait for cannot come any more. `confirmed` says that
    somebody has answered: on a rung where each has to, the others are still told. `counted_from_now`: the clock has run
    without a ladder so far, and nobody is told at once of all that would have been due.
    """
    end_ladder(tx, subject, "stopped" if clock["clock_kind"] is None else "restarted", confirmed=confirmed)
    if clock["clock_kind"] is not None:
        shift_s = max(0, round((tx.now - clock["clock_started_at"]).total_seconds())) if counted_from_now else 0
        since = [clock["clock_started_at"]]
        begin_ladders(tx, [subject], clock["clock_kind"], priority, since, clock, at_once, shift_s)


def end_ladder(tx: Transaction, subject: Subject, why: str, *, confirmed: bool = False) -> None:
    """End the open ladder of a subject, if there is one, and take back what it has not sent yet."""
    for ladder_id, next_rung in _OPEN.rows(tx.connection, subject=subject.name):
        tx.update(Ladder, Ladder.id == ladder_id, ended_at=tx.now, ended_why=why, next_at=None)
        if next_rung:
            withdraw_notices(tx, ladder_id, keep_each=confirmed)


def begin_ladders(
    tx: Transaction,
    subjects: Sequence[Subject],
    kind: str,
    priority: str | None,
    since: Sequence[datetime],
    clock: Mapping[str, Any],
    at_once: bool = False,
    shift_s: int = 0,
) -> None:
    """Begin the ladders of clocks of one kind and length, of one agency, as the policy stands now.

    The subjects have none. `since`: when each clock has started. `clock`: the columns of the first.
    """
    lasts: timedelta = clock["clock_due_at"] - clock["clock_started_at"]
    generation = tx.next_seq
    agency = subjects[0].agency_code
    rungs = rungs_now(tx, kind, priority, agency, lasts)
    rows = []
    newest: datetime | None = None
    due_at = first_at = tx.now
    for subject, started_at in zip(subjects, since, strict=True):
        assert subject.agency_code == agency
        if started_at is not newest:  # calls of one batch have one instant, which is put for the database once
            newest, due_at = started_at, started_at + lasts
            first_at = tx.now if at_once else rung_due_at(started_at, shift_s, rungs[0])
        rows.append(
            _NewLadder(
                subject.name,
                subject.ticket_id,
                subject.assignment_id,
                subject.agency_code,
                kind,
                generation,
                tx.epoch,
                started_at,
                due_at,
                rungs,
                0,
                first_at,
                shift_s,
            )
        )
    _INSERT.run(tx.connection, rows)


def rungs_now(
    tx: Transaction, kind: str, priority: str | None, agency_code: str | None, lasts: timedelta
) -> list[dict[str, Any]]:
    """The rungs as the policy stands now, as they are kept with a ladder."""
    agency = tx.city.agencies.get(agency_code or "")
    rungs = tx.city.ladders.rungs(kind, Priority(priority) if priority else _UNKNOWN, agency.kind if agency else None)
    over_s = int(lasts.total_seconds()) if kind == INSTRUCTION else 0
    return [_kept(rung, over_s) for rung in rungs]


def _kept(rung: Rung, over_s: int) -> dict[str, Any]:
    kept: dict[str, Any] = {"after_s": rung.after_s, "who": rung.who, "roles": [str(role) for role in rung.roles]}
    if rung.after_due:
        kept["after_s"] += over_s
    if rung.office is not None:
        kept["office"] = rung.office
    if rung.channels:
        kept["channels"] = [str(channel) for channel in rung.channels]
    if rung.confirm is Confirm.EACH:
        kept["each"] = True
    return kept


def rung_due_at(started_at: datetime, shift_s: int, rung: Mapping[str, Any]) -> datetime:
    """When a rung of a ladder is due."""
    return started_at + timedelta(seconds=rung["after_s"] + shift_s)


def wake_ladders(tx: Transaction, ticket_id: int) -> None:
    """Let nothing of a ticket's ladders wait for the morning any more: it has become urgent."""
    resting = select(Ladder.__table__).where(
        Ladder.ticket_id == ticket_id, Ladder.ended_at.is_(None), Ladder.next_at > tx.now
    )
    for row in map(LadderRow.from_row, tx.connection.execute(resting).all()):
        due_at = rung_due_at(row.started_at, row.shift_s, row.rungs[row.next_rung])
        if row.next_at is not None and due_at < row.next_at:
            tx.update(Ladder, Ladder.id == row.id, next_at=due_at)


#: Why a ladder has ended whose clock runs on: a person said so after a restore.
DROPPED = "dropped"
#: The clocks that are a ticket's own.
TICKET_CLOCKS = frozenset({ClockKind.ANSWER, ClockKind.CALLBACK, ClockKind.FIRST_DISPATCH, ClockKind.VERIFY})
