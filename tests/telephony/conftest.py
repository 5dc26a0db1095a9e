"""A FastAGI server on a free port, with a centre in memory behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from telephony.agi.server import FastAgiServer
from tests.telephony.asterisk_wire import Wire
from tests.telephony.fake_centre import FakeCentre

Address = tuple[str, int]


@pytest.fixture
def fake_centre() -> FakeCentre:
    return FakeCentre()


@pytest.fixture
def start_server(fake_centre: FakeCentre) -> Iterator[Callable[..., FastAgiServer]]:
    """Starts servers with bounds of the test's choice."""
    servers: list[FastAgiServer] = []

    def start(**bounds: float) -> FastAgiServer:
        server = FastAgiServer(("127.0.0.1", 0), fake_centre, **bounds)
        server.start()
        servers.append(server)
        return server

    yield start
    fake_centre.open_door.set()
    for server in servers:
        server.stop(timeout=5)


@pytest.fixture
def server(start_server: Callable[..., FastAgiServer]) -> FastAgiServer:
    """A server with the usual bounds."""
    return start_server()


@pytest.fixture
def address(server: FastAgiServer) -> Address:
    return ("127.0.0.1", server.server_port)


@pytest.fixture
def connect(address: Address) -> Iterator[Callable[[], Wire]]:
    """Opens connections to the server, and closes them after the test."""
    wires: list[Wire] = []

    def open_wire() -> Wire:
        wires.append(Wire(address))
        return wires[-1]

    yield open_wire
    for wire in wires:
        wire.__exit__(None, None, None)
