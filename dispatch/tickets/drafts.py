"""What becomes of drafts: kept as notes of the ticket where nothing else holds their words, and dropped.

Drafts themselves are saved in `dispatch.call_taking.drafts`.
"""

from __future__ import annotations

from sqlalchemy import select

from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Ticket, TicketDraft, TicketNote
from dispatch.storage.transaction import Transaction
from dispatch.tickets.changes import add_note


def settle_drafts(tx: Transaction, actor: Actor, ticket_id: int, *, closing: bool) -> None:
    """Drop the drafts that the ticket's words hold already; when it closes, keep every other one as a note."""
    rows = tx.connection.execute(
        select(TicketDraft.id, TicketDraft.user_id, TicketDraft.words, Ticket.words.label("ticket_words"))
        .join(Ticket, Ticket.id == TicketDraft.ticket_id)
        .where(TicketDraft.ticket_id == ticket_id)
        .order_by(TicketDraft.id)
    ).all()
    for row in rows:
        held = row.words in (row.ticket_words or "")
        if held or closing:
            keep_text(tx, actor, ticket_id, row.words, row.user_id, held_by=row.ticket_words)
            tx.delete(TicketDraft, TicketDraft.id == row.id)


def keep_text(
    tx: Transaction, actor: Actor, ticket_id: int, text: str, typed_by: int | None, *, held_by: str | None
) -> int | None:
    """Keep a text that would be lost as a note of the ticket; return the journal number.

    None if nothing would be lost: there is no text, or the ticket's own words (`held_by`) or one of its notes have it
    already. A browser whose ticket a colleague closed hands back what the closing has kept.
    """
    if not text or text in (held_by or "") or _is_noted(tx, ticket_id, text):
        return None
    note_id = add_note(tx, ticket_id, "draft", text, actor)
    return tx.record(JournalKind.TICKET_DRAFT_KEPT, actor, ticket_id=ticket_id, note_id=note_id, typed_by=typed_by)


def _is_noted(tx: Transaction, ticket_id: int, text: str) -> bool:
    same = select(TicketNote.id).where(TicketNote.ticket_id == ticket_id, TicketNote.text == text)
    return tx.connection.execute(same.limit(1)).first() is not None
