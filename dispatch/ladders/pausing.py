"""Pausing a clock: for a named reason, by a role that may, visibly, and with an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from dispatch.clock import to_iso
from dispatch.errors import InvalidValue, NotFound, NotPermitted, TransitionRefused
from dispatch.ladders.firing import subject_of
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import LadderRow
from dispatch.storage.tables import Assignment, Instruction, Ladder, Ticket
from dispatch.storage.transaction import Outcome, Transaction

_PAUSE = "pause-clock"


def pause_clock(
    tx: Transaction, *, actor: Actor, number: str, reason: str, until: datetime, assignment: int | None = None
) -> Outcome:
    """Let a ticket's own clock, or an assignment's, stand still until then: its end and its rungs move by as much.

    Pausing again moves the end of the pause. Raises NotFound for a clock that does not run, NotPermitted, and
    InvalidValue: `reason` unknown; `until` past, without a time zone, or longer than this reason allows.
    """
    ladder = _running(tx, number, assignment)
    named = tx.city.ladders.pause_reasons.get(reason)
    if named is None:
        raise InvalidValue("reason", "unknown")
    if actor.role not in named.roles:
        raise NotPermitted(_PAUSE, actor.role)
    if until.tzinfo is None:
        raise InvalidValue("until", "no_time_zone")
    if until <= tx.now:
        raise InvalidValue("until", "past")
    began_at = ladder.paused_at if _stands(ladder, tx.now) and ladder.paused_at is not None else tx.now
    if until > began_at + timedelta(seconds=named.longest_s):
        raise InvalidValue("until", "too_long")
    stands_until = ladder.paused_until if _stands(ladder, tx.now) and ladder.paused_until is not None else tx.now
    by_s = _whole(until - stands_until)
    if by_s == 0 and ladder.pause_reason == reason:
        return Outcome(changed=False, ticket_number=number)
    _shift(tx, ladder, by_s, paused_at=began_at, paused_until=until, paused_by=actor.user_id, pause_reason=named.code)
    return _done(tx, actor, ladder, number, JournalKind.LADDER_PAUSED, reason=named.code, until=to_iso(until))


def resume_clock(tx: Transaction, *, actor: Actor, number: str, assignment: int | None = None) -> Outcome:
    """Let a paused clock run on before its pause is over; one that runs already stays as it is."""
    ladder = _running(tx, number, assignment)
    if not _stands(ladder, tx.now) or ladder.paused_until is None:
        return Outcome(changed=False, ticket_number=number)
    named = tx.city.ladders.pause_reasons.get(ladder.pause_reason or "")
    if named is not None and actor.role not in named.roles:
        raise NotPermitted(_PAUSE, actor.role)
    _shift(tx, ladder, -_whole(ladder.paused_until - tx.now), paused_until=tx.now)
    return _done(tx, actor, ladder, number, JournalKind.LADDER_RESUMED)


def _stands(ladder: LadderRow, now: datetime) -> bool:
    return ladder.paused_until is not None and ladder.paused_until > now


def _whole(time: timedelta) -> int:
    return round(time.total_seconds())


def _running(tx: Transaction, number: str, assignment_id: int | None) -> LadderRow:
    """The open ladder of the clock that is meant."""
    ticket_id = (
        tx.connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar()
        if number.isascii() and number.isprintable()
        else None
    )
    if ticket_id is None:
        raise NotFound("ticket", number)
    mine = (
        Ladder.assignment_id == assignment_id if assignment_id is not None else Ladder.subject == f"ticket:{ticket_id}"
    )
    statement = select(Ladder.__table__).where(Ladder.ticket_id == ticket_id, mine, Ladder.ended_at.is_(None))
    row = tx.connection.execute(statement).first()
    if row is None:
        what = "ticket" if assignment_id is None else "assignment"
        raise TransitionRefused(what, "no_clock", _PAUSE, ())
    return LadderRow.from_row(row)


def _shift(tx: Transaction, ladder: LadderRow, by_s: int, **values: object) -> None:
    """Move the end of a clock, and what its ladder still has to do, by so much."""
    by = timedelta(seconds=by_s)
    next_at = ladder.next_at + by if ladder.next_at is not None else None
    tx.update(
        Ladder,
        Ladder.id == ladder.id,
        shift_s=ladder.shift_s + by_s,
        due_at=ladder.due_at + by,
        next_at=next_at,
        **values,
    )
    subject = subject_of(ladder)
    due = {"clock_due_at": ladder.due_at + by}
    if subject.instruction_id is not None:
        tx.update(Instruction, Instruction.id == subject.instruction_id, due_at=ladder.due_at + by)
    elif subject.assignment_id is not None:
        tx.update(Assignment, Assignment.id == subject.assignment_id, **due)
    else:
        tx.update(Ticket, Ticket.id == subject.ticket_id, version=Ticket.version + 1, **due)


def _done(tx: Transaction, actor: Actor, ladder: LadderRow, number: str, kind: JournalKind, **data: Any) -> Outcome:
    seq = tx.record(
        kind,
        actor,
        ticket_id=ladder.ticket_id,
        assignment_id=ladder.assignment_id,
        ladder_id=ladder.id,
        clock=ladder.clock_kind,
        **data,
    )
    return Outcome(True, number, seq=seq)
