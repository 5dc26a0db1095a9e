"""The lifecycle of a call, a ticket and an assignment: states, every allowed transition and who may make it.

Pure rules on plain values. Commands ask here before they change anything; the console asks here which buttons to
show, the agency's page follows its own steps (app/static/js/agency/steps.js).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dispatch.errors import ClaimedByOther, NotOwner, NotPermitted, TransitionRefused
from dispatch.roles import OPERATOR_ROLES, Role


class CallState(StrEnum):
    """Where a phone call is."""

    RINGING = "ringing"  #: in the queue, nobody has picked up
    ANSWERED = "answered"  #: a seat talks with the caller
    ABANDONED = "abandoned"  #: the caller hung up before an answer
    ENDED = "ended"  #: answered, and over
    LET_GO = "let_go"  #: a blocked number that did not press 1 at the gate; never stood in the queue


class EndedHow(StrEnum):
    """How we know that a call is over."""

    TOLD = "told"  #: Asterisk said so
    RECORD = "record"  #: Asterisk's own record says so
    INFERRED = "inferred"  #: its seat answered another call
    RESTART = "restart"  #: its Asterisk has started since
    BY_HAND = "by_hand"  #: a supervisor said so


#: What only follows from something else: the true end corrects it, and an answer after it shows that it was wrong.
CONJECTURES = frozenset({EndedHow.INFERRED, EndedHow.RESTART, EndedHow.BY_HAND})

#: Which state a call may go to from which. What is told late or wrongly makes three ways back: abandoned calls turn out
#: to have been answered, and what was only thought to be over turns out to live.
CALL_TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    CallState.RINGING: frozenset({CallState.ANSWERED, CallState.ABANDONED, CallState.ENDED, CallState.LET_GO}),
    CallState.ANSWERED: frozenset({CallState.ENDED}),
    CallState.ABANDONED: frozenset({CallState.ENDED, CallState.ANSWERED}),
    CallState.ENDED: frozenset({CallState.ANSWERED}),
    CallState.LET_GO: frozenset(),
}
LIVE_CALL_STATES = frozenset({CallState.RINGING, CallState.ANSWERED})


def is_conjecture(ended_how: str | None) -> bool:
    """Whether a call's end only follows from something else."""
    return ended_how is not None and EndedHow(ended_how) in CONJECTURES


def check_end_call(role: Role | None) -> None:
    """Raise NotPermitted for whoever may not declare a call to be over: only a supervisor may."""
    if role is not Role.SUPERVISOR:
        raise NotPermitted("end-call", role)


class TicketState(StrEnum):
    """Where a ticket is. Every state but `closed` has an owner or a running clock."""

    NEW = "new"  #: waits for an operator; clock: answer
    CALLBACK = "callback"  #: the caller hung up first; clock: callback
    CLAIMED = "claimed"  #: an operator works it, no agency has it; clock: first_dispatch
    DISPATCHED = "dispatched"  #: sent, no agency has taken it up; clocks: each assignment's
    IN_PROGRESS = "in_progress"  #: at least one agency has taken it up; clocks: each assignment's
    VERIFY = "verify"  #: every agency is done; the centre checks; clock: verify
    CLOSED = "closed"  #: over, with a disposition


OPEN_STATES = frozenset(TicketState) - {TicketState.CLOSED}
_WORKED = frozenset({TicketState.CLAIMED, TicketState.DISPATCHED, TicketState.IN_PROGRESS, TicketState.VERIFY})
_UNDER_WAY = frozenset({TicketState.DISPATCHED, TicketState.IN_PROGRESS})


class PublicStatus(StrEnum):
    """What the citizen is told (Rabeg's three words)."""

    WAITING = "menunggu"
    IN_PROGRESS = "proses"
    DONE = "selesai"


