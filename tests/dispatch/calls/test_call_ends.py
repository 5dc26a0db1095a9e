"""Every call has an end and its true times, whatever was lost, told late or in another order."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.draft_reading import drafts_of
from dispatch.call_taking.drafts import save_draft
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.callbacks.reading import callback_list
from dispatch.calls.exchange_alarms import exchange_alarms
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.pickups import any_pickup_due, return_unanswered
from dispatch.calls.progress import end_call_by_hand, exchange_started
from dispatch.city.pack import CityPack
from dispatch.clock import to_iso
from dispatch.errors import NotFound, NotPermitted
from dispatch.feed.board import board
from dispatch.people.commands import note_presence
from dispatch.storage.tables import Call, Ticket
from dispatch.tickets.call_times import TimedBy, arrival_of, instant_of
from tests.dispatch.shift import CIPARE, FIRE, SYSTEM_NAME, Shift
from tests.steppable_clock import SteppableClock
from tests.thoroughness import examples

A, B = "081200000001", "081200000002"
DAY_S = 86_400


def call_of(shift: Shift, number: str) -> dict[str, Any]:
    call: dict[str, Any] = shift.ticket(number)["calls"][0]
    return call


def to_call_back(shift: Shift) -> set[str]:
    with shift.centre.read() as connection:
        listed = callback_list(connection, shift.centre.city, shift.clock)
    return {number for line in listed["items"] for number in line["tickets"]}


def the_board(shift: Shift) -> dict[str, Any]:
    with shift.centre.read() as connection:
        return board(connection, shift.centre.city, shift.clock)


def alarms(shift: Shift) -> set[str]:
    with shift.centre.read() as connection:
        return set(exchange_alarms(connection))


def talking(shift: Shift, linkedid: str, extension: str, **call: Any) -> str:
    """A call that a seat has answered and talks with."""
    number = shift.ring(linkedid, **call).ticket_number
    shift.clock.step(3)
    shift.answer(linkedid, extension)
    shift.clock.step(30)
    return number


# --- A new answer at a seat ends what it had.


def test_a_new_answer_at_a_seat_ends_what_it_had_and_calls_nobody_back(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    before = talking(shift, "1", "op1", ani=A)
    talking(shift, "2", "op1", ani=B)
    call = call_of(shift, before)
    assert (call["state"], call["ended_how"], call["cut_off"]) == ("ended", "inferred", False)
    assert to_call_back(shift) == set()
    ended = next(entry for entry in shift.entries() if entry.kind == "call.ended")
    assert ended.data["inferred"] is True
    [dewi] = the_board(shift)["operators"]
    assert (dewi["state"], dewi["ticket"]) == ("on_call", shift.ticket(call_number(shift, "2"))["number"])


def call_number(shift: Shift, linkedid: str) -> str:
    return str(shift.ring(linkedid).ticket_number)


@pytest.mark.parametrize(("others", "live"), [(0, []), (1, ["2"]), (2, ["1", "2"]), (9, ["1", "2"])])
def test_calls_that_the_dialplan_says_are_held_go_on(sqlite_shift: Shift, others: int, live: list[str]) -> None:
    shift = sqlite_shift
    talking(shift, "1", "op1")
    shift.ring("2")
    shift.answer("2", "op1", others=1)
    shift.clock.step(30)
    shift.ring("3")
    shift.answer("3", "op1", others=others)
    states = {row.linkedid: row.state for row in shift.rows(Call)}
    assert [linkedid for linkedid in ("1", "2") if states[linkedid] == "answered"] == live
    assert states["3"] == "answered"


@pytest.mark.parametrize("talked_s", [2, 90])
def test_the_true_end_corrects_an_inferred_one(sqlite_shift: Shift, talked_s: int) -> None:
    shift = sqlite_shift
    number = shift.ring("1", ani=A).ticket_number
    shift.answer("1", "op1")
    answered_at = shift.clock.now()
    shift.clock.step(100)
    shift.ring("2")
    shift.answer("2", "op1")
    shift.clock.step(20)
    age_s = 120 - talked_s
    assert shift.hang_up("1", cause="16", duration_s=talked_s, age_s=age_s).changed
    call = call_of(shift, number)
    assert (call["ended_how"], call["ended_at"]) == ("told", to_iso(answered_at + timedelta(seconds=talked_s)))
    assert (number in to_call_back(shift)) == (talked_s == 2) == call["cut_off"]
    before = shift.everything()
    assert not shift.hang_up("1", cause="16", duration_s=talked_s, age_s=age_s).changed
    assert shift.everything() == before


def test_a_call_that_was_thought_over_lives_when_another_seat_picks_it_up(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    shift.seat(shift.rizki, "2")
    number = talking(shift, "1", "op1")
    talking(shift, "2", "op1")
    shift.answer("1", "op2")
    call = call_of(shift, number)
    assert (call["state"], call["seat"], call["ended_at"]) == ("answered", "2", None)
    assert shift.ticket(number)["owner"]["name"] == "Rizki"


# --- The exchange starts.


def test_a_start_of_the_exchange_cuts_off_what_was_up_and_calls_everybody_back(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    answered = talking(shift, "1", "op1", ani=A)
    shift.run(classify_ticket, actor=shift.dewi, number=answered, classification="genuine", type_code=FIRE)
    shift.run(locate_ticket, actor=shift.dewi, number=answered, kelurahan_code=CIPARE)
    shift.run(dispatch_ticket, actor=shift.dewi, number=answered, agencies=["DAMKAR"])
    ringing = shift.ring("2", ani=B).ticket_number
    elsewhere = shift.run(register_call, call=IncomingCall("other", "3")).ticket_number
    shift.clock.step(20)
    after = shift.ring("4", age_s=4).ticket_number
    told = shift.run(exchange_started, system_name=SYSTEM_NAME, age_s=5)
    assert (told.changed, told.calls) == (True, 2)
    for number, state in ((answered, "ended"), (ringing, "abandoned")):
        call = call_of(shift, number)
        assert (call["state"], call["ended_how"], call["cut_off"]) == (state, "restart", True)
        assert call["ended_at"] == to_iso(shift.clock.now() - timedelta(seconds=5))
    assert shift.ticket(answered)["state"] == "dispatched"  # its work goes on
    assert [call_of(shift, number)["state"] for number in (elsewhere, after)] == ["ringing", "ringing"]
    assert to_call_back(shift) == {answered, ringing}
    before = shift.everything()
    shift.clock.step(1)
    assert not shift.run(exchange_started, system_name=SYSTEM_NAME, age_s=6).changed
    assert shift.everything() == before


def test_a_start_that_is_told_days_later_leaves_alone_what_came_since(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    before = talking(shift, "1", "op1")
    shift.clock.step(2 * DAY_S)
    since = shift.ring("2", age_s=0).ticket_number
    shift.run(exchange_started, system_name=SYSTEM_NAME, age_s=1.9 * DAY_S)
    assert [call_of(shift, number)["state"] for number in (before, since)] == ["ended", "ringing"]


def test_news_from_before_a_start_that_is_told_after_it_leaves_no_call_standing(shift: Shift) -> None:
    shift.run(exchange_started, system_name=SYSTEM_NAME, age_s=60)
    ringing = shift.ring("1", ani=A, age_s=100).ticket_number
    talked = shift.ring("2", ani=B, age_s=100).ticket_number
    shift.answer("2", "op1", age_s=95)
    unannounced = shift.answer("3", "op2", age_s=90).ticket_number
    since = shift.ring("4", age_s=50).ticket_number
    shift.answer("4", "op3", age_s=45)
    states = [call_of(shift, number)["state"] for number in (ringing, talked, unannounced, since)]
    assert states == ["abandoned", "ended", "ended", "answered"]
    assert {call_of(shift, number)["ended_how"] for number in (ringing, talked, unannounced)} == {"restart"}
    assert {ringing, talked} <= to_call_back(shift)
    shift.run(exchange_started, system_name="other", age_s=1)
    assert call_of(shift, since)["state"] == "answered"
    shift.hang_up("2", cause="16", duration_s=20, age_s=80)  # its end was kept as well: that is the true one
    assert call_of(shift, talked)["ended_how"] == "told"


# --- A supervisor ends a call.


def test_a_supervisor_ends_a_call_that_is_over_and_nobody_else_does(shift: Shift) -> None:
    number = talking(shift, "1", "op1")
    for actor in (shift.dewi, shift.admin, shift.damkar):
        with pytest.raises(NotPermitted):
            shift.run(end_call_by_hand, actor=actor, number=number)
    with pytest.raises(NotFound):
        shift.run(end_call_by_hand, actor=shift.ratna, number=number, call_id=10**6)
    assert shift.run(end_call_by_hand, actor=shift.ratna, number=number).changed
    entry = shift.entries()[-1]
    assert (entry.kind, entry.actor_id, entry.data["by"]) == ("call.ended", shift.ratna.user_id, "supervisor")
    assert (call_of(shift, number)["state"], call_of(shift, number)["ended_how"]) == ("ended", "by_hand")
    assert to_call_back(shift) == set()
    assert not shift.run(end_call_by_hand, actor=shift.ratna, number=number).changed
    assert shift.hang_up("1", age_s=20, duration_s=13).changed
    assert call_of(shift, number)["ended_how"] == "told"


# --- The board leaves out what is over.


def test_closed_tickets_and_doubtful_calls_stand_before_nobody(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    prank = talking(shift, "1", "op1")
    shift.run(classify_ticket, actor=shift.dewi, number=prank, classification="prank")
    phantom = shift.ring("2").ticket_number
    shift.clock.step(14 * 3600)
    shift.seat(shift.dewi, "1")
    real = shift.ring("3").ticket_number
    shown = the_board(shift)
    assert (shown["waiting"], shown["doubtful"]) == (1, 1)
    assert shown["longest_wait_since"] == call_of(shift, real)["received_at"]
    assert [person["state"] for person in shown["operators"]] == ["ready"]
    doubtful_at = datetime.fromisoformat(call_of(shift, phantom)["doubtful_at"])
    limit = timedelta(seconds=shift.centre.city.policy.calls.doubtful_after_s)
    assert doubtful_at == datetime.fromisoformat(call_of(shift, phantom)["received_at"]) + limit


# --- True times.


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


# --- Any order.

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


# --- The telephone wins.


def test_a_transfer_moves_seat_and_owner_and_has_one_end(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    shift.seat(shift.rizki, "2")
    number = talking(shift, "X", "op1")
    shift.answer("X", "op2")
    assert {"call.transferred", "ticket.taken_by_phone"} <= set(shift.kinds())
    ticket = shift.ticket(number)
    assert (ticket["owner"]["name"], ticket["calls"][0]["seat"]) == ("Rizki", "2")
    assert {person["name"]: person["state"] for person in the_board(shift)["operators"]} == {
        "Dewi": "ready",
        "Rizki": "on_call",
    }
    shift.clock.step(10)
    shift.hang_up("X")
    assert shift.kinds().count("call.ended") == 1


def test_a_take_by_hand_without_a_pick_up_rings_for_the_others_again(shift: Shift) -> None:
    number = shift.ring("1").ticket_number
    shift.clock.step(4)
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    shift.run(save_draft, actor=shift.dewi, number=number, words="asap tebal", choices={}, version=0)
    due_at = shift.clock.now() + timedelta(seconds=15)
    assert shift.ticket(number)["pickup_due_at"] == to_iso(due_at)
    shift.clock.step(14)
    assert shift.run(return_unanswered) == 0
    shift.clock.step(1)
    with shift.centre.read() as connection:
        assert any_pickup_due(connection, shift.clock.now())
    assert [shift.run(return_unanswered) for _ in range(2)] == [1, 0]
    entry = shift.entries()[-1]
    assert (entry.kind, entry.data["reason"]) == ("ticket.returned", "no_pickup")
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"], ticket["pickup_due_at"]) == ("new", None, None)
    assert ticket["clocks"][0]["started_at"] == "2026-11-24T02:14:00.000Z"
    with shift.centre.read() as connection:
        assert [draft["words"] for draft in drafts_of(connection, shift.rows(Ticket)[0].id)] == ["asap tebal"]
    shift.run(claim_ticket, actor=shift.rizki, number=number)


@pytest.mark.parametrize("what", ["answered", "ended", "closed"])
def test_whoever_picks_up_in_time_keeps_what_was_taken(sqlite_shift: Shift, what: str) -> None:
    shift = sqlite_shift
    shift.seat(shift.dewi, "1")
    number = shift.ring("1").ticket_number
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    if what == "answered":
        shift.answer("1", "op1")
    elif what == "ended":
        shift.hang_up("1")
    else:
        shift.run(close_ticket, actor=shift.dewi, number=number, disposition="no_responder_needed")
    shift.clock.step(60)
    assert shift.run(return_unanswered) == 0
    assert shift.ticket(number)["owner"]["name"] == "Dewi"


# --- Who is there.


def test_a_sign_in_whose_browser_is_gone_answers_nothing(shift: Shift) -> None:
    session = shift.seat(shift.dewi, "1")
    shift.clock.step(3 * 3600)
    number = shift.ring("1").ticket_number
    shift.answer("1", "op1")
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"], ticket["calls"][0]["seat"]) == ("new", None, "1")
    assert shift.entries()[-1].data["absent_id"] == shift.dewi.user_id
    assert the_board(shift)["operators"] == []
    shift.run(note_presence, session_ids=[session])
    shift.clock.step(170)
    shift.ring("2")
    shift.answer("2", "op1")
    assert shift.ticket(call_number(shift, "2"))["owner"]["name"] == "Dewi"


# --- Telephones.


def test_an_exchange_without_telephones_is_an_alarm_until_one_rings(shift: Shift) -> None:
    shift.ring("1", telephones=2)
    assert alarms(shift) == set()
    shift.clock.step(5)
    shift.ring("2", telephones=0)
    shift.clock.step(5)
    shift.ring("3")
    assert alarms(shift) == {"no_telephone"}
    shift.answer("3", "op1")
    assert alarms(shift) == set()
    shift.clock.step(5)
    shift.ring("4", telephones=0)
    assert alarms(shift) == {"no_telephone"}
    shift.clock.step(5)
    shift.ring("5", telephones=1)
    assert alarms(shift) == set()


def test_rows_of_the_release_before_are_read_as_told(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    number = talking(shift, "1", "op1")
    shift.hang_up("1")
    with shift.centre.engine.begin() as connection:
        connection.execute(update(Call).values(ended_how=None, timed_by=None, seat_at=None))
    assert call_of(shift, number)["ended_how"] == "told"
    assert not shift.hang_up("1").changed
