"""The rules alone: which command leads on from where, for whom, and what the refusal says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import ClaimedByOther, CommandRefused, NotOwner, NotPermitted, TransitionRefused
from dispatch.roles import Role
from dispatch.tickets.lifecycle import (
    ASSIGNMENT_RULES,
    CALL_TRANSITIONS,
    CLOSING_DISPOSITIONS,
    LIVE_ASSIGNMENT_STATES,
    LIVE_CALL_STATES,
    NUISANCE,
    OPEN_STATES,
    TICKET_RULES,
    AssignmentCommand,
    AssignmentState,
    CallState,
    Classification,
    Disposition,
    Ownership,
    TicketCommand,
    TicketState,
    allowed_assignment_commands,
    allowed_ticket_commands,
    already_reached,
    check_assignment_command,
    check_closing,
    check_end_call,
    check_ticket_command,
    ownership,
    public_status,
    ticket_state_after,
)

# --- Tickets: + leads on, . is refused from this state, o belongs to a colleague, n has to be claimed first.
# --- The first three columns are a call taker's, the other three a supervisor's: nobody's, own, a colleague's ticket.
_IN_HAND = {
    "new": "..o ..o",
    "callback": "..o ..o",
    "claimed": "n+o +++",
    "dispatched": "n+o +++",
    "in_progress": "n+o +++",
    "verify": "n+o +++",
    "closed": "... ...",
}
_OPEN = ("new", "callback", "claimed", "dispatched", "in_progress", "verify")
TICKETS = {
    "claim": {**dict.fromkeys(_OPEN, "+.o +.o"), "closed": "... ..."},
    "take-over": {**dict.fromkeys(_OPEN, "n.+ n.+"), "closed": "... ..."},
    "release": _IN_HAND,
    "classify": _IN_HAND,
    "locate": _IN_HAND,
    "dispatch": _IN_HAND,
    "close": _IN_HAND,
    "request-location": _IN_HAND,
    "reopen": {**dict.fromkeys(_OPEN, "..o ..o"), "closed": "+++ +++"},
    "attach": {**dict.fromkeys(_OPEN, "..o ..o"), "claimed": "n+o +++", "closed": "... ..."},
    "detach": {**dict.fromkeys(_OPEN, "..o ..o"), "closed": "... ..."},
    "words": {**dict.fromkeys(_OPEN, "..o ..o"), "closed": "... ..."},
    "answer": _IN_HAND,
}
#: An attached ticket is closed, and takes two commands only.
ATTACHED = {**dict.fromkeys(TICKETS, "... ..."), "detach": "n+o +++", "words": "n+o +++"}
_REFUSALS = {".": TransitionRefused, "o": ClaimedByOther, "n": NotOwner}
_OWNERSHIPS = (Ownership.NOBODY, Ownership.SELF, Ownership.OTHER)
_OPERATORS = (Role.CALL_TAKER, Role.SUPERVISOR)

TicketCase = tuple[str, str, Ownership, Role, str]


def _ticket_cases() -> Iterator[TicketCase]:
    for command, rows in TICKETS.items():
        for state, row in rows.items():
            for role, marks in zip(_OPERATORS, row.split(), strict=True):
                for owned, mark in zip(_OWNERSHIPS, marks, strict=True):
                    yield command, state, owned, role, mark


def _expected_commands(state: str, owned: Ownership, role: Role) -> set[str]:
    return {case[0] for case in _ticket_cases() if case[1:4] == (state, owned, role) and case[4] == "+"}


def test_the_table_speaks_of_every_command_and_every_state() -> None:
    assert set(TICKETS) == set(TicketCommand) == set(TICKET_RULES)
    assert all(set(rows) == set(TicketState) for rows in TICKETS.values())


@pytest.mark.parametrize(("command", "state", "owned", "role", "mark"), list(_ticket_cases()))
def test_operator_gives_a_ticket_command(command: str, state: str, owned: Ownership, role: Role, mark: str) -> None:
    arguments = TicketCommand(command), TicketState(state), owned, role, "Rizki"
    expected = _expected_commands(state, owned, role)
    assert set(allowed_ticket_commands(TicketState(state), owned, role)) == expected
    if mark == "+":
        check_ticket_command(*arguments)
        return
    with pytest.raises(CommandRefused) as refused:
        check_ticket_command(*arguments)
    assert type(refused.value) is _REFUSALS[mark]
    assert set(refused.value.allowed) == expected
    if mark == "o":
        assert refused.value.details["owner_name"] == "Rizki"
    elif mark == ".":
        assert refused.value.details == {"entity": "ticket", "state": state, "command": command}


def test_an_attached_ticket_takes_no_command_but_words_and_detaching() -> None:
    cases = {
        (command, role, owned): mark
        for command, row in ATTACHED.items()
        for role, marks in zip(_OPERATORS, row.split(), strict=True)
        for owned, mark in zip(_OWNERSHIPS, marks, strict=True)
    }
    for (command, role, owned), mark in cases.items():
        expected = {c for (c, r, o), m in cases.items() if (r, o, m) == (role, owned, "+")}
        assert set(allowed_ticket_commands(TicketState.CLOSED, owned, role, attached=True)) == expected
        if mark == "+":
            check_ticket_command(TicketCommand(command), TicketState.CLOSED, owned, role, attached=True)
            continue
        with pytest.raises(CommandRefused) as refused:
            check_ticket_command(TicketCommand(command), TicketState.CLOSED, owned, role, "Rizki", attached=True)
        assert type(refused.value) is _REFUSALS[mark]
        if mark == ".":
            assert refused.value.details == {"entity": "ticket", "state": "attached", "command": command}


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.ADMIN, None])
def test_only_operators_work_tickets(role: Role | None) -> None:
    for command, state, owned in product(TicketCommand, TicketState, Ownership):
        assert allowed_ticket_commands(state, owned, role) == ()
        with pytest.raises(NotPermitted) as refused:
            check_ticket_command(command, state, owned, role)
        assert refused.value.details == {"command": command, "role": role}


@pytest.mark.parametrize(
    ("owner", "user", "expected"),
    [(None, 1, "nobody"), (None, None, "nobody"), (1, 1, "self"), (1, 2, "other"), (1, None, "other")],
)
def test_ownership_of_a_ticket(owner: int | None, user: int | None, expected: str) -> None:
    assert ownership(owner, user) == expected


# --- Assignments: + leads on, . is refused; the second letter: = the step lies behind already, - it does not.
ASSIGNMENTS = {
    #               sent acknowledged en_route on_scene cleared declined cancelled
    "acknowledge": "+-   .=           .=       .=       .=      .-       .-",
    "decline": "    +-   .-           .-       .-       .-      .=       .-",
    "en-route": "   .-   +-           .=       .=       .=      .-       .-",
    "on-scene": "   .-   +-           +-       .=       .=      .-       .-",
    "clear": "      .-   +-           +-       +-       .=      .-       .-",
}
_ASSIGNMENT_STATES = ("sent", "acknowledged", "en_route", "on_scene", "cleared", "declined", "cancelled")


def _assignment_cases() -> Iterator[tuple[str, str, str]]:
    for command, row in ASSIGNMENTS.items():
        for state, marks in zip(_ASSIGNMENT_STATES, row.split(), strict=True):
            yield command, state, marks


def test_the_table_speaks_of_every_assignment_command_and_state() -> None:
    assert set(ASSIGNMENTS) == set(AssignmentCommand) == set(ASSIGNMENT_RULES)
    assert set(_ASSIGNMENT_STATES) == set(AssignmentState)


@pytest.mark.parametrize(("command", "state", "marks"), list(_assignment_cases()))
def test_step_of_an_assignment_is_reported(command: str, state: str, marks: str) -> None:
    asked, now = AssignmentCommand(command), AssignmentState(state)
    expected = {name for name, other, each in _assignment_cases() if other == state and each.startswith("+")}
    assert already_reached(asked, now) is marks.endswith("=")
    for role, own_agency in ((Role.RESPONDER, True), (Role.CALL_TAKER, False), (Role.SUPERVISOR, False)):
        assert set(allowed_assignment_commands(now, role, own_agency)) == expected
        if marks.startswith("+"):
            check_assignment_command(asked, now, role, own_agency)
            continue
        with pytest.raises(TransitionRefused) as refused:
            check_assignment_command(asked, now, role, own_agency)
        assert set(refused.value.allowed) == expected
        assert refused.value.details == {"entity": "assignment", "state": state, "command": command}


@pytest.mark.parametrize(("role", "own_agency"), [(Role.RESPONDER, False), (Role.ADMIN, False), (None, False)])
def test_nobody_else_reports_for_an_agency(role: Role | None, own_agency: bool) -> None:
    for command, state in product(AssignmentCommand, AssignmentState):
        assert allowed_assignment_commands(state, role, own_agency) == ()
        with pytest.raises(NotPermitted):
            check_assignment_command(command, state, role, own_agency)


# --- What the assignments make of the ticket.
@pytest.mark.parametrize(
    ("assignments", "has_owner", "expected"),
    [
        (["sent"], True, "dispatched"),
        (["sent", "sent"], False, "dispatched"),
        (["sent", "declined"], True, "dispatched"),
        (["sent", "cancelled"], True, "dispatched"),
        (["acknowledged"], True, "in_progress"),
        (["sent", "acknowledged"], False, "in_progress"),
        (["en_route", "declined"], True, "in_progress"),
        (["on_scene", "cleared"], True, "in_progress"),
        (["sent", "cleared"], True, "in_progress"),
        (["cleared"], True, "verify"),
        (["cleared"], False, "verify"),
        (["cleared", "declined", "cancelled"], False, "verify"),
        (["declined"], True, "claimed"),
        (["declined"], False, "new"),
        (["declined", "cancelled"], True, "claimed"),
        ([], False, "new"),
    ],
)
def test_state_of_a_ticket_follows_its_assignments(assignments: list[str], has_owner: bool, expected: str) -> None:
    for order in permutations(AssignmentState(state) for state in assignments):
        assert ticket_state_after(order, has_owner) == expected


@given(st.lists(st.sampled_from(AssignmentState)), st.booleans())
def test_a_ticket_with_a_live_assignment_is_never_back_with_the_operator(
    states: list[AssignmentState], has_owner: bool
) -> None:
    live = any(state in LIVE_ASSIGNMENT_STATES for state in states)
    after = ticket_state_after(states, has_owner)
    assert live == (after in (TicketState.DISPATCHED, TicketState.IN_PROGRESS))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("new", "menunggu"),
        ("callback", "menunggu"),
        ("claimed", "menunggu"),
        ("dispatched", "menunggu"),
        ("in_progress", "proses"),
        ("verify", "proses"),
        ("closed", "selesai"),
    ],
)
def test_public_status_has_rabegs_three_words(state: str, expected: str) -> None:
    assert public_status(TicketState(state)) == expected


# --- Closing.
_FREELY = {"claimed", "verify"}
_EVERYWHERE = {"claimed", "dispatched", "in_progress", "verify"}


@pytest.mark.parametrize("state", sorted(_EVERYWHERE))
@pytest.mark.parametrize("any_cleared", [True, False])
@pytest.mark.parametrize(
    ("disposition", "closes_in", "needs_cleared"),
    [
        ("handled", _FREELY, True),
        ("handled_by_phone", _FREELY, False),
        ("no_responder_needed", _FREELY, False),
        ("cancelled", _EVERYWHERE, False),
        ("duplicate", _EVERYWHERE, False),
    ],
)
def test_agencies_under_way_are_only_ever_called_off(
    disposition: str, closes_in: set[str], needs_cleared: bool, any_cleared: bool, state: str
) -> None:
    arguments = Disposition(disposition), TicketState(state), any_cleared, ("close",)
    if state in closes_in and (any_cleared or not needs_cleared):
        check_closing(*arguments)
        return
    with pytest.raises(TransitionRefused) as refused:
        check_closing(*arguments)
    assert refused.value.allowed == ("close",)
    assert refused.value.details["command"] == f"close:{disposition}"


def test_every_disposition_is_chosen_when_closing_by_the_one_key_at_the_gate_or_by_a_callback() -> None:
    by_people = CLOSING_DISPOSITIONS | {Disposition(kind) for kind in NUISANCE}
    by_themselves = {Disposition.GATE, Disposition.GOT_THROUGH, Disposition.UNREACHABLE}
    assert set(Disposition) == by_people | by_themselves
    assert not by_people & by_themselves
    assert set(Classification) - NUISANCE == {"genuine"}


# --- No dead ends. A world is: the ticket's state, whether somebody has it, its assignments.
World = tuple[TicketState, bool, tuple[AssignmentState, ...]]
START: World = (TicketState.NEW, False, ())
MOST_ASSIGNMENTS = 3


def _next_worlds(world: World) -> Iterator[World]:
    """Every world that one command of an operator or an agency leads to, as the product's rules allow it."""
    state, owned, assignments = world
    owner = Ownership.SELF if owned else Ownership.NOBODY
    if state is TicketState.NEW:
        yield TicketState.CALLBACK, owned, assignments  # the caller hangs up
    for command in allowed_ticket_commands(state, owner, Role.CALL_TAKER):
        match command:
            case "claim":
                waits = state in (TicketState.NEW, TicketState.CALLBACK)
                yield (TicketState.CLAIMED if waits else state), True, assignments
            case "release":
                yield (TicketState.NEW if state is TicketState.CLAIMED else state), False, assignments
            case "dispatch" if len(assignments) < MOST_ASSIGNMENTS:
                more = tuple(sorted((*assignments, AssignmentState.SENT)))
                yield ticket_state_after(more, owned), owned, more
            case "classify" if state is TicketState.CLAIMED:
                yield TicketState.CLOSED, owned, assignments
            case "close":
                yield from _closed_worlds(world)
            case "reopen":
                yield TicketState.CLAIMED, True, assignments
    for index, before in enumerate(assignments):
        for command in allowed_assignment_commands(before, Role.RESPONDER, own_agency=True):
            after = ASSIGNMENT_RULES[AssignmentCommand(command)].target
            changed = tuple(sorted((*assignments[:index], after, *assignments[index + 1 :])))
            yield ticket_state_after(changed, owned), owned, changed


