"""Operations that show the whole: snapshot, journal, board, and the seat one sits at."""

from __future__ import annotations

from flask_wtf.csrf import generate_csrf

from app.api import requests, shapes
from app.api.commands import run_command
from app.api.operations import ApiRequest, Operations
from app.feed.prepared_json import PreparedJson
from app.services import services
from app.web.guard import CENTRE, EVERYONE, OPERATORS, TICKET_READERS
from dispatch.clock import to_iso
from dispatch.errors import NotPermitted
from dispatch.feed.shapes import Board
from dispatch.feed.snapshot import me
from dispatch.feed.streams import Replay, replay, stream_for
from dispatch.people.commands import take_seat
from dispatch.tickets.agency_past import past_since

operations = Operations()

#: Journal entries looked through for one page; an agency's few among many may need several pages.
SCAN_LIMIT = 2000


@operations.get("/me", tag="overview", roles=EVERYONE, answer=shapes.SignedIn, wall=True)
def show_me(request: ApiRequest) -> shapes.SignedIn:
    """Show who is asking; a page that was signed out finds out by it that its person is back, and goes on."""
    person = request.person
    return {
        **me(person.actor),
        "expires_at": to_iso(person.expires_at) if person.expires_at else None,
        "form_token": generate_csrf() if person.session_id is not None else None,
    }


@operations.get("/snapshot", tag="overview", roles=TICKET_READERS, answer=shapes.Snapshot)
def show_snapshot(request: ApiRequest) -> PreparedJson:
    """Show the state of things that a page starts from; `newest` is the journal number it stands at."""
    return services().snapshots.of_tickets(request.person)


@operations.get("/journal", tag="overview", roles=TICKET_READERS, query=requests.JournalQuery, answer=shapes.Events)
def list_journal(request: ApiRequest) -> shapes.Events:
    """List what happened after a journal number, as far as it concerns whoever asks."""
    centre, query = services().centre, request.query
    stream = stream_for(request.person.actor)

    def read() -> Replay:
        with centre.read() as connection:
            return replay(
                connection,
                centre.city,
                stream,
                query.after,
                limit=query.limit,
                scan_limit=SCAN_LIMIT,
                past_since=past_since(centre.city, centre.clock.now()),
            )

    page = services().reads.alone(request.person.asker, read)
    return {"items": page.events, "next": None if page.complete else page.scanned_to}


@operations.get("/board", tag="overview", roles=CENTRE, answer=Board, wall=True)
def show_board(request: ApiRequest) -> PreparedJson:
    """Show the figures of the supervisor's board."""
    return services().snapshots.figures(request.person)


@operations.post("/seat", tag="overview", roles=OPERATORS, body=requests.TakeSeat, answer=shapes.Seated)
def sit_down(request: ApiRequest) -> shapes.Seated:
    """Sit down at a seat: calls answered there are yours. Needs a browser's session, not a token."""
    person = request.person
    if person.session_id is None:
        raise NotPermitted("seat", person.role)
    outcome = run_command(request, take_seat, session_id=person.session_id)
    return {"changed": outcome.changed, "seat": request.body.seat}
