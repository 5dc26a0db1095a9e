"""People leave, decline and answer at the same time, in the middle of a ladder: somebody else is told at once."""

from __future__ import annotations

from functools import partial

import pytest

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment, decline_assignment
from dispatch.duty.contacts import remove_contact
from dispatch.errors import CommandRefused
from dispatch.people.commands import deactivate_user
from dispatch.storage.tables import Assignment, Ladder, LadderStep, Notice
from tests.dispatch.duty.people import rostered
from tests.dispatch.ladders.test_firing import of_assignment
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_browser, add_contact, finish, fire, go_on, lease, outcomes, rows
from tests.dispatch.together import at_once


def told(shift: Shift) -> list[int | None]:
    return [notice.contact_id for notice in rows(shift, Notice)]


def decline(shift: Shift, assignment: int) -> None:
    shift.run(decline_assignment, actor=shift.ratna, assignment_id=assignment, reason_code="no_unit")


def of_centre(shift: Shift) -> list[LadderStep]:
    ladders = {row.id for row in rows(shift, Ladder) if row.assignment_id is None and row.ended_at is None}
    return [step for step in rows(shift, LadderStep) if step.ladder_id in ladders]


@pytest.mark.parametrize("channel", ["whatsapp", "push"])
def test_whoever_was_removed_before_the_sending_gets_nothing_and_the_next_rung_fires_at_once(
    shift: Shift, channel: str
) -> None:
    user_id = shift.damkar.user_id
    assert user_id is not None
    officer = add_contact(shift, "DAMKAR", "duty", *([channel] if channel != "push" else []), user_id=user_id)
    if channel == "push":
        add_browser(shift, user_id)
    head = add_contact(shift, "DAMKAR", "head", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    shift.run(remove_contact, actor=shift.ratna, contact_id=officer)
    assert lease(shift, channel) == []
    assert outcomes(shift) == [(channel, "failed")]
    fire(shift)
    assert told(shift)[-1] == head
    assert [step.rung for step in of_assignment(shift)] == [0, 1, 2]


def test_a_browser_of_somebody_who_may_not_sign_in_any_more_is_not_woken(shift: Shift) -> None:
    user_id = shift.damkar.user_id
    assert user_id is not None
    add_contact(shift, "DAMKAR", "duty", "whatsapp", user_id=user_id)
    add_browser(shift, user_id)
    shift.sent("DAMKAR")
    fire(shift)
    shift.run(deactivate_user, actor=shift.admin, user_id=user_id)
    assert lease(shift, "push") == []
    assert outcomes(shift) == [("push", "failed"), ("whatsapp", None)]
    shift.sent("DAMKAR")
    fire(shift)
    assert [channel for channel, _ in outcomes(shift)] == ["push", "whatsapp", "whatsapp"]


def test_a_browser_is_no_way_left_to_whoever_was_removed_after_another_way_was_tried(shift: Shift) -> None:
    user_id = shift.damkar.user_id
    assert user_id is not None
    officer = add_contact(shift, "DAMKAR", "duty", "whatsapp", user_id=user_id)
    shift.sent("DAMKAR")
    fire(shift)
    (leased,) = lease(shift)
    finish(shift, leased)
    add_browser(shift, user_id)
    shift.run(remove_contact, actor=shift.ratna, contact_id=officer)
    shift.clock.step(21)
    go_on(shift)
    assert [channel for channel, _ in outcomes(shift)] == ["whatsapp"]


def test_a_roster_without_anybody_now_is_a_hole_and_the_next_rung_fires_at_once(shift: Shift) -> None:
    officer = add_contact(shift, "DAMKAR", "duty", "whatsapp")
    head = add_contact(shift, "DAMKAR", "head", "whatsapp")
    rostered(shift, officer, "2026-11-26T07:00", "2026-11-26T15:00")
    shift.sent("DAMKAR")
    fire(shift)
    assert [(step.rung, step.hole) for step in of_assignment(shift)] == [(0, True), (1, True), (2, False)]
    assert told(shift) == [head]


def test_where_one_of_two_agencies_declines_the_other_goes_on_and_where_both_do_the_centre_is_told_at_once(
    shift: Shift,
) -> None:
    for agency in ("DAMKAR", "PSC119"):
        add_contact(shift, agency, "duty", "whatsapp")
    supervisor = add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")
    _, (fire_brigade, ambulance) = shift.sent("DAMKAR", "PSC119")
    fire(shift)
    decline(shift, fire_brigade)
    fire(shift)
    assert supervisor not in told(shift)
    assert of_centre(shift) == []
    decline(shift, ambulance)
    fire(shift)
    assert told(shift)[-1] == supervisor
    assert [(step.rung, step.late, step.hole) for step in of_centre(shift)] == [(0, False, False)]
    assert {delivery[1] for delivery in outcomes(shift)[:2]} == {"withdrawn"}


@pytest.mark.parametrize("first", ["acknowledge", "decline"])
def test_of_two_answers_at_once_one_counts_and_the_ladder_follows_it(shift: Shift, first: str) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    _, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    reported = {"actor": shift.damkar, "assignment_id": assignment}

    def answer(what: str) -> str:
        try:
            if what == "decline":
                shift.run(decline_assignment, reason_code="no_unit", **reported)
            else:
                shift.run(acknowledge_assignment, **reported)
        except CommandRefused as refused:
            return refused.code
        return "done"

    answers = at_once(*[partial(answer, what) for what in (first, "acknowledge", "decline", first) * 3])
    assert answers.count("done") >= 1
    (state,) = [row.state for row in rows(shift, Assignment)]
    open_ = [ladder.clock_kind for ladder in rows(shift, Ladder) if ladder.ended_at is None]
    assert open_ == {"acknowledged": ["move"], "declined": ["first_dispatch"]}[state]


def test_done_beats_an_acknowledgement_that_was_under_way(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    _, (assignment,) = shift.taken_up("DAMKAR")
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=assignment, note="padam")
    assert not shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment).changed
    assert [ladder.clock_kind for ladder in rows(shift, Ladder) if ladder.ended_at is None] == ["verify"]
