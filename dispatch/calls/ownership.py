"""Whose ticket a call is: that of whoever picked up, whoever had taken it by hand."""

from __future__ import annotations

from datetime import datetime

from dispatch.calls.endings import LoadedCall
from dispatch.nuisance.proposals import withdraw_flags
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.transaction import Transaction
from dispatch.tickets.changes import clock_for, first_claim, set_ticket, state_values
from dispatch.tickets.closing import reopen
from dispatch.tickets.columns import NO_PICKUP, StateAndClock
from dispatch.tickets.lifecycle import Classification, TicketState


def give_ticket(
    tx: Transaction,
    call: LoadedCall,
    operator_id: int | None,
    at: datetime,
    *,
    live: bool,
    transferred: bool = False,
    before: int | None = None,
) -> int | None:
    """Make whoever picked up the owner of the call's ticket; return the journal number if anything changed.

    Who had taken it by hand is told by the journal, and what they typed stays with the ticket. Of a call that is over
    already nobody loses a ticket but whoever had it `before` by this very call: who works it else has a good reason.
    """
    if call.ticket_state == TicketState.CLOSED:
        return None
    may = live or call.owner_id in (None, before)
    if operator_id is None or operator_id == call.owner_id or not may:
        if call.pickup_due_at is not None:
            set_ticket(tx, call.ticket_id, pickup_due_at=None)
        return None
    state: StateAndClock = {}
    if call.ticket_state in (TicketState.NEW, TicketState.CALLBACK):
        state = state_values(tx, TicketState.CLAIMED, call.priority, at)
    set_ticket(tx, call.ticket_id, owner_id=operator_id, **state, **NO_PICKUP, **first_claim(call.claimed_at, at))
    by = "transfer" if transferred else "answer"
    asterisk = Actor.asterisk()
    if call.owner_id is None:
        return tx.record(JournalKind.TICKET_CLAIMED, asterisk, ticket_id=call.ticket_id, owner_id=operator_id, by=by)
    return tx.record(
        JournalKind.TICKET_TAKEN_BY_PHONE,
        asterisk,
        ticket_id=call.ticket_id,
        owner_id=operator_id,
        from_id=call.owner_id,
        by=by,
    )


def correct_claim(tx: Transaction, call: LoadedCall, answered_at: datetime) -> None:
    """Count the time of whoever owns a ticket by a call's answer from when it was really answered."""
    if call.ticket_state == TicketState.CLAIMED and call.claimed_at == call.answered_at:
        clock = clock_for(tx, TicketState.CLAIMED, call.priority, answered_at)
        set_ticket(tx, call.ticket_id, claimed_at=answered_at, **clock)


def reopen_for(tx: Transaction, call: LoadedCall, operator_id: int | None, at: datetime) -> int:
    """Open a ticket again that was set aside while its call still rang: now somebody hears the caller."""
    asterisk = Actor.asterisk()
    facts = {"undo": True, "was": call.disposition, "by": "answer"}
    seq = reopen(tx, asterisk, call.ticket_id, owner_id=operator_id, facts=facts, since=at, picked_up=True)
    if call.classification == Classification.PRANK:
        withdraw_flags(tx, asterisk, call.ticket_id)
    return seq
