"""What the centre knows of a caller's number: earlier calls, names, notes. For the operator, never for an agency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import aliased

from dispatch.calls import shapes
from dispatch.city.pack import CityPack
from dispatch.clock import to_iso
from dispatch.nuisance.reading import standing_of_caller
from dispatch.phone_numbers import callability
from dispatch.storage.rows import CallerNoteRow
from dispatch.storage.tables import Call, CallerNote, Ticket, User
from dispatch.tickets.lifecycle import Classification

RECENT = 5
NOTES = 50

_NEWEST_CALL = (
    select(Call.id, Call.number, Call.number_as_sent, Call.presentation, Call.caller_name, Call.received_at)
    .where(Call.ticket_id == bindparam("ticket_id"))
    .order_by(Call.id.desc())
    .limit(1)
)
_EVENT = aliased(Ticket)  # of many callers of one event, only the event's ticket needs a type
#: One search in the index over number and time, however many calls the centre ever had; the windows count as it goes.
EARLIER_CALLS = (
    select(
        Ticket.number,
        Ticket.state.label("ticket_state"),
        Ticket.classification,
        Ticket.disposition,
        func.coalesce(Ticket.type_code, _EVENT.type_code).label("type_code"),
        func.coalesce(Ticket.kelurahan_code, _EVENT.kelurahan_code).label("kelurahan_code"),
        Call.received_at,
        Call.state,
        func.count().over().label("calls"),
        func.count().filter(Ticket.classification == Classification.GENUINE).over().label("genuine"),
    )
    .join_from(Call, Ticket, Ticket.id == Call.ticket_id)
    .outerjoin(_EVENT, _EVENT.id == Ticket.incident_id)
    .where(
        Call.number == bindparam("number"),
        Call.id < bindparam("before_id"),
        Call.ticket_id != bindparam("ticket_id"),
    )
    .order_by(Call.received_at.desc(), Call.id.desc())
    .limit(RECENT)
)
_NOTES_OF_NUMBER = (
    select(CallerNote.__table__, User.display_name)
    .outerjoin(User, User.id == func.coalesce(CallerNote.edited_by, CallerNote.written_by))
    .where(CallerNote.number == bindparam("number"))
    .order_by(CallerNote.id.desc())
    .limit(NOTES)
)


class _NewestCall(NamedTuple):
    """The newest call of a ticket, as far as it tells of its caller."""

    id: int
    number: str | None
    number_as_sent: str
    presentation: str
    caller_name: str
    received_at: datetime


class _EarlierCall(NamedTuple):
    """An earlier call of a number with its ticket, and how many there are of all and of genuine ones."""

    number: str
    ticket_state: str
    classification: str | None
    disposition: str | None
    type_code: str | None
    kelurahan_code: str | None
    received_at: datetime
    state: str
    calls: int
    genuine: int


class _Note(NamedTuple):
    """A note of a number, and who wrote or last edited it."""

    row: CallerNoteRow
    by: str | None

    @property
    def at(self) -> datetime:
        """When it was last written."""
        return self.row.edited_at or self.row.written_at


def caller_history(
    connection: Connection, city: CityPack, now: datetime, ticket_id: int
) -> shapes.CallerHistory | None:
    """Return what is known of the number of the ticket's newest call; None without a number."""
    call = _newest_call(connection, ticket_id)
    if call is None or call.number is None:
        return None
    key = {"number": call.number, "before_id": call.id, "ticket_id": ticket_id}
    rows = [_EarlierCall._make(row) for row in connection.execute(EARLIER_CALLS, key)]
    found = connection.execute(_NOTES_OF_NUMBER, {"number": call.number})
    notes = [_Note(CallerNoteRow.from_row(columns), by) for *columns, by in found]
    return {
        "calls": rows[0].calls if rows else 0,
        "genuine": rows[0].genuine if rows else 0,
        "recent": [_line(city, row) for row in rows],
        "name": _name(call, notes),
        "nuisance": standing_of_caller(connection, city, now, call.number),
        "notes": [
            {
                "id": note.row.id,
                "kind": note.row.kind,
                "text": note.row.text,
                "at": to_iso(note.at),
                "by": note.by,
            }
            for note in notes
        ],
    }


def caller_callability(connection: Connection, ticket_id: int) -> shapes.Callability | None:
    """Return whether the ticket's newest call can be called back, None for a ticket without a call."""
    call = _newest_call(connection, ticket_id)
    if call is None:
        return None
    can = callability(call.number, call.presentation, call.number_as_sent)
    return {"kind": can.kind, "can_call": can.can_call, "area_code": can.area_code}


def _newest_call(connection: Connection, ticket_id: int) -> _NewestCall | None:
    row = connection.execute(_NEWEST_CALL, {"ticket_id": ticket_id}).first()
    return _NewestCall._make(row) if row is not None else None


def _name(call: _NewestCall, notes: Iterable[_Note]) -> shapes.CallerName | None:
    """What operators noted as the name, otherwise what the exchange sent, unless that is the number again."""
    for note in notes:
        if note.row.kind == "name":
            return {"text": note.row.text, "source": "note", "at": to_iso(note.at)}
    sent = call.caller_name.strip()
    if not any(character.isalpha() for character in sent) or sent.lower() in _NO_NAMES:
        return None
    return {"text": sent, "source": "sent", "at": to_iso(call.received_at)}


_NO_NAMES = frozenset({"anonymous", "unknown", "unavailable", "private", "restricted", "withheld", "asterisk"})


def _line(city: CityPack, row: _EarlierCall) -> shapes.EarlierCall:
    incident = city.incident_types.get(row.type_code or "")
    ward = city.kelurahan.get(row.kelurahan_code or "")
    return {
        "ticket": row.number,
        "at": to_iso(row.received_at),
        "state": row.state,
        "ticket_state": row.ticket_state,
        "classification": row.classification,
        "disposition": row.disposition,
        "kelurahan": ward.name if ward else None,
        "type_name_id": incident.name_id if incident else None,
        "type_name_en": incident.name_en if incident else None,
    }
