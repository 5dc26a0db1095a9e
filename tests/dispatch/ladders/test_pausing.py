"""A clock stands still for a named reason, by a role that may, with an end; its rungs wait as long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.errors import CommandRefused, InvalidValue, NotPermitted, TransitionRefused
from dispatch.ladders.pausing import pause_clock, resume_clock
from tests.dispatch.ladders.test_firing import add_contact, fire, of_assignment
from tests.dispatch.shift import Shift

UNSAFE = "lokasi-tidak-aman"


def pause(shift: Shift, number: str, seconds: int, reason: str = UNSAFE, **more: Any) -> Any:
    actor = more.pop("actor", shift.ratna)
    until = shift.clock.now() + timedelta(seconds=seconds)
    return shift.run(pause_clock, actor=actor, number=number, reason=reason, until=until, **more)


def test_no_rung_fires_while_a_clock_is_paused_and_all_fire_as_much_later(shift: Shift) -> None:
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    number, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    due_at = shift.assignment(number, assignment)["due_at"]
    shift.clock.step(30)
    pause(shift, number, 600, assignment=assignment)
    seen = shift.assignment(number, assignment)
    assert seen["due_at"] > due_at
    assert seen["ladder"]["paused"]["reason"] == UNSAFE
    shift.clock.step(600)
    assert fire(shift).rungs == 0
    shift.clock.step(30)
    fire(shift)
    assert [step.rung for step in of_assignment(shift)] == [0, 1]


def test_resuming_brings_back_what_was_left_of_the_pause(shift: Shift) -> None:
    number, (assignment,) = shift.sent("DAMKAR")
    before = shift.assignment(number, assignment)["due_at"]
    pause(shift, number, 600, assignment=assignment)
    shift.run(resume_clock, actor=shift.ratna, number=number, assignment=assignment)
    assert shift.assignment(number, assignment)["due_at"] == before
    assert not shift.run(resume_clock, actor=shift.ratna, number=number, assignment=assignment).changed


@pytest.mark.parametrize(
    ("seconds", "reason", "who", "refusal"),
    [
        (600, "istirahat", "ratna", InvalidValue),
        (-1, UNSAFE, "ratna", InvalidValue),
        (7201, UNSAFE, "ratna", InvalidValue),
        (600, UNSAFE, "dewi", NotPermitted),
    ],
)
def test_a_pause_needs_a_known_reason_a_role_that_may_and_an_end(
    shift: Shift, seconds: int, reason: str, who: str, refusal: type[CommandRefused]
) -> None:
    number, (assignment,) = shift.sent("DAMKAR")
    with pytest.raises(refusal):
        pause(shift, number, seconds, reason, assignment=assignment, actor=shift.people[who])


def test_a_clock_that_does_not_run_cannot_be_paused(shift: Shift) -> None:
    number, (assignment,) = shift.sent("DAMKAR")
    with pytest.raises(TransitionRefused):
        pause(shift, number, 600)  # the ticket's own clock gave way to the assignment's
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment)
    pause(shift, number, 600, assignment=assignment)