def public_status(state: TicketState) -> PublicStatus:
    """Return menunggu (no agency has taken it up), proses (one has) or selesai (closed)."""
    if state is TicketState.CLOSED:
        return PublicStatus.DONE
    if state in (TicketState.IN_PROGRESS, TicketState.VERIFY):
        return PublicStatus.IN_PROGRESS
    return PublicStatus.WAITING


class Classification(StrEnum):
    """What kind of call it was, as operators of 112 centres in Indonesia log it."""

    GENUINE = "genuine"
    PRANK = "prank"
    GHOST = "ghost"
    INFORMATION = "information"
    WRONG_NUMBER = "wrong_number"
    DROPPED = "dropped"


NUISANCE = frozenset(Classification) - {Classification.GENUINE}  #: closes the ticket at once


class Disposition(StrEnum):
    """How a ticket ended."""

    HANDLED = "handled"  #: at least one agency reported it cleared
    HANDLED_BY_PHONE = "handled_by_phone"
    NO_RESPONDER_NEEDED = "no_responder_needed"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    PRANK = "prank"
    GHOST = "ghost"
    INFORMATION = "information"
    WRONG_NUMBER = "wrong_number"
    DROPPED = "dropped"
    GOT_THROUGH = "got_through"  #: the same caller is on another ticket
    UNREACHABLE = "unreachable"  #: called back without success, or no number to call back
    GATE = "gate"  #: a blocked number, let go at the gate; no operator heard it


#: Closing with one of these while agencies are still under way calls them off.
CALLING_OFF = frozenset({Disposition.CANCELLED, Disposition.DUPLICATE})
#: What an operator may choose when closing; the others come from the one-key classification.
CLOSING_DISPOSITIONS = frozenset(
    {
        Disposition.HANDLED,
        Disposition.HANDLED_BY_PHONE,
        Disposition.NO_RESPONDER_NEEDED,
        Disposition.DUPLICATE,
        Disposition.CANCELLED,
    }
)


class TicketCommand(StrEnum):
    """What an operator may do with a ticket."""

    CLAIM = "claim"
    RELEASE = "release"
    TAKE_OVER = "take-over"
    CLASSIFY = "classify"
    LOCATE = "locate"
    DISPATCH = "dispatch"
    CLOSE = "close"
    REOPEN = "reopen"
    REQUEST_LOCATION = "request-location"
    ATTACH = "attach"  #: this caller reports what another ticket is about already
    DETACH = "detach"  #: undo of attach
    ADD_WORDS = "words"  #: what the caller of an attached ticket says later
    ANSWER = "answer"  #: note the answer to a question of the card


class Ownership(StrEnum):
    """How the actor stands to the ticket."""

    NOBODY = "nobody"
    SELF = "self"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TicketRule:
    """From which states a command leads on, and how the actor must stand to the ticket."""

    states: frozenset[TicketState]
    ownership: frozenset[Ownership]
    supervisor_need_not_own: bool = False
    attached: bool = False  #: for tickets that are attached to another one; they take no other command


_OWN = frozenset({Ownership.SELF})
_ANY_OWNER = frozenset(Ownership)
_CLOSED = frozenset({TicketState.CLOSED})

#: Only call takers and supervisors work tickets (OPERATOR_ROLES); everybody else is refused before this table is asked.
TICKET_RULES: dict[TicketCommand, TicketRule] = {
    TicketCommand.CLAIM: TicketRule(OPEN_STATES, frozenset({Ownership.NOBODY})),
    TicketCommand.RELEASE: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
    TicketCommand.TAKE_OVER: TicketRule(OPEN_STATES, frozenset({Ownership.OTHER})),
    TicketCommand.CLASSIFY: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
    TicketCommand.LOCATE: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
    TicketCommand.DISPATCH: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
    TicketCommand.CLOSE: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
    TicketCommand.REOPEN: TicketRule(_CLOSED, _ANY_OWNER),
    TicketCommand.REQUEST_LOCATION: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
    TicketCommand.ATTACH: TicketRule(frozenset({TicketState.CLAIMED}), _OWN, supervisor_need_not_own=True),
    TicketCommand.DETACH: TicketRule(_CLOSED, _OWN, supervisor_need_not_own=True, attached=True),
    TicketCommand.ADD_WORDS: TicketRule(_CLOSED, _OWN, supervisor_need_not_own=True, attached=True),
    TicketCommand.ANSWER: TicketRule(_WORKED, _OWN, supervisor_need_not_own=True),
}


