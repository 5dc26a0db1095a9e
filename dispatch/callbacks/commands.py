"""Commands on the callback list: take a number to dial it, let it go, note what came of it, give it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from dispatch.callbacks.changes import Member, end_callback, members_of, move_clocks, resolve_callback
from dispatch.callbacks.rules import AttemptOutcome, CallbackEnding, held_by, may_give_up, next_due, waits_for_callback
from dispatch.errors import CallbackOver, ClaimedByOther, InvalidValue, NotFound, NotPermitted, TransitionRefused
from dispatch.phone_numbers import callability
from dispatch.roles import OPERATOR_ROLES, Actor, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import CallbackRow
from dispatch.storage.tables import Callback, CallbackAttempt, Ticket, User
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import one_of, optional_text
from dispatch.tickets.changes import set_ticket, state_values
from dispatch.tickets.closing import close, reopen
from dispatch.tickets.lifecycle import Disposition, TicketState

NOTE_LIMIT = 500


#: Nobody works a ticket that waits on the list, or that was closed as dropped.
_UNWORKED = (TicketState.CALLBACK, TicketState.CLOSED)


def take_callback(tx: Transaction, *, actor: Actor, callback_id: int) -> Outcome:
    """Say that the actor is about to dial this number; of two at once one wins and the other is told who.

    Whoever takes it and does nothing for the policy's `hold_s` has let it go.
    """
    row = _load(tx, actor, callback_id, "take")
    if _holder(tx, row) == actor.user_id:
        return Outcome(changed=False)
    _hold(tx, row.id, actor.user_id)
    seq = _record(tx, JournalKind.TICKET_CALLBACK_TAKEN, actor, row, members_of(tx, row.id))
    return Outcome(changed=True, seq=seq)


def release_callback(tx: Transaction, *, actor: Actor, callback_id: int) -> Outcome:
    """Let a number go that the actor took to dial it; it stays due as it was."""
    _check_role(actor, "release")
    row = _row(tx, callback_id)
    if row.closed_at is not None or row.owner_id != actor.user_id:
        return Outcome(changed=False)
    _hold(tx, row.id, None)
    seq = _record(tx, JournalKind.TICKET_CALLBACK_RELEASED, actor, row, members_of(tx, row.id))
    return Outcome(changed=True, seq=seq)


def record_callback_attempt(
    tx: Transaction, *, actor: Actor, callback_id: int, outcome: str, note: str | None = None
) -> Outcome:
    """Note what came of dialling the number.

    `reached` makes the newest ticket the actor's, to be worked, and ends the callback; any other outcome sets the next
    attempt by the policy. Raises CallbackOver, naming the ticket, when the caller has got through meanwhile.
    """
    kind = one_of(AttemptOutcome, outcome, "outcome")
    text = optional_text(note, NOTE_LIMIT, "note")
    row = _load(tx, actor, callback_id, "record")
    if not _dialable(row):
        raise InvalidValue("number", "not_dialable")
    members = members_of(tx, row.id)
    ticket = _ticket_to_work(tx, actor, members) if kind is AttemptOutcome.REACHED else None
    attempt_id = tx.insert(CallbackAttempt, callback_id=row.id, at=tx.now, by=actor.user_id, outcome=kind, note=text)
    tried = {"attempts": row.attempts + 1, "last_outcome": kind, "last_attempt_at": tx.now}
    tx.update(Callback, Callback.id == row.id, **tried)
    _hold(tx, row.id, None)
    facts: dict[str, Any] = {"outcome": kind.value, "attempt": row.attempts + 1, "attempt_id": attempt_id}
    seq = _record(tx, JournalKind.TICKET_CALLBACK_TRIED, actor, row, members, **facts)
    if ticket is not None:
        worked = _work(tx, actor, ticket)
        resolve_callback(tx, actor, row.id, CallbackEnding.REACHED, ticket.id, ticket.number)
        return Outcome(changed=True, ticket_number=ticket.number, seq=worked or seq)
    move_clocks(tx, row.id, next_due(tx.now, tx.city.policy.callback))
    return Outcome(changed=True, seq=seq)


def close_callback(tx: Transaction, *, actor: Actor, callback_id: int, note: str | None = None) -> Outcome:
    """Give a callback up: after the policy's attempts, at once where there is no number to dial.

    A supervisor may at any time. Its tickets are closed, except those that a colleague works.
    """
    text = optional_text(note, NOTE_LIMIT, "note")
    row = _load(tx, actor, callback_id, "close", over_is_done=CallbackEnding.GIVEN_UP)
    if row.closed_at is not None:
        return Outcome(changed=False)
    allowed = may_give_up(
        callable_number=_dialable(row),
        attempts=row.attempts,
        last_outcome=row.last_outcome,
        last_attempt_at=row.last_attempt_at,
        last_call_at=row.last_at,
        policy=tx.city.policy.callback,
    )
    if not allowed and actor.role is not Role.SUPERVISOR:
        raise TransitionRefused("callback", f"attempt_{row.attempts}", "close", ("record",))
    wrong = row.last_outcome == AttemptOutcome.WRONG_NUMBER
    disposition = Disposition.WRONG_NUMBER if wrong else Disposition.UNREACHABLE
    members = members_of(tx, row.id)
    seq = _record(tx, JournalKind.TICKET_CALLBACK_GIVEN_UP, actor, row, members, attempts=row.attempts)
    for member in members:
        own = member.state == TicketState.CLAIMED and member.owner_id == actor.user_id and member.classification is None
        if member.state != TicketState.CALLBACK and not own:
            set_ticket(tx, member.id, callback_id=None)
            continue
        seq = close(tx, actor, member.id, disposition, note=text, callback_id=None)
    end_callback(tx, row.id, CallbackEnding.GIVEN_UP, closed_by=actor.user_id)
    return Outcome(changed=True, seq=seq)


def _load(
    tx: Transaction, actor: Actor, callback_id: int, command: str, over_is_done: CallbackEnding | None = None
) -> CallbackRow:
    _check_role(actor, command)
    row = _row(tx, callback_id)
    if row.closed_at is not None:
        if row.ending == over_is_done:
            return row
        through = tx.connection.execute(select(Ticket.number).where(Ticket.id == row.through_ticket_id)).scalar()
        raise CallbackOver(row.ending, through)
    holder = _holder(tx, row)
    if holder not in (None, actor.user_id):
        raise ClaimedByOther(_name(tx, holder))
    return row


def _row(tx: Transaction, callback_id: int) -> CallbackRow:
    row = tx.connection.execute(select(Callback.__table__).where(Callback.id == callback_id)).first()
    if row is None:
        raise NotFound("callback", callback_id)
    return CallbackRow.from_row(row)


def _check_role(actor: Actor, command: str) -> None:
    if actor.role not in OPERATOR_ROLES:
        raise NotPermitted(f"callback:{command}", actor.role)


def _holder(tx: Transaction, row: CallbackRow) -> int | None:
    return held_by(row.owner_id, row.owner_since, tx.now, tx.city.policy.callback)


def _name(tx: Transaction, user_id: int | None) -> str:
    return tx.connection.execute(select(User.display_name).where(User.id == user_id)).scalar() or ""


def _hold(tx: Transaction, callback_id: int, user_id: int | None) -> None:
    since = tx.now if user_id is not None else None
    values = {"owner_id": user_id, "owner_since": since}
    tx.update(Callback, Callback.id == callback_id, **values)


def _dialable(row: CallbackRow) -> bool:
    return callability(row.number, "", "").can_call


def _ticket_to_work(tx: Transaction, actor: Actor, members: Sequence[Member]) -> Member:
    """The newest ticket that waits and that no colleague has; ClaimedByOther where colleagues have them all."""
    waiting = [
        member for member in members if waits_for_callback(member.state, member.classification, member.exchange_stopped)
    ] or members
    free = [one for one in waiting if one.state in _UNWORKED or one.owner_id in (None, actor.user_id)]
    if not free:
        raise ClaimedByOther(_name(tx, waiting[-1].owner_id))
    return free[-1]


def _work(tx: Transaction, actor: Actor, ticket: Member) -> int | None:
    """Make a ticket the actor's, from the list or from among those that were closed as dropped.

    One that is being worked stays as it is: its caller was only cut off.
    """
    if ticket.state not in _UNWORKED:
        return None
    if ticket.state == TicketState.CALLBACK:
        state = state_values(tx, TicketState.CLAIMED, ticket.priority)
        set_ticket(tx, ticket.id, owner_id=actor.user_id, claimed_at=tx.now, **state)
        return tx.record(JournalKind.TICKET_CLAIMED, actor, ticket_id=ticket.id, owner_id=actor.user_id, by="callback")
    facts = {"undo": False, "was": Disposition.DROPPED.value, "note_id": None, "by": "callback"}
    # Who was reached by dialling need not be picked up: nothing that still rings gives the ticket back.
    return reopen(tx, actor, ticket.id, owner_id=actor.user_id, facts=facts, picked_up=True)


def _record(
    tx: Transaction, kind: JournalKind, actor: Actor, row: CallbackRow, members: Sequence[Member], **facts: Any
) -> int:
    """Journal what happened to a callback on its newest ticket."""
    return tx.record(kind, actor, ticket_id=members[-1].id, callback_id=row.id, **facts)
