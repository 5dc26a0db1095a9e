"""A caller who is passed on is never hung up, and who takes the call is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_parts import wait_until
from tests.asterisk.telephone import Telephone

pytestmark = pytest.mark.real

#: Before everybody else: SIAGA_PRIORITY_AGAIN in extensions.conf.
AGAIN = "20"


def priorities_in_queue(asterisk: Asterisk) -> list[str]:
    return re.findall(r"PJSIP/trunk-\S+ \(wait: [\d:]+, prio: (\d+)\)", asterisk.cli("queue show siaga112"))


@pytest.fixture
def passed_on_rings_3_s(asterisk: Asterisk) -> Iterator[None]:
    asterisk.cli("dialplan set global SIAGA_PASS_ON_S 3")
    yield
    asterisk.cli("dialplan set global SIAGA_PASS_ON_S 20")


@pytest.mark.parametrize("to", ["busy", "silent", "signed out", "no seat", "no such number"])
def test_a_caller_who_is_passed_on_to_nobody_is_back_in_the_queue_before_all_others(
    asterisk: Asterisk,
    guard: Guard,
    server: PutServer,
    place_call: PlaceCall,
    seat_phone: SitDown,
    passed_on_rings_3_s: None,
    to: str,
) -> None:
    one = server("one")
    if to != "signed out":
        seat_phone("op2", busy=to == "busy", answer=False)
    target = {"no seat": "op9", "no such number": "110"}.get(to, "op2")
    seat_phone("op3", answers_after_s=3)
    first = seat_phone("op1", answers_after_s=1.2, passes_on_to=target)
    caller = place_call(talks_s=15)  # long enough on a busy machine
    wait_until("the caller back in the queue", lambda: priorities_in_queue(asterisk) == [AGAIN], 15)
    first.lose_power()
    wait_until("another seat answered", lambda: len(one.told("answered")) > 1)
    caller.wait()
    ended = one.wait_for("ended")
    assert (ended.arguments[4], ended.arguments[6]) == ("1", "op3")
    assert {session.arguments[2] for session in one.told("answered")} == {"op1", "op3"}
    assert len(asterisk.calls()) == 1


def test_a_caller_who_is_passed_on_and_taken_is_told_at_the_new_seat(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    seat_phone("op2", answers_after_s=3)
    seat_phone("op1", answers_after_s=0.5, passes_on_to="op2")
    place_call(talks_s=5).wait()
    asterisk.call_over()
    ended = one.wait_for("ended")
    assert (ended.arguments[4], ended.arguments[6]) == ("1", "op2")
    told = [session.arguments for session in one.told("answered")]
    assert [arguments[2] for arguments in told] == ["op1", "op2", "op1", "op2"]
    assert float(told[2][3]) > float(told[3][3])


def test_the_seat_that_a_caller_was_passed_on_to_hangs_up_and_the_call_is_over(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    seat_phone("op2", answers_after_s=3, talks_s=0.5)
    seat_phone("op1", answers_after_s=0.5, passes_on_to="op2")
    place_call().wait()
    assert one.wait_for("ended").arguments[4] == "1"
    assert priorities_in_queue(asterisk) == []


def test_a_second_caller_at_a_seat_is_told_with_the_first_one_beside(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    """The first one is on hold there: an answer that ended it would be wrong."""
    one = server("one")
    seat_phone("op1")
    place_call(ani="081200000301")
    one.wait_for("answered")
    seat_phone("op2", passes_on_to="op1")
    place_call(ani="081200000302")
    wait_until("both at one seat", lambda: [s.arguments[2] for s in one.told("answered")] == ["op1", "op2", "op1"])
    assert [session.arguments[4] for session in one.told("answered")] == ["0", "0", "1"]


def test_a_caller_who_is_put_through_after_asking_is_told_at_the_colleagues_seat(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    """An attended transfer runs no dialplan for the caller: the call between the two seats tells of it."""
    one = server("one")
    with Telephone(asterisk, "op1") as first, Telephone(asterisk, "op2") as second:
        caller = place_call(talks_s=15)  # long enough on a busy machine
        one.wait_for("answered")
        taker, colleague = (first, second) if first.answered else (second, first)
        asked = taker.ask(colleague.seat)
        taker.put_through(taker.answered[0], asked)
        wait_until("the colleague told", lambda: len(one.told("answered")) == 2)
        assert one.told("answered")[1].arguments[2] == colleague.seat
        caller.wait()
    ended = one.wait_for("ended")
    assert (ended.arguments[4], ended.arguments[6]) == ("1", colleague.seat)


def test_a_call_between_two_seats_is_no_call_of_112(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    with Telephone(asterisk, "op1") as first, Telephone(asterisk, "op2"):
        first.ask("op2")
    place_call(rings_s=0.5).wait()
    ended = one.wait_for("ended")
    assert len({session.arguments[0] for session in one.sessions}) == 1
    assert ended.arguments[4] == "0"
