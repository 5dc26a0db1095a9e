"""What ticket commands share: loading a ticket for an actor, changing its row, starting its clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Unpack

from sqlalchemy import select

from dispatch.city.model import Priority
from dispatch.city.policy import ClockKind
from dispatch.errors import NotFound
from dispatch.ladders.running import Subject, follow_clock
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import AssignmentRow, TicketRow
from dispatch.storage.tables import Assignment, Call, Ticket, TicketNote, User
from dispatch.storage.transaction import Transaction
from dispatch.text import clean_line, optional_text
from dispatch.tickets.columns import (
    NO_CLOCK,
    NO_PICKUP,
    Clock,
    FirstClaim,
    Pickup,
    RunningClock,
    StateAndClock,
    TicketChanges,
    Words,
)
from dispatch.tickets.lifecycle import (
    AssignmentState,
    CallState,
    Ownership,
    TicketCommand,
    TicketState,
    check_ticket_command,
    check_works_tickets,
    ownership,
    ticket_state_after,
)

#: A ticket without a type yet is timed as if it were critical: nobody knows that it is not.
UNKNOWN_PRIORITY = Priority.P1

WORDS_LIMIT = 10_000  #: characters; more than anybody types during a call
NOTE_LIMIT = 4_000  #: characters


@dataclass(frozen=True, slots=True)
class LoadedTicket:
    """A ticket's row, and how the actor stands to it."""

    row: TicketRow
    state: TicketState
    owned: Ownership
    owner_name: str  #: empty where nobody owns it

    def check(self, command: TicketCommand, actor: Actor) -> None:
        """Raise unless the actor may give this command now."""
        attached = self.row.incident_id is not None
        check_ticket_command(command, self.state, self.owned, actor.role, self.owner_name, attached)


def load_ticket(tx: Transaction, number: str, actor: Actor, command: TicketCommand) -> LoadedTicket:
    """Load a ticket and raise unless the actor may give this command now."""
    ticket = find_ticket(tx, number, actor, command)
    ticket.check(command, actor)
    return ticket


def find_ticket(tx: Transaction, number: str, actor: Actor, command: TicketCommand) -> LoadedTicket:
    """Load a ticket by its number; NotFound when there is none, NotPermitted whoever does not work tickets."""
    check_works_tickets(command, actor.role)
    row, owner_name = _ticket_and_owner(tx, number)
    return LoadedTicket(row, TicketState(row.state), ownership(row.owner_id, actor.user_id), owner_name)


def ticket_row(tx: Transaction, number: str) -> TicketRow:
    """Return a ticket's row. Raises NotFound."""
    return _ticket_and_owner(tx, number)[0]


def ticket_of(tx: Transaction, ticket_id: int) -> TicketRow:
    """Return the row of a ticket that exists."""
    return TicketRow.from_row(tx.connection.execute(select(Ticket.__table__).where(Ticket.id == ticket_id)).one())


def _ticket_and_owner(tx: Transaction, number: str) -> tuple[TicketRow, str]:
    statement = (
        select(Ticket.__table__, User.display_name.label("owner_name"))
        .outerjoin(User, User.id == Ticket.owner_id)
        .where(Ticket.number == number)
    )
    # No database takes each of the others: a NUL, half a surrogate pair.
    row = tx.connection.execute(statement).first() if number.isascii() and number.isprintable() else None
    if row is None:
        raise NotFound("ticket", clean_line(number, 40))
    *columns, owner_name = row
    return TicketRow.from_row(columns), owner_name or ""


def set_ticket(tx: Transaction, ticket_id: int, *, at_once: bool = False, **values: Unpack[TicketChanges]) -> None:
    """Change a ticket's row and count its version up; a clock among the values takes its ladder along.

    With `at_once` that ladder's first rung fires now.
    """
    write_ticket(tx, ticket_id, values, at_once=at_once)


def write_ticket(tx: Transaction, ticket_id: int, values: Mapping[str, object], *, at_once: bool = False) -> None:
    """Do what `set_ticket` does, with whatever columns: for `closing` alone, which also writes how a ticket ended."""
    tx.update(Ticket, Ticket.id == ticket_id, version=Ticket.version + 1, **values)
    if "clock_kind" in values:
        _follow_ticket_clock(tx, ticket_id, values, at_once)


def set_assignment(
    tx: Transaction, assignment: AssignmentRow, priority: str | None, *, confirmed: bool = False, **values: Any
) -> None:
    """Change an assignment's row; a clock among the values takes its ladder along.

    `confirmed` says that somebody of the agency has answered.
    """
    tx.update(Assignment, Assignment.id == assignment.id, **values)
    if "clock_kind" in values:
        follow_clock(tx, subject_of_assignment(assignment), values, priority, confirmed=confirmed)


