"""Which call is meant: names that come back, two exchanges under one name, and news in any order."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.people.commands import note_presence
from dispatch.storage.tables import Call, Ticket
from tests.dispatch.calls.looks import DAY_S, A, B, alarms, call_of, to_call_back
from tests.dispatch.shift import Shift
from tests.thoroughness import examples

# --- Which call is meant.


@pytest.mark.parametrize("timed", [False, True])
def test_a_linkedid_that_comes_back_with_another_time_is_another_call(shift: Shift, timed: bool) -> None:
    linkedid = "946684800.0"
    told = {"linkedid_s": 946684800, **({"age_s": 1} if timed else {})}
    first = shift.ring(linkedid, ani=A, **told).ticket_number
    shift.clock.step(20)
    shift.hang_up(linkedid, duration_s=20)
    shift.clock.step(120)
    assert shift.ring(linkedid, ani=A, **told | ({"age_s": 141} if timed else {})).ticket_number == first
    shift.clock.step(30 * DAY_S)
    second = shift.ring(linkedid, ani=B, **told)
    assert second.created
    assert second.ticket_number != first
    shift.answer(linkedid, "op1")
    shift.clock.step(9)
    shift.hang_up(linkedid, duration_s=9)
    assert [call_of(shift, number)["number"] for number in (first, second.ticket_number)] == [A, B]
    assert [call_of(shift, number)["linkedid"] for number in (first, second.ticket_number)] == [linkedid] * 2
    assert [call_of(shift, number)["state"] for number in (first, second.ticket_number)] == ["abandoned", "ended"]
    assert ("wrong_clock" in alarms(shift)) == (not timed)


def test_a_name_that_comes_back_while_its_first_call_never_ended_ends_that(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    first = shift.ring("946684800.0", ani=A, age_s=0).ticket_number
    shift.clock.step(3600)
    second = shift.ring("946684800.0", ani=B, age_s=0).ticket_number
    assert second != first
    assert call_of(shift, first)["ended_how"] == "restart"
    assert first in to_call_back(shift)
    # News of the first one still finds it.
    shift.hang_up("946684800.0", age_s=3590, duration_s=10)
    assert call_of(shift, first)["ended_how"] == "told"
    assert call_of(shift, second)["state"] == "ringing"


def test_two_exchanges_under_one_name_get_a_ticket_for_each_caller(
    sqlite_shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    shift = sqlite_shift
    first = shift.ring("1795485240.0", ani=A, channel="PJSIP/trunk-00000001").ticket_number
    assert shift.ring("1795485240.0", ani="", channel="Local/s@tell-1;2").ticket_number == first
    assert shift.ring("1795485240.0", ani=A, channel="PJSIP/trunk-00000001").ticket_number == first
    assert shift.ring("1795485240.0", ani=B, channel="PJSIP/trunk-00000001").ticket_number != first
    assert shift.ring("1795485240.0", ani=A, channel="PJSIP/trunk-00000001").ticket_number == first
    assert len(shift.rows(Ticket)) == 2
    assert call_of(shift, first)["state"] == "ringing"
    assert "systemname" in caplog.text
    assert A not in caplog.text


#: What happened to one call, by seconds after its arrival; the news of it, told in any order and any number of times.
NEWS = ("incoming", "answered", "transferred", "ended")


def tell(shift: Shift, what: str, began: datetime, talked_s: float) -> None:
    def age(at_s: float) -> float:
        return (shift.clock.now() - began).total_seconds() - at_s

    end_s = 40 + talked_s
    match what:
        case "incoming":
            shift.ring("1", ani=A, age_s=age(0))
        case "answered":
            shift.answer("1", "op1", age_s=age(10))
        case "transferred":
            shift.answer("1", "op2", age_s=age(40))
        case "ended":
            shift.hang_up("1", cause="16", duration_s=round(end_s), age_s=age(end_s), answered=True, extension="op2")


def outcome(shift: Shift) -> Any:
    [ticket] = shift.rows(Ticket)
    [call] = shift.rows(Call)
    facts = ("state", "number", "received_at", "answered_at", "seat", "answered_by", "ended_at", "ended_how")
    worked = ("state", "owner_id", "claimed_at", "clock_kind", "clock_started_at")
    return (
        [getattr(call, name) for name in (*facts, "hangup_cause", "duration_s", "cut_off", "answer_guessed")],
        [getattr(ticket, name) for name in worked],
        to_call_back(shift),
    )


# --- Any order.


@pytest.mark.parametrize("talked_s", [60.0])
def test_any_order_of_the_news_of_a_call_leads_to_the_same(sqlite_shift: Shift, talked_s: float) -> None:
    shift = sqlite_shift
    shift.seat(shift.dewi, "1")
    shift.seat(shift.rizki, "2")
    shift.clock.step(60)
    began = shift.clock.now()
    shift.clock.step(120)
    wanted: Any = None

    @settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.permutations(NEWS), st.lists(st.sampled_from(NEWS), max_size=4), st.sampled_from([0, 1]))
    def check(order: list[str], repeats: list[str], pause_s: int) -> None:
        nonlocal wanted
        _forget_calls(shift)
        for what in (*order, *repeats):
            tell(shift, what, began, talked_s)
            if pause_s:
                shift.clock.step(pause_s)
                shift.run(note_presence, session_ids=[1, 2])
        wanted = wanted or outcome(shift)
        assert outcome(shift) == wanted

    check()
    assert wanted[0][0] == "ended"
    assert wanted[1][1] == shift.rizki.user_id


def _forget_calls(shift: Shift) -> None:
    with shift.centre.engine.begin() as connection:
        for table in ("calls", "ladders", "tickets", "callbacks", "counters"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.mark.parametrize("order", list(permutations(("incoming", "ended", "answered"))))
def test_an_answer_that_is_told_after_the_end_is_not_lost(sqlite_shift: Shift, order: tuple[str, ...]) -> None:
    shift = sqlite_shift
    shift.seat(shift.dewi, "1")
    for what in order:
        if what == "incoming":
            shift.ring("O1", ani=A)
        elif what == "answered":
            shift.answer("O1", "op1")
        else:
            shift.clock.step(30)
            shift.hang_up("O1", duration_s=30)
    [call] = shift.rows(Call)
    assert (call.state, call.seat, call.number) == ("ended", "1", A)
    assert to_call_back(shift) == set()


def test_an_end_that_says_answered_is_believed_whatever_was_told_before(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    number = shift.ring("1", ani=A).ticket_number
    shift.clock.step(50)
    shift.hang_up("1", duration_s=50, answered=True, extension="op1")
    call = call_of(shift, number)
    assert (call["state"], call["seat"], call["answered_by"]["name"]) == ("ended", "1", "Dewi")
    assert to_call_back(shift) == set()
    assert shift.ticket(number)["owner"]["name"] == "Dewi"
