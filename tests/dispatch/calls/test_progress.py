"""A call is over: where its ticket stands then."""

from __future__ import annotations

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.ownership import release_ticket
from dispatch.storage.tables import Call
from tests.dispatch.calls.one_call import LINKEDID, NUMBER
from tests.dispatch.shift import Shift

# --- A call is over.


def test_a_caller_who_hangs_up_first_is_on_the_callback_list(shift: Shift) -> None:
    number = shift.ring(LINKEDID, ani=NUMBER).ticket_number
    shift.clock.step(7)
    assert shift.hang_up(LINKEDID, cause="Normal Clearing", duration_s=7).changed
    ticket = shift.ticket(number)
    assert ticket["state"] == "callback"
    assert [(clock["kind"], clock["due_at"]) for clock in ticket["clocks"]] == [
        ("callback", "2026-11-24T02:19:07.000Z")
    ]
    assert ticket["calls"][0]["state"] == "abandoned"
    [row] = shift.rows(Call)
    assert (row.hangup_cause, row.duration_s) == ("Normal Clearing", 7)
    assert shift.kinds()[-1] == "call.abandoned"


def test_an_answered_call_ends_and_its_ticket_stays_with_the_operator(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    number = shift.ring(LINKEDID).ticket_number
    shift.answer(LINKEDID, "op1")
    shift.clock.step(60)
    shift.hang_up(LINKEDID, duration_s=60)
    ticket = shift.ticket(number)
    assert ticket["state"] == "claimed"
    assert (ticket["calls"][0]["state"], ticket["calls"][0]["ended_at"]) == ("ended", "2026-11-24T02:15:00.000Z")
    assert shift.kinds()[-1] == "call.ended"


def test_a_ticket_that_is_being_worked_does_not_go_to_the_callback_list(shift: Shift) -> None:
    number = shift.claimed(linkedid=LINKEDID)
    shift.hang_up(LINKEDID)
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["calls"][0]["state"]) == ("claimed", "abandoned")
    shift.run(release_ticket, actor=shift.dewi, number=number)
    assert shift.ticket(number)["state"] == "callback"


def test_a_closed_ticket_stays_closed_when_its_call_ends(shift: Shift) -> None:
    number = shift.claimed(linkedid=LINKEDID)
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    shift.hang_up(LINKEDID)
    assert shift.ticket(number)["state"] == "closed"


def test_hanging_up_again_changes_nothing(shift: Shift) -> None:
    shift.ring(LINKEDID)
    shift.hang_up(LINKEDID, duration_s=3)
    before = shift.everything()
    assert not shift.hang_up(LINKEDID, duration_s=9).changed
    assert shift.everything() == before


def test_a_duration_that_cannot_be_is_kept_nowhere(shift: Shift) -> None:
    for told, kept in ((None, None), (0, 0), (3600, 3600), (-1, None), (10**7, None), (10**30, None)):
        shift.ring(f"lasted {told}")
        shift.hang_up(f"lasted {told}", duration_s=told, cause="\x00" * 500)
        assert shift.rows(Call)[-1].duration_s == kept
        assert shift.entries()[-1].data == {"duration_s": kept}


# --- The caller's past.


def test_a_call_set_aside_while_talking_stays_closed_when_it_ends(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    number = shift.ring("ring.2").ticket_number
    shift.answer("ring.2", "op1")
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="ghost")
    shift.hang_up("ring.2")
    assert shift.ticket(number)["state"] == "closed"
