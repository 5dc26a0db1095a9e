"""Every call has an end: told, inferred, by a start of the exchange, or by a supervisor's hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import end_call_by_hand, exchange_started
from dispatch.clock import to_iso
from dispatch.errors import NotFound, NotPermitted
from dispatch.storage.tables import Call
from tests.dispatch.calls.looks import DAY_S, A, B, alarms, call_number, call_of, talking, the_board, to_call_back
from tests.dispatch.shift import CIPARE, FIRE, SYSTEM_NAME, Shift

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
