"""The telephone wins: transfers, takes by hand without a pick-up, and sign-ins whose browser is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.call_taking.close import close_ticket
from dispatch.call_taking.draft_reading import drafts_of
from dispatch.call_taking.drafts import save_draft
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.pickups import any_pickup_due, return_unanswered
from dispatch.clock import to_iso
from dispatch.people.commands import note_presence
from dispatch.storage.tables import Ticket
from tests.dispatch.calls.looks import call_number, talking, the_board
from tests.dispatch.shift import Shift

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