def ownership(owner_id: int | None, user_id: int | None) -> Ownership:
    """Say how the actor stands to a ticket with this owner."""
    if owner_id is None:
        return Ownership.NOBODY
    return Ownership.SELF if owner_id == user_id else Ownership.OTHER


def _permits(rule: TicketRule, state: TicketState, owned: Ownership, role: Role | None, attached: bool) -> bool:
    if state not in rule.states or rule.attached is not attached:
        return False
    return owned in rule.ownership or (rule.supervisor_need_not_own and role is Role.SUPERVISOR)


def check_works_tickets(command: TicketCommand, role: Role | None) -> None:
    """Raise NotPermitted unless this role works tickets at all, whatever state the ticket is in."""
    if role not in OPERATOR_ROLES:
        raise NotPermitted(command, role)


def allowed_ticket_commands(
    state: TicketState, owned: Ownership, role: Role | None, attached: bool = False
) -> tuple[str, ...]:
    """List the commands that an actor of this role could give now."""
    if role not in OPERATOR_ROLES:
        return ()
    return tuple(command for command, rule in TICKET_RULES.items() if _permits(rule, state, owned, role, attached))


def check_ticket_command(
    command: TicketCommand,
    state: TicketState,
    owned: Ownership,
    role: Role | None,
    owner_name: str = "",
    attached: bool = False,
) -> None:
    """Raise NotPermitted, TransitionRefused, ClaimedByOther or NotOwner unless the command leads on from here."""
    check_works_tickets(command, role)
    rule = TICKET_RULES[command]
    if _permits(rule, state, owned, role, attached):
        return
    allowed = allowed_ticket_commands(state, owned, role, attached)
    if attached and not rule.attached:
        raise TransitionRefused("ticket", "attached", command, allowed)
    if state not in rule.states:
        if state in OPEN_STATES and owned is Ownership.OTHER:
            raise ClaimedByOther(owner_name, allowed)
        raise TransitionRefused("ticket", state, command, allowed)
    if rule.attached and not attached:
        raise TransitionRefused("ticket", state, command, allowed)
    if owned is Ownership.OTHER:
        raise ClaimedByOther(owner_name, allowed)
    if owned is Ownership.NOBODY:
        raise NotOwner(command, allowed)
    raise TransitionRefused("ticket", state, command, allowed)


class AssignmentState(StrEnum):
    """Where an assignment is."""

    SENT = "sent"  #: clock: acknowledge
    ACKNOWLEDGED = "acknowledged"  #: clock: move
    EN_ROUTE = "en_route"  #: clock: arrive
    ON_SCENE = "on_scene"  #: clock: clear
    CLEARED = "cleared"
    DECLINED = "declined"
    CANCELLED = "cancelled"  #: called off by the centre


_TAKEN_UP = (AssignmentState.ACKNOWLEDGED, AssignmentState.EN_ROUTE, AssignmentState.ON_SCENE)
LIVE_ASSIGNMENT_STATES = frozenset({AssignmentState.SENT, *_TAKEN_UP})
#: An agency in one of these has nothing more to do with the ticket.
OUT_OF_IT = frozenset({AssignmentState.DECLINED, AssignmentState.CANCELLED})


class AssignmentCommand(StrEnum):
    """What an agency's responder (or the centre, for one who telephones) may report."""

    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    EN_ROUTE = "en-route"
    ON_SCENE = "on-scene"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """From which states an assignment command leads to which."""

    states: frozenset[AssignmentState]
    target: AssignmentState


