"""Instructions of leaders as clocks: one begins, delays the rung that was next, and ends with what it is about.

For other commands' transactions.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from dispatch.city.ladders import INSTRUCTION
from dispatch.ladders.running import Subject, end_ladder, follow_clock
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.prepared import PreparedQuery
from dispatch.storage.rows import InstructionRow, LadderRow
from dispatch.storage.tables import Instruction, Ladder
from dispatch.storage.transaction import Transaction

_RUNNING = PreparedQuery(
    select(Instruction.id, Instruction.assignment_id)
    .where(Instruction.ticket_id == bindparam("ticket_id"), Instruction.done_at.is_(None))
    .order_by(Instruction.id)
)


def begin_instruction_clock(tx: Transaction, instruction: InstructionRow, priority: str | None) -> None:
    """Let the clock of a new instruction run, with its ladder."""
    clock = {
        "clock_kind": INSTRUCTION,
        "clock_started_at": instruction.given_at,
        "clock_due_at": instruction.due_at,
    }
    follow_clock(tx, _subject(instruction), clock, priority)


def delay_next_rung(tx: Transaction, subject: Subject, instruction_id: int, until: datetime) -> int:
    """Move the next rung of a subject's open ladder, and those after it, to `until`; return by how many seconds.

    Once for each ladder, by the policy's maximum at most, and never forward.
    """
    statement = select(Ladder.__table__).where(Ladder.subject == subject.name, Ladder.ended_at.is_(None))
    row = tx.connection.execute(statement).first()
    ladder = LadderRow.from_row(row) if row is not None else None
    if ladder is None or ladder.next_at is None or ladder.delayed_by is not None or ladder.paused_at is not None:
        return 0
    wanted_s = int((until - ladder.next_at).total_seconds())
    by_s = min(wanted_s, tx.city.ladders.leader.longest_delay_s)
    if by_s <= 0:
        return 0
    moved: dict[str, Any] = {"shift_s": ladder.shift_s + by_s, "next_at": ladder.next_at + timedelta(seconds=by_s)}
    tx.update(Ladder, Ladder.id == ladder.id, delayed_by=instruction_id, **moved)
    tx.record(
        JournalKind.LADDER_DELAYED,
        Actor.system(),
        ticket_id=ladder.ticket_id,
        assignment_id=ladder.assignment_id,
        ladder_id=ladder.id,
        clock=ladder.clock_kind,
        instruction_id=instruction_id,
        by_s=by_s,
    )
    return by_s


def end_instructions(
    tx: Transaction, actor: Actor, ticket_id: int, why: str, *, assignment_id: int | None = None
) -> None:
    """End the instructions of a ticket that is closed, or of an assignment that is over; none is fine."""
    for instruction_id, of_assignment in _RUNNING.rows(tx.connection, ticket_id=ticket_id):
        if assignment_id is None or of_assignment == assignment_id:
            end_instruction(tx, actor, read_instruction(tx, instruction_id), why)


def end_instruction(tx: Transaction, actor: Actor, instruction: InstructionRow, why: str) -> int:
    """Stop an instruction's clock; return the journal number."""
    tx.update(Instruction, Instruction.id == instruction.id, done_at=tx.now, done_why=why)
    end_ladder(tx, _subject(instruction), "stopped", confirmed=True)
    return tx.record(
        JournalKind.TICKET_INSTRUCTION_DONE,
        actor,
        ticket_id=instruction.ticket_id,
        assignment_id=instruction.assignment_id,
        instruction_id=instruction.id,
        by=why,
    )


def read_instruction(tx: Transaction, instruction_id: int) -> InstructionRow:
    """An instruction that exists."""
    statement = select(Instruction.__table__).where(Instruction.id == instruction_id)
    return InstructionRow.from_row(tx.connection.execute(statement).one())


def _subject(instruction: InstructionRow) -> Subject:
    return Subject(instruction.ticket_id, instruction.assignment_id, instruction.id, instruction.agency_code)
