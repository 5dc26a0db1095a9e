"""The gate when a part of it fails: the caller is in the queue within its limit, whatever became of the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from telephony.gate_prompt import ASK
from tests.asterisk.agi_double import TICKET, Behaviour, Session, says_nothing
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp
from tests.asterisk.real_parts import wait_until
from tests.asterisk.test_gate import BLOCKED, callers_in_queue, make_block, queued

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]

DOUBTFUL = "081200000012"


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


def at_the_gate(asterisk: Asterisk) -> bool:
    """Whether somebody hears the prompt at this moment."""
    return "siaga-112-gate" in asterisk.cli("core show channels concise")


@pytest.fixture
def prompt_missing(asterisk: Asterisk) -> Iterator[None]:
    path = asterisk.folder / "lib" / "siaga" / ASK
    away = path.with_suffix(".away")
    shutil.move(path, away)
    yield
    shutil.move(away, path)


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


def test_a_doubtful_number_that_does_not_press_1_is_queued_behind_everybody_else(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one", treats("gate"))
    place_call(ani=DOUBTFUL)
    assert 20 < queued(asterisk, 40).seconds_to_queue < 40
    assert callers_in_queue(asterisk) == [0]
    assert one.wait_for("gate").arguments[2] == "failed"


def test_whoever_hangs_up_at_the_gate_is_told_so(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one", treats("blocked"))
    place_call(ani=BLOCKED, talks_s=2).wait()
    assert one.wait_for("gate").arguments[2] == "left"
    one.wait_for("ended")
    assert [session.script for session in one.sessions] == ["incoming", "gate", "ended"]


def test_a_key_that_comes_as_a_tone_in_the_sound_is_heard_too(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one", treats("blocked"))
    place_call(ani=BLOCKED, presses="1", sings=True)
    assert queued(asterisk, 12).seconds_to_queue < 10
    assert one.wait_for("gate").arguments[2] == "passed"
