"""How a call ends, whoever says so: its row, the callback list, the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from dispatch.callbacks.changes import join_callback, leave_callback
from dispatch.callbacks.rules import CallbackReason, is_short_call
from dispatch.city.policy import ClockKind
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import CallRow
from dispatch.storage.tables import Call, Ticket
from dispatch.storage.transaction import Transaction
from dispatch.tickets.changes import clock_values, set_ticket, state_values
from dispatch.tickets.closing import close
from dispatch.tickets.columns import StateAndClock
from dispatch.tickets.lifecycle import OPEN_STATES, CallState, Disposition, EndedHow, TicketState, is_conjecture


@dataclass(frozen=True, slots=True)
class LoadedCall(CallRow):
    """A call with what its ticket says."""

    event_id: int
    ticket_number: str
    ticket_state: str
    owner_id: int | None
    priority: str | None
    claimed_at: datetime | None
    classification: str | None
    type_code: str | None
    disposition: str | None
    callback_id: int | None
    pickup_due_at: datetime | None


_CALL = select(
    Call.__table__,
    # What happens to the call of an attached ticket is told with the event it belongs to.
    func.coalesce(Ticket.incident_id, Call.ticket_id).label("event_id"),
    Ticket.number.label("ticket_number"),
    Ticket.state.label("ticket_state"),
    Ticket.owner_id,
    Ticket.priority,
    Ticket.claimed_at,
    Ticket.classification,
    Ticket.type_code,
    Ticket.disposition,
    Ticket.callback_id,
    Ticket.pickup_due_at,
).join(Ticket, Ticket.id == Call.ticket_id)


def load_call(tx: Transaction, call_id: int) -> LoadedCall:
    """Return a call that exists, with what its ticket says."""
    return LoadedCall.from_row(tx.connection.execute(_CALL.where(Call.id == call_id)).one())


def end_call(
    tx: Transaction,
    actor: Actor,
    call: LoadedCall,
    at: datetime,
    how: EndedHow,
    *,
    data: dict[str, Any],
    **values: Any,
) -> int:
    """End a call at an instant; return the journal number.

    `values` are further changes of its row, `data` what the journal entry says beside the duration. A call that was
    over by conjecture only is given its true end.
    """
    answered = call.answered_at is not None or values.get("answered_at") is not None
    state = CallState.ENDED if answered else CallState.ABANDONED
    tx.update(
        Call,
        Call.id == call.id,
        **{"state": state, "ended_at": at, "ended_how": how, "cut_off": how is EndedHow.RESTART, **values},
    )
    if call.pickup_due_at is not None:
        set_ticket(tx, call.ticket_id, pickup_due_at=None)
    ended = load_call(tx, call.id)
    settle_callback(tx, ended, reconsider=is_conjecture(call.ended_how))
    # A person's word is journalled under one name, whether or not the call had been answered.
    kind = JournalKind.CALL_ENDED if answered or how is EndedHow.BY_HAND else JournalKind.CALL_ABANDONED
    return tx.record(kind, actor, ticket_id=call.event_id, call_id=call.id, duration_s=ended.duration_s, **data)


def callback_reason(call: LoadedCall, tx: Transaction) -> CallbackReason | None:
    """Why the caller of a call is to be called back; None where nobody has to.

    An answered call that is over by conjecture was not cut off, as far as anybody knows, unless its exchange stopped.
    """
    if call.state == CallState.ABANDONED:
        return CallbackReason.ABANDONED
    if call.state != CallState.ENDED or call.answered_at is None or call.ended_at is None:
        return None
    if call.ended_how == EndedHow.RESTART:
        return CallbackReason.DROPPED
    if call.ended_how in (EndedHow.INFERRED, EndedHow.BY_HAND) or call.answer_guessed:
        return None
    short = is_short_call(call.answered_at, call.ended_at, tx.city.policy.callback)
    return CallbackReason.DROPPED if short and call.classification is None else None


def settle_callback(tx: Transaction, call: LoadedCall, *, reconsider: bool) -> None:
    """Bring the callback list in line with what is known of a call.

    With `reconsider` something else had been thought before, and the caller may be on the list for that.
    """
    reason = callback_reason(call, tx)
    short = reason is CallbackReason.DROPPED and call.ended_how != EndedHow.RESTART
    if short != call.cut_off and call.ended_how != EndedHow.RESTART:
        tx.update(Call, Call.id == call.id, cut_off=short)
    if reason is None:
        if reconsider:
            _take_off_the_list(tx, call)
        return
    # An exchange that stopped cut its callers off whatever their tickets had come to.
    states = OPEN_STATES if call.ended_how == EndedHow.RESTART else (TicketState.NEW, TicketState.CLAIMED)
    if call.callback_id is not None or call.ticket_state not in states:
        return
    waits = call.ticket_state == TicketState.NEW
    if waits and (through := _answered_since(tx, call)) is not None:
        asterisk = Actor.asterisk()
        tx.record(JournalKind.TICKET_GOT_THROUGH, asterisk, ticket_id=call.ticket_id, through=through, callback_id=None)
        close(tx, asterisk, call.ticket_id, Disposition.GOT_THROUGH, facts={"through": through})
        return
    waiting: StateAndClock = {}
    if waits:
        clock = clock_values(tx, ClockKind.CALLBACK, call.priority, call.ended_at)
        waiting = {"state": TicketState.CALLBACK, **clock}
    join_callback(tx, call.ticket_id, reason, call.ended_at, **waiting)


def _take_off_the_list(tx: Transaction, call: LoadedCall) -> None:
    """The call turned out to have been answered, or not to be over: nobody has to call back because of it."""
    if call.callback_id is None or call.ticket_state == TicketState.CLOSED:
        return
    state: StateAndClock = {}
    if call.ticket_state == TicketState.CALLBACK:
        state = state_values(tx, TicketState.NEW, call.priority, call.received_at)
    set_ticket(tx, call.ticket_id, **leave_callback(tx, call.ticket_id, call.callback_id), **state)


def _answered_since(tx: Transaction, call: LoadedCall) -> str | None:
    """The ticket on which the caller got through after this call, which was told late; None as a rule."""
    if call.number is None or call.ended_at is None:
        return None
    if (tx.now - call.ended_at).total_seconds() <= tx.city.policy.calls.late_after_s:
        return None
    return tx.connection.execute(
        select(Ticket.number)
        .join(Call, Call.ticket_id == Ticket.id)
        .where(Call.number == call.number, Call.id != call.id, Call.answered_at > call.ended_at)
        .order_by(Call.answered_at)
        .limit(1)
    ).scalar()
