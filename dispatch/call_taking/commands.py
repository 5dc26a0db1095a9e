"""Commands on a ticket: claim, release, take over, classify, locate, dispatch, close, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any, TypeVar

from sqlalchemy import select

from dispatch.callbacks.changes import has_dialable_number, join_callback, leave_callback
from dispatch.callbacks.rules import CallbackReason
from dispatch.city.model import IncidentType, Priority
from dispatch.city.policy import ClockKind
from dispatch.errors import InvalidValue, RequirementMissing, TransitionRefused
from dispatch.nuisance.proposals import propose_flags, withdraw_flags
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import TicketRow
from dispatch.storage.tables import Assignment
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line, optional_text, required_text
from dispatch.tickets.changes import (
    NO_CLOCK,
    NO_PICKUP,
    add_note,
    assignment_states,
    clock_for,
    clock_values,
    find_ticket,
    follow_assignments,
    load_ticket,
    pickup_values,
    set_ticket,
    waiting_state,
)
from dispatch.tickets.closing import close, reopen
from dispatch.tickets.drafts import settle_drafts
from dispatch.tickets.kept_views import keep_as_seen
from dispatch.tickets.lifecycle import (
    CLOSING_DISPOSITIONS,
    LIVE_ASSIGNMENT_STATES,
    NUISANCE,
    AssignmentState,
    Classification,
    Disposition,
    Ownership,
    TicketCommand,
    TicketState,
    allowed_ticket_commands,
    check_closing,
)

E = TypeVar("E", Classification, Disposition, Priority)

WORDS_LIMIT = 10_000  #: characters; more than anybody types during a call
NOTE_LIMIT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched(Outcome):
    """What a dispatch did."""

    already_sent: tuple[str, ...]  #: agencies that had the ticket, and were left as they are


def claim_ticket(tx: Transaction, *, actor: Actor, number: str) -> Outcome:
    """Make the actor the owner of a ticket that nobody has; of two at once exactly one wins.

    Raises ClaimedByOther, with the winner's name, for the other.
    """
    found = find_ticket(tx, number, actor, TicketCommand.CLAIM)
    if found.owned is Ownership.SELF and found.state is not TicketState.CLOSED:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.CLAIM, actor)
    ticket = found.row
    values: dict[str, Any] = {"owner_id": actor.user_id, **pickup_values(tx, ticket.id)}
    if found.state in (TicketState.NEW, TicketState.CALLBACK):
        values |= {"state": TicketState.CLAIMED, **clock_for(tx, TicketState.CLAIMED, ticket.priority)}
    if ticket.claimed_at is None:
        values["claimed_at"] = tx.now
    set_ticket(tx, ticket.id, **values)
    seq = tx.record(JournalKind.TICKET_CLAIMED, actor, ticket_id=ticket.id, owner_id=actor.user_id, by="hand")
    return Outcome(changed=True, ticket_number=number, seq=seq)


def release_ticket(tx: Transaction, *, actor: Actor, number: str) -> Outcome:
    """Give a ticket back; it waits for an operator again, with a clock of its own, unless agencies are on it."""
    loaded = load_ticket(tx, number, actor, TicketCommand.RELEASE)
    if loaded.owned is Ownership.NOBODY:
        return Outcome(changed=False, ticket_number=number)
    values: dict[str, Any] = {"owner_id": None, **NO_PICKUP}
    if loaded.state is TicketState.CLAIMED:
        state = waiting_state(loaded.row)
        values |= {"state": state, **clock_for(tx, state, loaded.row.priority)}
    set_ticket(tx, loaded.row.id, **values)
    seq = tx.record(JournalKind.TICKET_RELEASED, actor, ticket_id=loaded.row.id, owner_id=loaded.row.owner_id)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def take_over_ticket(tx: Transaction, *, actor: Actor, number: str, reason: str) -> Outcome:
    """Take a ticket that a colleague has; the reason is kept and the colleague sees who has it now."""
    found = find_ticket(tx, number, actor, TicketCommand.TAKE_OVER)
    if found.owned is Ownership.SELF and found.state is not TicketState.CLOSED:
        return Outcome(changed=False, ticket_number=number)
    found.check(TicketCommand.TAKE_OVER, actor)
    ticket = found.row
    note_id = add_note(tx, ticket.id, "take_over", required_text(reason, NOTE_LIMIT, "reason"), actor)
    set_ticket(tx, ticket.id, owner_id=actor.user_id, **pickup_values(tx, ticket.id))
    seq = tx.record(
        JournalKind.TICKET_TAKEN_OVER,
        actor,
        ticket_id=ticket.id,
        owner_id=actor.user_id,
        from_id=ticket.owner_id,
        note_id=note_id,
    )
    return Outcome(changed=True, ticket_number=number, seq=seq)


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
    kind = _parse(Classification, classification, "classification")
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
    values = _type_values(tx, ticket, type_code, priority) | words_values(tx, ticket, words, actor)
    if not values.get("words") and values.get("type_code") is None and not ticket.words:
        raise RequirementMissing("type")
    set_ticket(tx, ticket.id, classification=Classification.GENUINE, **values)
    settle_drafts(tx, actor, ticket.id, closing=False)
    return tx.record(
        JournalKind.TICKET_CLASSIFIED,
        actor,
        ticket_id=ticket.id,
        classification=Classification.GENUINE.value,
        type_code=values["type_code"],
        priority=values.get("priority", ticket.priority),
    )


def _set_aside(tx: Transaction, actor: Actor, ticket: TicketRow, kind: Classification, words: str | None) -> int:
    """Anything but a genuine call: the ticket is closed; whoever was cut off is called back if that can be done."""
    values: dict[str, Any] = {"classification": kind}
    if kind is not Classification.DROPPED or not has_dialable_number(tx, ticket.id):
        values |= leave_callback(tx, ticket.id, ticket.callback_id)
    elif ticket.callback_id is None:
        join_callback(tx, ticket.id, CallbackReason.DROPPED)
    values |= words_values(tx, ticket, words, actor)
    facts = {"classification": kind.value, "type_code": ticket.type_code, "priority": ticket.priority}
    seq = close(tx, actor, ticket.id, Disposition(kind), kind=JournalKind.TICKET_CLASSIFIED, facts=facts, **values)
    if kind is Classification.PRANK:
        propose_flags(tx, actor, ticket.id)
    return seq


def locate_ticket(
    tx: Transaction,
    *,
    actor: Actor,
    number: str,
    kelurahan_code: str | None = None,
    text: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    accuracy_m: float | None = None,
    source: str = "operator",
) -> Outcome:
    """Say where it is: a kelurahan, a point, or both. A point alone finds its kelurahan, marked approximate where the
    nearest kelurahan point and not a boundary gave it. The operator's kelurahan always wins over a computed one.
    """
    ticket = load_ticket(tx, number, actor, TicketCommand.LOCATE).row
    if (lat is None) != (lon is None):
        raise RequirementMissing("lat", "lon")
    _check_range("lat", lat, 90)
    _check_range("lon", lon, 180)
    approximate = False
    if lat is not None and lon is not None:
        located = tx.places.locate(lat, lon)
        if kelurahan_code is None:
            if located is None:
                raise InvalidValue("lat", "outside_city")
            kelurahan_code, approximate = located.kelurahan_code, located.approximate
    if kelurahan_code is None:
        raise RequirementMissing("kelurahan")
    if kelurahan_code not in tx.city.kelurahan:
        raise InvalidValue("kelurahan_code", "unknown")
    set_ticket(
        tx,
        ticket.id,
        kelurahan_code=kelurahan_code,
        place_text=clean_line(text, 300) if text else None,
        lat=lat,
        lon=lon,
        accuracy_m=accuracy_m if accuracy_m is not None and 0 <= accuracy_m < inf else None,
        place_source=clean_line(source, 16) or "operator",
        place_approximate=approximate,
    )
    seq = tx.record(
        JournalKind.TICKET_LOCATED, actor, ticket_id=ticket.id, kelurahan_code=kelurahan_code, approximate=approximate
    )
    return Outcome(changed=True, ticket_number=number, seq=seq)


def dispatch_ticket(tx: Transaction, *, actor: Actor, number: str, agencies: Sequence[str]) -> Dispatched:
    """Send the ticket to agencies: one assignment each, its clock started from the policy as it stands now.

    An agency that has it already is left as it is. Raises RequirementMissing until type and kelurahan are known,
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
    incident = tx.city.incident_types.get(ticket.type_code or "")  # None: a later city pack has dropped the type
    primary = incident.primary if incident else None
    ids = tuple(_send(tx, actor, ticket, code, "primary" if code == primary else "supporting") for code in fresh)
    state = follow_assignments(tx, actor, ticket)
    if ticket.first_dispatched_at is None:
        set_ticket(tx, ticket.id, first_dispatched_at=tx.now)
    seq = tx.record(JournalKind.TICKET_DISPATCHED, actor, ticket_id=ticket.id, agencies=fresh, ticket_state=state.value)
    return Dispatched(True, number, ids, seq, already_sent=already_sent)


