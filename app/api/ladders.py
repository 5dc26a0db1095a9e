"""Operations on ladders: who is told next, pausing a clock, and what waits since a restore."""

from __future__ import annotations

from app.api import requests, shapes
from app.api.commands import run_command, run_on_ticket
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import CENTRE, OPERATORS, OVERSIGHT, SUPERVISORS
from dispatch.city.model import Priority
from dispatch.ladders.held import drop_held, drop_loose_messages, read_held, release_held
from dispatch.ladders.pausing import pause_clock, resume_clock
from dispatch.ladders.preview import preview
from dispatch.ladders.reading import list_ladders as read_ladders
from dispatch.ladders.shapes import Held

operations = Operations()
#: More than a ticket is ever sent to at once.
MOST_AGENCIES = 40
_COMMAND = f"/tickets/{NUMBER_PATH}"


@operations.get("/ladders", tag="ladders", roles=CENTRE, query=requests.LadderQuery, answer=shapes.Ladders)
def list_ladders(request: ApiRequest) -> shapes.Ladders:
    """List ladders, newest first: whom each has told, whom it tells next, and when."""
    query, centre = request.query, services().centre

    def read() -> shapes.Ladders:
        with centre.read() as connection:
            items, following = read_ladders(
                connection, only_open=query.open, after=query.after, limit=query.limit, ticket_number=query.ticket
            )
        return {"items": items, "next": following}

    return services().reads.alone(request.person.asker, read)


@operations.get(
    "/ladder-preview", tag="ladders", roles=OPERATORS, query=requests.LadderPreviewQuery, answer=shapes.LadderPreviews
)
def preview_ladders(request: ApiRequest) -> shapes.LadderPreviews:
    """Preview who would be told if a ticket were sent to these agencies now, and who after them; with the holes."""
    query, centre = request.query, services().centre
    agencies = list(dict.fromkeys(filter(None, query.agencies.split(","))))[:MOST_AGENCIES]

    def read() -> shapes.LadderPreviews:
        with centre.read() as connection:
            now = centre.clock.now()
            return {
                "items": preview(connection, centre.city, now, agencies, Priority(query.priority), query.kelurahan_code)
            }

    return services().reads.alone(request.person.asker, read)


@operations.post(
    f"{_COMMAND}/pause-clock", tag="ladders", roles=OPERATORS, body=requests.PauseClock, answer=shapes.Done
)
def pause_ticket_clock(request: ApiRequest) -> shapes.Done:
    """Let a clock stand still until an instant, for a reason of the city's; its end and its rungs move by as much."""
    return run_on_ticket(request, pause_clock)


@operations.post(
    f"{_COMMAND}/resume-clock", tag="ladders", roles=OPERATORS, body=requests.ResumeClock, answer=shapes.Done
)
def resume_ticket_clock(request: ApiRequest) -> shapes.Done:
    """Let a paused clock run on before its pause is over."""
    return run_on_ticket(request, resume_clock)


@operations.get("/held", tag="ladders", roles=OVERSIGHT, answer=Held)
def list_held(request: ApiRequest) -> Held:
    """List what waits for a person since the database was brought back from a backup, by ticket."""
    centre = services().centre

    def read() -> Held:
        with centre.read() as connection:
            return read_held(connection)

    return services().reads.alone(request.person.asker, read)


@operations.post(
    f"{_COMMAND}/release-held", tag="ladders", roles=SUPERVISORS, body=requests.ReleaseHeld, answer=shapes.Done
)
def release_held_ladders(request: ApiRequest) -> shapes.Done:
    """Let a ticket's ladders of before a restore go on from now; nothing of the past is sent at once."""
    return run_on_ticket(request, release_held)


@operations.post(f"{_COMMAND}/drop-held", tag="ladders", roles=SUPERVISORS, body=requests.Nothing, answer=shapes.Done)
def drop_held_ladders(request: ApiRequest) -> shapes.Done:
    """End a ticket's ladders of before a restore; its clocks run on and nobody is told of them."""
    return run_on_ticket(request, drop_held)


@operations.post("/held/drop-messages", tag="ladders", roles=SUPERVISORS, body=requests.Nothing, answer=shapes.HeldDone)
def drop_held_messages(request: ApiRequest) -> shapes.HeldDone:
    """Drop the messages of before a restore that belong to no ticket."""
    outcome = run_command(request, drop_loose_messages)
    return {"changed": outcome.changed}
