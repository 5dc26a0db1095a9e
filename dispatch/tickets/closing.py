"""The one way to close a ticket and the one way to open it again: nobody else writes how, when and by whom it ended.

A closed ticket has no clock that runs and no draft. What was typed for it and never sent is a note of it by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

from dispatch.ladders.instructing import end_instructions
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import TicketRow
from dispatch.storage.transaction import Transaction
from dispatch.tickets.changes import add_note, first_claim, pickup_values, state_values, ticket_of, write_ticket
from dispatch.tickets.columns import NO_CLOCK, NO_PICKUP, Attachment, ClosingChanges, FirstClaim, TicketChanges
from dispatch.tickets.drafts import settle_drafts
from dispatch.tickets.lifecycle import Classification, Disposition, TicketState


class _Ended(TicketChanges, total=False):
    """A ticket's columns, and how it ended."""

    disposition: str | None
    closed_at: datetime | None
    closed_by: int | None
    closing_note: str | None


def close(
    tx: Transaction,
    actor: Actor,
    ticket_id: int,
    disposition: Disposition,
    *,
    note: str | None = None,
    kind: JournalKind | None = None,
    facts: Mapping[str, Any] | None = None,
    **values: Unpack[ClosingChanges],
) -> int:
    """Close a ticket that the rules let close; return the number of the journal entry that says so.

    1. Keep the `note` of whoever closes it.
    2. Stop its clocks, those of leaders' instructions too, and write how it ended together with `values`, further
       changes of its row.
    3. Keep what was typed for it and never sent, and drop the drafts.
    4. Journal it as `kind` with `facts`: by default `ticket.closed`, which says how it ended and names the note.
    """
    note_id = add_note(tx, ticket_id, "close", note, actor) if note else None
    _write(
        tx,
        ticket_id,
        state=TicketState.CLOSED,
        disposition=disposition,
        closed_at=tx.now,
        closed_by=actor.user_id,
        closing_note=note,
        **NO_PICKUP,
        **NO_CLOCK,
        **values,
    )
    settle_drafts(tx, actor, ticket_id, closing=True)
    end_instructions(tx, actor, ticket_id, "closed")
    told = dict(facts or {})
    if kind is None:
        kind, told = JournalKind.TICKET_CLOSED, {"disposition": disposition.value, "note_id": note_id, **told}
    return tx.record(kind, actor, ticket_id=ticket_id, **told)


def reopen(
    tx: Transaction,
    actor: Actor,
    ticket_id: int,
    *,
    owner_id: int | None,
    facts: Mapping[str, Any],
    kind: JournalKind = JournalKind.TICKET_REOPENED,
    since: datetime | None = None,
    picked_up: bool = False,
    **values: Unpack[Attachment],
) -> int:
    """Open a closed ticket again for its new owner, for everybody without one; return the journal number.

    It is what it was before it closed, and its clock runs from `since`, by default from now. Whoever takes it while
    its telephone rings has to pick up in time, unless the caller is `picked_up`. `values` are further changes of its
    row.
    """
    ticket = ticket_of(tx, ticket_id)
    state = TicketState.CLAIMED if owner_id is not None else TicketState.NEW
    first: FirstClaim = {}
    if owner_id is not None:
        first = first_claim(ticket.claimed_at, since or tx.now)
    _write(
        tx,
        ticket_id,
        owner_id=owner_id,
        classification=_classification_before(ticket),
        disposition=None,
        closed_at=None,
        closed_by=None,
        closing_note=None,
        **(NO_PICKUP if owner_id is None or picked_up else pickup_values(tx, ticket_id)),
        **state_values(tx, state, ticket.priority, since),
        **first,
        **values,
    )
    return tx.record(kind, actor, ticket_id=ticket_id, **facts)


def _write(tx: Transaction, ticket_id: int, **values: Unpack[_Ended]) -> None:
    write_ticket(tx, ticket_id, values)


def _classification_before(ticket: TicketRow) -> Classification | None:
    """What a closed ticket was before it closed: only a genuine call is ever given a type."""
    if ticket.type_code is not None:
        return Classification.GENUINE
    if ticket.classification != Classification.GENUINE:
        return None
    # Attaching makes every call genuine; one that nobody had sorted has neither type nor words.
    sorted_before = ticket.incident_id is None or ticket.words
    return Classification.GENUINE if sorted_before else None
