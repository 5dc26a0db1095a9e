"""What a notice says, as facts: looked up for each attempt, so that words are never kept and always true.

Nothing of the caller is among them, neither words nor number nor name: a message is forwarded, and lies on a screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from dispatch.storage.tables import Assignment, Instruction, Ladder, Notice, Ticket


@dataclass(frozen=True, slots=True)
class Said:
    """One notice as its words are made from it; codes of the city pack, instants, no names."""

    notice_id: int
    contact_id: int | None
    kind: str  #: NoticeKind
    role: str
    late: bool  #: its rung fired late
    facts: Mapping[str, Any]
    ticket_number: str | None
    type_code: str | None
    priority: str | None
    kelurahan_code: str | None
    assignment_id: int | None
    assignment_state: str | None
    agency_code: str | None
    clock: str | None  #: ClockKind of the ladder, or `instruction`
    since: datetime | None  #: when its clock began
    due_at: datetime | None  #: when its clock is over
    office_code: str | None  #: of an instruction: whose it is


_SAID = (
    select(
        Notice.id,
        Notice.contact_id,
        Notice.kind,
        Notice.role,
        Notice.late,
        Notice.facts,
        Ticket.number,
        Ticket.type_code,
        Ticket.priority,
        Ticket.kelurahan_code,
        Notice.assignment_id,
        Assignment.state,
        Assignment.agency_code,
        Ladder.agency_code.label("ladder_agency"),
        Ladder.clock_kind,
        Ladder.started_at,
        Ladder.due_at,
        Ladder.subject,
    )
    .outerjoin(Ticket, Ticket.id == Notice.ticket_id)
    .outerjoin(Assignment, Assignment.id == Notice.assignment_id)
    .outerjoin(Ladder, Ladder.id == Notice.ladder_id)
)


def said_by(connection: Connection, notice_ids: Sequence[int]) -> dict[int, Said]:
    """What these notices say now, by their ids."""
    rows = connection.execute(_SAID.where(Notice.id.in_(notice_ids))).all()
    offices = _offices(connection, [row.subject for row in rows])
    return {
        row.id: Said(
            row.id,
            row.contact_id,
            row.kind,
            row.role,
            row.late,
            row.facts,
            row.number,
            row.type_code,
            row.priority,
            row.kelurahan_code,
            row.assignment_id,
            row.state,
            row.agency_code or row.ladder_agency,
            row.clock_kind,
            row.started_at,
            row.due_at,
            offices.get(row.subject),
        )
        for row in rows
    }


def _offices(connection: Connection, subjects: Sequence[str | None]) -> dict[str | None, str]:
    """By the subject of a ladder (`instruction:5`) the office that gave the instruction."""
    of_instructions = [subject for subject in subjects if subject is not None and subject.startswith("instruction:")]
    ids = [int(subject.partition(":")[2]) for subject in of_instructions]
    if not ids:
        return {}
    rows = connection.execute(select(Instruction.id, Instruction.office_code).where(Instruction.id.in_(ids)))
    return {f"instruction:{row.id}": row.office_code for row in rows}
