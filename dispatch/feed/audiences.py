"""The journal as people receive it: which entries concern whom, and what they may see with them.

One function decides the audiences of an entry; live feed, replay after a lost connection, the API's journal and the
timeline of a ticket all go through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, select

from dispatch.city.pack import CityPack
from dispatch.clock import to_iso
from dispatch.feed import shapes
from dispatch.roles import CENTRE_ROLES, Actor, ActorKind, Role
from dispatch.storage.journal import Entry, as_entries
from dispatch.storage.journal_kinds import Audience, JournalKind, audience_of
from dispatch.storage.rows import AssignmentRow
from dispatch.storage.tables import Call, Contact, JournalEntry, User
from dispatch.tickets.agency_past import is_past
from dispatch.tickets.shapes import AgencyTicket, Ticket
from dispatch.tickets.views import TicketReader

CENTRE = "centre"  #: call takers, supervisors, admins
OVERSIGHT = "oversight"  #: supervisors and admins: who signed in, who was refused
_AGENCY = "agency:"

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_USERS = select(User.id, User.display_name, User.agency_code).where(User.id.in_(_IDS))
_CONTACTS = select(Contact.id, Contact.name, Contact.agency_code).where(Contact.id.in_(_IDS))

_SeenTicket = Ticket | AgencyTicket | None


class _Acting(NamedTuple):
    """Whoever did something, by name and, for an agency's people, agency."""

    id: int
    name: str
    agency_code: str | None


#: Everybody who acted, by whether it was a contact without a sign-in, and by id.
_People = dict[tuple[bool, int], _Acting]


def agency_audience(code: str) -> str:
    """Return the name of the audience that an agency's people are."""
    return _AGENCY + code


def agency_of(audience: str) -> str | None:
    """Return the agency whose people an audience are, None for the centre's."""
    return audience.removeprefix(_AGENCY) if audience.startswith(_AGENCY) else None


def audiences_for(actor: Actor) -> tuple[str, ...]:
    """Return the audiences a signed-in person belongs to; the first is the one whose view of tickets the person has."""
    if actor.role in (Role.SUPERVISOR, Role.ADMIN):
        return (CENTRE, OVERSIGHT)
    if actor.role in CENTRE_ROLES:
        return (CENTRE,)
    # An agency's people; a leader has no agency, and so nothing of the feed: leaders read what was brought before them.
    return (agency_audience(actor.agency_code or ""),)


def audiences_of(entry: Entry, assignments: Iterable[AssignmentRow], past_since: datetime | None = None) -> set[str]:
    """Decide who receives an entry. `assignments` are those of the entry's ticket, the oldest first.

    An agency whose newest assignment was over before `past_since` receives nothing of the ticket any more.
    """
    told_to = audience_of(entry.kind)
    if told_to is Audience.OVERSIGHT:
        return {OVERSIGHT}
    audiences = {CENTRE}
    newest = {assignment.agency_code: assignment for assignment in assignments}
    for assignment in assignments:
        agency = assignment.agency_code
        if not _concerns(entry, assignment) or is_past(newest[agency], past_since):
            continue
        if told_to is Audience.AND_AGENCIES or (
            told_to is Audience.AND_AGENCY and assignment.id == entry.assignment_id
        ):
            audiences.add(agency_audience(agency))
    return audiences


def _concerns(entry: Entry, assignment: AssignmentRow) -> bool:
    """An agency that declined or was called off learns that, and nothing of the ticket after it."""
    if entry.seq < assignment.sent_seq:
        return False
    if assignment.ended_seq is not None:
        return entry.seq <= assignment.ended_seq
    ended_at = assignment.declined_at or assignment.cancelled_at  # it ended under an earlier version
    return ended_at is None or entry.at <= ended_at


@dataclass(frozen=True, slots=True)
class Published:
    """One entry as one audience receives it."""

    audience: str
    event: shapes.EntryWithTicket


