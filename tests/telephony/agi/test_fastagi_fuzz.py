"""Whatever bytes come: the server lives, answers the next call, and says nothing that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.agi.server import FastAgiServer
from tests.telephony.asterisk_wire import OUR_LINES, Wire, environment, incoming, ticket_in
from tests.telephony.fake_centre import FakeCentre


@pytest.fixture(scope="module")
def survivor() -> Iterator[FastAgiServer]:
    """One server for all that this module sends."""
    server = FastAgiServer(("127.0.0.1", 0), FakeCentre(), max_sessions=4)
    server.start()
    yield server
    server.stop(timeout=5)


headers = st.sampled_from(
    [
        b"agi_network_script: incoming\n",
        b"agi_network_script: ended\n",
        b"agi_uniqueid: 1.1\n",
        b"agi_arg_1: 1.2\n",
        b"agi_arg_3: 1\n",
        b"agi_callerid:",
        b"agi_calleridname: x",
        b"\n",
        b"\r\n",
        b"\n\n",
        b":",
    ]
)
replies = st.sampled_from(
    [
        b"200 result=1\n",
        b"200 result=1 (GML)\n",
        b"HANGUP\n",
        b"510 x\n",
        b"511 x\n",
        b"520-x\n",
        b"520 x\n",
        b"100 x\n",
        b"(",
    ]
)
names = st.binary(max_size=200)


@given(st.lists(headers | st.binary(max_size=40), max_size=20))
def test_any_bytes_for_an_environment(survivor: FastAgiServer, pieces: list[bytes]) -> None:
    with _unharmed(survivor), Wire(survivor.address) as wire:
        wire.send(b"".join(pieces))
        wire.send_no_more()
        _check(wire.rest())


@given(st.lists(replies | st.binary(max_size=40), max_size=20), st.booleans())
def test_any_bytes_for_replies(survivor: FastAgiServer, pieces: list[bytes], located: bool) -> None:
    with _unharmed(survivor), Wire(survivor.address) as wire:
        wire.send(incoming(locations="1" if located else "0") + b"".join(pieces))
        wire.send_no_more()
        _check(wire.rest())


@given(names, names, st.sampled_from(["incoming", "answered", "ended"]))
def test_any_bytes_for_a_caller(survivor: FastAgiServer, number: bytes, name: bytes, script: str) -> None:
    with _unharmed(survivor), Wire(survivor.address) as wire:
        wire.send(environment(script, "1.3", "serang-1", "0", "", callerid=number, calleridname=name))
        commands = wire.obey()
        _check(commands)
        assert ticket_in(commands) is not None


def _check(commands: list[str]) -> None:
    assert [command for command in commands if not OUR_LINES.fullmatch(command)] == []


@contextmanager
def _unharmed(server: FastAgiServer) -> Iterator[None]:
    yield
    assert server.statistics.in_progress == 0
    with Wire(server.address) as wire:
        wire.send(incoming("1.9"))
        assert ticket_in(wire.obey()) is not None
