"""The gate on a real Asterisk: whoever presses 1 gets through, and nobody is kept at it by a part that fails."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from dispatch.centre import open_centre
from dispatch.citypack import load_city
from dispatch.commands.calls import IncomingCall, register_call
from dispatch.commands.number_flags import block_caller
from dispatch.commands.tickets import claim_ticket, classify_ticket
from dispatch.roles import Actor, ActorKind, Role
from telephony.gate_prompt import ASK
from tests.asterisk.agi_double import TICKET, Behaviour, Session, says_nothing
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.call_record import RecordedCall
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp
from tests.asterisk.real_parts import REPOSITORY, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]

BLOCKED, DOUBTFUL, NORMAL = "081200000011", "081200000012", "081200000013"
#: Two prompts with their waiting, and the goodbye.
LET_GO_AFTER_S = 50


def treats(treatment: str, then: Behaviour | None = None) -> Behaviour:
    """A server that gives the call this treatment; `then` is what it does with everything it is told later."""

    def behave(session: Session) -> None:
        if then is not None and session.script != "incoming":
            then(session)
            return
        session.command(f'SET VARIABLE SIAGA_TREATMENT "{treatment}"')
        session.command('SET VARIABLE SIAGA_PRIORITY "1"')
        session.command(f'SET VARIABLE SIAGA_TICKET "{TICKET}"')

    return behave


def callers_in_queue(asterisk: Asterisk) -> list[int]:
    """The queue priorities of those who stand in it."""
    return [int(prio) for prio in re.findall(r"PJSIP/trunk-\S+ \(wait: [\d:]+, prio: (\d+)\)", asterisk.cli(QUEUE))]


QUEUE = "queue show siaga112"


def at_the_gate(asterisk: Asterisk) -> bool:
    """Whether somebody hears the prompt at this moment."""
    return "siaga-112-gate" in asterisk.cli("core show channels concise")


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


@pytest.fixture
def prompt_missing(asterisk: Asterisk) -> Iterator[None]:
    path = asterisk.folder / "lib" / "siaga" / ASK
    away = path.with_suffix(".away")
    shutil.move(path, away)
    yield
    shutil.move(away, path)


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
    make_block(siaga, BLOCKED)
    seat_phone("op1")
    before = asterisk.log().count("siaga-gate-ask.alaw")
    place_call(ani=BLOCKED).wait(LET_GO_AFTER_S)
    call = asterisk.call_over()
    assert call.seconds_to_queue is None
    assert call.seat == ""
    assert asterisk.log().count("siaga-gate-ask.alaw") - before == 2
    known = siaga.call_when(call.linkedid, "let_go")
    assert (known["treatment"], known["gate"], known["number"]) == ("blocked", "failed", BLOCKED)
    row = siaga.only_row(call.linkedid, "let_go")
    assert row["ticket_state"] == "closed"


def test_a_doubtful_number_that_does_not_press_1_is_queued_behind_everybody_else(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one", treats("gate"))
    place_call(ani=DOUBTFUL)
    assert 20 < queued(asterisk, 40).seconds_to_queue < 40
    assert callers_in_queue(asterisk) == [0]
    assert one.wait_for("gate").arguments[2] == "failed"


def test_the_software_may_freeze_while_a_caller_stands_at_the_gate(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall
) -> None:
    first_app.start()
    guard.wait_until_known("one", well=True)
    make_block(first_app, BLOCKED)
    place_call(ani=BLOCKED, presses="1", presses_after_s=4, rings_s=60)
    wait_until("a caller at the gate", lambda: at_the_gate(asterisk))
    first_app.freeze()
    call = queued(asterisk, 10)
    assert 4 <= call.seconds_to_queue < 6
    assert callers_in_queue(asterisk) == [1]
    first_app.thaw()
    wait_until("the gate told afterwards", lambda: first_app.call(call.linkedid)["gate"] == "passed", 30)


@pytest.mark.parametrize("treatment", ["gate", "blocked"])
def test_a_caller_is_queued_when_the_software_dies_at_the_gate_and_the_prompt_is_missing(
    asterisk: Asterisk,
    guard: Guard,
    server: PutServer,
    place_call: PlaceCall,
    prompt_missing: None,
    treatment: str,
) -> None:
    server("one", treats(treatment, then=says_nothing))
    place_call(ani=BLOCKED)
    assert queued(asterisk, 20).seconds_to_queue < 15
    assert callers_in_queue(asterisk) == [1]


def test_whoever_hangs_up_at_the_gate_is_told_so(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one", treats("blocked"))
    place_call(ani=BLOCKED, talks_s=2).wait()
    assert one.wait_for("gate").arguments[2] == "left"
    one.wait_for("ended")
    assert [session.script for session in one.sessions] == ["incoming", "gate", "ended"]


def test_a_normal_number_never_hears_the_gate(asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall) -> None:
    before = asterisk.log().count("siaga-gate-ask")
    place_call(ani=NORMAL, rings_s=2).wait()
    call = asterisk.call_queued()
    assert call.seconds_to_queue < 1
    assert call.first("ANSWER", channel="PJSIP/trunk-") is None
    assert asterisk.log().count("siaga-gate-ask") == before
    assert siaga.call(call.linkedid)["gate"] is None
