"""What other commands do to the callback list: a ticket joins a callback, leaves it, its caller gets through."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, Unpack

from sqlalchemy import bindparam, select

from dispatch.callbacks.rules import CallbackEnding, CallbackReason
from dispatch.city.policy import ClockKind
from dispatch.phone_numbers import callability
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import CallbackRow
from dispatch.storage.tables import CUT_OFF_BY_RESTART, OPEN_CALLBACKS, Call, Callback, Ticket
from dispatch.storage.transaction import Transaction
from dispatch.tickets.changes import clock_values, set_ticket, state_values
from dispatch.tickets.closing import close
from dispatch.tickets.columns import NoCallback, StateAndClock
from dispatch.tickets.lifecycle import Disposition, TicketState

# Asked with every answered call, so it is built once.
_OPEN_OF_NUMBER = select(Callback.__table__).where(OPEN_CALLBACKS, Callback.number == bindparam("number"))
_MEMBERS = (
    select(
        Ticket.id,
        Ticket.number,
        Ticket.state,
        Ticket.owner_id,
        Ticket.classification,
        Ticket.priority,
        CUT_OFF_BY_RESTART.label("exchange_stopped"),
    )
    .where(Ticket.callback_id == bindparam("callback_id"))
    .order_by(Ticket.id)
)


class Member(NamedTuple):
    """A ticket that waits for a callback, as far as that goes."""

    id: int
    number: str
    state: str
    owner_id: int | None
    classification: str | None
    priority: str | None
    exchange_stopped: bool  #: and cut its caller off


def members_of(tx: Transaction, callback_id: int) -> list[Member]:
    """Return the tickets of a callback, oldest first."""
    return [Member._make(row) for row in tx.connection.execute(_MEMBERS, {"callback_id": callback_id})]


def join_callback(
    tx: Transaction,
    ticket_id: int,
    reason: CallbackReason,
    since: datetime | None = None,
    **values: Unpack[StateAndClock],
) -> None:
    """Put a ticket on the callback list, under its number's callback if there is an open one.

    `values` are further changes of the ticket's row. The clock runs from `since`, when the call was over (by default
    now); an earlier one of the number stays.
    """
    call = tx.connection.execute(
        select(Call.number, Call.received_at).where(Call.ticket_id == ticket_id).order_by(Call.id.desc()).limit(1)
    ).one()
    clock = clock_values(tx, ClockKind.CALLBACK, None, since)
    started_at, due_at = clock["clock_started_at"], clock["clock_due_at"]
    found = _open_of(tx, call.number)
    if found is None:
        callback_id = tx.insert(
            Callback,
            number=call.number,
            reason=reason,
            first_at=call.received_at,
            last_at=call.received_at,
            clock_started_at=started_at,
            due_at=due_at,
        )
    else:
        callback_id = found.id
        sooner = {"clock_started_at": started_at, "due_at": due_at} if due_at < found.due_at else {}
        newest = {"reason": reason, "last_at": call.received_at} if call.received_at >= found.last_at else {}
        first_at = min(found.first_at, call.received_at)
        _set(tx, found.id, calls=found.calls + 1, first_at=first_at, **newest, **sooner)
    set_ticket(tx, ticket_id, callback_id=callback_id, **values)


def renumber_callback(
    tx: Transaction, ticket_id: int, waited_under: int, reason: CallbackReason, since: datetime
) -> None:
    """Let a ticket that waits for a callback wait under its number, which was told only after its end.

    `waited_under` is the callback without a number; its call's row has the number already.
    """
    join_callback(tx, ticket_id, reason, since)
    if not members_of(tx, waited_under):
        end_callback(tx, waited_under, CallbackEnding.TAKEN_UP, closed_by=None)


def has_dialable_number(tx: Transaction, ticket_id: int) -> bool:
    """Whether the ticket's newest call came from a number that can be dialled."""
    call = tx.connection.execute(
        select(Call.number, Call.presentation, Call.number_as_sent)
        .where(Call.ticket_id == ticket_id)
        .order_by(Call.id.desc())
        .limit(1)
    ).first()
    return call is not None and callability(call.number, call.presentation, call.number_as_sent).can_call


def leave_callback(tx: Transaction, ticket_id: int, callback_id: int | None) -> NoCallback:
    """Return the change of a ticket's row by which it leaves its callback, which ends with its last ticket."""
    if callback_id is None:
        return {}
    if all(member.id == ticket_id for member in members_of(tx, callback_id)):
        end_callback(tx, callback_id, CallbackEnding.TAKEN_UP, closed_by=None)
    return {"callback_id": None}


def caller_got_through(
    tx: Transaction, *, number: str | None, ticket_id: int, ticket_number: str, at: datetime
) -> None:
    """The caller talked to somebody: whatever waited then for a call back to this number waits no longer.

    An answer that is told late says nothing of a call that came after it.
    """
    found = _open_of(tx, number)
    if found is not None and found.last_at <= at:
        resolve_callback(tx, Actor.asterisk(), found.id, CallbackEnding.GOT_THROUGH, ticket_id, ticket_number)


def resolve_callback(
    tx: Transaction, actor: Actor, callback_id: int, ending: CallbackEnding, ticket_id: int, ticket_number: str
) -> None:
    """End a callback because the caller was reached on `ticket_id`: its other tickets that nobody works are closed."""
    for member in members_of(tx, callback_id):
        if member.id == ticket_id:
            # The call that is answered now is worked on its own ticket, whoever has it.
            waiting = member.state == TicketState.CALLBACK
            again: StateAndClock = {}
            if waiting:
                again = state_values(tx, TicketState.NEW, member.priority)
            set_ticket(tx, member.id, callback_id=None, **again)
            continue
        tx.record(
            JournalKind.TICKET_GOT_THROUGH, actor, ticket_id=member.id, through=ticket_number, callback_id=callback_id
        )
        if member.state == TicketState.CALLBACK:
            through = {"through": ticket_number}
            close(tx, actor, member.id, Disposition.GOT_THROUGH, facts=through, callback_id=None)
        else:
            set_ticket(tx, member.id, callback_id=None)
    end_callback(tx, callback_id, ending, closed_by=actor.user_id, through_ticket_id=ticket_id)


def end_callback(
    tx: Transaction, callback_id: int, ending: CallbackEnding, *, closed_by: int | None, **values: Any
) -> None:
    """Close a callback."""
    _set(
        tx,
        callback_id,
        closed_at=tx.now,
        closed_by=closed_by,
        ending=ending,
        owner_id=None,
        owner_since=None,
        **values,
    )


def move_clocks(tx: Transaction, callback_id: int, due_at: datetime) -> None:
    """Let the callback, and its tickets that wait for it, run out at `due_at`, counted from now."""
    _set(tx, callback_id, clock_started_at=tx.now, due_at=due_at)
    tx.update(
        Ticket,
        Ticket.callback_id == callback_id,
        Ticket.state == TicketState.CALLBACK,
        version=Ticket.version + 1,
        clock_started_at=tx.now,
        clock_due_at=due_at,
    )


def _open_of(tx: Transaction, number: str | None) -> CallbackRow | None:
    """The open callback of a number; nothing ever matches where no number was sent."""
    if number is None:
        return None
    row = tx.connection.execute(_OPEN_OF_NUMBER, {"number": number}).first()
    return CallbackRow.from_row(row) if row is not None else None


def _set(tx: Transaction, callback_id: int, **values: Any) -> None:
    tx.update(Callback, Callback.id == callback_id, **values)