def publish(
    connection: Connection,
    city: CityPack,
    entries: Sequence[Entry],
    audiences: Iterable[str] | None = None,
    past_since: datetime | None = None,
) -> list[Published]:
    """Turn entries into events, for all audiences or only for those named, in order.

    An event carries the entry and the ticket as it is now, cut to what that audience may see; to an agency nothing is
    published of what was over for it before `past_since`.
    """
    reader = TicketReader(connection, city, (e.ticket_id for e in entries if e.ticket_id is not None))
    people = _people(connection, entries)
    wanted = set(audiences) if audiences is not None else None
    published = []
    views: dict[tuple[str, int], _SeenTicket] = {}
    for entry in entries:
        assignments = reader.assignments_of(entry.ticket_id) if entry.ticket_id else ()
        receivers = audiences_of(entry, assignments, past_since)
        for audience in sorted(receivers if wanted is None else receivers & wanted):
            key = (audience, entry.ticket_id or 0)
            if key not in views:
                views[key] = _ticket_for(reader, audience, entry.ticket_id)
            published.append(Published(audience, _event(entry, reader, people, audience, views[key])))
    return published


def timeline(connection: Connection, city: CityPack, ticket_id: int, actor: Actor) -> list[shapes.Entry]:
    """Return a ticket's journal entries as the actor may see them, oldest first, without the ticket itself."""
    own = select(JournalEntry.__table__).where(JournalEntry.ticket_id == ticket_id).order_by(JournalEntry.seq)
    entries = as_entries(connection.execute(own).all())
    if actor.sees_all_tickets:
        entries = sorted([*entries, *_told_with_the_event(connection, ticket_id, entries)], key=lambda entry: entry.seq)
    return [without_ticket(one.event) for one in publish(connection, city, entries, audiences_for(actor)[:1])]


def without_ticket(event: shapes.EntryWithTicket) -> shapes.Entry:
    """Return what happened alone."""
    return {
        "seq": event["seq"],
        "at": event["at"],
        "kind": event["kind"],
        "actor": event["actor"],
        "ticket_number": event["ticket_number"],
        "assignment_id": event["assignment_id"],
        "call_id": event["call_id"],
        "data": event["data"],
    }


def _told_with_the_event(connection: Connection, ticket_id: int, entries: Sequence[Entry]) -> Sequence[Entry]:
    """What happened to this ticket's calls while it was attached to another one, under which it was journalled."""
    events = {entry.data["to_id"] for entry in entries if entry.kind == JournalKind.TICKET_ATTACHED}
    if not events:
        return ()
    calls = select(Call.id).where(Call.ticket_id == ticket_id)
    of_the_event = select(JournalEntry.__table__).where(JournalEntry.ticket_id.in_(events))
    return as_entries(connection.execute(of_the_event.where(JournalEntry.call_id.in_(calls))).all())


def _ticket_for(reader: TicketReader, audience: str, ticket_id: int | None) -> _SeenTicket:
    if ticket_id is None or audience == OVERSIGHT:
        return None
    if audience == CENTRE:
        return reader.for_centre(ticket_id)
    return reader.for_agency(ticket_id, audience.removeprefix(_AGENCY))


def _people(connection: Connection, entries: Sequence[Entry]) -> _People:
    found: _People = {}
    actors = {(entry.actor_kind == ActorKind.CONTACT, entry.actor_id) for entry in entries}
    for contacts, statement in ((False, _USERS), (True, _CONTACTS)):
        if ids := [id_ for of_contact, id_ in actors if of_contact is contacts and id_ is not None]:
            rows = map(_Acting._make, connection.execute(statement, {"ids": ids}))
            found |= {(contacts, row.id): row for row in rows}
    return found


def _event(
    entry: Entry, reader: TicketReader, people: _People, audience: str, ticket: _SeenTicket
) -> shapes.EntryWithTicket:
    return {
        "seq": entry.seq,
        "at": to_iso(entry.at),
        "kind": entry.kind,
        "actor": _actor(entry, people, audience),
        "ticket_number": reader.number_of(entry.ticket_id),
        "assignment_id": entry.assignment_id,
        "call_id": entry.call_id,
        "data": entry.data,
        "ticket": ticket,
    }


def _actor(entry: Entry, people: _People, audience: str) -> shapes.Actor:
    of_contact = entry.actor_kind == ActorKind.CONTACT
    person = people.get((of_contact, entry.actor_id)) if entry.actor_id is not None else None
    if audience.startswith(_AGENCY) and (person is None or agency_audience(person.agency_code or "") != audience):
        # An agency learns that the centre acted, not which of its people.
        return {"kind": "centre", "id": None, "name": "112"}
    return {"kind": entry.actor_kind, "id": entry.actor_id, "name": person.name if person else None}
