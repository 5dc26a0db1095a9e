"""Reads leaders' instructions for those who look at tickets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, Connection, bindparam, select

from dispatch.city.pack import CityPack
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.ladders import shapes
from dispatch.storage.rows import InstructionRow
from dispatch.storage.tables import Instruction

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_OF_TICKETS = select(Instruction.__table__).where(Instruction.ticket_id.in_(_IDS)).order_by(Instruction.id)


def instructions_of(connection: Connection, ticket_ids: Sequence[int]) -> list[InstructionRow]:
    """All instructions on some tickets, oldest first."""
    rows = connection.execute(_OF_TICKETS, {"ids": ticket_ids}) if ticket_ids else ()
    return [InstructionRow.from_row(row) for row in rows]


def instruction_view(city: CityPack, row: InstructionRow) -> shapes.Instruction:
    """An instruction as people receive it."""
    office = city.agencies.get(row.office_code)
    return {
        "id": row.id,
        "office": row.office_code,
        "office_name": office.short_name if office else row.office_code,
        "assignment_id": row.assignment_id,
        "agency": row.agency_code,
        "words": row.words,
        "given_at": to_iso(row.given_at),
        "due_at": to_iso(row.due_at),
        "done_at": to_iso_if_any(row.done_at),
        "done_why": row.done_why,
    }