def close_ticket(tx: Transaction, *, actor: Actor, number: str, disposition: str, note: str | None = None) -> Outcome:
    """Close a ticket with how it ended. Agencies under way can only be called off (cancelled, duplicate)."""
    ending = _parse(Disposition, disposition, "disposition")
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
    values = {
        "classification": ticket.classification or Classification.GENUINE,
        **leave_callback(tx, ticket.id, ticket.callback_id),
    }
    seq = close(tx, actor, ticket.id, ending, note=text, **values)
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


def _send(tx: Transaction, actor: Actor, ticket: TicketRow, agency: str, role: str) -> int:
    assignment_id = tx.insert(
        Assignment,
        ticket_id=ticket.id,
        agency_code=agency,
        role=role,
        state=AssignmentState.SENT,
        sent_seq=tx.next_seq,
        sent_at=tx.now,
        sent_by=actor.user_id,
        **clock_values(tx, ClockKind.ACKNOWLEDGE, ticket.priority),
    )
    tx.record(
        JournalKind.ASSIGNMENT_SENT, actor, ticket_id=ticket.id, assignment_id=assignment_id, agency=agency, role=role
    )
    return assignment_id


def _call_off(tx: Transaction, actor: Actor, ticket_id: int) -> list[tuple[int, str]]:
    """Call off every agency that is under way; return (assignment, agency) of each."""
    live = tx.connection.execute(
        select(Assignment.id, Assignment.agency_code).where(
            Assignment.ticket_id == ticket_id, Assignment.state.in_(LIVE_ASSIGNMENT_STATES)
        )
    ).all()
    for assignment in live:
        tx.update(
            Assignment, Assignment.id == assignment.id, state=AssignmentState.CANCELLED, cancelled_at=tx.now, **NO_CLOCK
        )
        tx.record(
            JournalKind.ASSIGNMENT_CANCELLED,
            actor,
            ticket_id=ticket_id,
            assignment_id=assignment.id,
            agency=assignment.agency_code,
        )
    return [(assignment.id, assignment.agency_code) for assignment in live]


