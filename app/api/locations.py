"""Operations on a caller's position: ask for it, end it, see what came."""

from __future__ import annotations

from typing import cast

import flask

from app.api import requests, shapes
from app.api.commands import run_on_ticket
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import CENTRE, OPERATORS
from app.web.location_texts import sms_text
from app.web.own_tickets import seen_by, ticket_id_of
from app.web.public_address import public_address
from dispatch.locations import commands
from dispatch.locations.links import new_link_token, sms_problem, spelled, token_for, token_hash
from dispatch.locations.reading import locations_of
from dispatch.tickets.shapes import Call, Ticket

operations = Operations()
_TICKET = f"/tickets/{NUMBER_PATH}"


@operations.get(f"{_TICKET}/locations", tag="locations", roles=CENTRE, answer=shapes.Locations)
def list_locations(request: ApiRequest) -> shapes.Locations:
    """Show the newest location link of a ticket and the positions that telephones sent, newest first."""
    centre = services().centre
    ticket_id = ticket_id_of(request.path["number"])
    with centre.read() as connection:
        found = locations_of(connection, centre.city, centre.places, ticket_id, centre.clock.now())
    address = public_address(services().settings, flask.request.url_root)
    return {**found, "sms_configured": services().sms.configured, "address_problem": address.problem}


@operations.post(
    f"{_TICKET}/request-location",
    tag="locations",
    roles=OPERATORS,
    body=requests.RequestLocation,
    answer=shapes.RequestedLocation,
)
def request_location(request: ApiRequest) -> shapes.RequestedLocation:
    """Make a one-time link by which the caller's telephone shares its position, and send it if that can be done.

    The link is in this answer and nowhere else: only its hash is kept. A repeated request gets the same link.
    """
    centre, settings = services().centre, services().settings
    number, person = request.path["number"], request.person
    ticket_id = ticket_id_of(number)
    what = f"{person.user_id}:{number}:{request.request_id}"
    token = token_for(settings.secret_key, what) if request.request_id else new_link_token()
    address = public_address(settings, flask.request.url_root)
    url = f"{address.origin}/l/{token}"
    policy = centre.city.policy.location
    text = sms_text(centre.city.name, url, policy.open_within_s)
    send = services().sms.configured and address.problem is None
    outcome = centre.run_once(
        request.request_id,
        commands.request_location,
        actor=person.actor,
        number=number,
        token_hash=token_hash(token),
        message=text if send else None,
        call_id=request.body.call_id,
    )
    view = seen_by(person, ticket_id)
    call = _call(cast("Ticket", view)["calls"], request.body.call_id)  # operators see the centre's
    return {
        "changed": outcome.changed,
        "ticket": view,
        "seq": outcome.seq,
        "link": {
            "id": outcome.link_id,
            "url": url,
            "spoken": f"{address.origin.partition('://')[2]}/l/{spelled(token)}",
            "text": text,
            "queued": outcome.delivery_id is not None,
            "sms_configured": services().sms.configured,
            "sms_problem": sms_problem(call["number"] if call else None, policy.mobile_prefixes),
            "address_problem": address.problem,
        },
    }


@operations.post(f"{_TICKET}/end-location", tag="locations", roles=OPERATORS, body=requests.Nothing, answer=shapes.Done)
def end_location(request: ApiRequest) -> shapes.Done:
    """End the location links of a ticket; telephones stop sharing."""
    return run_on_ticket(request, commands.end_location)


def _call(calls: list[Call], call_id: int | None) -> Call | None:
    if call_id is None:
        return calls[-1] if calls else None
    return next((call for call in calls if call["id"] == call_id), None)
