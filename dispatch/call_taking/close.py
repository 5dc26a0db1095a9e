"""Closing a ticket by hand, and opening it again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from dispatch.callbacks.changes import leave_callback
from dispatch.errors import InvalidValue, RequirementMissing
from dispatch.nuisance.proposals import withdraw_flags
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import AssignmentRow
from dispatch.storage.tables import Assignment
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import one_of, optional_text
from dispatch.tickets.changes import NOTE_LIMIT, add_note, assignment_states, find_ticket, set_assignment
from dispatch.tickets.closing import close, reopen
from dispatch.tickets.columns import NO_CLOCK
from dispatch.tickets.kept_views import keep_as_seen
from dispatch.tickets.lifecycle import (
    CLOSING_DISPOSITIONS,
    LIVE_ASSIGNMENT_STATES,
    AssignmentState,
    Classification,
    Disposition,
    Ownership,
    TicketCommand,
    TicketState,
    allowed_ticket_commands,
    check_closing,
)


def close_ticket(tx: Transaction, *, actor: Actor, number: str, disposition: str, note: str | None = None) -> Outcome:
    """Close a ticket with how it ended. Agencies under way can only be called off (cancelled, duplicate)."""
    ending = one_of(Disposition, disposition, "disposition")
    if ending not in CLOSING_DISPOSITIONS:
        raise InvalidValue("disposition", "unknown")
    found = find_ticket(tx, number, actor, TicketCommand.CLOSE)
    if found.state is TicketState.CLOSED and found.row.disposition == ending:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.CLOSE, actor)
    ticket = found.row
    states = assignment_states(tx, ticket.id)
    allowed = allowed_ticket_commands(found.state, found.owned, actor.role)
    check_closing(ending, found.state, AssignmentState.CLEARED in states, allowed)
    called_off = _call_off(tx, actor, ticket.id)
    text = optional_text(note, NOTE_LIMIT, "note")
    classification = ticket.classification or Classification.GENUINE
    no_callback = leave_callback(tx, ticket.id, ticket.callback_id)
    seq = close(tx, actor, ticket.id, ending, note=text, classification=classification, **no_callback)
    keep_as_seen(tx, ticket.id, called_off, seq)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def reopen_ticket(tx: Transaction, *, actor: Actor, number: str, reason: str | None = None) -> Outcome:
    """Open a closed ticket again; the actor becomes its owner.

    A reason is required, except for whoever closed it within the policy's undo time (the undo of a wrong key).
    """
    found = find_ticket(tx, number, actor, TicketCommand.REOPEN)
    if found.state is TicketState.CLAIMED and found.owned is Ownership.SELF:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.REOPEN, actor)
    ticket = found.row
    undo_for = timedelta(seconds=tx.city.policy.undo_s)
    in_time = ticket.closed_at is not None and tx.now <= ticket.closed_at + undo_for
    undo = ticket.closed_by == actor.user_id and in_time
    text = optional_text(reason, NOTE_LIMIT, "reason")
    if text is None and not undo:
        raise RequirementMissing("reason", allowed=(TicketCommand.REOPEN,))
    note_id = add_note(tx, ticket.id, "reopen", text, actor) if text else None
    facts = {"undo": undo, "was": ticket.disposition, "note_id": note_id}
    seq = reopen(tx, actor, ticket.id, owner_id=actor.user_id, facts=facts)
    if ticket.classification == Classification.PRANK:
        withdraw_flags(tx, actor, ticket.id)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def _call_off(tx: Transaction, actor: Actor, ticket_id: int) -> list[tuple[int, str]]:
    """Call off every agency that is under way; return (assignment, agency) of each."""
    rows = tx.connection.execute(
        select(Assignment.__table__).where(
            Assignment.ticket_id == ticket_id, Assignment.state.in_(LIVE_ASSIGNMENT_STATES)
        )
    )
    live = [AssignmentRow.from_row(row) for row in rows]
    for assignment in live:
        set_assignment(tx, assignment, None, state=AssignmentState.CANCELLED, cancelled_at=tx.now, **NO_CLOCK)
        tx.record(
            JournalKind.ASSIGNMENT_CANCELLED,
            actor,
            ticket_id=ticket_id,
            assignment_id=assignment.id,
            agency=assignment.agency_code,
        )
    return [(assignment.id, assignment.agency_code) for assignment in live]
