"""Reading what has been typed for a ticket and not sent: everybody's draft, and texts that were kept as notes."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from dispatch.call_taking import shapes
from dispatch.clock import to_iso
from dispatch.storage.tables import TicketDraft, TicketNote, User

_DRAFTS = (
    select(TicketDraft.__table__, User.display_name)
    .join(User, User.id == TicketDraft.user_id)
    .where(TicketDraft.ticket_id == bindparam("ticket"))
    .order_by(TicketDraft.saved_at.desc(), TicketDraft.id.desc())
)
_KEPT = (
    select(TicketNote.id, TicketNote.text, TicketNote.written_at)
    .where(TicketNote.ticket_id == bindparam("ticket"), TicketNote.kind == "draft")
    .order_by(TicketNote.id)
)


def drafts_of(connection: Connection, ticket_id: int) -> list[shapes.Draft]:
    """Return the drafts of a ticket, newest first."""
    return [
        {
            "by": {"id": row.user_id, "name": row.display_name},
            "version": row.version,
            "words": row.words,
            "choices": row.choices,
            "saved_at": to_iso(row.saved_at),
        }
        for row in connection.execute(_DRAFTS, {"ticket": ticket_id})
    ]


def kept_texts_of(connection: Connection, ticket_id: int) -> list[shapes.KeptText]:
    """Return the texts that were kept because nothing else held them; the journal names them by `note_id`."""
    return [
        {"note_id": row.id, "text": row.text, "at": to_iso(row.written_at)}
        for row in connection.execute(_KEPT, {"ticket": ticket_id})
    ]
