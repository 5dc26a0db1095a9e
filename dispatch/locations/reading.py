"""What the centre sees of a ticket's location links and reports; an agency sees only the place an operator chose."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, select

from dispatch.city.pack import CityPack
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.locations import shapes
from dispatch.locations.links import link_state, sms_problem
from dispatch.places.finder import Places
from dispatch.storage.rows import CallRow, LocationLinkRow, LocationReportRow
from dispatch.storage.tables import Call, Delivery, LocationLink, LocationReport, Ticket
from dispatch.tickets.lifecycle import TicketState

#: The newest positions are what an operator works with; all of them stay in the table.
REPORT_LIMIT = 20


class _Delivery(NamedTuple):
    """How a link was delivered; all None where it was not sent."""

    accepted_at: datetime | None
    failed_at: datetime | None
    problem: str | None
    attempts: int | None


def locations_of(
    connection: Connection, city: CityPack, places: Places, ticket_id: int, now: datetime
) -> shapes.KnownLocations:
    """The newest link, and the positions that calls and links brought, newest first."""
    state = connection.execute(select(Ticket.state).where(Ticket.id == ticket_id)).scalar_one()
    own = select(Call.__table__).where(Call.ticket_id == ticket_id).order_by(Call.id.desc())
    calls = [CallRow.from_row(row) for row in connection.execute(own)]
    link = connection.execute(
        select(LocationLink.__table__, Delivery.accepted_at, Delivery.failed_at, Delivery.problem, Delivery.attempts)
        .outerjoin(Delivery, Delivery.id == LocationLink.delivery_id)
        .where(LocationLink.ticket_id == ticket_id)
        .order_by(LocationLink.id.desc())
        .limit(1)
    ).first()
    newest = select(LocationReport.__table__).where(LocationReport.ticket_id == ticket_id)
    reports = connection.execute(newest.order_by(LocationReport.id.desc()).limit(REPORT_LIMIT))
    found = [_reported(places, LocationReportRow.from_row(row)) for row in reports]
    found += [
        _place(places, None, call.id, None, "sip", (call.lat, call.lon), call.uncertainty_m, call.received_at)
        for call in calls
        if call.lat is not None and call.lon is not None
    ]
    newest_number = calls[0].number if calls else None
    return {
        "link": _link(*_with_delivery(link), now, state == TicketState.CLOSED) if link is not None else None,
        "reports": sorted(found, key=lambda report: report["measured_at"], reverse=True),
        "sms_problem": sms_problem(newest_number, city.policy.location.mobile_prefixes),
        "stale_s": city.policy.location.stale_s,
    }


def find_link(connection: Connection, token_hash: str) -> tuple[LocationLinkRow | None, bool]:
    """Return the link that has this token, None where none has, and whether its ticket is closed."""
    row = connection.execute(
        select(LocationLink.__table__, Ticket.state.label("ticket_state"))
        .join(Ticket, Ticket.id == LocationLink.ticket_id)
        .where(LocationLink.token_hash == token_hash)
    ).first()
    if row is None:
        return None, False
    return LocationLinkRow.from_row(row[:-1]), row.ticket_state == TicketState.CLOSED


def _with_delivery(row: Row[Any]) -> tuple[LocationLinkRow, _Delivery]:
    columns = tuple(row)
    own = len(columns) - len(_Delivery._fields)
    return LocationLinkRow.from_row(columns[:own]), _Delivery._make(columns[own:])


def _link(link: LocationLinkRow, delivery: _Delivery, now: datetime, closed: bool) -> shapes.LocationLink:
    return {
        "id": link.id,
        "call_id": link.call_id,
        "state": link_state(link, now, ticket_closed=closed).value,
        "ended_by": link.ended_by or ("ticket" if closed else None),
        "created_at": to_iso(link.created_at),
        "expires_at": to_iso(link.expires_at),
        "opened_at": to_iso_if_any(link.opened_at),
        "consented_at": to_iso_if_any(link.consented_at),
        "live_until": to_iso_if_any(link.live_until),
        "ended_at": to_iso_if_any(link.ended_at),
        "delivery": _delivery(delivery) if link.delivery_id is not None else None,
    }


def _delivery(delivery: _Delivery) -> shapes.LinkDelivery:
    state: Literal["waiting", "accepted", "failed"] = (
        "accepted" if delivery.accepted_at else "failed" if delivery.failed_at else "waiting"
    )
    return {"state": state, "problem": delivery.problem, "attempts": delivery.attempts or 0}


def _reported(places: Places, row: LocationReportRow) -> shapes.LocationReport:
    point = row.lat, row.lon
    return _place(places, row.id, row.call_id, row.link_id, row.source, point, row.accuracy_m, row.measured_at)


def _place(
    places: Places,
    id_: int | None,
    call_id: int | None,
    link_id: int | None,
    source: str,
    point: tuple[float, float],
    accuracy_m: float | None,
    at: datetime,
) -> shapes.LocationReport:
    lat, lon = point
    located = places.locate(lat, lon)
    return {
        "id": id_,
        "call_id": call_id,
        "link_id": link_id,
        "source": source,
        "lat": lat,
        "lon": lon,
        "accuracy_m": accuracy_m,
        "measured_at": to_iso(at),
        "kelurahan_code": located.kelurahan_code if located is not None else None,
        "outside_city": located is None,
    }
