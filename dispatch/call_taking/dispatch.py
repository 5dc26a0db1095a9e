"""Sending a ticket to agencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from dispatch.city.policy import ClockKind
from dispatch.errors import InvalidValue, RequirementMissing
from dispatch.ladders.running import Subject, follow_clock
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import TicketRow
from dispatch.storage.tables import Assignment
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import optional_text
from dispatch.tickets.changes import (
    NOTE_LIMIT,
    add_note,
    clock_values,
    follow_assignments,
    load_ticket,
    set_ticket,
)
from dispatch.tickets.lifecycle import LIVE_ASSIGNMENT_STATES, AssignmentState, TicketCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched(Outcome):
    """What a dispatch did."""

    already_sent: tuple[str, ...]  #: agencies that had the ticket, and were left as they are


def dispatch_ticket(
    tx: Transaction, *, actor: Actor, number: str, agencies: Sequence[str], note: str | None = None
) -> Dispatched:
    """Send the ticket to agencies: one assignment each, its clock started from the policy as it stands now.

    An agency that has it already is left as it is. `note` stands with the assignments until their agencies note
    something themselves: for whom they step in, and why. Raises RequirementMissing until type and kelurahan are known,
    InvalidValue for an agency that does not exist or takes no tickets.
    """
    ticket = load_ticket(tx, number, actor, TicketCommand.DISPATCH).row
    missing = [name for name, value in (("type", ticket.type_code), ("kelurahan", ticket.kelurahan_code)) if not value]
    if missing:
        raise RequirementMissing(*missing)
    wanted = list(dict.fromkeys(agencies))
    if not wanted:
        raise RequirementMissing("agencies")
    for code in wanted:
        agency = tx.city.agencies.get(code)
        if agency is None or not agency.dispatchable:
            raise InvalidValue("agencies", "unknown")
    live = tx.connection.execute(
        select(Assignment.agency_code).where(
            Assignment.ticket_id == ticket.id, Assignment.state.in_(LIVE_ASSIGNMENT_STATES)
        )
    ).scalars()
    already_sent = tuple(sorted(set(wanted) & set(live)))
    fresh = [code for code in wanted if code not in already_sent]
    if not fresh:
        return Dispatched(changed=False, ticket_number=number, already_sent=already_sent)
    why = optional_text(note, NOTE_LIMIT, "note")
    if why:
        add_note(tx, ticket.id, TicketCommand.DISPATCH.value, why, actor)
    incident = tx.city.incident_types.get(ticket.type_code or "")  # None: a later city pack has dropped the type
    primary = incident.primary if incident else None
    ids = tuple(_send(tx, actor, ticket, code, "primary" if code == primary else "supporting", why) for code in fresh)
    state = follow_assignments(tx, actor, ticket)
    if ticket.first_dispatched_at is None:
        set_ticket(tx, ticket.id, first_dispatched_at=tx.now)
    seq = tx.record(JournalKind.TICKET_DISPATCHED, actor, ticket_id=ticket.id, agencies=fresh, ticket_state=state.value)
    return Dispatched(True, number, ids, seq, already_sent=already_sent)


def _send(tx: Transaction, actor: Actor, ticket: TicketRow, agency: str, role: str, note: str | None) -> int:
    clock = clock_values(tx, ClockKind.ACKNOWLEDGE, ticket.priority)
    assignment_id = tx.insert(
        Assignment,
        ticket_id=ticket.id,
        agency_code=agency,
        role=role,
        state=AssignmentState.SENT,
        sent_seq=tx.next_seq,
        sent_at=tx.now,
        sent_by=actor.user_id,
        note=note,
        **clock,
    )
    follow_clock(tx, Subject(ticket.id, assignment_id, agency_code=agency), clock, ticket.priority)
    tx.record(
        JournalKind.ASSIGNMENT_SENT, actor, ticket_id=ticket.id, assignment_id=assignment_id, agency=agency, role=role
    )
    return assignment_id
