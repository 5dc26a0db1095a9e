"""The state of things at one journal number, cut to whoever sees it; every later entry brings it up to date."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from dispatch.centre import Centre
from dispatch.clock import to_iso
from dispatch.feed import shapes
from dispatch.feed.audiences import CENTRE, publish, without_ticket
from dispatch.feed.board import board, operators
from dispatch.roles import Actor
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import as_entries, newest_seq
from dispatch.storage.journal_kinds import OF_THE_WORK
from dispatch.storage.tables import LIVE_CALLS, OPEN_TICKETS, Call, JournalEntry, Ticket
from dispatch.tickets.agency_past import past_since, tickets_on_the_page_of
from dispatch.tickets.lifecycle import TicketState
from dispatch.tickets.views import TicketReader

#: How many open tickets of each group a console shows: the newest, and of those that wait the oldest too. A surge of
#: calls hides neither its newest callers nor those who wait longest nor the tickets that are being worked, and a
#: callback list that nobody works hides nothing.
_GROUPS = (
    ((TicketState.NEW,), 200, 200),
    ((TicketState.CALLBACK,), 100, 0),
    ((TicketState.CLAIMED, TicketState.DISPATCHED, TicketState.IN_PROGRESS, TicketState.VERIFY), 300, 0),
)
AGENCY_LIMIT = 300
RECENT_LIMIT = 30
AGENCY_HISTORY_H = 24  #: how long a ticket that is closed, or that the agency left, stays on the agency's list


def centre_state(centre: Centre) -> shapes.CentreState:
    """Return what everybody of the centre starts from; `newest` is the journal number it stands at.

    The number is read first: an entry committed while the rest is read is delivered again, never lost.
    """
    with centre.read() as connection:
        newest = newest_seq(connection)
        now = centre.clock.now()
        ids = _open_tickets(connection)
        still_ringing = _still_ringing(connection)
        reader = TicketReader(connection, centre.city, [*ids, *still_ringing])
        of_the_work = JournalEntry.kind.in_(OF_THE_WORK)
        rows = connection.execute(
            select(JournalEntry.__table__).where(of_the_work).order_by(JournalEntry.seq.desc()).limit(RECENT_LIMIT)
        ).all()
        published = publish(connection, centre.city, as_entries(rows), (CENTRE,))
        return {
            "newest": newest,
            "epoch": read_epoch(connection),
            "server_time": to_iso(now),
            "tickets": [reader.for_centre(id_) for id_ in ids],
            "still_ringing": [reader.for_centre(id_) for id_ in still_ringing],
            "recent": [without_ticket(one.event) for one in published],
            "colleagues": operators(connection, centre.city, now),
            "stats": board(connection, centre.city, centre.clock),
        }


def agency_state(centre: Centre, agency: str) -> shapes.AgencyState:
    """Return what everybody of this agency starts from, read in the same order."""
    with centre.read() as connection:
        newest = newest_seq(connection)
        now = centre.clock.now()
        ids = _agency_tickets(connection, agency, now - timedelta(hours=AGENCY_HISTORY_H))
        reader = TicketReader(connection, centre.city, ids)
        past = past_since(centre.city, now)
        views = (reader.for_agency(id_, agency, past) for id_ in ids)
        return {
            "newest": newest,
            "epoch": read_epoch(connection),
            "server_time": to_iso(now),
            "tickets": [view for view in views if view is not None],
        }


def me(actor: Actor) -> shapes.Me:
    """Say who a signed-in person is, as the person's own pages and programs are told."""
    assert actor.user_id is not None
    assert actor.role is not None
    return {
        "id": actor.user_id,
        "name": actor.name,
        "role": actor.role,
        "agency": actor.agency_code,
        "seat": actor.seat,
    }


def _open_tickets(connection: Connection) -> list[int]:
    ids: set[int] = set()
    for states, newest, oldest in _GROUPS:
        of_group = select(Ticket.id).where(OPEN_TICKETS, Ticket.state.in_(states))
        ids.update(connection.execute(of_group.order_by(Ticket.id.desc()).limit(newest)).scalars())
        if oldest:
            ids.update(connection.execute(of_group.order_by(Ticket.id).limit(oldest)).scalars())
    # Whose caller is still on the line stays on the operator's screen, although the event has another ticket.
    on_the_line = select(Ticket.id).join(Call, Call.ticket_id == Ticket.id).where(LIVE_CALLS)
    ids.update(connection.execute(on_the_line.where(Ticket.incident_id.is_not(None))).scalars())
    return sorted(ids, reverse=True)


def _still_ringing(connection: Connection) -> list[int]:
    """The tickets that were set aside with one key while the telephones ring for their callers."""
    closed = select(Ticket.id).join(Call, Call.ticket_id == Ticket.id).where(LIVE_CALLS)
    alone = closed.where(Ticket.state == TicketState.CLOSED, Ticket.incident_id.is_(None))
    return sorted(set(connection.execute(alone).scalars()), reverse=True)


def _agency_tickets(connection: Connection, agency: str, since: datetime) -> list[int]:
    ids: set[int] = set()
    for some in tickets_on_the_page_of(agency, since):
        ids.update(connection.execute(some).scalars())
    return sorted(ids, reverse=True)[:AGENCY_LIMIT]
