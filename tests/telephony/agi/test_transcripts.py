"""Conversations as Asterisk 22 has them, replayed: `>` is what Asterisk sends, `<` what we must send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from dispatch.calls.incoming import IncomingCall, SipLocation
from telephony.agi.server import FastAgiServer
from tests.telephony.asterisk_wire import Wire
from tests.telephony.fake_centre import FakeCentre

TRANSCRIPTS = Path(__file__).parent / "transcripts"
LINKEDID = "serang-1-1764000874.57"
KEY = ("serang-1", LINKEDID)


def call(
    ani: str = "081200001234",
    presentation: str = "allowed_not_screened",
    caller_name: str = "",
    location: SipLocation | None = None,
) -> IncomingCall:
    return IncomingCall(
        system_name="serang-1",
        linkedid=LINKEDID,
        uniqueid=LINKEDID,
        channel="PJSIP/trunk-0000002a",
        ani=ani,
        presentation=presentation,
        caller_name=caller_name,
        dnid="112",
        location=location,
        linkedid_s=1764000874,
    )


AT_THE_STATION = SipLocation(-6.1186, 106.1537, 30.0, "Circle", "GPS")
REGISTERED = {
    "incoming": call(),
    "incoming-without-a-number": call(ani="", presentation="unavailable"),
    "incoming-anonymous": call(ani="anonymous", presentation="prohib", caller_name="Anonymous"),
    "incoming-with-a-location": call(location=AT_THE_STATION),
    "incoming-with-a-street-address": call(),
    "incoming-geolocation-missing": call(),
    "incoming-without-arguments": call(presentation="allowed"),
    "incoming-hangup": call(),
    "incoming-hangup-and-leave": call(),
    "incoming-dead-channel": call(),
    "incoming-usage": call(),
    "incoming-unknown-command": call(),
}


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_a_conversation_with_asterisk_registers_the_call(
    name: str, connect: Callable[[], Wire], fake_centre: FakeCentre
) -> None:
    play(name, connect())
    assert fake_centre.only_call == REGISTERED[name]


def test_an_answer_is_reported_with_its_seat(connect: Callable[[], Wire], fake_centre: FakeCentre) -> None:
    play("answered", connect())
    assert fake_centre.answers == [(*KEY, "op2")]


def test_what_came_of_the_gate_is_reported(connect: Callable[[], Wire], fake_centre: FakeCentre) -> None:
    play("gate", connect())
    assert fake_centre.gates == [(*KEY, "passed")]


def test_the_end_of_a_call_is_reported(connect: Callable[[], Wire], fake_centre: FakeCentre) -> None:
    play("ended", connect())
    assert fake_centre.ends == [(*KEY, "16", 94)]


def test_the_end_of_an_unanswered_call_needs_no_cause(connect: Callable[[], Wire], fake_centre: FakeCentre) -> None:
    play("ended-unanswered", connect())
    assert fake_centre.ends == [(*KEY, None, 17)]


def test_every_transcript_is_replayed() -> None:
    elsewhere = {"answered", "gate", "ended", "ended-unanswered"}
    assert {path.stem for path in TRANSCRIPTS.glob("*.txt")} == {*REGISTERED, *elsewhere}


def test_the_same_conversation_twice_makes_one_ticket(server: FastAgiServer, fake_centre: FakeCentre) -> None:
    address = ("127.0.0.1", server.server_port)
    for _ in range(2):
        with Wire(address) as wire:
            play("incoming", wire)
    assert list(fake_centre.tickets.values()) == ["261124-001"]
    assert Counter(script for script, _ in server.statistics.ends.elements()) == {"incoming": 2}


def play(name: str, wire: Wire) -> None:
    """Hold the conversation, and see it end when the transcript does."""
    for line in (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        kind, text = line[:1], line[2:]
        if kind == ">":
            # Asterisk puts a blank after the colon of an empty value; editors take it away.
            wire.send((text + " \n" if text.endswith(":") else text + "\n").encode())
        elif kind == "<":
            assert wire.line() == text
        elif line == "! close":
            wire.send_no_more()
        else:
            assert kind == "#", line
    assert wire.line() is None