ASSIGNMENT_RULES: dict[AssignmentCommand, AssignmentRule] = {
    AssignmentCommand.ACKNOWLEDGE: AssignmentRule(frozenset({AssignmentState.SENT}), AssignmentState.ACKNOWLEDGED),
    AssignmentCommand.DECLINE: AssignmentRule(frozenset({AssignmentState.SENT}), AssignmentState.DECLINED),
    AssignmentCommand.EN_ROUTE: AssignmentRule(frozenset({AssignmentState.ACKNOWLEDGED}), AssignmentState.EN_ROUTE),
    # A crew that forgot to report "en route" still arrives; a crew that helped by phone still finishes.
    AssignmentCommand.ON_SCENE: AssignmentRule(
        frozenset({AssignmentState.ACKNOWLEDGED, AssignmentState.EN_ROUTE}), AssignmentState.ON_SCENE
    ),
    AssignmentCommand.CLEAR: AssignmentRule(frozenset(_TAKEN_UP), AssignmentState.CLEARED),
}

#: How far along an assignment is; a report of a step that lies behind already changes nothing.
_PROGRESS = [AssignmentState.SENT, *_TAKEN_UP, AssignmentState.CLEARED]


def allowed_assignment_commands(state: AssignmentState, role: Role | None, own_agency: bool) -> tuple[str, ...]:
    """List what this actor could report about the assignment now."""
    if not _may_report(role, own_agency):
        return ()
    return tuple(command for command, rule in ASSIGNMENT_RULES.items() if state in rule.states)


def check_may_report(command: AssignmentCommand, role: Role | None, own_agency: bool) -> None:
    """Raise NotPermitted unless the actor reports for this agency at all, whatever state the assignment is in."""
    if not _may_report(role, own_agency):
        raise NotPermitted(command, role)


def check_assignment_command(
    command: AssignmentCommand, state: AssignmentState, role: Role | None, own_agency: bool
) -> None:
    """Raise NotPermitted or TransitionRefused unless the command leads on from here."""
    check_may_report(command, role, own_agency)
    if state not in ASSIGNMENT_RULES[command].states:
        allowed = allowed_assignment_commands(state, role, own_agency)
        raise TransitionRefused("assignment", state, command, allowed)


def already_reached(command: AssignmentCommand, state: AssignmentState) -> bool:
    """Whether the step that the command reports has been reached or passed already (a repeat, a second phone)."""
    target = ASSIGNMENT_RULES[command].target
    if target is state:
        return True
    return target in _PROGRESS and state in _PROGRESS and _PROGRESS.index(state) > _PROGRESS.index(target)


def _may_report(role: Role | None, own_agency: bool) -> bool:
    return role in OPERATOR_ROLES or (role is Role.RESPONDER and own_agency)


def ticket_state_after(assignments: Iterable[AssignmentState], has_owner: bool) -> TicketState:
    """Say which state a dispatched ticket is in, from the states of all its assignments."""
    states = set(assignments)
    live = states & LIVE_ASSIGNMENT_STATES
    if live:
        taken_up = states & {*_TAKEN_UP, AssignmentState.CLEARED}
        return TicketState.IN_PROGRESS if taken_up else TicketState.DISPATCHED
    if AssignmentState.CLEARED in states:
        return TicketState.VERIFY
    # Everybody declined: the ticket is the operator's again, or waits for one.
    return TicketState.CLAIMED if has_owner else TicketState.NEW


def check_closing(disposition: Disposition, state: TicketState, any_cleared: bool, allowed: Iterable[str]) -> None:
    """Raise TransitionRefused when the ticket cannot be closed with this disposition in this state."""
    under_way = state in _UNDER_WAY and disposition not in CALLING_OFF
    handled_by_nobody = disposition is Disposition.HANDLED and not any_cleared
    if under_way or handled_by_nobody:
        raise TransitionRefused("ticket", state, f"close:{disposition}", allowed)
