"""What climbs, for the board: whose ladder has gone beyond its first people, and what nobody goes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, exists, or_, select
from sqlalchemy.orm import aliased

from dispatch.clock import to_iso, to_iso_if_any
from dispatch.deliveries.notices import HOLE, rank
from dispatch.feed import shapes
from dispatch.ladders.reading import LadderReader
from dispatch.roles import AGENCY_ROLES
from dispatch.storage.epochs import read_epoch
from dispatch.storage.rows import LadderRow
from dispatch.storage.tables import OPEN_LADDERS, OPEN_TICKETS, Assignment, Ladder, Ticket
from dispatch.tickets.lifecycle import OUT_OF_IT, AssignmentState

MOST_ESCALATIONS = 20
#: More than these are counted no further: a wall says so many that the number no longer matters.
_COUNTED = 500


def escalations(connection: Connection, now: datetime) -> list[shapes.Escalation]:
    """The ladders of assignments that have told more than the first people, or whose clock is over.

    Those with nobody left to tell come first, the longest over before the others, then whose next rung is due first.
    """
    climbed = or_(Ladder.next_rung >= 2, and_(Ladder.next_rung >= 1, Ladder.due_at <= now))
    rows = connection.execute(
        select(Ladder.__table__, Ticket.number, Ticket.priority)
        .join(Ticket, Ticket.id == Ladder.ticket_id)
        .where(OPEN_LADDERS, Ladder.assignment_id.is_not(None), climbed)
        .limit(_COUNTED)
    ).all()
    epoch = read_epoch(connection) if rows else None
    found = [_escalation(LadderRow.from_row(row[:-2]), row.number, row.priority, now, epoch) for row in rows]
    return sorted(found, key=lambda one: (one["next_at"] is not None, one["next_at"] or one["due_at"], one["ticket"]))


def _escalation(
    ladder: LadderRow, number: str, priority: str | None, now: datetime, epoch: str | None
) -> shapes.Escalation:
    left = [rung["who"] for rung in ladder.rungs[ladder.next_rung : ladder.next_rung + 2]]
    paused = ladder.paused_until is not None and ladder.paused_until > now
    return {
        "ticket": number,
        "agency": ladder.agency_code or "",
        "priority": priority,
        "clock": ladder.clock_kind,
        "due_at": to_iso(ladder.due_at),
        "rung": ladder.next_rung,
        "rungs": len(ladder.rungs),
        "next_who": left[0] if left else None,
        "next_at": to_iso_if_any(ladder.next_at) if left else None,
        "then_who": left[1] if len(left) > 1 else None,
        "paused_until": to_iso_if_any(ladder.paused_until) if paused else None,
        "held": epoch is not None and ladder.epoch != epoch,
    }


def stranded_tickets(connection: Connection) -> list[shapes.Stranded]:
    """The open tickets that were sent, and that every agency has declined or was called off from; the oldest first."""
    goes = aliased(Assignment)
    rows = connection.execute(
        select(Ticket.number, Ticket.priority, Assignment.agency_code, Assignment.declined_at)
        .join(Assignment, Assignment.ticket_id == Ticket.id)
        .where(
            OPEN_TICKETS,
            Assignment.state == AssignmentState.DECLINED,
            ~exists().where(goes.ticket_id == Ticket.id, goes.state.not_in(OUT_OF_IT)),
        )
        .order_by(Assignment.declined_at, Assignment.id)
    )
    declined: dict[str, list[tuple[str | None, str, datetime]]] = defaultdict(list)
    for row in rows:
        declined[row.number].append((row.priority, row.agency_code, row.declined_at))
    found: list[shapes.Stranded] = [
        {
            "ticket": number,
            "priority": lines[-1][0],
            "agencies": [agency for _, agency, _ in lines],
            "since": to_iso(lines[-1][2]),
        }
        for number, lines in declined.items()
    ]
    return sorted(found, key=lambda one: one["since"])


def levels_of_reach(connection: Connection, ticket_of: Mapping[int, int]) -> dict[int, str]:
    """How far the news of these assignments has come among their agencies' own people; by assignment.

    Whoever stands above the agencies does not count. An assignment whose first people were not told yet is left out.
    """
    tickets = sorted(set(ticket_of.values()))
    reader = LadderReader(connection, tickets, tickets) if tickets else None
    levels: dict[int, str] = {}
    for assignment_id in ticket_of:
        reach = reader.reach(assignment_id, None) if reader is not None else None
        if reach is not None:
            own = [person["level"] for person in reach["people"] if person["role"] in AGENCY_ROLES]
            levels[assignment_id] = max(own, key=rank, default=HOLE)
    return levels
