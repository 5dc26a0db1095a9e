"""One call's way from trunk to seat, on a real Asterisk with the deployable files and a double for the server."""

from __future__ import annotations

import pytest

from tests.asterisk.agi_double import TICKET, Session, dies_in_mid_session, gives_a_ticket, says_nothing
from tests.asterisk.real_parts import wait_until
from tests.asterisk.sipp import Place

pytestmark = pytest.mark.real


def only_call_over(asterisk):
    """The one call of this test, when Asterisk has written down its end."""
    return wait_until("the end of the call in Asterisk's record", lambda: [c for c in asterisk.calls() if c.is_over])[0]


def told(double, script, limit_s=10.0) -> Session:
    """The first session in which the server was told `script`."""
    return wait_until(f"{script} told", lambda: double.told(script), limit_s)[0]


def test_a_call_has_its_ticket_before_the_first_ring_ends(asterisk, guard, server, place_call):
    one = server("one")
    guard.wait_until_known("one", well=True)
    place_call(rings_s=1).wait()
    call = only_call_over(asterisk)
    incoming = told(one, "incoming")
    assert call.seconds_to_queue < 0.5
    assert incoming.arguments == [call.linkedid, asterisk.system_name, "0", "allowed_not_screened"]
    assert incoming.environment["agi_callerid"] == "081234567890"
    assert incoming.environment["agi_dnid"] == "112"


def test_answer_and_end_are_told_with_seat_cause_and_duration(asterisk, guard, server, place_call, seat_phone):
    one = server("one")
    seat_phone("op2")
    place_call(talks_s=1).wait()
    call = only_call_over(asterisk)
    assert told(one, "answered").arguments == [call.linkedid, asterisk.system_name, "op2"]
    linkedid, system_name, cause, duration_s, answered = told(one, "ended").arguments
    assert (linkedid, system_name, cause, answered) == (call.linkedid, asterisk.system_name, "16", "1")
    assert 1 <= int(duration_s) <= 3
    assert [session.script for session in one.sessions] == ["incoming", "answered", "answered", "ended"]


def test_a_seat_that_hangs_up_ends_the_call_as_answered(asterisk, guard, server, place_call, seat_phone):
    one = server("one")
    seat_phone("op1", talks_s=0.5)
    place_call().wait()
    assert told(one, "ended").arguments[-1] == "1"


def test_a_caller_who_gives_up_is_told_as_unanswered(asterisk, guard, server, place_call, seat_phone):
    one = server("one")
    seat_phone("op1", answer=False)
    place_call(rings_s=1.5).wait()
    duration_s, answered = told(one, "ended").arguments[3:]
    assert answered == "0"
    assert 1 <= int(duration_s) <= 3
    assert one.told("answered") == []


def test_a_frozen_server_does_not_keep_seat_and_caller_apart(asterisk, guard, server, place_call, seat_phone):
    def freezes_when_somebody_answers(session):
        (says_nothing if session.script == "answered" else gives_a_ticket)(session)

    one = server("one", freezes_when_somebody_answers)
    seat_phone("op1")
    place_call(talks_s=1).wait()
    call = only_call_over(asterisk)
    assert told(one, "answered")
    picked_up, connected = (
        call.first("ANSWER", channel="PJSIP/op1-"),
        call.first("BRIDGE_ENTER", channel="PJSIP/trunk-"),
    )
    assert connected.at - picked_up.at < 0.2


def test_a_call_that_was_over_before_the_server_came_up_is_told_from_its_beginning(
    asterisk, guard, server, place_call, seat_phone
):
    seat_phone("op1", talks_s=0.2)
    place_call().wait()
    call = only_call_over(asterisk)
    one = server("one")
    late = told(one, "incoming")
    assert told(one, "answered").arguments[2] == "op1"
    assert told(one, "ended").arguments[4] == "1"
    assert late.arguments[:2] == [call.linkedid, asterisk.system_name]
    assert late.environment["agi_callerid"] == "081234567890"


def test_a_server_that_died_over_the_news_is_told_again(asterisk, guard, server, place_call):
    def dies_over_the_end(session):
        (dies_in_mid_session if session.script == "ended" else gives_a_ticket)(session)

    dying = server("one", dies_over_the_end)
    place_call(rings_s=1).wait()
    told(dying, "ended")
    dying.close()
    assert told(server("one"), "ended").arguments[0] == only_call_over(asterisk).linkedid


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_the_location_that_the_network_sends_can_be_asked_for(asterisk, guard, server, place_call, tcp):
    def asks_for_the_place(session):
        if session.script == "incoming":
            session.command('GET FULL VARIABLE "${GEOLOC_PROFILE(effective_location)}"')
        gives_a_ticket(session)

    one = server("one", asks_for_the_place)
    place_call(place=Place(lat=-6.1186, lon=106.1537, radius_m=30), rings_s=1, tcp=tcp).wait()
    incoming = told(one, "incoming")
    assert incoming.arguments[2] == "1"
    assert 'pos="-6.1186 106.1537",radius="30"' in incoming.replies[0]


