"""Fixtures for tests with a real Asterisk; import them into a conftest to use them elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.agi_double import AgiDouble, Behaviour, gives_a_ticket
from tests.asterisk.asterisk_instance import Asterisk, Ports
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp
from tests.asterisk.real_parts import need_real_asterisk
from tests.asterisk.sipp import CallUnderWay, Seat
from tests.asterisk.sipp import place_call as _place_call

PlaceCall = Callable[..., CallUnderWay]  #: place_call
SitDown = Callable[..., Seat]  #: seat_phone
PutServer = Callable[..., AgiDouble]  #: server


@pytest.fixture(scope="session")
def _running_asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    need_real_asterisk()
    instance = Asterisk(tmp_path_factory.mktemp("asterisk"), Ports())
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()


@pytest.fixture
def asterisk(_running_asterisk: Asterisk) -> Iterator[Asterisk]:
    """A real Asterisk with the deployable files: .sip_port, .cli("..."), .calls(), .ports. One for all tests."""
    _running_asterisk.forget_calls()
    yield _running_asterisk
    _running_asterisk.hang_up_everything()


@pytest.fixture
def place_call(asterisk: Asterisk, tmp_path: Path) -> Iterator[PlaceCall]:
    """Have somebody call 112: `place_call(ani=..., name=..., place=Place(), rings_s=..., talks_s=...)`."""
    calls: list[CallUnderWay] = []

    def place(**details: Any) -> CallUnderWay:
        calls.append(_place_call(asterisk, tmp_path, **details))
        return calls[-1]

    yield place
    for call in calls:
        call.vanish()


@pytest.fixture
def seat_phone(asterisk: Asterisk, tmp_path: Path) -> Iterator[SitDown]:
    """Sit somebody at a seat: `seat_phone("op1", answer=True, talks_s=...)`."""
    seats: list[Seat] = []

    def sit(extension: str, **details: Any) -> Seat:
        seats.append(Seat(asterisk, tmp_path, extension, **details))
        return seats[-1]

    yield sit
    for seat in seats:
        seat.leave()


@pytest.fixture
def guard(asterisk: Asterisk, tmp_path: Path) -> Iterator[Guard]:
    """The HAProxy before the servers, running."""
    haproxy = Guard(tmp_path, asterisk.ports)
    try:
        haproxy.start()
        yield haproxy
    finally:
        haproxy.stop()


@pytest.fixture
def first_app(asterisk: Asterisk, tmp_path: Path) -> Iterator[RealApp]:
    """Siaga 112 itself in the first server's place, on a database of its own; not started yet."""
    app = RealApp(tmp_path / "siaga", web_port=asterisk.ports.web_one, agi_port=asterisk.ports.agi_one)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def running_app(_running_asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApp]:
    """The same, running, and one for all tests of a module."""
    ports = _running_asterisk.ports
    app = RealApp(tmp_path_factory.mktemp("siaga"), web_port=ports.web_one, agi_port=ports.agi_one)
    try:
        app.start()
        yield app
    finally:
        app.stop()


@pytest.fixture
def server(asterisk: Asterisk) -> Iterator[PutServer]:
    """Put a double where a server should be: `server("one", says_nothing)`, well by its health check unless told."""
    doubles: list[AgiDouble] = []

    def put(which: str, behaviour: Behaviour = gives_a_ticket, *, looks_well: bool = True) -> AgiDouble:
        ports = asterisk.ports
        agi, web = (ports.agi_one, ports.web_one) if which == "one" else (ports.agi_two, ports.web_two)
        doubles.append(AgiDouble(agi, behaviour, web if looks_well else None))
        return doubles[-1]

    yield put
    for double in doubles:
        double.close()
