"""What a leader does: asks an agency for something until a due time, and takes that for answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from dispatch.deliveries.notices import PAGE
from dispatch.errors import InvalidValue, NotFound, NotPermitted
from dispatch.ladders.instructing import (
    begin_instruction_clock,
    delay_next_rung,
    end_instruction,
    read_instruction,
)
from dispatch.ladders.running import Subject
from dispatch.leaders.offices import office_that_was_told, offices_of
from dispatch.roles import Actor, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import AssignmentRow, InstructionRow, TicketRow
from dispatch.storage.tables import Assignment, Instruction
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import optional_text, required_text
from dispatch.tickets.changes import NOTE_LIMIT, add_note, subject_of_assignment, ticket_row
from dispatch.tickets.lifecycle import LIVE_ASSIGNMENT_STATES, TicketState

WORDS_LIMIT = 2_000  #: characters
#: A due time that is nearer is no time at all; one that is further than the longest ladder is none either.
_NEAREST, _FURTHEST = timedelta(minutes=5), timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructed(Outcome):
    """What an instruction did."""

    instruction_id: int | None = None
    late: bool = False  #: its task was over by then: it was noted, and nobody was told
    delayed_s: int = 0  #: by how much the next rung waits


def give_instruction(
    tx: Transaction, *, actor: Actor, number: str, words: str, due_at: datetime, assignment: int | None = None
) -> Instructed:
    """Ask an agency (through its assignment), or the centre, for something until `due_at`.

    1. Only a leader may, on a ticket that a rung has brought before the leader's office. Raises NotPermitted, NotFound.
    2. Where the ticket or the assignment is over by then, the words are kept and nobody is told.
    3. The instruction is a clock of its own, whose ladder tells the agency now.
    4. The ladder that had brought the ticket up waits with its next rung, once (`delay_next_rung`).

    Raises InvalidValue: `words` too long; `due_at` past, too near, too far or without a time zone; `assignment`.
    """
    ticket, office = _told_of(tx, actor, number)
    task = _assignment(tx, ticket, assignment)
    asked = required_text(words, WORDS_LIMIT, "words")
    if due_at.tzinfo is None:
        raise InvalidValue("due_at", "no_time_zone")
    over = ticket.state == TicketState.CLOSED or (task is not None and task.state not in LIVE_ASSIGNMENT_STATES)
    if over:
        return _noted(tx, actor, ticket, task, asked)
    if not _NEAREST <= due_at - tx.now <= _FURTHEST:
        raise InvalidValue("due_at", "out_of_range")
    instruction = _keep(tx, actor, ticket, task, office, asked, due_at)
    begin_instruction_clock(tx, instruction, ticket.priority)
    seq = tx.record(
        JournalKind.TICKET_INSTRUCTED,
        actor,
        ticket_id=ticket.id,
        assignment_id=instruction.assignment_id,
        instruction_id=instruction.id,
        office=office,
        agency=instruction.agency_code,
    )
    of_task = subject_of_assignment(task) if task is not None else Subject(ticket.id)
    delayed_s = delay_next_rung(tx, of_task, instruction.id, due_at)
    return Instructed(True, ticket.number, seq=seq, instruction_id=instruction.id, delayed_s=delayed_s)


def answer_instruction(tx: Transaction, *, actor: Actor, instruction_id: int, note: str | None = None) -> Instructed:
    """Take an instruction for answered: the leader's office, or the agency that was asked, with what it has done.

    Raises NotFound, and InvalidValue for a `note` that is too long.
    """
    known = tx.connection.execute(select(Instruction.id).where(Instruction.id == instruction_id)).scalar()
    instruction = read_instruction(tx, instruction_id) if known is not None else None
    if instruction is None or not _may_answer(tx, actor, instruction):
        raise NotFound("instruction", instruction_id)
    if instruction.done_at is not None:
        return Instructed(False, instruction_id=instruction_id)
    text = optional_text(note, NOTE_LIMIT, "note")
    if text is not None:
        add_note(tx, instruction.ticket_id, "instruction", text, actor)
    seq = end_instruction(tx, actor, instruction, "answered")
    return Instructed(True, seq=seq, instruction_id=instruction_id)


def _may_answer(tx: Transaction, actor: Actor, instruction: InstructionRow) -> bool:
    if actor.role is Role.LEADER:
        return instruction.office_code in offices_of(tx.connection, actor)
    return actor.role is Role.RESPONDER and actor.agency_code == instruction.agency_code


def _told_of(tx: Transaction, actor: Actor, number: str) -> tuple[TicketRow, str]:
    """The ticket, and which of the leader's offices was told of it. What was not is answered like what is not there."""
    if actor.role is not Role.LEADER:
        raise NotPermitted("instruct", actor.role)
    ticket = ticket_row(tx, number)
    office = office_that_was_told(tx.connection, offices_of(tx.connection, actor), ticket.id)
    if office is None:
        raise NotFound("ticket", number)
    return ticket, office


def _assignment(tx: Transaction, ticket: TicketRow, assignment_id: int | None) -> AssignmentRow | None:
    if assignment_id is None:
        return None
    of_ticket = Assignment.id == assignment_id, Assignment.ticket_id == ticket.id
    row = tx.connection.execute(select(Assignment.__table__).where(*of_ticket)).first()
    if row is None:
        raise InvalidValue("assignment", "unknown")
    return AssignmentRow.from_row(row)


def _keep(
    tx: Transaction,
    actor: Actor,
    ticket: TicketRow,
    task: AssignmentRow | None,
    office: str,
    words: str,
    due_at: datetime,
) -> InstructionRow:
    instruction_id = tx.insert(
        Instruction,
        ticket_id=ticket.id,
        assignment_id=task.id if task is not None else None,
        agency_code=task.agency_code if task is not None else tx.city.ladders.centre,
        office_code=office,
        given_by=actor.user_id,
        given_at=tx.now,
        words=words,
        due_at=due_at,
    )
    return read_instruction(tx, instruction_id)


def _noted(tx: Transaction, actor: Actor, ticket: TicketRow, task: AssignmentRow | None, words: str) -> Instructed:
    """Keep what a leader wrote for a task that was over meanwhile."""
    add_note(tx, ticket.id, "instruction", words, actor)
    seq = tx.record(
        JournalKind.NOTICE_ANSWERED_LATE,
        actor,
        ticket_id=ticket.id,
        assignment_id=task.id if task is not None else None,
        answer="instruct",
        channel=PAGE,
    )
    return Instructed(False, ticket.number, seq=seq, late=True)