def test_a_withheld_number_comes_with_the_wish_to_withhold_it(asterisk, guard, server, place_call):
    one = server("one")
    place_call(withheld=True, rings_s=1).wait()
    incoming = told(one, "incoming")
    assert incoming.environment["agi_callerid"] == "081234567890"
    assert incoming.arguments[3].startswith("prohib")


def test_a_caller_whom_nobody_knows_gets_a_ticket_too(asterisk, guard, server, place_call):
    one = server("one")
    place_call(anonymous=True, rings_s=1).wait()
    assert told(one, "incoming").environment["agi_callerid"] == "anonymous"
    assert only_call_over(asterisk).seconds_to_queue < 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (r"Budi \"Si Api\" Santoso", "Si Api"),
        ("Bu, Sri; DROP (x) ${EXTEN}", "Bu, Sri; DROP (x) ${EXTEN}"),
        ("Kebakaran 🔥", "Kebakaran 🔥"),
        ("x" * 900, "xxxx"),
    ],
    ids=["quotes", "commas", "emoji", "long"],
)
def test_a_callers_name_cannot_disturb_the_call(asterisk, guard, server, place_call, name, kept):
    one = server("one")
    place_call(name=name, rings_s=1).wait()
    call = only_call_over(asterisk)
    incoming = told(one, "incoming")
    assert call.seconds_to_queue < 1
    assert incoming.arguments == [call.linkedid, asterisk.system_name, "0", "allowed_not_screened"]
    assert kept in incoming.environment["agi_calleridname"]


def test_a_line_break_in_the_number_does_not_become_a_line_of_its_own(asterisk, guard, server, place_call):
    one = server("one")
    place_call(ani="0812%0Aagi_arg_1%3A%20forged%0D", rings_s=1).wait()
    incoming = told(one, "incoming")
    assert incoming.arguments[0] == only_call_over(asterisk).linkedid
    assert incoming.environment["agi_callerid"] == "0812agi_arg_1:forged"


def test_a_line_break_in_the_name_does_not_become_a_line_of_its_own(asterisk, guard, server, place_call):
    """SIP cannot carry one here, but whatever stands between carrier and Asterisk can set the name."""
    one = server("one")
    with asterisk.also_dials(
        """
        [siaga-112](+)
        exten => 1120,1,Set(CALLERID(name)=${URIDECODE(Budi%0Aagi_arg_1: forged)})
        same => n,Goto(112,1)
        """
    ):
        place_call(dialled="1120", rings_s=1).wait()
    incoming = told(one, "incoming")
    assert incoming.arguments[0] == only_call_over(asterisk).linkedid
    assert incoming.environment["agi_calleridname"] == "Budiagi_arg_1: forged"


@pytest.mark.parametrize("dialled", ["+62112", "0254112", "sos", "s"])
def test_whatever_the_carrier_dials_reaches_the_queue(asterisk, guard, server, place_call, dialled):
    server("one")
    place_call(dialled=dialled, rings_s=1).wait()
    assert only_call_over(asterisk).seconds_to_queue < 1


def test_a_call_waits_for_no_name_server(asterisk, guard, server, place_call, seat_phone):
    server("one")
    seat_phone("op1", talks_s=0.2)
    place_call().wait()
    only_call_over(asterisk)
    assert "Unable to lookup" not in asterisk.log()


def test_the_priority_that_the_server_gives_decides_who_is_answered_first(
    asterisk, guard, server, place_call, seat_phone
):
    def last_for_the_prankster(session):
        prankster = session.environment["agi_callerid"] == "081200000001"
        session.command(f'SET VARIABLE SIAGA_PRIORITY "{1 if prankster else 10}"')
        session.command(f'SET VARIABLE SIAGA_TICKET "{TICKET}"')

    server("one", last_for_the_prankster)
    calls = []
    for waiting, ani in enumerate(("081200000001", "081200000002"), start=1):
        calls.append(place_call(ani=ani, talks_s=0.3))
        wait_until("the caller queued", lambda n=waiting: len([c for c in asterisk.calls() if c.seconds_to_queue]) == n)
    seat_phone("op1", answers_after_s=0.1)
    for call in calls:
        call.wait()
    wait_until("both over", lambda: all(call.is_over for call in asterisk.calls()))
    answered = sorted(asterisk.calls(), key=lambda call: call.first("BRIDGE_ENTER").at)
    assert [call.number for call in answered] == ["081200000002", "081200000001"]


def test_two_callers_are_answered_at_two_seats(asterisk, guard, server, place_call, seat_phone):
    server("one")
    seat_phone("op1", talks_s=3)
    seat_phone("op2", talks_s=3)
    for call in [place_call(), place_call()]:
        call.wait()
    wait_until("both over", lambda: all(call.is_over for call in asterisk.calls()))
    assert {call.seat for call in asterisk.calls()} == {"op1", "op2"}


def test_the_seats_ring_until_somebody_answers_even_without_the_queue(asterisk, guard, server, place_call, seat_phone):
    one = server("one")
    asterisk.cli("module unload app_queue.so")
    try:
        call = place_call(talks_s=0.3)
        told(one, "incoming")
        seat_phone("op3")
        call.wait()
    finally:
        asterisk.cli("module load app_queue.so")
    assert told(one, "answered").arguments[2] == "op3"
