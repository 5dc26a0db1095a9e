"""Commands on what the centre notes about a caller's number: add, edit, remove. The journal knows ids only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from dispatch.errors import InvalidValue, NotFound, NotPermitted, RequirementMissing
from dispatch.roles import OPERATOR_ROLES, Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import CallerNoteRow
from dispatch.storage.tables import Call, CallerNote, Ticket
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line

KINDS = ("name", "note")
LIMITS = {"name": 80, "note": 300}  #: characters
MOST_NOTES = 50  #: of one number; the card shows them all


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOutcome(Outcome):
    """What was done, and to which note."""

    note_id: int


def add_caller_note(tx: Transaction, *, actor: Actor, number: str, kind: str, text: str) -> NoteOutcome:
    """Note something about the number that called on ticket `number`; a second name takes the place of the first.

    Raises InvalidValue where no number was sent: nothing may be kept under none.
    """
    _check_role(actor)
    if kind not in KINDS:
        raise InvalidValue("kind", "unknown")
    cleaned = _cleaned(kind, text)
    ticket = tx.connection.execute(
        select(Ticket.id, Call.number)
        .join(Call, Call.ticket_id == Ticket.id)
        .where(Ticket.number == number)
        .order_by(Call.id.desc())
        .limit(1)
    ).first()
    if ticket is None:
        raise NotFound("ticket", clean_line(number, 40))
    if ticket.number is None:
        raise InvalidValue("number", "not_sent")
    of_number = select(CallerNote.__table__).where(CallerNote.number == ticket.number)
    same = tx.connection.execute(of_number.where(CallerNote.kind == kind, CallerNote.text == cleaned)).first()
    if same is not None:
        return NoteOutcome(changed=False, ticket_number=number, note_id=same.id)
    if kind == "name":
        earlier = tx.connection.execute(of_number.where(CallerNote.kind == "name")).first()
        if earlier is not None:
            return _edit(tx, actor, CallerNoteRow.from_row(earlier), cleaned, ticket.id)
    count = select(func.count()).where(CallerNote.number == ticket.number)
    if tx.connection.execute(count).scalar_one() >= MOST_NOTES:
        raise InvalidValue("text", "too_many")
    note_id = tx.insert(
        CallerNote, number=ticket.number, kind=kind, text=cleaned, written_at=tx.now, written_by=actor.user_id
    )
    seq = tx.record(
        JournalKind.TICKET_CALLER_NOTE_ADDED, actor, ticket_id=ticket.id, caller_note_id=note_id, about=kind
    )
    return NoteOutcome(changed=True, ticket_number=number, seq=seq, note_id=note_id)


def edit_caller_note(tx: Transaction, *, actor: Actor, note_id: int, text: str) -> NoteOutcome:
    """Change the words of a note; who changed it and when is kept, what stood there before is not."""
    _check_role(actor)
    note = _load(tx, note_id)
    cleaned = _cleaned(note.kind, text)
    if cleaned == note.text:
        return NoteOutcome(changed=False, note_id=note_id)
    return _edit(tx, actor, note, cleaned, _newest_ticket(tx, note.number))


def remove_caller_note(tx: Transaction, *, actor: Actor, note_id: int) -> NoteOutcome:
    """Erase a note; that there was one, and who erased it, stays in the journal."""
    _check_role(actor)
    note = _load(tx, note_id)
    tx.delete(CallerNote, CallerNote.id == note_id)
    ticket_id = _newest_ticket(tx, note.number)
    seq = tx.record(
        JournalKind.TICKET_CALLER_NOTE_REMOVED, actor, ticket_id=ticket_id, caller_note_id=note_id, about=note.kind
    )
    return NoteOutcome(changed=True, seq=seq, note_id=note_id)


def _edit(tx: Transaction, actor: Actor, note: CallerNoteRow, text: str, ticket_id: int | None) -> NoteOutcome:
    values = {"text": text, "edited_at": tx.now, "edited_by": actor.user_id}
    tx.update(CallerNote, CallerNote.id == note.id, **values)
    seq = tx.record(
        JournalKind.TICKET_CALLER_NOTE_EDITED, actor, ticket_id=ticket_id, caller_note_id=note.id, about=note.kind
    )
    return NoteOutcome(changed=True, seq=seq, note_id=note.id)


def _newest_ticket(tx: Transaction, number: str) -> int | None:
    """The ticket of the number's newest call, in whose history the change is told."""
    newest = select(Call.ticket_id).where(Call.number == number).order_by(Call.received_at.desc(), Call.id.desc())
    return tx.connection.execute(newest.limit(1)).scalar()


def _load(tx: Transaction, note_id: int) -> CallerNoteRow:
    note = tx.connection.execute(select(CallerNote.__table__).where(CallerNote.id == note_id)).first()
    if note is None:
        raise NotFound("caller_note", note_id)
    return CallerNoteRow.from_row(note)


def _check_role(actor: Actor) -> None:
    if actor.role not in OPERATOR_ROLES:
        raise NotPermitted("caller_note", actor.role)


def _cleaned(kind: str, text: str) -> str:
    cleaned = clean_line(text, LIMITS["note"] + 1)
    if not cleaned:
        raise RequirementMissing("text")
    if len(cleaned) > LIMITS[kind]:
        raise InvalidValue("text", "too_long")
    return cleaned
