"""Commands on many callers of one event: attach a caller's ticket to the event's, detach it, add the caller's words.

No row moves: calls and words stay with the ticket they came in with, and that ticket names the one of the event. So it
is always known who said what, detaching gives everything back, and every call is counted once. Tickets form a forest:
`duplicate_of_id` is the ticket that was attached to, `incident_id` the root, where agencies and clocks are. Only a root
is ever attached to, and never to itself, so there are no circles; the writer runs one command after the other, so of
two operators who attach crosswise the first wins and the second finds it done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from dispatch.callbacks.changes import leave_callback
from dispatch.errors import AgenciesOnIt, IncidentClosed, InvalidValue, RequirementMissing
from dispatch.roles import Actor, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import TicketRow
from dispatch.storage.tables import Call, Ticket
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.tickets.changes import LoadedTicket, find_ticket, load_ticket, set_ticket, ticket_of, words_values
from dispatch.tickets.closing import close, reopen
from dispatch.tickets.lifecycle import (
    CallState,
    Classification,
    Disposition,
    Ownership,
    TicketCommand,
    TicketState,
    allowed_ticket_commands,
    check_ticket_command,
    ownership,
)
from dispatch.tickets.views import short_number

_SENT = frozenset({TicketState.DISPATCHED, TicketState.IN_PROGRESS, TicketState.VERIFY})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventNamed(Outcome):
    """What attaching and detaching did, and to which event."""

    event: str | None = None  #: the number of its ticket; None: it belongs to none any more


def attach_ticket(tx: Transaction, *, actor: Actor, number: str, to: str, words: str | None = None) -> EventNamed:
    """Say that this caller reports what ticket `to` is about: this ticket closes as its duplicate, no agency is sent.

    1. Follow `to` to the ticket of the event; if both belong to one event already, nothing changes.
    2. Refuse a ticket that was sent to agencies (they would have two tickets of one event), and an event that is over.
    3. Keep the words, close this ticket, and hang it and whatever was attached to it under the event.

    Raises InvalidValue, AgenciesOnIt, IncidentClosed, and what every ticket command raises.
    """
    found = find_ticket(tx, number, actor, TicketCommand.ATTACH)
    if to == number:
        raise InvalidValue("to", "same_ticket")
    event = _event_of(tx, find_ticket(tx, to, actor, TicketCommand.ATTACH).row)
    if event.id in (found.row.id, found.row.incident_id):
        return EventNamed(changed=False, ticket_number=number, event=event.number)
    _refuse_if_sent(found, actor)
    found.check(TicketCommand.ATTACH, actor)
    ticket = found.row
    if event.state == TicketState.CLOSED:
        allowed = allowed_ticket_commands(found.state, found.owned, actor.role)
        raise IncidentClosed(short_number(event.number), allowed)
    with_it = [row.id for row in _members(tx, ticket.id)]
    # What was typed and not sent becomes a note, as at every closing, though detaching may open the ticket again: the
    # browsers hand their texts back when a ticket closes, and the note stays where it was said, attached or detached.
    close(
        tx,
        actor,
        ticket.id,
        Disposition.DUPLICATE,
        kind=JournalKind.TICKET_ATTACHED,
        facts={"to": event.number, "to_id": event.id},
        classification=Classification.GENUINE,
        duplicate_of_id=event.id,
        incident_id=event.id,
        attached_at=tx.now,
        joined_count=0,
        **leave_callback(tx, ticket.id, ticket.callback_id),
        **words_values(tx, ticket, words, actor),
    )
    _lead_to(tx, with_it, event.id)
    set_ticket(tx, event.id, joined_count=event.joined_count + 1 + len(with_it), last_joined_at=tx.now)
    callers = event.joined_count + 2 + len(with_it)
    seq = tx.record(JournalKind.TICKET_JOINED, actor, ticket_id=event.id, joined=number, callers=callers)
    return EventNamed(changed=True, ticket_number=number, seq=seq, event=event.number)


def detach_ticket(tx: Transaction, *, actor: Actor, number: str) -> EventNamed:
    """Undo `attach_ticket`: the ticket is open again with calls, words, type and place, and with what hung under it.

    The owner of either ticket may, and a supervisor. Whoever talks with the caller keeps the ticket; else it is the
    actor's, who found that it is something else.
    """
    found = find_ticket(tx, number, actor, TicketCommand.DETACH)
    ticket = found.row
    if ticket.incident_id is None:
        if found.state is TicketState.CLAIMED and found.owned is Ownership.SELF:
            return EventNamed(changed=False, ticket_number=number)
        found.check(TicketCommand.DETACH, actor)  # which refuses it, and says why
    event = _event_of(tx, ticket)
    owns_event = ownership(event.owner_id, actor.user_id) is Ownership.SELF
    owned = Ownership.SELF if owns_event else found.owned
    check_ticket_command(TicketCommand.DETACH, found.state, owned, actor.role, found.owner_name, attached=True)
    with_it = _under(ticket.id, _members(tx, event.id))
    owner_id = ticket.owner_id if ticket.owner_id is not None and _talking(tx, ticket.id) else actor.user_id
    reopen(
        tx,
        actor,
        ticket.id,
        owner_id=owner_id,
        kind=JournalKind.TICKET_DETACHED,
        facts={"owner_id": owner_id, "from": event.number},
        duplicate_of_id=None,
        incident_id=None,
        attached_at=None,
        joined_count=len(with_it),
    )
    _lead_to(tx, with_it, ticket.id)
    left = event.joined_count - 1 - len(with_it)
    set_ticket(tx, event.id, joined_count=left)
    seq = tx.record(JournalKind.TICKET_PARTED, actor, ticket_id=event.id, parted=number, callers=left + 1)
    return EventNamed(changed=True, ticket_number=number, seq=seq, event=event.number)


def add_caller_words(tx: Transaction, *, actor: Actor, number: str, words: str) -> Outcome:
    """Keep what the caller of an attached ticket says later; the event's agencies see it at once, not the number."""
    ticket = load_ticket(tx, number, actor, TicketCommand.ADD_WORDS).row
    if not words.strip():
        raise RequirementMissing("words")
    values = words_values(tx, ticket, words, actor)
    if not values:
        return Outcome(changed=False, ticket_number=number)
    set_ticket(tx, ticket.id, **values)
    assert ticket.incident_id is not None  # the rules take these words for attached tickets alone
    set_ticket(tx, ticket.incident_id)
    seq = tx.record(JournalKind.TICKET_WORDS_ADDED, actor, ticket_id=ticket.incident_id, joined=number)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def _event_of(tx: Transaction, row: TicketRow) -> TicketRow:
    """The row of the event that a ticket belongs to: its own, unless it is attached."""
    if row.incident_id is None:
        return row
    return ticket_of(tx, row.incident_id)


