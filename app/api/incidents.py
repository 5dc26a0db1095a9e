"""Operations on many callers of one event: what looks like the same event, joining a caller to it, parting again."""

from __future__ import annotations

from app.api import requests, shapes
from app.api.commands import run_on_ticket
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import OPERATORS
from app.web.own_tickets import ticket_id_of
from dispatch.errors import InvalidValue, RequirementMissing
from dispatch.incidents import commands
from dispatch.incidents.reading import Chosen, similar_tickets
from dispatch.incidents.shapes import SimilarTickets

operations = Operations()
_COMMAND = f"/tickets/{NUMBER_PATH}"


@operations.get(
    f"{_COMMAND}/similar", tag="incidents", roles=OPERATORS, query=requests.SimilarQuery, answer=SimilarTickets
)
def find_similar_tickets(request: ApiRequest) -> SimilarTickets:
    """Find the tickets that may be about the same event: near in time, place and kind, the likeliest first."""
    centre, query = services().centre, request.query
    if (query.lat is None) != (query.lon is None):
        raise RequirementMissing("lat", "lon")
    for field, known in (("type_code", centre.city.incident_types), ("kelurahan_code", centre.city.kelurahan)):
        code = getattr(query, field)
        if code is not None and code not in known:
            raise InvalidValue(field, "unknown")
    ticket_id = ticket_id_of(request.path["number"])
    with centre.read() as connection:
        return similar_tickets(connection, centre.city, ticket_id, Chosen(**dict(query)), centre.clock.now())


@operations.post(f"{_COMMAND}/attach", tag="incidents", roles=OPERATORS, body=requests.Attach, answer=shapes.Done)
def attach_ticket(request: ApiRequest) -> shapes.Done:
    """Say that this caller reports the event of another open ticket; nobody is alerted a second time."""
    return run_on_ticket(request, commands.attach_ticket)


@operations.post(f"{_COMMAND}/detach", tag="incidents", roles=OPERATORS, body=requests.Nothing, answer=shapes.Done)
def detach_ticket(request: ApiRequest) -> shapes.Done:
    """Say that this caller reports something else after all; the ticket is open again with all it had."""
    return run_on_ticket(request, commands.detach_ticket)


@operations.post(f"{_COMMAND}/words", tag="incidents", roles=OPERATORS, body=requests.CallerWords, answer=shapes.Done)
def add_caller_words(request: ApiRequest) -> shapes.Done:
    """Keep what the caller of an attached ticket says later; the event's agencies see the words at once."""
    return run_on_ticket(request, commands.add_caller_words)
