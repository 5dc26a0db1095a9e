"""Operations on tickets and calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import or_, select

from app.api import requests, shapes
from app.api.commands import run_on_ticket
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import CENTRE, OPERATORS, SUPERVISORS, TICKET_READERS
from app.web.own_tickets import ticket_for
from dispatch.call_taking import classify, close, dispatch, locate, ownership
from dispatch.call_taking.draft_reading import drafts_of, kept_texts_of
from dispatch.calls.history import caller_callability, caller_history
from dispatch.calls.progress import end_call_by_hand
from dispatch.feed.audiences import timeline
from dispatch.storage.tables import Call, Ticket
from dispatch.tickets.agency_past import past_since, tickets_seen_by
from dispatch.tickets.lifecycle import CallState, TicketState
from dispatch.tickets.shapes import AgencyTicket
from dispatch.tickets.shapes import Ticket as CentreTicket
from dispatch.tickets.views import TicketReader

operations = Operations()
_COMMAND = f"/tickets/{NUMBER_PATH}"


@operations.get("/tickets", tag="tickets", roles=TICKET_READERS, query=requests.TicketQuery, answer=shapes.Tickets)
def list_tickets(request: ApiRequest) -> shapes.Tickets:
    """List tickets, newest first; an agency's people get those that were sent to their agency."""
    query, person, centre = request.query, request.person, services().centre
    agency = None if person.role in CENTRE else person.agency_code or ""
    past = past_since(centre.city, centre.clock.now())

    def read() -> shapes.Tickets:
        with centre.read() as connection:
            found = list(connection.execute(_ids_of(query, agency, past)).scalars())
            ids = found[: query.limit]
            reader = TicketReader(connection, centre.city, ids)
        seen = (reader.for_centre(id_) if agency is None else reader.for_agency(id_, agency, past) for id_ in ids)
        return {
            "items": [ticket for ticket in seen if ticket is not None],
            "next": ids[-1] if len(found) > len(ids) else None,
        }

    return services().reads.alone(request.person.asker, read)


def _ids_of(query: requests.TicketQuery, agency: str | None, past: datetime) -> Any:
    """One ticket more than the page holds, to see whether there is a next page."""
    if agency is not None:
        statement = tickets_seen_by(agency, past, query.state)
    elif query.state == "open":
        statement = select(Ticket.id).where(Ticket.state != TicketState.CLOSED)
    elif query.state is not None:
        statement = select(Ticket.id).where(Ticket.state == query.state)
    else:
        statement = select(Ticket.id)
    if query.after is not None:
        statement = statement.where(Ticket.id < query.after)
    return statement.order_by(Ticket.id.desc()).limit(query.limit + 1)


@operations.get(f"/tickets/{NUMBER_PATH}", tag="tickets", roles=TICKET_READERS, answer=shapes.WholeTicket)
def show_ticket(request: ApiRequest) -> shapes.WholeTicket:
    """Show one ticket and its history."""
    person, centre = request.person, services().centre
    ticket_id, view = ticket_for(person, request.path["number"], "api")
    with centre.read() as connection:
        happened = timeline(connection, centre.city, ticket_id, person.actor)
        if person.role not in CENTRE:
            return {**cast("AgencyTicket", view), "timeline": happened}
        reader = TicketReader(connection, centre.city, [ticket_id])
        ticket = reader.for_centre(ticket_id)
        return {
            **ticket,
            "timeline": happened,
            "caller": caller_history(connection, centre.city, centre.clock.now(), ticket_id),
            "callability": caller_callability(connection, ticket_id),
            "heard": _heard(ticket),
            "answer_history": reader.answer_history(ticket_id),
            "drafts": drafts_of(connection, ticket_id),
            "kept_texts": kept_texts_of(connection, ticket_id),
        }


def _heard(ticket: CentreTicket) -> str | None:
    """What a simulated caller says once somebody has answered; nobody hears a real one here."""
    simulator = services().simulator
    if simulator is None:
        return None
    answered = [call["linkedid"] for call in ticket["calls"] if call["state"] == CallState.ANSWERED]
    said = [call.words for call in map(simulator.call, answered) if call is not None]
    return said[-1] if said else None


