"""What is typed and chosen for a ticket before it is sent: kept beside it, so that nothing typed is lost.

Everybody has a draft of one's own per ticket, so that two people never overwrite each other. Whoever opens the ticket
sees the others'. A text that would be overwritten, or whose ticket closes without it, is kept as a note of the ticket.
Drafts are not journalled (they change with every pause of the typing); what is kept of one is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from dispatch.errors import InvalidValue
from dispatch.roles import Actor
from dispatch.storage.tables import TicketDraft
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_text
from dispatch.tickets.changes import add_note, find_ticket
from dispatch.tickets.lifecycle import TicketCommand, TicketState

WORDS_LIMIT = 10_000


def save_draft(
    tx: Transaction,
    *,
    actor: Actor,
    number: str,
    words: str,
    choices: dict[str, Any],
    version: int = 0,
    typed_by: int | None = None,
) -> Outcome:
    """Keep what the actor has typed and chosen; `detail["version"]` is what the next save is to build upon.

    1. Words that somebody else left in this browser (`typed_by`), or for a ticket that is closed, become a note.
    2. A save that does not build on the newest version (another tab, another PC) replaces it, and what it replaces
       becomes a note unless it says the same.
    3. Whoever does not own the ticket (it was taken over meanwhile) leaves a journal entry, so that the owner sees it.
    """
    text = clean_text(words)
    if len(text) > WORDS_LIMIT:
        raise InvalidValue("words", "too_long")
    found = find_ticket(tx, number, actor, TicketCommand.CLASSIFY)
    ticket = found.row
    if found.state is TicketState.CLOSED or typed_by not in (None, actor.user_id):
        seq = _keep(tx, actor, ticket, text, typed_by or actor.user_id)
        return Outcome(seq is not None, number, seq=seq, detail={"version": 0})
    draft = tx.connection.execute(
        select(TicketDraft.__table__).where(TicketDraft.ticket_id == ticket.id, TicketDraft.user_id == actor.user_id)
    ).first()
    if draft is not None and (draft.words, draft.choices) == (text, choices):
        return Outcome(False, number, detail={"version": draft.version})
    if draft is None:
        tx.connection.execute(
            insert(TicketDraft).values(
                ticket_id=ticket.id,
                user_id=actor.user_id,
                version=1,
                words=text,
                choices=choices,
                saved_at=tx.now,
            )
        )
        new_version = 1
    else:
        if draft.version != version and draft.words not in text:
            _keep(tx, actor, ticket, draft.words, actor.user_id)
        new_version = draft.version + 1
        tx.connection.execute(
            update(TicketDraft)
            .where(TicketDraft.id == draft.id)
            .values(version=new_version, words=text, choices=choices, saved_at=tx.now)
        )
    seq = None
    if text and ticket.owner_id not in (None, actor.user_id):
        seq = tx.record("ticket.draft_left", actor, ticket_id=ticket.id)
    return Outcome(True, number, seq=seq, detail={"version": new_version})


def settle_drafts(tx: Transaction, actor: Actor, ticket: Any, words: str | None, *, closing: bool) -> None:
    """Drop the drafts that the ticket's words hold already; when it closes, keep every other one as a note.

    `words` are the ticket's, as they are now.
    """
    rows = tx.connection.execute(
        select(TicketDraft.id, TicketDraft.user_id, TicketDraft.words).where(TicketDraft.ticket_id == ticket.id)
    ).all()
    for row in rows:
        held = row.words in (words or "")
        if not (held or closing):
            continue
        if not held:
            _keep(tx, actor, ticket, row.words, row.user_id, known=words)
        tx.connection.execute(delete(TicketDraft).where(TicketDraft.id == row.id))


def _keep(
    tx: Transaction, actor: Actor, ticket: Any, text: str, typed_by: int | None, known: str | None = None
) -> int | None:
    """Keep a text that would be lost as a note of the ticket; return the journal number, None if nothing was lost."""
    if not text or text in (known if known is not None else ticket.words or ""):
        return None
    note_id = add_note(tx, ticket.id, "draft", text, actor)
    return tx.record("ticket.draft_kept", actor, ticket_id=ticket.id, note_id=note_id, typed_by=typed_by)
