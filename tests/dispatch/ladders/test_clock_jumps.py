"""The machine's clock jumps, or the machine stood still: each rung once, nobody told twice, and it is said aloud."""

from __future__ import annotations

from datetime import timedelta

from dispatch.audit.auditor import audit
from dispatch.storage.tables import Ladder, LadderStep, Notice
from tests.dispatch.ladders.test_firing import of_assignment
from tests.dispatch.shift import Shift
from tests.dispatch.telling import OUTAGE, add_contact, finish, fire, lease, rows

HOUR = 3600


def set_back(shift: Shift, seconds: float) -> None:
    """Set the clock back, as a wrong one is set right."""
    shift.clock._now -= timedelta(seconds=seconds)


def missed(shift: Shift) -> set[str]:
    return {one.what for one in audit(shift.centre.read, shift.centre.city, shift.clock.now()).findings}


def staffed(shift: Shift) -> None:
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")


def test_after_a_jump_forward_each_missed_rung_fires_once_late_and_nobody_gets_two_messages(shift: Shift) -> None:
    staffed(shift)
    for _ in range(20):
        shift.sent("DAMKAR")
    shift.clock.step(200)
    for _ in range(5):
        fire(shift)
    steps = of_assignment(shift)
    assert len(steps) == len({(step.ladder_id, step.rung) for step in steps}) == 60
    assert all(step.late for step in steps if step.rung < 2)
    notices = rows(shift, Notice)
    assert len(notices) == len({(notice.ladder_id, notice.contact_id) for notice in notices})
    assert len(lease(shift, limit=8)) == 3  # duty, chief, head: one message each says all twenty
    assert lease(shift, limit=8) == []


def test_after_a_jump_back_nothing_fires_twice_and_the_auditor_says_that_clocks_start_in_the_future(
    shift: Shift,
) -> None:
    staffed(shift)
    shift.sent("DAMKAR")
    fire(shift)
    shift.clock.step(61)
    fire(shift)
    before = [(step.ladder_id, step.rung) for step in rows(shift, LadderStep)]
    set_back(shift, HOUR)
    fire(shift)
    assert [(step.ladder_id, step.rung) for step in rows(shift, LadderStep)] == before
    assert "starts_in_the_future" in missed(shift)
    shift.clock.step(HOUR + 120)
    fire(shift)
    steps = [(step.ladder_id, step.rung) for step in rows(shift, LadderStep)]
    assert len(steps) == len(set(steps)) > len(before)
    assert "starts_in_the_future" not in missed(shift)


def test_a_message_put_off_by_a_clock_that_was_set_back_since_is_found(shift: Shift) -> None:
    staffed(shift)
    shift.sent("DAMKAR")
    fire(shift)
    (leased,) = lease(shift)
    finish(shift, leased, OUTAGE)
    assert "not_sent" not in missed(shift)
    set_back(shift, 2 * HOUR)
    assert "not_sent" in missed(shift)


def test_a_task_that_is_sent_after_the_clock_was_set_back_is_told_at_once(shift: Shift) -> None:
    staffed(shift)
    shift.sent("DAMKAR")
    fire(shift)
    set_back(shift, HOUR)
    shift.sent("DAMKAR")
    fire(shift)
    first, second = [row for row in rows(shift, Ladder) if row.assignment_id is not None]
    assert {step.ladder_id for step in of_assignment(shift) if step.rung == 0} == {first.id, second.id}
