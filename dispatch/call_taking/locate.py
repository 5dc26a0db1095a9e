"""Where it is, as an operator says it."""

from __future__ import annotations

from math import inf

from dispatch.errors import InvalidValue, RequirementMissing
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line
from dispatch.tickets.changes import load_ticket, set_ticket
from dispatch.tickets.lifecycle import TicketCommand


def locate_ticket(
    tx: Transaction,
    *,
    actor: Actor,
    number: str,
    kelurahan_code: str | None = None,
    text: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    accuracy_m: float | None = None,
    source: str = "operator",
) -> Outcome:
    """Say where it is: a kelurahan, a point, or both. A point alone finds its kelurahan, marked approximate where the
    nearest kelurahan point and not a boundary gave it. The operator's kelurahan always wins over a computed one.
    """
    ticket = load_ticket(tx, number, actor, TicketCommand.LOCATE).row
    if (lat is None) != (lon is None):
        raise RequirementMissing("lat", "lon")
    _check_range("lat", lat, 90)
    _check_range("lon", lon, 180)
    approximate = False
    if lat is not None and lon is not None:
        located = tx.places.locate(lat, lon)
        if kelurahan_code is None:
            if located is None:
                raise InvalidValue("lat", "outside_city")
            kelurahan_code, approximate = located.kelurahan_code, located.approximate
    if kelurahan_code is None:
        raise RequirementMissing("kelurahan")
    if kelurahan_code not in tx.city.kelurahan:
        raise InvalidValue("kelurahan_code", "unknown")
    set_ticket(
        tx,
        ticket.id,
        kelurahan_code=kelurahan_code,
        place_text=clean_line(text, 300) if text else None,
        lat=lat,
        lon=lon,
        accuracy_m=accuracy_m if accuracy_m is not None and 0 <= accuracy_m < inf else None,
        place_source=clean_line(source, 16) or "operator",
        place_approximate=approximate,
    )
    seq = tx.record(
        JournalKind.TICKET_LOCATED, actor, ticket_id=ticket.id, kelurahan_code=kelurahan_code, approximate=approximate
    )
    return Outcome(changed=True, ticket_number=number, seq=seq)


def _check_range(field: str, degrees: float | None, limit: float) -> None:
    if degrees is not None and not -limit <= degrees <= limit:  # also refuses NaN, whose every comparison is false
        raise InvalidValue(field, "out_of_range")
