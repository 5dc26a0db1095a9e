"""Whose ticket it is: claim, release, take over."""

from __future__ import annotations

from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import required_text
from dispatch.tickets.changes import (
    NOTE_LIMIT,
    add_note,
    find_ticket,
    first_claim,
    load_ticket,
    pickup_values,
    set_ticket,
    state_values,
    waiting_state,
)
from dispatch.tickets.columns import NO_PICKUP, StateAndClock
from dispatch.tickets.lifecycle import Ownership, TicketCommand, TicketState


def claim_ticket(tx: Transaction, *, actor: Actor, number: str) -> Outcome:
    """Make the actor the owner of a ticket that nobody has; of two at once exactly one wins.

    Raises ClaimedByOther, with the winner's name, for the other.
    """
    found = find_ticket(tx, number, actor, TicketCommand.CLAIM)
    if found.owned is Ownership.SELF and found.state is not TicketState.CLOSED:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.CLAIM, actor)
    ticket = found.row
    state: StateAndClock = {}
    if found.state in (TicketState.NEW, TicketState.CALLBACK):
        state = state_values(tx, TicketState.CLAIMED, ticket.priority)
    pickup, first = pickup_values(tx, ticket.id), first_claim(ticket.claimed_at, tx.now)
    set_ticket(tx, ticket.id, owner_id=actor.user_id, **state, **pickup, **first)
    seq = tx.record(JournalKind.TICKET_CLAIMED, actor, ticket_id=ticket.id, owner_id=actor.user_id, by="hand")
    return Outcome(changed=True, ticket_number=number, seq=seq)


def release_ticket(tx: Transaction, *, actor: Actor, number: str) -> Outcome:
    """Give a ticket back; it waits for an operator again, with a clock of its own, unless agencies are on it."""
    loaded = load_ticket(tx, number, actor, TicketCommand.RELEASE)
    if loaded.owned is Ownership.NOBODY:
        return Outcome(changed=False, ticket_number=number)
    waiting: StateAndClock = {}
    if loaded.state is TicketState.CLAIMED:
        waiting = state_values(tx, waiting_state(loaded.row), loaded.row.priority)
    set_ticket(tx, loaded.row.id, owner_id=None, **waiting, **NO_PICKUP)
    seq = tx.record(JournalKind.TICKET_RELEASED, actor, ticket_id=loaded.row.id, owner_id=loaded.row.owner_id)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def take_over_ticket(tx: Transaction, *, actor: Actor, number: str, reason: str) -> Outcome:
    """Take a ticket that a colleague has; the reason is kept and the colleague sees who has it now."""
    found = find_ticket(tx, number, actor, TicketCommand.TAKE_OVER)
    if found.owned is Ownership.SELF and found.state is not TicketState.CLOSED:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.TAKE_OVER, actor)
    ticket = found.row
    note_id = add_note(tx, ticket.id, "take_over", required_text(reason, NOTE_LIMIT, "reason"), actor)
    set_ticket(tx, ticket.id, owner_id=actor.user_id, **pickup_values(tx, ticket.id))
    seq = tx.record(
        JournalKind.TICKET_TAKEN_OVER,
        actor,
        ticket_id=ticket.id,
        owner_id=actor.user_id,
        from_id=ticket.owner_id,
        note_id=note_id,
    )
    return Outcome(changed=True, ticket_number=number, seq=seq)
