"""The auditor finds whatever was not done, of every open clock, and nothing where all was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, update

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.audit.auditor import Audit, audit
from dispatch.deliveries.notices import use_next_channels
from dispatch.storage.tables import Assignment, Ladder, LadderStep, NoticeDelivery, Ticket
from tests.dispatch.ladders.test_firing import add_contact, fire
from tests.dispatch.shift import Shift


def look(shift: Shift) -> Audit:
    return audit(shift.centre.read, shift.centre.city, shift.clock.now())


def sent(shift: Shift) -> str:
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    number, _ = shift.sent("DAMKAR")
    return number


def deliver(shift: Shift) -> None:
    with shift.centre.engine.begin() as connection:
        connection.execute(update(NoticeDelivery).values(attempts=1, ended_at=shift.clock.now()))
    shift.centre.run(use_next_channels)


def test_where_all_was_done_nothing_is_found(shift: Shift) -> None:
    sent(shift)
    for _ in range(8):
        fire(shift)
        deliver(shift)
        shift.clock.step(14)
        deliver(shift)
        assert look(shift).clean, look(shift).findings
    assert look(shift).clocks == 1


def test_a_rung_that_nobody_fired_is_found_once_it_is_no_news_any_more(shift: Shift) -> None:
    number = sent(shift)
    fire(shift)
    deliver(shift)
    shift.clock.step(74)
    assert look(shift).clean
    shift.clock.step(2)
    (missed,) = look(shift).findings
    assert (missed.what, missed.rung, missed.ticket_number) == ("rung_not_fired", 1, number)
    fire(shift)
    deliver(shift)
    assert look(shift).clean


def test_a_clock_of_days_is_looked_at_as_well(shift: Shift) -> None:
    sent(shift)
    fire(shift)
    deliver(shift)
    shift.clock.step(72 * 3600)
    deliver(shift)
    assert [missed.rung for missed in look(shift).findings] == [1, 2, 3, 4, 5]


def _no_ladder(shift: Shift) -> None:
    with shift.centre.engine.begin() as connection:
        connection.execute(delete(LadderStep))
        connection.execute(delete(Ladder))


def _another_start(shift: Shift) -> None:
    shift.clock.step(5)
    with shift.centre.engine.begin() as connection:
        connection.execute(update(Assignment).values(clock_started_at=shift.clock.now()))


def _message_left_lying(shift: Shift) -> None:
    fire(shift)
    shift.clock.step(59)


@pytest.mark.parametrize(
    ("happened", "what"),
    [
        (_no_ladder, "no_ladder"),
        (_another_start, "another_ladder"),
        (_message_left_lying, "not_sent"),
    ],
)
def test_what_else_may_go_wrong_is_found(shift: Shift, happened: Callable[[Shift], None], what: str) -> None:
    sent(shift)
    happened(shift)
    shift.clock.step(16)
    assert what in {missed.what for missed in look(shift).findings}


def test_what_is_done_needs_nothing_more(shift: Shift) -> None:
    number = sent(shift)
    fire(shift)
    (assignment,) = [row.id for row in shift.rows(Assignment)]
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment)
    shift.clock.step(600)
    assert look(shift).clean
    with shift.centre.engine.begin() as connection:
        connection.execute(update(Ticket).where(Ticket.number == number).values(state="closed"))
        connection.execute(update(Assignment).values(clock_kind=None))
    shift.clock.step(72 * 3600)
    assert look(shift).clocks == 0