def subject_of_assignment(assignment: AssignmentRow) -> Subject:
    """Whose clock an assignment's is."""
    return Subject(assignment.ticket_id, assignment.id, agency_code=assignment.agency_code)


def _follow_ticket_clock(tx: Transaction, ticket_id: int, values: Mapping[str, object], at_once: bool) -> None:
    runs = values["clock_kind"] is not None
    priority = tx.connection.execute(select(Ticket.priority).where(Ticket.id == ticket_id)).scalar() if runs else None
    follow_clock(tx, Subject(ticket_id), values, priority, at_once=at_once)


def clock_values(tx: Transaction, kind: ClockKind, priority: str | None, since: datetime | None = None) -> RunningClock:
    """Return the columns that start a clock, due as the policy stands now (a later policy does not move it).

    It runs from `since`, the instant at which what it waits for began to be waited for; by default from now.
    """
    seconds = tx.city.policy.clocks[kind, Priority(priority) if priority else UNKNOWN_PRIORITY]
    started_at = since or tx.now
    return {
        "clock_kind": kind.value,
        "clock_started_at": started_at,
        "clock_due_at": started_at + timedelta(seconds=seconds),
    }


def add_note(tx: Transaction, ticket_id: int, kind: str, text: str, actor: Actor) -> int:
    """Keep free text beside the journal and return its id, by which the journal refers to it."""
    return tx.insert(TicketNote, ticket_id=ticket_id, kind=kind, text=text, written_at=tx.now, written_by=actor.user_id)


def words_values(tx: Transaction, ticket: TicketRow, words: str | None, actor: Actor) -> Words:
    """Return the columns for words as typed, after keeping them in the history; none where nothing new was typed."""
    text = optional_text(words, WORDS_LIMIT, "words")
    if text is None or text == ticket.words:
        return {}
    add_note(tx, ticket.id, "words", text, actor)
    return {"words": text}


def assignment_states(tx: Transaction, ticket_id: int) -> list[AssignmentState]:
    """Return the state of every assignment the ticket ever had."""
    rows = tx.connection.execute(select(Assignment.state).where(Assignment.ticket_id == ticket_id))
    return [AssignmentState(state) for state in rows.scalars()]


def follow_assignments(tx: Transaction, actor: Actor, ticket: TicketRow) -> TicketState:
    """Bring a dispatched ticket's state and clock in line with its assignments; return the state."""
    states = assignment_states(tx, ticket.id)
    state = ticket_state_after(states, ticket.owner_id is not None)
    if state != ticket.state:
        # Where the last agency has declined, nobody is coming: the centre's ladder does not wait for its clock.
        declined = state in (TicketState.CLAIMED, TicketState.NEW) and AssignmentState.DECLINED in states
        set_ticket(tx, ticket.id, at_once=declined, **state_values(tx, state, ticket.priority))
        tx.record(
            JournalKind.TICKET_STATE_CHANGED, actor, ticket_id=ticket.id, ticket_state=state.value, was=ticket.state
        )
    else:
        set_ticket(tx, ticket.id)
    return state


def state_values(
    tx: Transaction, state: TicketState, priority: str | None, since: datetime | None = None
) -> StateAndClock:
    """Return the columns of a state and of the clock that runs on a ticket in it, as `clock_for` says."""
    return {"state": state, **clock_for(tx, state, priority, since)}


def clock_for(tx: Transaction, state: TicketState, priority: str | None, since: datetime | None = None) -> Clock:
    """Return the columns of the clock that runs on a ticket in this state; none while assignments have theirs."""
    kind = {
        TicketState.NEW: ClockKind.ANSWER,
        TicketState.CALLBACK: ClockKind.CALLBACK,
        TicketState.CLAIMED: ClockKind.FIRST_DISPATCH,
        TicketState.VERIFY: ClockKind.VERIFY,
    }.get(state)
    return {**clock_values(tx, kind, priority, since)} if kind else NO_CLOCK


def first_claim(claimed_at: datetime | None, at: datetime) -> FirstClaim:
    """Return the column that says since when a ticket has been owned, where it was not owned before."""
    return {"claimed_at": at} if claimed_at is None else {}


def pickup_values(tx: Transaction, ticket_id: int) -> Pickup:
    """Return the column that gives a ticket back which is taken by hand now, if its telephone rings on unanswered."""
    rings = select(Call.id).where(Call.ticket_id == ticket_id, Call.state == CallState.RINGING).limit(1)
    if tx.connection.execute(rings).first() is None:
        return NO_PICKUP
    return {"pickup_due_at": tx.now + timedelta(seconds=tx.city.policy.calls.pickup_s)}


def waiting_state(ticket: TicketRow) -> TicketState:
    """Say where a ticket that nobody works waits: for an operator, or on the callback list."""
    return TicketState.CALLBACK if ticket.callback_id is not None else TicketState.NEW
