"""What kind of call it was, what happened, how urgent it is, and the words in which it was told."""

from __future__ import annotations

from dispatch.callbacks.changes import has_dialable_number, join_callback, leave_callback
from dispatch.callbacks.rules import CallbackReason
from dispatch.city.ladders import URGENT
from dispatch.city.model import IncidentType, Priority
from dispatch.errors import InvalidValue, RequirementMissing, TransitionRefused
from dispatch.ladders.running import wake_ladders
from dispatch.nuisance.proposals import propose_flags
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import TicketRow
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import one_of
from dispatch.tickets.changes import find_ticket, set_ticket, words_values
from dispatch.tickets.closing import close
from dispatch.tickets.columns import NoCallback, Sorted
from dispatch.tickets.drafts import settle_drafts
from dispatch.tickets.lifecycle import (
    NUISANCE,
    Classification,
    Disposition,
    TicketCommand,
    TicketState,
    allowed_ticket_commands,
)


def classify_ticket(
    tx: Transaction,
    *,
    actor: Actor,
    number: str,
    classification: str,
    type_code: str | None = None,
    priority: str | None = None,
    words: str | None = None,
) -> Outcome:
    """Say what kind of call it was. Anything but genuine closes the ticket at once; reopen_ticket undoes it.

    For a genuine one `type_code` sets the type, and with it the priority unless `priority` names one by hand; `words`
    are kept as typed, every version of them.
    """
    kind = one_of(Classification, classification, "classification")
    found = find_ticket(tx, number, actor, TicketCommand.CLASSIFY)
    if found.state is TicketState.CLOSED and kind in NUISANCE and found.row.classification == kind:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.CLASSIFY, actor)
    ticket = found.row
    if kind not in NUISANCE:
        seq = _sort(tx, actor, ticket, type_code, priority, words)
    elif found.state is TicketState.CLAIMED:
        seq = _set_aside(tx, actor, ticket, kind, words)
    else:
        allowed = allowed_ticket_commands(found.state, found.owned, actor.role)
        raise TransitionRefused("ticket", found.state, f"classify:{kind}", allowed)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def _sort(
    tx: Transaction, actor: Actor, ticket: TicketRow, type_code: str | None, priority: str | None, words: str | None
) -> int:
    """A genuine call: its type, priority and words, of which something has to be known."""
    sorted_as, typed = _type_values(tx, ticket, type_code, priority), words_values(tx, ticket, words, actor)
    if not typed and sorted_as["type_code"] is None and not ticket.words:
        raise RequirementMissing("type")
    set_ticket(tx, ticket.id, classification=Classification.GENUINE, **sorted_as, **typed)
    if sorted_as.get("priority") in URGENT and ticket.priority not in URGENT:
        wake_ladders(tx, ticket.id)
    settle_drafts(tx, actor, ticket.id, closing=False)
    return tx.record(
        JournalKind.TICKET_CLASSIFIED,
        actor,
        ticket_id=ticket.id,
        classification=Classification.GENUINE.value,
        type_code=sorted_as["type_code"],
        priority=sorted_as.get("priority", ticket.priority),
    )


def _set_aside(tx: Transaction, actor: Actor, ticket: TicketRow, kind: Classification, words: str | None) -> int:
    """Anything but a genuine call: the ticket is closed; whoever was cut off is called back if that can be done."""
    no_callback: NoCallback = {}
    if kind is not Classification.DROPPED or not has_dialable_number(tx, ticket.id):
        no_callback = leave_callback(tx, ticket.id, ticket.callback_id)
    elif ticket.callback_id is None:
        join_callback(tx, ticket.id, CallbackReason.DROPPED)
    typed = words_values(tx, ticket, words, actor)
    seq = close(
        tx,
        actor,
        ticket.id,
        Disposition(kind),
        kind=JournalKind.TICKET_CLASSIFIED,
        facts={"classification": kind.value, "type_code": ticket.type_code, "priority": ticket.priority},
        classification=kind,
        **typed,
        **no_callback,
    )
    if kind is Classification.PRANK:
        propose_flags(tx, actor, ticket.id)
    return seq


def _type_values(tx: Transaction, ticket: TicketRow, type_code: str | None, priority: str | None) -> Sorted:
    code = type_code or ticket.type_code
    by_hand = one_of(Priority, priority, "priority") if priority else None
    incident: IncidentType | None = None
    if code is not None:
        incident = tx.city.incident_types.get(code)
        if incident is None:
            raise InvalidValue("type_code", "unknown")
    values: Sorted = {"type_code": code}
    if by_hand is not None:
        values |= {"priority": by_hand, "priority_by_hand": incident is None or by_hand != incident.priority}
    elif incident is not None and not ticket.priority_by_hand and (code != ticket.type_code or ticket.priority is None):
        values |= {"priority": incident.priority, "priority_by_hand": False}
    return values