def _type_values(tx: Transaction, ticket: TicketRow, type_code: str | None, priority: str | None) -> dict[str, Any]:
    code = type_code or ticket.type_code
    by_hand = _parse(Priority, priority, "priority") if priority else None
    incident: IncidentType | None = None
    if code is not None:
        incident = tx.city.incident_types.get(code)
        if incident is None:
            raise InvalidValue("type_code", "unknown")
    values: dict[str, Any] = {"type_code": code}
    if by_hand is not None:
        values |= {"priority": by_hand, "priority_by_hand": incident is None or by_hand != incident.priority}
    elif incident is not None and not ticket.priority_by_hand and (code != ticket.type_code or ticket.priority is None):
        values |= {"priority": incident.priority, "priority_by_hand": False}
    return values


def words_values(tx: Transaction, ticket: TicketRow, words: str | None, actor: Actor) -> dict[str, Any]:
    """Return the columns for words as typed, after keeping them in the history; none where nothing new was typed."""
    text = optional_text(words, WORDS_LIMIT, "words")
    if text is None or text == ticket.words:
        return {}
    add_note(tx, ticket.id, "words", text, actor)
    return {"words": text}


def _parse(kind: type[E], value: str, field: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise InvalidValue(field, "unknown") from None


def _check_range(field: str, degrees: float | None, limit: float) -> None:
    if degrees is not None and not -limit <= degrees <= limit:  # also refuses NaN, whose every comparison is false
        raise InvalidValue(field, "out_of_range")