@operations.get("/calls", tag="calls", roles=CENTRE, query=requests.CallQuery, answer=shapes.Calls)
def find_calls(request: ApiRequest) -> shapes.Calls:
    """Find a call, and its ticket, by Asterisk's linkedid."""
    centre = services().centre
    with centre.read() as connection:
        named = or_(Call.linkedid == request.query.linkedid, Call.told_linkedid == request.query.linkedid)
        wanted = select(Call.id, Call.ticket_id).where(named).order_by(Call.id)
        rows = connection.execute(wanted).all()
        reader = TicketReader(connection, centre.city, [row.ticket_id for row in rows])
    items: list[shapes.CallWithTicket] = []
    for row in rows:
        ticket = reader.for_centre(row.ticket_id)
        call = next(call for call in ticket["calls"] if call["id"] == row.id)
        items.append({**call, "ticket_number": ticket["number"]})
    return {"items": items, "next": None}


@operations.post(f"{_COMMAND}/claim", tag="tickets", roles=OPERATORS, body=requests.Nothing, answer=shapes.Done)
def claim_ticket(request: ApiRequest) -> shapes.Done:
    """Take a ticket that nobody has; of two at once exactly one wins."""
    return run_on_ticket(request, ownership.claim_ticket)


@operations.post(f"{_COMMAND}/release", tag="tickets", roles=OPERATORS, body=requests.Nothing, answer=shapes.Done)
def release_ticket(request: ApiRequest) -> shapes.Done:
    """Give a ticket back; it waits for an operator again."""
    return run_on_ticket(request, ownership.release_ticket)


@operations.post(f"{_COMMAND}/take-over", tag="tickets", roles=OPERATORS, body=requests.TakeOver, answer=shapes.Done)
def take_over_ticket(request: ApiRequest) -> shapes.Done:
    """Take a ticket that a colleague has."""
    return run_on_ticket(request, ownership.take_over_ticket)


@operations.post(f"{_COMMAND}/classify", tag="tickets", roles=OPERATORS, body=requests.Classify, answer=shapes.Done)
def classify_ticket(request: ApiRequest) -> shapes.Done:
    """Say what kind of call it was; anything but genuine closes the ticket at once."""
    return run_on_ticket(request, classify.classify_ticket)


@operations.post(f"{_COMMAND}/locate", tag="tickets", roles=OPERATORS, body=requests.Locate, answer=shapes.Done)
def locate_ticket(request: ApiRequest) -> shapes.Done:
    """Say where it is."""
    return run_on_ticket(request, locate.locate_ticket)


@operations.post(f"{_COMMAND}/dispatch", tag="tickets", roles=OPERATORS, body=requests.Dispatch, answer=shapes.Done)
def dispatch_ticket(request: ApiRequest) -> shapes.Done:
    """Send the ticket to agencies; type and kelurahan must be known."""
    return run_on_ticket(request, dispatch.dispatch_ticket)


@operations.post(f"{_COMMAND}/close", tag="tickets", roles=OPERATORS, body=requests.Close, answer=shapes.Done)
def close_ticket(request: ApiRequest) -> shapes.Done:
    """Close a ticket with how it ended."""
    return run_on_ticket(request, close.close_ticket)


@operations.post(f"{_COMMAND}/reopen", tag="tickets", roles=OPERATORS, body=requests.Reopen, answer=shapes.Done)
def reopen_ticket(request: ApiRequest) -> shapes.Done:
    """Open a closed ticket again."""
    return run_on_ticket(request, close.reopen_ticket)


@operations.post(f"{_COMMAND}/end-call", tag="tickets", roles=SUPERVISORS, body=requests.EndCall, answer=shapes.Done)
def end_call(request: ApiRequest) -> shapes.Done:
    """Declare that a ticket's call is over although the exchange has told no end."""
    return run_on_ticket(request, end_call_by_hand)
