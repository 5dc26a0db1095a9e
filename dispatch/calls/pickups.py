"""Tickets that were taken by hand while their telephone rang, and nobody picked up: they wait for everybody again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, text

from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import TicketRow
from dispatch.storage.tables import Call, Ticket
from dispatch.storage.transaction import Transaction
from dispatch.tickets.changes import set_ticket, state_values, waiting_state
from dispatch.tickets.columns import NO_PICKUP
from dispatch.tickets.lifecycle import CallState, TicketState

#: Says what the partial index says.
_DUE = text("tickets.pickup_due_at IS NOT NULL")


def any_pickup_due(connection: Connection, now: datetime) -> bool:
    """Whether `return_unanswered` has something to do."""
    due = select(Ticket.id).where(_DUE, Ticket.pickup_due_at <= now).limit(1)
    return connection.execute(due).first() is not None


def return_unanswered(tx: Transaction, *, limit: int = 100) -> int:
    """Give back what was taken by hand and not picked up in time; return how many tickets that were.

    What is due is read here, behind the writer's lock: of many nodes that ask at once, one gives a ticket back. Whoever
    has sent it to agencies meanwhile keeps it; what was typed stays with the ticket in any case.
    """
    due = (
        select(Ticket.__table__)
        .where(_DUE, Ticket.pickup_due_at <= tx.now)
        .order_by(Ticket.pickup_due_at, Ticket.id)
        .limit(limit)
    )
    returned = 0
    for ticket in map(TicketRow.from_row, tx.connection.execute(due).all()):
        ringing = select(Call.received_at).where(Call.ticket_id == ticket.id, Call.state == CallState.RINGING)
        received_at = tx.connection.execute(ringing.order_by(Call.id.desc()).limit(1)).scalar()
        if ticket.state != TicketState.CLAIMED or ticket.owner_id is None or received_at is None:
            set_ticket(tx, ticket.id, **NO_PICKUP)
            continue
        set_ticket(
            tx,
            ticket.id,
            owner_id=None,
            **NO_PICKUP,
            **state_values(tx, waiting_state(ticket), ticket.priority, received_at),
        )
        tx.record(
            JournalKind.TICKET_RETURNED,
            Actor.system(),
            ticket_id=ticket.id,
            owner_id=ticket.owner_id,
            reason="no_pickup",
        )
        returned += 1
    return returned
