"""A seat answers: who has the caller, and whose ticket it is."""

from __future__ import annotations

import pytest

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket
from dispatch.feed.board import operators
from dispatch.people.commands import close_web_session
from tests.dispatch.calls.one_call import LINKEDID
from tests.dispatch.shift import Shift

# --- A seat answers.


def test_the_operator_at_the_seat_that_answers_gets_the_ticket(shift: Shift) -> None:
    shift.seat(shift.rizki, "2")
    number = shift.ring(LINKEDID).ticket_number
    shift.clock.step(4)
    outcome = shift.answer(LINKEDID, "op2")
    assert (outcome.changed, outcome.ticket_number) == (True, number)
    ticket = shift.ticket(number)
    assert ticket["state"] == "claimed"
    assert ticket["owner"] == {"id": shift.rizki.user_id, "name": "Rizki", "seat": "2"}
    assert ticket["claimed_at"] == "2026-11-24T02:14:04.000Z"
    assert [clock["kind"] for clock in ticket["clocks"]] == ["first_dispatch"]
    [call] = ticket["calls"]
    assert (call["state"], call["seat"], call["answered_at"]) == ("answered", "2", "2026-11-24T02:14:04.000Z")
    assert call["answered_by"] == {"id": shift.rizki.user_id, "name": "Rizki"}
    assert shift.kinds()[-2:] == ["call.answered", "ticket.claimed"]
    assert shift.entries()[-1].data == {"owner_id": shift.rizki.user_id, "by": "answer"}
    assert outcome.seq == shift.newest()


def test_a_seat_where_nobody_is_signed_in_is_recorded_and_the_ticket_waits_on(shift: Shift) -> None:
    number = shift.ring(LINKEDID).ticket_number
    shift.answer(LINKEDID, "op3")
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"]) == ("new", None)
    assert ticket["clocks"]
    assert (ticket["calls"][0]["seat"], ticket["calls"][0]["answered_by"]) == ("3", None)


def test_an_extension_that_is_no_seat_answers_all_the_same(shift: Shift) -> None:
    number = shift.ring(LINKEDID).ticket_number
    shift.answer(LINKEDID, "\x00mobile-7")
    call = shift.ticket(number)["calls"][0]
    assert (call["state"], call["seat"]) == ("answered", None)


def test_a_seat_that_was_left_gives_the_ticket_to_nobody(shift: Shift) -> None:
    session = shift.seat(shift.dewi, "1")
    shift.run(close_web_session, actor=shift.dewi, session_id=session)
    number = shift.ring(LINKEDID).ticket_number
    shift.answer(LINKEDID, "op1")
    assert shift.ticket(number)["owner"] is None


def test_whoever_picks_up_gets_the_ticket_from_whoever_had_pressed_take(shift: Shift) -> None:
    shift.seat(shift.rizki, "2")
    number = shift.ring(LINKEDID).ticket_number
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    shift.answer(LINKEDID, "op2")
    ticket = shift.ticket(number)
    assert (ticket["owner"]["name"], ticket["state"]) == ("Rizki", "claimed")
    assert ticket["calls"][0]["answered_by"]["name"] == "Rizki"
    told = shift.entries()[-1]
    assert (told.kind, told.data["from_id"]) == ("ticket.taken_by_phone", shift.dewi.user_id)


def test_answering_again_changes_nothing(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    shift.ring(LINKEDID)
    shift.answer(LINKEDID, "op1")
    before = shift.everything()
    shift.clock.step(5)
    assert not shift.answer(LINKEDID, "op1").changed
    assert shift.everything() == before


def test_the_first_claim_is_the_one_whose_time_is_kept(shift: Shift) -> None:
    shift.seat(shift.rizki, "2")
    number = shift.ring(LINKEDID).ticket_number
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    shift.clock.step(3)
    shift.run(release_ticket, actor=shift.dewi, number=number)
    shift.answer(LINKEDID, "op2")
    ticket = shift.ticket(number)
    assert ticket["owner"]["name"] == "Rizki"
    assert ticket["claimed_at"] == "2026-11-24T02:14:00.000Z"


# --- The caller's past.


def test_whoever_left_without_signing_out_gets_no_call_once_the_session_is_over(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    shift.clock.step(13 * 3600)
    number = shift.ring("1").ticket_number
    shift.answer("1", "op1")
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"]) == ("new", None)
    assert ticket["calls"][0]["seat"] == "1"
    with shift.centre.read() as connection:
        assert operators(connection, shift.centre.city, shift.clock.now()) == []


@pytest.mark.parametrize("seated", [True, False])
def test_a_call_set_aside_unheard_opens_again_when_somebody_answers_it(shift: Shift, seated: bool) -> None:
    if seated:
        shift.seat(shift.rizki, "1")
    number = shift.ring("ring.1", ani="081200000417").ticket_number
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    assert shift.ticket(number)["state"] == "closed"
    shift.answer("ring.1", "op1")
    ticket = shift.ticket(number)
    assert ticket["state"] == ("claimed" if seated else "new")
    assert (ticket["classification"], ticket["disposition"], len(ticket["clocks"])) == (None, None, 1)
    assert (ticket["owner"] or {}).get("name") == (shift.rizki.name if seated else None)
    assert shift.ticket(number)["calls"][0]["state"] == "answered"