class _Member(NamedTuple):
    """A ticket that belongs to an event, and what it was attached to."""

    id: int
    duplicate_of_id: int | None


def _members(tx: Transaction, event_id: int) -> list[_Member]:
    columns = select(Ticket.id, Ticket.duplicate_of_id).where(Ticket.incident_id == event_id)
    return [_Member._make(row) for row in tx.connection.execute(columns.order_by(Ticket.id))]


def _under(ticket_id: int, members: Sequence[_Member]) -> list[int]:
    """Which members of an event hang under one of them."""
    under: list[int] = []
    above = {ticket_id}
    while above:
        above = {row.id for row in members if row.duplicate_of_id in above}
        under += sorted(above)
    return under


def _lead_to(tx: Transaction, ticket_ids: list[int], event_id: int) -> None:
    if ticket_ids:
        values = {"incident_id": event_id, "version": Ticket.version + 1}
        tx.update(Ticket, Ticket.id.in_(ticket_ids), **values)


def _refuse_if_sent(found: LoadedTicket, actor: Actor) -> None:
    may = found.owned is Ownership.SELF or actor.role is Role.SUPERVISOR
    if may and found.state in _SENT:
        allowed = allowed_ticket_commands(found.state, found.owned, actor.role)
        raise AgenciesOnIt(short_number(found.row.number), allowed)


def _talking(tx: Transaction, ticket_id: int) -> bool:
    answered = select(Call.id).where(Call.ticket_id == ticket_id, Call.state == CallState.ANSWERED).limit(1)
    return tx.connection.execute(answered).first() is not None