def _closed_worlds(world: World) -> Iterator[World]:
    state, owned, assignments = world
    for disposition in CLOSING_DISPOSITIONS:
        try:
            check_closing(disposition, state, AssignmentState.CLEARED in assignments, ())
        except TransitionRefused:
            continue
        called_off = (AssignmentState.CANCELLED if a in LIVE_ASSIGNMENT_STATES else a for a in assignments)
        yield TicketState.CLOSED, owned, tuple(sorted(called_off))


def _explore() -> dict[World, set[World]]:
    found: dict[World, set[World]] = {}
    waiting = [START]
    while waiting:
        world = waiting.pop()
        if world not in found:
            found[world] = set(_next_worlds(world))
            waiting += found[world]
    return found


def test_every_ticket_state_can_be_reached_and_from_each_of_them_a_ticket_can_be_closed() -> None:
    worlds = _explore()
    assert {state for state, _, _ in worlds} == set(TicketState)
    assert {a for _, _, assignments in worlds for a in assignments} == set(AssignmentState)
    can_close = {world for world in worlds if world[0] is TicketState.CLOSED}
    while True:
        more = {world for world, following in worlds.items() if following & can_close} - can_close
        if not more:
            break
        can_close |= more
    assert can_close == set(worlds)


def test_no_open_ticket_is_without_an_owner_and_without_a_state_that_runs_a_clock() -> None:
    clocked = {TicketState.NEW, TicketState.CALLBACK, TicketState.CLAIMED, TicketState.VERIFY}
    for state, _, assignments in _explore():
        live = [a for a in assignments if a in LIVE_ASSIGNMENT_STATES]
        if state in OPEN_STATES:
            assert (state in clocked) != bool(live)
        else:
            assert not live


