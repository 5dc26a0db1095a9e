"""Commands that an agency's responder gives, or the centre for one who telephones: acknowledge, decline, en route, on
scene, clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dispatch.city.policy import ClockKind
from dispatch.errors import InvalidValue, NotFound, RequirementMissing
from dispatch.ladders.instructing import end_instructions
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import kind_named
from dispatch.storage.rows import AssignmentRow
from dispatch.storage.tables import Assignment
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import optional_text
from dispatch.tickets.changes import (
    NOTE_LIMIT,
    add_note,
    clock_values,
    follow_assignments,
    set_assignment,
    ticket_of,
)
from dispatch.tickets.columns import NO_CLOCK
from dispatch.tickets.kept_views import keep_as_seen
from dispatch.tickets.lifecycle import (
    ASSIGNMENT_RULES,
    OUT_OF_IT,
    AssignmentCommand,
    AssignmentState,
    already_reached,
    check_assignment_command,
    check_may_report,
)

MAX_ID = 2**63 - 1  #: beyond it SQLite takes no number at all

#: The clock that starts when an assignment has reached a state; the other states run none.
_NEXT_CLOCK = {
    AssignmentState.ACKNOWLEDGED: ClockKind.MOVE,
    AssignmentState.EN_ROUTE: ClockKind.ARRIVE,
    AssignmentState.ON_SCENE: ClockKind.CLEAR,
}

_OVER = frozenset({AssignmentState.CLEARED, AssignmentState.DECLINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Outcome):
    """What a report of an agency did."""

    state: str | None = None  #: the assignment's, now


def acknowledge_assignment(tx: Transaction, *, actor: Actor, assignment_id: int) -> Reported:
    """Take the task up. Only the server's own time counts: this stops the clock that escalates."""
    return _advance(tx, actor, assignment_id, AssignmentCommand.ACKNOWLEDGE, {"acknowledged_at": tx.now})


def decline_assignment(
    tx: Transaction, *, actor: Actor, assignment_id: int, reason_code: str, note: str | None = None
) -> Reported:
    """Refuse the task with one of the city pack's reasons; the ticket goes back to the operator if nobody has it."""
    if reason_code not in {reason.code for reason in tx.city.decline_reasons}:
        raise InvalidValue("reason_code", "unknown")
    values = {"declined_at": tx.now, "reason_code": reason_code, "note": optional_text(note, NOTE_LIMIT, "note")}
    return _advance(tx, actor, assignment_id, AssignmentCommand.DECLINE, values)


def set_en_route(tx: Transaction, *, actor: Actor, assignment_id: int, occurred_at: datetime | None = None) -> Reported:
    """Report that the crew is moving. `occurred_at` is the phone's time when it had no signal."""
    return _advance(tx, actor, assignment_id, AssignmentCommand.EN_ROUTE, {"en_route_at": occurred_at})


def set_on_scene(tx: Transaction, *, actor: Actor, assignment_id: int, occurred_at: datetime | None = None) -> Reported:
    """Report that the crew has arrived. `occurred_at` is the phone's time when it had no signal."""
    return _advance(tx, actor, assignment_id, AssignmentCommand.ON_SCENE, {"on_scene_at": occurred_at})


def clear_assignment(
    tx: Transaction, *, actor: Actor, assignment_id: int, note: str, occurred_at: datetime | None = None
) -> Reported:
    """Report that the task is done and with what result; a report without a result is refused."""
    text = optional_text(note, NOTE_LIMIT, "note")
    if text is None:
        raise RequirementMissing("note", allowed=(AssignmentCommand.CLEAR,))
    values = {"cleared_at": occurred_at, "note": text}
    return _advance(tx, actor, assignment_id, AssignmentCommand.CLEAR, values)


def _advance(
    tx: Transaction, actor: Actor, assignment_id: int, command: AssignmentCommand, values: dict[str, Any]
) -> Reported:
    known = 0 < assignment_id <= MAX_ID
    found = select(Assignment.__table__).where(Assignment.id == assignment_id)
    row = tx.connection.execute(found).first() if known else None
    assignment = AssignmentRow.from_row(row) if row is not None else None
    if assignment is None or not (actor.sees_all_tickets or actor.agency_code == assignment.agency_code):
        raise NotFound("assignment", assignment_id)
    ticket = ticket_of(tx, assignment.ticket_id)
    state = AssignmentState(assignment.state)
    own_agency = actor.agency_code == assignment.agency_code
    check_may_report(command, actor.role, own_agency)
    if already_reached(command, state):
        return Reported(False, ticket.number, (assignment_id,), state=state.value)
    check_assignment_command(command, state, actor.role, own_agency)
    target = ASSIGNMENT_RULES[command].target
    values = {key: _plausible(tx, assignment, value) if key.endswith("_at") else value for key, value in values.items()}
    kind = _NEXT_CLOCK.get(target)
    clock = clock_values(tx, kind, ticket.priority) if kind else NO_CLOCK
    confirmed = target is not AssignmentState.DECLINED
    set_assignment(tx, assignment, ticket.priority, confirmed=confirmed, state=target, **values, **clock)
    if target in _OVER:
        end_instructions(tx, actor, ticket.id, "finished", assignment_id=assignment_id)
    if values.get("note"):
        add_note(tx, ticket.id, command.value, values["note"], actor)
    ticket_state = follow_assignments(tx, actor, ticket)
    seq = tx.record(
        kind_named(f"assignment.{target}"),
        actor,
        ticket_id=ticket.id,
        assignment_id=assignment_id,
        agency=assignment.agency_code,
        ticket_state=ticket_state.value,
        **({"reason_code": values["reason_code"]} if "reason_code" in values else {}),
    )
    if target in OUT_OF_IT:
        keep_as_seen(tx, ticket.id, [(assignment_id, assignment.agency_code)], seq)
    return Reported(True, ticket.number, (assignment_id,), seq, state=target.value)


def _plausible(tx: Transaction, assignment: AssignmentRow, occurred_at: datetime | None) -> datetime:
    """Bound a phone's own time: not before the step before it, not in the future (phones' clocks are often wrong)."""
    if occurred_at is None:
        return tx.now
    if occurred_at.tzinfo is None:
        raise InvalidValue("occurred_at", "no_time_zone")
    steps = (assignment.on_scene_at, assignment.en_route_at, assignment.acknowledged_at, assignment.sent_at)
    earliest = next(step for step in steps if step is not None)
    return min(max(occurred_at, earliest), tx.now)
