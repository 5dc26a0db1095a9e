"""One call's way from trunk to seat, on a real Asterisk with the deployable files and a double for the server."""

from __future__ import annotations

import pytest

from tests.asterisk.agi_double import TICKET, Session, dies_in_mid_session, gives_a_ticket, says_nothing
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_parts import wait_until

pytestmark = pytest.mark.real


def test_a_call_has_its_ticket_before_the_first_ring_ends(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    guard.wait_until_known("one", well=True)
    place_call()
    call = asterisk.call_queued()
    incoming = one.wait_for("incoming")
    assert call.seconds_to_queue < 0.5
    linkedid, system_name, location, presentation, age_s, telephones = incoming.arguments
    assert (linkedid, system_name) == (call.linkedid, asterisk.system_name)
    assert (location, presentation, telephones) == ("0", "allowed_not_screened", "0")
    assert 0 <= float(age_s) < 0.5
    assert incoming.environment["agi_callerid"] == "081234567890"
    assert incoming.environment["agi_dnid"] == "112"


def test_answer_and_end_are_told_with_seat_cause_and_duration(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    seat_phone("op2")
    place_call(talks_s=1).wait()
    call = asterisk.call_over()
    *whose, seat, age_s, others = one.wait_for("answered").arguments
    assert (whose, seat, others) == ([call.linkedid, asterisk.system_name], "op2", "0")
    assert 0 <= float(age_s) < 0.3  # a messenger is under way at once: the ticket opens at the desk that picked up
    *whose, cause, duration_s, answered, age_s, seat = one.wait_for("ended").arguments
    assert (whose, cause, answered, seat) == ([call.linkedid, asterisk.system_name], "16", "1", "op2")
    assert 1 <= int(duration_s) <= 3
    assert 0 <= float(age_s) < 1
    assert one.wait_for("incoming").arguments[5] == "1"
    assert [session.script for session in one.sessions] == ["incoming", "answered", "answered", "ended"]


def test_a_seat_that_hangs_up_ends_the_call_as_answered(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    seat_phone("op1", talks_s=0.5)
    place_call().wait()
    assert one.wait_for("ended").arguments[4] == "1"


def test_a_caller_who_gives_up_is_told_as_unanswered(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    seat_phone("op1", answer=False)
    place_call(rings_s=1.5).wait()
    duration_s, answered, _, seat = one.wait_for("ended").arguments[3:]
    assert (answered, seat) == ("0", "")
    assert 1 <= int(duration_s) <= 3
    assert one.told("answered") == []


def test_a_frozen_server_does_not_keep_seat_and_caller_apart(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    def freezes_when_somebody_answers(session: Session) -> None:
        (says_nothing if session.script == "answered" else gives_a_ticket)(session)

    one = server("one", freezes_when_somebody_answers)
    seat_phone("op1")
    place_call(talks_s=1).wait()
    call = asterisk.call_over()
    assert one.wait_for("answered")
    picked_up, connected = (
        call.first("ANSWER", channel="PJSIP/op1-"),
        call.first("BRIDGE_ENTER", channel="PJSIP/trunk-"),
    )
    assert connected.at - picked_up.at < 0.2


def test_a_call_that_was_over_before_the_server_came_up_is_told_from_its_beginning(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    seat_phone("op1", talks_s=0.2)
    place_call().wait()
    call = asterisk.call_over()
    one = server("one")
    late = one.wait_for("incoming")
    assert one.wait_for("answered").arguments[2] == "op1"
    assert one.wait_for("ended").arguments[4] == "1"
    assert late.arguments[:2] == [call.linkedid, asterisk.system_name]
    assert late.environment["agi_callerid"] == "081234567890"


def test_a_server_that_died_over_the_news_is_told_again(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    def dies_over_the_end(session: Session) -> None:
        (dies_in_mid_session if session.script == "ended" else gives_a_ticket)(session)

    dying = server("one", dies_over_the_end)
    place_call(rings_s=1).wait()
    dying.wait_for("ended")
    dying.close()
    assert server("one").wait_for("ended").arguments[0] == asterisk.call_over().linkedid


@pytest.mark.parametrize("dialled", ["+62112", "0254112", "sos", "s", "1", "_112", "T", "*"])
def test_whatever_the_carrier_dials_reaches_the_queue(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, dialled: str
) -> None:
    server("one")
    place_call(dialled=dialled)
    assert asterisk.call_queued().seconds_to_queue < 1


def test_a_call_waits_for_no_name_server(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    server("one")
    seat_phone("op1", talks_s=0.2)
    place_call().wait()
    asterisk.call_over()
    assert "Unable to lookup" not in asterisk.log()


def test_the_priority_that_the_server_gives_decides_who_is_answered_first(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    def last_for_the_prankster(session: Session) -> None:
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


def test_two_callers_are_answered_at_two_seats(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    server("one")
    seat_phone("op1", talks_s=3)
    seat_phone("op2", talks_s=3)
    for call in [place_call(), place_call()]:
        call.wait()
    wait_until("both over", lambda: all(call.is_over for call in asterisk.calls()))
    assert {call.seat for call in asterisk.calls()} == {"op1", "op2"}


def test_the_seats_ring_until_somebody_answers_even_without_the_queue(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    asterisk.cli("module unload app_queue.so")
    try:
        call = place_call(talks_s=0.3)
        one.wait_for("incoming")
        seat_phone("op3")
        call.wait()
    finally:
        asterisk.cli("module load app_queue.so")
    assert one.wait_for("answered").arguments[2] == "op3"
