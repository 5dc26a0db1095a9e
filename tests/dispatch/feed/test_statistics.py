"""The figures of the supervisor's board."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.feed.board import board
from tests.dispatch.shift import CIPARE, FIRE, IN_CIPARE, Shift


def figures(shift: Shift) -> dict[str, Any]:
    with shift.centre.read() as connection:
        return board(connection, shift.centre.city, shift.clock)


def test_an_empty_centre_has_figures_too(shift: Shift) -> None:
    empty = figures(shift)
    assert (empty["waiting"], empty["longest_wait_since"], empty["abandoned"]) == (0, None, 0)
    assert (empty["answered"]["within"], empty["answered"]["of"]) == (0, 0)
    assert empty["not_emergency"] == {"n": 0, "of": 0}
    assert empty["open"] == {"total": 0, "P1": 0, "P2": 0, "P3": 0, "P4": 0, "none": 0}
    assert (empty["agencies"], empty["unacknowledged"], empty["operators"], empty["pins"]) == ([], [], [], [])


#: Seconds from the ring until the answer (+), the caller's hanging up (-) or nothing yet (None): within 15 s, of.
@pytest.mark.parametrize(
    ("calls", "within", "of", "abandoned", "waiting"),
    [
        pytest.param([+1, +15], 2, 2, 0, 0, id="fifteen seconds are within fifteen seconds"),
        pytest.param([+15.001, +60], 0, 2, 0, 0, id="later is not"),
        pytest.param([+1, -5], 1, 2, 1, 0, id="a caller who gave up after five seconds was not answered in time"),
        pytest.param([-1, -20, -90], 0, 3, 3, 0, id="nobody was answered"),
        pytest.param([+1, None], 1, 1, 0, 1, id="whoever still rings is not counted yet"),
        pytest.param([None, None], 0, 0, 0, 2, id="two ring"),
    ],
)
def test_calls_abandoned_before_an_answer_count_as_not_answered_in_time(
    shift: Shift, calls: list[float | None], within: int, of: int, abandoned: int, waiting: int
) -> None:
    for index, outcome in enumerate(calls):
        shift.ring(f"call {index}")
        shift.clock.step(abs(outcome or 0))
        if outcome is not None:
            (shift.answer if outcome > 0 else shift.hang_up)(f"call {index}")
            if outcome > 0:
                shift.clock.step(60)
                shift.hang_up(f"call {index}")
    found = figures(shift)
    assert found["answered"] == {"within": within, "of": of, "target_s": 15, "goal": 0.9, "window_h": 24}
    assert (found["abandoned"], found["callbacks_open"], found["waiting"]) == (abandoned, abandoned, waiting)


def test_the_longest_wait_is_the_oldest_call_that_still_rings(shift: Shift) -> None:
    shift.ring("first")
    shift.clock.step(10)
    shift.ring("second")
    shift.clock.step(10)
    assert figures(shift)["longest_wait_since"] == "2026-11-24T02:14:00.000Z"
    shift.answer("first", "op9")
    assert figures(shift)["longest_wait_since"] == "2026-11-24T02:14:10.000Z"


def test_a_day_later_the_calls_of_yesterday_are_no_longer_counted(shift: Shift) -> None:
    shift.ring("1")
    shift.answer("1", "op9")
    number = shift.claimed(linkedid="2")
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    shift.hang_up("2")
    shift.clock.step(24 * 3600)
    assert (figures(shift)["answered"]["of"], figures(shift)["abandoned"]) == (2, 1)
    shift.clock.step(1)
    later = figures(shift)
    assert (later["answered"]["of"], later["abandoned"], later["not_emergency"]["of"]) == (0, 0, 0)
    assert later["open"]["total"] == 1  # what is open stays open, however old it is


def test_the_mix_leaves_no_call_out(shift: Shift) -> None:
    for kind, times in (("prank", 3), ("ghost", 2), ("information", 1), ("wrong_number", 1), ("dropped", 1)):
        for _ in range(times):
            number = shift.claimed()
            shift.run(classify_ticket, actor=shift.dewi, number=number, classification=kind)
    shift.ready()
    shift.ring()
    found = figures(shift)
    assert found["mix"] == {
        "prank": 3,
        "ghost": 2,
        "information": 1,
        "wrong_number": 1,
        "dropped": 1,
        "genuine": 1,
        "unclassified": 1,
    }
    assert found["not_emergency"] == {"n": 8, "of": 10}


def test_open_tickets_are_counted_by_priority(shift: Shift) -> None:
    shift.ring()
    shift.ready()
    shift.ready()
    number = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="genuine", type_code=FIRE, priority="P4")
    assert figures(shift)["open"] == {"total": 4, "P1": 2, "P2": 0, "P3": 0, "P4": 1, "none": 1}


def test_the_agency_whose_clock_runs_out_first_is_on_top_and_an_unanswered_dispatch_is_the_worst(shift: Shift) -> None:
    early, [damkar] = shift.sent("DAMKAR")
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=damkar)  # due in 15 minutes
    shift.clock.step(10)
    late, _ = shift.sent("PSC119", "POLRESTA")
    shift.clock.step(10)
    latest, _ = shift.sent("DAMKAR")
    found = figures(shift)
    assert [(line["code"], line["open"], line["worst"]["ticket"]) for line in found["agencies"]] == [
        ("PSC119", 1, late),
        ("POLRESTA", 1, late),
        ("DAMKAR", 2, latest),
    ]
    worst = found["agencies"][2]["worst"]
    assert worst == {
        "ticket": latest,
        "short": latest[-3:],
        "type_name_id": "Kebakaran bangunan/rumah",
        "type_name_en": "Structure fire",
        "priority": "P1",
        "state": "sent",
        "clock_started_at": "2026-11-24T02:14:20.000Z",
        "due_at": "2026-11-24T02:15:20.000Z",
        "due_kind": "acknowledge",
        "reach": None,
    }
    assert [(line["ticket"], line["agency"]) for line in found["unacknowledged"]] == [
        (late, "PSC119"),
        (late, "POLRESTA"),
        (latest, "DAMKAR"),
    ]
    assert early not in [line["ticket"] for line in found["unacknowledged"]]


def test_a_dispatch_that_nobody_answered_is_worse_than_work_that_is_late(shift: Shift) -> None:
    late, [first] = shift.sent("DAMKAR")
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=first)
    shift.clock.step(20 * 60)  # the crew should have left five minutes ago
    unanswered, _ = shift.sent("DAMKAR")
    busy, [second] = shift.sent("PSC119")
    shift.run(acknowledge_assignment, actor=shift.psc119, assignment_id=second)
    found = figures(shift)
    assert [(line["code"], line["worst"]["ticket"], line["worst"]["state"]) for line in found["agencies"]] == [
        ("DAMKAR", unanswered, "sent"),
        ("PSC119", busy, "acknowledged"),
    ]
    assert found["agencies"][0]["open"] == 2
    assert late != unanswered


def test_operators_are_ready_or_on_a_call(shift: Shift) -> None:
    shift.seat(shift.rizki, "2")
    shift.seat(shift.dewi, "1")
    number = shift.ring("1").ticket_number
    shift.clock.step(5)
    shift.answer("1", "op2")
    assert figures(shift)["operators"] == [
        {
            "id": shift.dewi.user_id,
            "name": "Dewi",
            "seat": "1",
            "state": "ready",
            "since": "2026-11-24T02:14:00.000Z",
            "ticket": None,
        },
        {
            "id": shift.rizki.user_id,
            "name": "Rizki",
            "seat": "2",
            "state": "on_call",
            "since": "2026-11-24T02:14:05.000Z",
            "ticket": number,
        },
    ]
    shift.hang_up("1")
    assert [line["state"] for line in figures(shift)["operators"]] == ["ready", "ready"]


def test_pins_stand_where_the_ticket_is_or_else_in_its_kelurahan(shift: Shift) -> None:
    shift.ready()
    exact = shift.claimed()
    shift.run(locate_ticket, actor=shift.dewi, number=exact, kelurahan_code=CIPARE, lat=-6.13, lon=106.17)
    shift.claimed()  # nobody knows where
    sent, _ = shift.sent("DAMKAR")
    assert figures(shift)["pins"] == [
        {
            "short": "001",
            "priority": "P1",
            "lat": IN_CIPARE[0],
            "lon": IN_CIPARE[1],
            "clock_started_at": None,
            "due_at": None,
        },
        {"short": "002", "priority": None, "lat": -6.13, "lon": 106.17, "clock_started_at": None, "due_at": None},
        {
            "short": sent[-3:],
            "priority": "P1",
            "lat": IN_CIPARE[0],
            "lon": IN_CIPARE[1],
            "clock_started_at": "2026-11-24T02:14:00.000Z",
            "due_at": "2026-11-24T02:15:00.000Z",
        },
    ]


def test_the_board_shows_no_caller(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    number = shift.ready(linkedid="1", ani="081298765001", caller_name="BUDI-RAHASIA")
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="genuine", words="KATA-RAHASIA")
    shift.send(number, "DAMKAR")
    shift.ring("2", ani="081298765001", caller_name="BUDI-RAHASIA")
    shift.answer("2")
    shown = json.dumps(figures(shift), allow_nan=False)
    assert not [mark for mark in ("081298765001", "81298765001", "RAHASIA") if mark in shown]
