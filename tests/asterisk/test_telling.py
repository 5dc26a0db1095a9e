"""What became of a call is told in the end, however long nobody listens, and with the times that were."""

from __future__ import annotations

import re

import pytest

from tests.asterisk.agi_double import Session, gives_a_ticket
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_parts import wait_until

pytestmark = pytest.mark.real


def pieces_kept(asterisk: Asterisk) -> int:
    """How many pieces of news wait for the postman."""
    return asterisk.cli("database show siaga-112-post").count("/siaga-112-post/")


def messengers(asterisk: Asterisk) -> int:
    """How many channels are telling, or wait to tell."""
    channels = asterisk.cli("core show channels concise").splitlines()
    return sum(channel.startswith("Local/s@siaga-112-tell") and ";2" in channel.split("!")[0] for channel in channels)


def test_without_the_guard_the_servers_are_told_directly(
    asterisk: Asterisk, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    """The first server is not there, the guard neither."""
    two = server("two")
    seat_phone("op1")
    place_call(talks_s=0.5).wait()
    call = asterisk.call_over()
    assert two.wait_for("answered").arguments[2] == "op1"
    ended = two.wait_for("ended")
    assert ended.arguments[0] == call.linkedid
    assert float(ended.arguments[5]) < 2


def test_a_guard_that_is_frozen_does_not_keep_the_news_back(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    guard.freeze()
    place_call(rings_s=5).wait()
    call = asterisk.call_over()
    wait_until("the end told", lambda: one.told("ended"), 20)
    assert one.told("ended")[0].arguments[0] == call.linkedid


def test_what_nobody_hears_is_kept_by_one_channel_for_all_calls_and_told_with_true_ages(
    asterisk: Asterisk, server: PutServer, place_call: PlaceCall
) -> None:
    calls = [place_call(ani=f"08120000010{n}", rings_s=1) for n in range(8)]
    for call in calls:
        call.wait()
    wait_until("the news kept", lambda: pieces_kept(asterisk) == 8)
    wait_until("one postman", lambda: messengers(asterisk) == 1)
    one = server("one")
    wait_until("all told", lambda: len(one.told("ended")) == 8, 40)
    wait_until("nothing kept", lambda: pieces_kept(asterisk) == 0)
    over = {call.linkedid: call for call in asterisk.calls()}
    assert {session.environment["agi_callerid"] for session in one.told("incoming")} == {
        f"08120000010{n}" for n in range(8)
    }
    assert {session.environment["agi_dnid"] for session in one.told("incoming")} == {"112"}
    for came, ended in zip(one.told("incoming"), one.told("ended"), strict=True):
        call = over[came.arguments[0]]
        assert came.arguments[0] == ended.arguments[0]
        lasted_s = call.events[-1].at - call.began_at
        assert float(came.arguments[4]) - float(ended.arguments[5]) == pytest.approx(lasted_s, abs=0.5)
        assert came.at - float(came.arguments[4]) == pytest.approx(call.began_at, abs=0.5)
        assert ended.at - float(ended.arguments[5]) == pytest.approx(call.events[-1].at, abs=0.5)


def test_what_is_kept_outlives_asterisk(asterisk: Asterisk, server: PutServer, place_call: PlaceCall) -> None:
    place_call(rings_s=0.5).wait()
    linkedid = asterisk.call_over().linkedid
    wait_until("the news kept", lambda: pieces_kept(asterisk) == 1)
    asterisk.restart_now()
    one = server("one")
    wait_until("the end told", lambda: one.told("ended"), 20)
    assert [session.arguments[0] for session in one.sessions] == [linkedid] * 2
    wait_until("the start told", lambda: one.starts, 20)


def test_a_piece_that_no_server_takes_holds_up_no_other(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    def refuses_the_first(session: Session) -> None:
        if session.environment["agi_callerid"] != "081200000201":
            gives_a_ticket(session)

    for ani in ("081200000201", "081200000202", "081200000203"):
        place_call(ani=ani, rings_s=0.5).wait()
    wait_until("the news kept", lambda: pieces_kept(asterisk) == 3)
    one = server("one", refuses_the_first)
    wait_until("the other two told", lambda: len(one.told("ended")) == 2, 40)
    assert pieces_kept(asterisk) == 1


def test_more_news_than_messengers_go_through_the_postman(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    asterisk.cli("dialplan set global SIAGA_MESSENGERS 0")
    try:
        place_call(rings_s=0.5).wait()
        wait_until("the news kept", lambda: pieces_kept(asterisk) == 1)
    finally:
        asterisk.cli("dialplan set global SIAGA_MESSENGERS 50")
    place_call(rings_s=0.5).wait()
    wait_until("both told", lambda: len(one.told("ended")) == 2, 20)


def test_the_start_is_told_with_its_age(asterisk: Asterisk, server: PutServer) -> None:
    asterisk.restart_now()
    one = server("one")
    wait_until("the start told", lambda: one.starts, 40)
    system_name, age_s = one.starts[0].arguments
    up_since = next(
        line.split("=")[1] for line in asterisk.cli("dialplan show globals").splitlines() if "SIAGA_UP_SINCE" in line
    )
    assert system_name == asterisk.system_name
    # In whole seconds it would lie before a call that came in the same second and was cut off.
    assert re.fullmatch(r"\d+\.\d{3}", up_since)
    assert one.starts[0].at - float(age_s) == pytest.approx(float(up_since), abs=0.5)
