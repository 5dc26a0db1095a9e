"""Which tickets and assignments a person may look at: the centre all of them, an agency its own.

What is somebody else's is answered like what does not exist, and written to the journal.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, select

from app.people.person import Person
from app.services import services
from app.web.guard import audit_refusal
from dispatch.errors import NotFound
from dispatch.roles import CENTRE_ROLES
from dispatch.storage.tables import Assignment, Ticket
from dispatch.tickets import shapes
from dispatch.tickets.agency_past import past_since
from dispatch.tickets.views import TicketReader

SeenTicket = shapes.Ticket | shapes.AgencyTicket  #: by whoever asks
_TICKET_NUMBER = re.compile(r"[0-9]{6}-[0-9]{3,8}")


def view_of_ticket(connection: Connection, ticket_id: int, person: Person) -> SeenTicket | None:
    """The ticket as this person may see it, None where it is not for the person's agency."""
    reader = TicketReader(connection, services().centre.city, [ticket_id])
    if person.role in CENTRE_ROLES:
        return reader.for_centre(ticket_id)
    centre = services().centre
    return reader.for_agency(ticket_id, person.agency_code or "", past_since(centre.city, centre.clock.now()))


def seen_by(person: Person, ticket_id: int) -> SeenTicket:
    """The ticket as this person sees it now. Raises NotFound."""
    with services().centre.read() as connection:
        view = view_of_ticket(connection, ticket_id, person)
    if view is None:
        raise NotFound("ticket", ticket_id)
    return view


def ticket_id_of(number: str) -> int:
    """The id of any ticket, for the centre's people, who may see them all. Raises NotFound."""
    with services().centre.read() as connection:
        return _id_of(connection, number)


def ticket_for(person: Person, number: str, via: str) -> tuple[int, SeenTicket]:
    """The id and view of a ticket. Raises NotFound where there is none for this person."""
    with services().centre.read() as connection:
        ticket_id = _id_of(connection, number)
        view = view_of_ticket(connection, ticket_id, person)
    if view is None:
        audit_refusal(person, "ticket", number, via)
        raise NotFound("ticket", number)
    return ticket_id, view


def check_assignment(person: Person, assignment_id: int, via: str) -> int:
    """The id of an assignment's ticket. Raises NotFound where the assignment is not for this person."""
    with services().centre.read() as connection:
        row = connection.execute(
            select(Assignment.ticket_id, Assignment.agency_code).where(Assignment.id == assignment_id)
        ).first()
        own = row is not None and person.role not in CENTRE_ROLES and row.agency_code == person.agency_code
        if row is not None and own and view_of_ticket(connection, row.ticket_id, person) is None:
            row = None  # over for longer than the policy lets an agency look back
    if row is None:
        raise NotFound("assignment", assignment_id)
    if person.role not in CENTRE_ROLES and row.agency_code != person.agency_code:
        audit_refusal(person, "assignment", str(assignment_id), via)
        raise NotFound("assignment", assignment_id)
    return int(row.ticket_id)


def _id_of(connection: Connection, number: str) -> int:
    known = _TICKET_NUMBER.fullmatch(number) is not None
    ticket_id = connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar() if known else None
    if ticket_id is None:
        raise NotFound("ticket", number[:40])
    return ticket_id
