"""Who is at a desk, whose ticket it is, and who may say that a call is over: through the application."""

from __future__ import annotations

import pytest

from app.node.pickups import PickupWorker
from app.services import services_of
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from tests.app.house import House, Program
from tests.steppable_clock import SteppableClock


@pytest.fixture
def ratna(staffed: House) -> Program:
    return staffed.program("ratna")


def test_whoever_asks_for_something_is_there_and_whoever_only_signed_in_is_not(
    staffed: House, dewi: Program, clock: SteppableClock
) -> None:
    browser = staffed.browser("dewi", seat="1")
    presence = services_of(staffed.app).presence
    for _ in range(4):
        clock.step(170)
        browser.get("/api/v1/snapshot")
        presence.note_now()
    number, linkedid = staffed.call()
    staffed.answer(linkedid, "op1")
    assert dewi.get(f"/api/v1/tickets/{number}").get_json()["owner"]["name"] == "Dewi"
    clock.step(3 * 3600)
    presence.note_now()  # there is nobody to note
    later, linkedid = staffed.call()
    staffed.answer(linkedid, "op1")
    ticket = dewi.get(f"/api/v1/tickets/{later}").get_json()
    assert (ticket["owner"], ticket["state"], ticket["calls"][0]["seat"]) == (None, "new", "1")
    assert dewi.get("/api/v1/board").get_json()["operators"] == []


def test_a_node_gives_back_what_was_taken_by_hand_and_not_picked_up(
    staffed: House, dewi: Program, clock: SteppableClock
) -> None:
    workers = [PickupWorker(staffed.centre) for _ in range(2)]  # two nodes on one database
    number, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{number}/claim")
    assert [worker.give_back() for worker in workers] == [0, 0]
    clock.step(16)
    assert [worker.give_back() for worker in workers] == [1, 0]
    ticket = dewi.get(f"/api/v1/tickets/{number}").get_json()
    assert (ticket["state"], ticket["owner"], ticket["pickup_due_at"]) == ("new", None, None)
    [returned] = [entry for entry in ticket["timeline"] if entry["kind"] == "ticket.returned"]
    assert returned["data"]["reason"] == "no_pickup"


def test_a_supervisor_ends_a_call_and_others_are_refused_in_words(
    staffed: House, dewi: Program, ratna: Program
) -> None:
    number, linkedid = staffed.call()
    staffed.answer(linkedid, "op1")
    path = f"/api/v1/tickets/{number}/end-call"
    refused = dewi.post(path)
    assert refused.status_code == 403
    assert "supervisor" in refused.get_json()["error"]["message"].lower()
    call_id = ratna.get(f"/api/v1/tickets/{number}").get_json()["calls"][0]["id"]
    assert ratna.post(path, {"call_id": call_id + 1}).status_code == 404
    ended = ratna.post(path, {"call_id": call_id}).get_json()
    assert ended["changed"]
    assert ended["ticket"]["calls"][0]["ended_how"] == "by_hand"
    assert not ratna.post(path).get_json()["changed"]
    by_hand = dewi.get(f"/api/v1/tickets/{number}").get_json()["timeline"][-1]
    assert (by_hand["kind"], by_hand["data"]["by"]) == ("call.ended", "supervisor")


def test_a_call_is_found_by_a_linkedid_that_came_twice(staffed: House, dewi: Program, clock: SteppableClock) -> None:
    first, linkedid = staffed.call()
    clock.step(30 * 86_400)
    staffed.calls -= 1
    second, again = staffed.call("081200000418")
    assert (again, second != first) == (linkedid, True)
    found = dewi.get(f"/api/v1/calls?linkedid={linkedid}").get_json()["items"]
    assert [(call["ticket_number"], call["linkedid"]) for call in found] == [(first, linkedid), (second, linkedid)]


def test_no_telephone_and_a_wrong_clock_reach_every_screen_with_the_heartbeat(staffed: House) -> None:
    alarms = services_of(staffed.app).alarms
    call = IncomingCall("pbx", "946684800.1", linkedid_s=946684800, telephones=0)
    staffed.centre.run(register_call, call=call)
    alarms.read_exchange()
    assert {alarm["code"] for alarm in alarms.current()} == {"no_telephone", "wrong_clock"}
    staffed.centre.run(register_call, call=IncomingCall("pbx", "946684800.2", age_s=0, telephones=1))
    alarms.read_exchange()
    assert alarms.current() == []
