"""What is typed and chosen for a ticket before it is sent: kept beside it, so that nothing typed is lost.

Everybody has a draft of one's own per ticket, so that two people never overwrite each other. Whoever opens the ticket
sees the others'. A text that would be overwritten, or whose ticket closes without it, is kept as a note of the ticket.
Drafts are not journalled (they change with every pause of the typing); what is kept of one is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import TicketDraft
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import optional_text
from dispatch.tickets.changes import WORDS_LIMIT, find_ticket
from dispatch.tickets.drafts import keep_text
from dispatch.tickets.lifecycle import TicketCommand, TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSaved(Outcome):
    """What a save did."""

    version: int  #: what the next save is to build upon


def save_draft(
    tx: Transaction,
    *,
    actor: Actor,
    number: str,
    words: str,
    choices: dict[str, Any],
    version: int = 0,
    typed_by: int | None = None,
) -> DraftSaved:
    """Keep what the actor has typed and chosen.

    1. Words that somebody else left in this browser (`typed_by`), or for a ticket that is closed, become a note.
    2. A save that does not build on the newest version (another tab, another PC) replaces it, and what it replaces
       becomes a note unless it says the same.
    3. Whoever does not own the ticket (it was taken over meanwhile) leaves a journal entry, so that the owner sees it.
    """
    text = optional_text(words, WORDS_LIMIT, "words") or ""
    found = find_ticket(tx, number, actor, TicketCommand.CLASSIFY)
    ticket = found.row
    if found.state is TicketState.CLOSED or typed_by not in (None, actor.user_id):
        seq = keep_text(tx, actor, ticket.id, text, typed_by or actor.user_id, held_by=ticket.words)
        return DraftSaved(seq is not None, number, seq=seq, version=0)
    draft = tx.connection.execute(
        select(TicketDraft.__table__).where(TicketDraft.ticket_id == ticket.id, TicketDraft.user_id == actor.user_id)
    ).first()
    if draft is not None and (draft.words, draft.choices) == (text, choices):
        return DraftSaved(False, number, version=draft.version)
    if draft is None:
        tx.insert(
            TicketDraft,
            ticket_id=ticket.id,
            user_id=actor.user_id,
            version=1,
            words=text,
            choices=choices,
            saved_at=tx.now,
        )
        new_version = 1
    else:
        if draft.version != version and draft.words not in text:
            keep_text(tx, actor, ticket.id, draft.words, actor.user_id, held_by=ticket.words)
        new_version = draft.version + 1
        tx.update(
            TicketDraft, TicketDraft.id == draft.id, version=new_version, words=text, choices=choices, saved_at=tx.now
        )
    seq = None
    if text and ticket.owner_id not in (None, actor.user_id):
        seq = tx.record(JournalKind.TICKET_DRAFT_LEFT, actor, ticket_id=ticket.id)
    return DraftSaved(True, number, seq=seq, version=new_version)
