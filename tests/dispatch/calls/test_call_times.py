"""Calls have the times at which things happened, whenever we are told and whatever the exchange's clock says."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.callbacks.reading import callback_list
from dispatch.city.pack import CityPack
from dispatch.clock import to_iso
from dispatch.storage.tables import Call
from dispatch.tickets.call_times import TimedBy, arrival_of, instant_of
from tests.dispatch.calls.looks import DAY_S, A, B, call_of, the_board
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock


def test_late_calls_have_the_times_at_which_things_happened(shift: Shift) -> None:
    now = shift.clock.now()
    number = shift.ring("1", ani=A, age_s=240).ticket_number
    shift.answer("1", "op1", age_s=231.5)
    shift.hang_up("1", cause="16", duration_s=200, age_s=40)
    call = call_of(shift, number)
    assert call["late"]
    assert [call[name] for name in ("received_at", "answered_at", "ended_at")] == [
        to_iso(now - timedelta(seconds=age)) for age in (240, 231.5, 40)
    ]
    assert the_board(shift)["answered"] | {"goal": 0} == {
        "within": 1, "of": 1, "target_s": 15, "goal": 0, "window_h": 24
    }  # fmt: skip
    given_up = shift.ring("2", ani=B, age_s=100).ticket_number
    assert shift.ticket(given_up)["clocks"][0]["due_at"] == to_iso(now - timedelta(seconds=85))
    shift.hang_up("2", age_s=70)
    assert shift.ticket(given_up)["clocks"][0]["started_at"] == to_iso(now - timedelta(seconds=70))
    with shift.centre.read() as connection:
        [line] = callback_list(connection, shift.centre.city, shift.clock)["items"]
    assert line["due_at"] == to_iso(now + timedelta(seconds=230))


def test_a_call_that_was_told_late_without_a_time_came_as_long_ago_as_it_lasted(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    number = shift.ring("G1", ani=A).ticket_number
    shift.hang_up("G1", cause="16", duration_s=28)
    call = call_of(shift, number)
    assert (call["received_at"], call["late"]) == (to_iso(shift.clock.now() - timedelta(seconds=28)), True)
    assert call["ended_at"] == to_iso(shift.clock.now())
    for linkedid, lasted_s, told in (("G2", 31, {}), ("G3", DAY_S + 1, {}), ("G4", 28, {"age_s": 0.0})):
        at = to_iso(shift.clock.now())
        number = shift.ring(linkedid, **told).ticket_number
        shift.clock.step(30)
        shift.hang_up(linkedid, duration_s=lasted_s)
        assert (call_of(shift, number)["received_at"], call_of(shift, number)["late"]) == (at, False)


@pytest.mark.parametrize("order", list(permutations(("incoming", "answered", "ended"))))
@pytest.mark.parametrize("clock_is_off_s", [-DAY_S - 9, -3600, -200, 0, 3600])
def test_any_order_of_news_with_ages_is_one_call_however_wrong_the_exchanges_clock_is(
    sqlite_shift: Shift, order: tuple[str, ...], clock_is_off_s: int
) -> None:
    shift = sqlite_shift
    began = shift.clock.now()
    shift.clock.step(120)
    named = {"linkedid_s": int(began.timestamp()) + clock_is_off_s}
    for what in order:
        if what == "incoming":
            shift.ring("1", ani=A, age_s=120, **named)
        elif what == "answered":
            shift.answer("1", "op1", age_s=110, **named)
        else:
            shift.hang_up("1", duration_s=90, age_s=30, **named)
    [call] = shift.rows(Call)
    assert (call.state, call.number, call.received_at) == ("ended", A, began)


@pytest.mark.parametrize("age_s", [-1.0, -1e-9, float("nan"), float("inf"), float("-inf"), DAY_S + 1, 1e30, None])
def test_an_age_that_cannot_be_is_unknown(sqlite_shift: Shift, age_s: float | None) -> None:
    shift = sqlite_shift
    number = shift.ring("1", age_s=age_s).ticket_number
    shift.answer("1", "op1", age_s=age_s)
    shift.clock.step(9)
    shift.hang_up("1", age_s=age_s)
    call = call_of(shift, number)
    assert (call["received_at"], call["late"]) == ("2026-11-24T02:14:00.000Z", False)
    assert (call["answered_at"], call["ended_at"]) == ("2026-11-24T02:14:00.000Z", "2026-11-24T02:14:09.000Z")


@given(age_s=st.floats(), linkedid_s=st.none() | st.integers(-(10**12), 10**12), micros=st.integers(0, 999_999))
@example(age_s=-1.0, linkedid_s=1795486440, micros=999_999)
def test_no_call_comes_in_the_future_or_more_than_a_day_back(
    city: CityPack, age_s: float, linkedid_s: int | None, micros: int
) -> None:
    now = SteppableClock().now() + timedelta(microseconds=micros)
    policy = city.policy.calls
    arrival = arrival_of(age_s, linkedid_s, now, policy)
    assert now - timedelta(days=1) <= arrival.at <= now
    told = instant_of(age_s, now, policy)
    assert (arrival.timed_by is TimedBy.AGE) == (told is not None)
    if linkedid_s is not None and told is None:
        back_s = now.timestamp() - linkedid_s
        impossible = back_s < -policy.clock_ahead_s or back_s > DAY_S
        assert (arrival.timed_by is TimedBy.WRONG_CLOCK) == impossible
        assert impossible or abs((arrival.at - now).total_seconds() + back_s) <= max(2, policy.clock_ahead_s)


def test_ages_never_turn_the_order_of_a_call_round(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    number = shift.ring("1", age_s=10).ticket_number
    shift.answer("1", "op1", age_s=40)  # a clock that was set in between
    shift.hang_up("1", age_s=70)
    call = call_of(shift, number)
    assert call["received_at"] <= call["answered_at"] <= call["ended_at"]
