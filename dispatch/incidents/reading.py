"""Finds the tickets that may be about the same event as the one being worked, with what a person needs to decide.

Cost: one query over the open tickets' and one over the last hour's closed tickets' index, narrowed to the box of the
widest radius, then `dispatch.incidents.likeness` on what is left. Measured with SQLite on a busy machine of two cores:
8 ms with 1,000 open tickets over the city and 20,000 closed ones, 26 ms with all 1,000 of one kind within 600 m.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, radians
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from dispatch.city.pack import CityPack
from dispatch.incidents import shapes
from dispatch.incidents.likeness import Report, Similar, find_similar
from dispatch.places.plane import METRES_PER_DEGREE
from dispatch.storage.rows import TicketRow
from dispatch.storage.tables import OPEN_TICKETS, Assignment, Call, Ticket
from dispatch.tickets.lifecycle import OUT_OF_IT, Disposition
from dispatch.tickets.views import kelurahan_name, short_number

#: Endings after which a new caller may report the same event; a prank or somebody's duplicate is no event.
_REAL_ENDINGS = (
    Disposition.HANDLED,
    Disposition.HANDLED_BY_PHONE,
    Disposition.NO_RESPONDER_NEEDED,
    Disposition.CANCELLED,
)

_LAST_REPORT = func.coalesce(Ticket.last_joined_at, Ticket.opened_at).label("last_report_at")
_CANDIDATES = select(
    Ticket.id,
    Ticket.number,
    Ticket.state,
    Ticket.type_code,
    Ticket.priority,
    Ticket.kelurahan_code,
    Ticket.place_text,
    Ticket.lat,
    Ticket.lon,
    Ticket.joined_count,
    Ticket.closed_at,
    _LAST_REPORT,
)


class _Candidate(NamedTuple):
    """A ticket of the neighbourhood; `last_report_at` is when the event's newest caller came."""

    id: int
    number: str
    state: str
    type_code: str | None
    priority: str | None
    kelurahan_code: str | None
    place_text: str | None
    lat: float | None
    lon: float | None
    joined_count: int
    closed_at: datetime | None
    last_report_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the operator has chosen on the screen and not saved yet; None: what the ticket has."""

    type_code: str | None = None
    kelurahan_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    place: str | None = None


def similar_tickets(
    connection: Connection, city: CityPack, ticket_id: int, chosen: Chosen, now: datetime
) -> shapes.SimilarTickets:
    """Return the tickets that may be about the same event, best first.

    Where no place is known the telephone's own (RFC 6442) stands in for it; without either nothing is proposed.
    """
    ticket = TicketRow.from_row(connection.execute(select(Ticket.__table__).where(Ticket.id == ticket_id)).one())
    report, source = _report(connection, city, ticket, chosen, now)
    near = city.policy.similar.nearness(report.category)
    found: list[Similar] = []
    rows: dict[str, _Candidate] = {}
    if source is not None:
        rows = {row.number: row for row in _candidates(connection, city, ticket, report, now)}
        found = find_similar(report, (_report_of(city, row) for row in rows.values()), city.policy.similar)
    agencies = _agencies(connection, [rows[one.number].id for one in found])
    items = [_item(city, rows[one.number], one, agencies.get(rows[one.number].id, [])) for one in found]
    return {"limits": {"radius_m": near.radius_m, "minutes": near.minutes}, "place": source, "items": items}


def _report(
    connection: Connection, city: CityPack, ticket: TicketRow, chosen: Chosen, now: datetime
) -> tuple[Report, shapes.PlaceSource | None]:
    type_code = chosen.type_code or ticket.type_code
    report = Report(ticket.number, now, type_code, _category(city, type_code))
    if chosen.lat is not None or chosen.kelurahan_code is not None:
        return replace(
            report, kelurahan_code=chosen.kelurahan_code, lat=chosen.lat, lon=chosen.lon, place=chosen.place
        ), "chosen"
    if ticket.kelurahan_code is not None:
        return replace(
            report,
            kelurahan_code=ticket.kelurahan_code,
            lat=ticket.lat,
            lon=ticket.lon,
            place=ticket.place_text,
        ), "chosen"
    phone = (
        select(Call.lat, Call.lon).where(Call.ticket_id == ticket.id, Call.lat.is_not(None)).order_by(Call.id.desc())
    )
    at = connection.execute(phone.limit(1)).first()
    return (report, None) if at is None else (replace(report, lat=at.lat, lon=at.lon), "phone")


def _candidates(
    connection: Connection, city: CityPack, ticket: TicketRow, report: Report, now: datetime
) -> list[_Candidate]:
    policy = city.policy.similar
    every = (policy.default, *policy.by_category.values())
    where = [_near(report, max(near.radius_m for near in every)), Ticket.id != ticket.id]
    newest = now - timedelta(minutes=max(near.minutes for near in every))
    still_open = _CANDIDATES.where(OPEN_TICKETS, *where, newest <= _LAST_REPORT)
    since = now - timedelta(minutes=policy.closed_minutes)
    just_closed = _CANDIDATES.where(Ticket.closed_at >= since, Ticket.disposition.in_(_REAL_ENDINGS), *where)
    rows = [*connection.execute(still_open), *connection.execute(just_closed)]
    return [_Candidate._make(row) for row in rows]


def _near(report: Report, radius_m: float) -> ColumnElement[bool]:
    """In the box around the point, or in the same kelurahan; the rule then looks closer."""
    same_ward = Ticket.kelurahan_code == report.kelurahan_code
    if report.lat is None or report.lon is None:
        return same_ward
    north = 1.05 * radius_m / METRES_PER_DEGREE
    east = north / max(cos(radians(report.lat)), 0.01)
    box = and_(
        Ticket.lat.between(report.lat - north, report.lat + north),
        Ticket.lon.between(report.lon - east, report.lon + east),
    )
    return box if report.kelurahan_code is None else or_(box, and_(same_ward, Ticket.lat.is_(None)))


def _category(city: CityPack, type_code: str | None) -> str | None:
    incident = city.incident_types.get(type_code or "")
    return incident.category if incident else None


def _report_of(city: CityPack, row: _Candidate) -> Report:
    category = _category(city, row.type_code)
    return Report(
        row.number, row.last_report_at, row.type_code, category, row.kelurahan_code, row.lat, row.lon, row.place_text
    )


def _agencies(connection: Connection, ticket_ids: list[int]) -> dict[int, list[shapes.SentAgency]]:
    if not ticket_ids:
        return {}
    found: dict[int, list[shapes.SentAgency]] = {}
    columns = select(Assignment.ticket_id, Assignment.agency_code, Assignment.state)
    sent = columns.where(Assignment.ticket_id.in_(ticket_ids), Assignment.state.not_in(OUT_OF_IT))
    for row in connection.execute(sent.order_by(Assignment.id)):
        found.setdefault(row.ticket_id, []).append({"agency": row.agency_code, "state": row.state})
    return found


def _item(city: CityPack, row: _Candidate, similar: Similar, agencies: list[shapes.SentAgency]) -> shapes.SimilarTicket:
    incident = city.incident_types.get(row.type_code or "")
    return {
        "number": row.number,
        "short": short_number(row.number),
        "state": row.state,
        "open": row.closed_at is None,
        "type_name_id": incident.name_id if incident else None,
        "type_name_en": incident.name_en if incident else None,
        "priority": row.priority,
        "place": row.place_text,
        "kelurahan": kelurahan_name(city, row.kelurahan_code),
        "callers": row.joined_count + 1,
        "agencies": agencies,
        "score": similar.score,
        "distance_m": similar.distance_m,
        "minutes": similar.minutes,
        "reasons": list(similar.reasons),
    }
