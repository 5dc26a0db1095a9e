"""What a caller's number did before: shown beside the number while the operator talks, never to an agency."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from dispatch.citypack import CityPack
from dispatch.clock import to_iso
from dispatch.lifecycle import Classification
from dispatch.tables import Call, Ticket
from dispatch.views import View

RECENT = 5


def caller_history(connection: Connection, city: CityPack, ticket_id: int) -> View | None:
    """Return how often the ticket's caller called before and the newest of those calls; None without a number.

    Shape: `{"calls": n, "genuine": n, "recent": [{"ticket", "at", "state", "classification", "type_name_id",
    "type_name_en"}]}`.
    """
    call = connection.execute(
        select(Call.id, Call.number).where(Call.ticket_id == ticket_id).order_by(Call.id).limit(1)
    ).first()
    if call is None or call.number is None:
        return None
    earlier = (Call.number == call.number) & (Call.id < call.id)
    joined = select(func.count(), func.count().filter(Ticket.classification == Classification.GENUINE))
    calls, genuine = connection.execute(
        joined.join_from(Call, Ticket, Ticket.id == Call.ticket_id).where(earlier)
    ).one()
    event = aliased(Ticket)  # of many callers of one event, only the event's ticket needs a type
    type_code = func.coalesce(Ticket.type_code, event.type_code).label("type_code")
    rows = connection.execute(
        select(Ticket.number, Ticket.classification, type_code, Call.received_at, Call.state)
        .join_from(Call, Ticket, Ticket.id == Call.ticket_id)
        .outerjoin(event, event.id == Ticket.incident_id)
        .where(earlier)
        .order_by(Call.received_at.desc())
        .limit(RECENT)
    )
    return {"calls": calls, "genuine": genuine, "recent": [_line(city, row) for row in rows]}


def _line(city: CityPack, row: Any) -> View:
    incident = city.incident_types.get(row.type_code or "")
    return {
        "ticket": row.number,
        "at": to_iso(row.received_at),
        "state": row.state,
        "classification": row.classification,
        "type_name_id": incident.name_id if incident else None,
        "type_name_en": incident.name_en if incident else None,
    }
