"""Gives a ladder to each clock that has none: of before this release, or started by a node that is not upgraded yet.

Its time is counted from now: nobody is told of a whole night's rungs at the moment of an upgrade. A clock whose ladder
was dropped after a restore keeps none.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, String, cast, exists, literal, select

from dispatch.ladders.running import DROPPED, Subject, follow_clock
from dispatch.storage.tables import OPEN_LADDERS, OPEN_TICKETS, Assignment, Ladder, Ticket
from dispatch.storage.transaction import Transaction

_TICKETS = select(Ticket.id, Ticket.clock_kind, Ticket.clock_started_at, Ticket.clock_due_at, Ticket.priority).where(
    OPEN_TICKETS,
    Ticket.clock_kind.is_not(None),
    ~exists().where(Ladder.subject == literal("ticket:") + cast(Ticket.id, String), OPEN_LADDERS),
    ~exists().where(
        Ladder.ticket_id == Ticket.id,
        Ladder.subject == literal("ticket:") + cast(Ticket.id, String),
        Ladder.ended_why == DROPPED,
        Ladder.started_at == Ticket.clock_started_at,
    ),
)
_ASSIGNMENTS = (
    select(
        Assignment.id,
        Assignment.ticket_id,
        Assignment.agency_code,
        Assignment.clock_kind,
        Assignment.clock_started_at,
        Assignment.clock_due_at,
        Ticket.priority,
    )
    .join(Ticket, Ticket.id == Assignment.ticket_id)
    .where(
        Assignment.clock_kind.is_not(None),
        ~exists().where(Ladder.subject == literal("assignment:") + cast(Assignment.id, String), OPEN_LADDERS),
        ~exists().where(
            Ladder.ticket_id == Assignment.ticket_id,
            Ladder.subject == literal("assignment:") + cast(Assignment.id, String),
            Ladder.ended_why == DROPPED,
            Ladder.started_at == Assignment.clock_started_at,
        ),
    )
)


def any_without_ladder(connection: Connection) -> bool:
    """Whether some clock runs that nobody would ever be told of."""
    if connection.execute(_TICKETS.limit(1)).first() is not None:
        return True
    return connection.execute(_ASSIGNMENTS.limit(1)).first() is not None


def adopt_clocks(tx: Transaction, *, limit: int = 50) -> int:
    """Begin the ladders that are missing, counted from now; return how many that were."""
    tickets = tx.connection.execute(_TICKETS.order_by(Ticket.id).limit(limit)).all()
    for row in tickets:
        _adopt(tx, Subject(row.id), row)
    assignments = tx.connection.execute(_ASSIGNMENTS.order_by(Assignment.id).limit(limit)).all()
    for one in assignments:
        _adopt(tx, Subject(one.ticket_id, one.id, agency_code=one.agency_code), one)
    return len(tickets) + len(assignments)


def _adopt(tx: Transaction, subject: Subject, row: Any) -> None:
    lasts = row.clock_due_at - row.clock_started_at
    clock = {
        "clock_kind": row.clock_kind,
        "clock_started_at": row.clock_started_at,
        "clock_due_at": row.clock_started_at + lasts,
    }
    follow_clock(tx, subject, clock, row.priority, counted_from_now=True)
