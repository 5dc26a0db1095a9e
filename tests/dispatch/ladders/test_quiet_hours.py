"""At night heads and leaders are not woken for what can wait, and nobody else is held up by their sleep."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.audit.auditor import audit
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.ladders.reading import list_ladders
from dispatch.storage.tables import Contact, Notice, NoticeDelivery
from tests.dispatch.ladders.test_firing import of_assignment
from tests.dispatch.shift import CIPARE, FIRE, Shift
from tests.dispatch.telling import add_contact, change, finish, fire, lease, rows
from tests.steppable_clock import SteppableClock

#: 22.30 in Serang: heads sleep until 05.00, leaders until 06.00.
HALF_PAST_TEN = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
MINUTE = 60


@pytest.fixture
def clock() -> SteppableClock:
    return SteppableClock(HALF_PAST_TEN)


@pytest.fixture
def night(shift: Shift) -> Shift:
    """A night on which everybody whom a ladder names can be told."""
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")
    for office in ("SETDA", "WALIKOTA"):
        add_contact(shift, office, "leader", "whatsapp")
    return shift


def sent(shift: Shift, priority: str) -> tuple[str, int]:
    number = shift.claimed()
    sorted_as = {"classification": "genuine", "type_code": FIRE, "priority": priority}
    shift.run(classify_ticket, actor=shift.dewi, number=number, **sorted_as)
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    return number, shift.send(number, "DAMKAR")[0]


def pass_until(shift: Shift, minutes: int) -> list[tuple[int, int]]:
    """Let the night pass minute by minute; return which rungs fired in which. The auditor misses nothing on the way."""
    fired = []
    known = len(of_assignment(shift))
    began = shift.clock.now()
    while (passed := int((shift.clock.now() - began).total_seconds()) // MINUTE) <= minutes:
        fire(shift)
        steps = of_assignment(shift)
        fired += [(passed, step.rung) for step in steps[known:]]
        known = len(steps)
        assert missed(shift) == []
        shift.clock.step(MINUTE)
    return fired


def missed(shift: Shift) -> list[tuple[str, int | None]]:
    found = audit(shift.centre.read, shift.centre.city, shift.clock.now()).findings
    return [(one.what, one.rung) for one in found if one.what in ("rung_not_fired", "stopped_at_a_hole")]


def test_a_head_who_sleeps_holds_no_supervisor_up_and_is_told_in_the_morning(night: Shift) -> None:
    sent(night, "P3")
    fired = pass_until(night, 8 * 60)
    assert fired == [(0, 0), (5, 1), (30, 3), (6 * 60 + 30, 2), (7 * 60 + 30, 4), (7 * 60 + 30, 5)]
    assert {notice.kind for notice in rows(night, Notice)} == {"task", "reminder", "escalation"}


def test_what_is_next_is_the_supervisor_and_then_the_head_in_the_morning(night: Shift) -> None:
    number, _ = sent(night, "P3")

    def next_rung() -> tuple[int, str | None, str | None]:
        with night.centre.read() as connection:
            (ladder,), _ = list_ladders(connection, only_open=True, after=None, limit=1, ticket_number=number)
        return ladder["rung"], ladder["next_who"], ladder["next_at"]

    pass_until(night, 16)
    assert next_rung() == (3, "supervisor", "2026-11-24T16:00:00.000Z")
    pass_until(night, 20)
    assert next_rung() == (2, "head", "2026-11-24T22:00:00.000Z")


def test_what_is_urgent_wakes_everybody(night: Shift) -> None:
    for priority in ("P1", "P2"):
        sent(night, priority)
    pass_until(night, 61)
    assert {step.rung for step in of_assignment(night)} == {0, 1, 2, 3, 4, 5}
    assert len(of_assignment(night)) == 12


def test_what_becomes_urgent_waits_for_no_morning(night: Shift) -> None:
    number, _ = sent(night, "P3")
    pass_until(night, 40)
    assert [step.rung for step in of_assignment(night)] == [0, 1, 3]
    night.run(classify_ticket, actor=night.dewi, number=number, classification="genuine", priority="P1")
    fire(night)
    assert [step.rung for step in of_assignment(night)] == [0, 1, 3, 2]
    assert missed(night) == []


def test_a_rung_that_reaches_nobody_is_followed_at_once_by_the_next_who_is_awake(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "head", "whatsapp")
    add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")
    sent(shift, "P3")
    assert pass_until(shift, 6 * 60) == [(0, 0), (0, 1), (0, 3)]


def test_a_rung_whose_messages_are_all_lost_is_followed_at_once_by_the_next_who_is_awake(night: Shift) -> None:
    sent(night, "P3")
    pass_until(night, 16)
    for row in rows(night, Contact):
        if row.role == "chief":
            change(night, Contact, row.id, removed_at=night.clock.now())
    for leased in lease(night, limit=20):
        from tests.dispatch.telling import REFUSED

        finish(night, leased, REFUSED)
    fire(night)
    assert [step.rung for step in of_assignment(night)] == [0, 1, 3]


def test_whoever_accepts_while_the_head_sleeps_ends_it_for_everybody(night: Shift) -> None:
    _, assignment = sent(night, "P3")
    pass_until(night, 40)
    night.run(acknowledge_assignment, actor=night.damkar, assignment_id=assignment)
    assert {row.outcome for row in rows(night, NoticeDelivery)} == {"withdrawn"}
    assert not [step for step in of_assignment(night) if step.rung == 2]