def test_assignment_states_never_lead_back() -> None:
    leads_to = {
        state: {rule.target for rule in ASSIGNMENT_RULES.values() if state in rule.states} for state in AssignmentState
    }
    order = list(AssignmentState)
    assert all(order.index(after) > order.index(before) for before, every in leads_to.items() for after in every)
    assert {state for state, every in leads_to.items() if not every} == set(AssignmentState) - LIVE_ASSIGNMENT_STATES


def test_every_call_ends_and_only_what_is_told_late_leads_back() -> None:
    assert set(CALL_TRANSITIONS) == set(CallState)
    assert set(CallState) - LIVE_CALL_STATES == {CallState.ABANDONED, CallState.ENDED, CallState.LET_GO}
    assert all(
        following - LIVE_CALL_STATES for state, following in CALL_TRANSITIONS.items() if state in LIVE_CALL_STATES
    )
    # A call that was let go never rang; no other call ever rings again.
    assert not CALL_TRANSITIONS[CallState.LET_GO]
    assert not any(CallState.RINGING in following for following in CALL_TRANSITIONS.values())


def test_only_a_supervisor_ends_a_call_by_hand() -> None:
    for role in (*Role, None):
        if role is Role.SUPERVISOR:
            check_end_call(role)
        else:
            with pytest.raises(NotPermitted):
                check_end_call(role)


def test_all_pairs_of_assignment_states_give_a_known_ticket_state() -> None:
    for pair in combinations_with_replacement(AssignmentState, 2):
        assert ticket_state_after(pair, has_owner=True) in OPEN_STATES
