"""The gate on a real Asterisk: whoever presses 1 gets through, and nobody is kept at it by a part that fails."""

from __future__ import annotations

import re

import pytest

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.centre import open_centre
from dispatch.city.pack import load_city
from dispatch.nuisance.commands import block_caller
from dispatch.roles import Actor, ActorKind, Role
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.call_record import RecordedCall
from tests.asterisk.fixtures import PlaceCall, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp
from tests.asterisk.real_parts import REPOSITORY, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]

BLOCKED, SILENT, NORMAL = "081200000011", "081200000014", "081200000013"
#: Two prompts with their waiting, and the goodbye.
LET_GO_AFTER_S = 50


def callers_in_queue(asterisk: Asterisk) -> list[int]:
    """The queue priorities of those who stand in it."""
    return [int(prio) for prio in re.findall(r"PJSIP/trunk-\S+ \(wait: [\d:]+, prio: (\d+)\)", asterisk.cli(QUEUE))]


QUEUE = "queue show siaga112"


def queued(asterisk: Asterisk, limit_s: float) -> RecordedCall:
    return wait_until("a caller in the queue", lambda: [c for c in asterisk.calls() if c.seconds_to_queue], limit_s)[0]


def make_block(app: RealApp, number: str) -> None:
    """A prank from this number, and a supervisor who blocks it for a day."""
    centre = open_centre(app.database_url, load_city(REPOSITORY / "city" / "serang"))
    supervisor = Actor(ActorKind.USER, app.user_id("supervisor"), "Supervisor", Role.SUPERVISOR)
    try:
        prank = centre.run(register_call, call=IncomingCall("elsewhere", f"prank-{number}", ani=number)).ticket_number
        centre.run(claim_ticket, actor=supervisor, number=prank)
        centre.run(classify_ticket, actor=supervisor, number=prank, classification="prank")
        centre.run(block_caller, actor=supervisor, number=prank, reason="Iseng berulang")
    finally:
        centre.close()


@pytest.fixture
def siaga(running_app: RealApp, guard: Guard) -> RealApp:
    guard.wait_until_known("one", well=True)
    return running_app


def test_an_emergency_from_a_blocked_number_gets_through_by_pressing_1(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    make_block(siaga, BLOCKED)
    place_call(ani=BLOCKED, presses="1")
    call = queued(asterisk, 15)
    assert callers_in_queue(asterisk) == [1]
    known = siaga.call_when(call.linkedid, "ringing")
    assert known["treatment"] == "blocked"
    wait_until("the gate told", lambda: siaga.call(call.linkedid)["gate"] == "passed")
    seat_phone("op1")
    answered = siaga.call_when(call.linkedid, "answered")
    assert (answered["gate"], answered["seat"], answered["number"]) == ("passed", "1", BLOCKED)


def test_a_blocked_number_that_does_not_press_1_is_let_go_and_its_attempt_is_kept(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    make_block(siaga, SILENT)
    seat_phone("op1")
    before = asterisk.log().count("siaga-gate-ask.alaw")
    place_call(ani=SILENT).wait(LET_GO_AFTER_S)
    call = asterisk.call_over()
    assert call.seconds_to_queue is None
    assert call.seat == ""
    assert asterisk.log().count("siaga-gate-ask.alaw") - before == 2
    known = siaga.call_when(call.linkedid, "let_go")
    assert (known["treatment"], known["gate"], known["number"]) == ("blocked", "failed", SILENT)
    row = siaga.only_row(call.linkedid, "let_go")
    assert row["ticket_state"] == "closed"


def test_a_normal_number_never_hears_the_gate(asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall) -> None:
    before = asterisk.log().count("siaga-gate-ask")
    place_call(ani=NORMAL, rings_s=2).wait()
    call = asterisk.call_queued()
    assert call.seconds_to_queue < 1
    assert call.first("ANSWER", channel="PJSIP/trunk-") is None
    assert asterisk.log().count("siaga-gate-ask") == before
    assert siaga.call(call.linkedid)["gate"] is None
