"""Real browsers before the real application; each test is marked `real`, so the everyday run leaves them out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.app.running_server import RunningServer, running_server
from tests.asterisk.fixtures import _running_asterisk, asterisk, guard, place_call, seat_phone
from tests.browser.chromium import running_chromium
from tests.browser.screens import People
from tests.browser.shift import Office
from tests.browser.telephone import Exchange

__all__ = ["_running_asterisk", "asterisk", "guard", "place_call", "seat_phone"]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests here; every window has a context of its own."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def siaga(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The running application on a database of its own, one for all tests of a module."""
    with running_server(tmp_path_factory.mktemp("siaga")) as server:
        yield server


@pytest.fixture(scope="module")
def exchange(siaga: RunningServer) -> Iterator[Exchange]:
    """Asterisk's side of the application's FastAGI port."""
    telephone = Exchange(siaga.agi_port)
    yield telephone
    telephone.close()


@pytest.fixture
def office(siaga: RunningServer) -> Iterator[Office]:
    """The same people without a screen: what others do while a test looks elsewhere."""
    everybody = Office(siaga)
    yield everybody
    everybody.close()


@pytest.fixture
def people(chromium: Browser, siaga: RunningServer) -> Iterator[People]:
    """Who sits down here; fails the test when a page of theirs was broken in any way that the test did not expect."""
    everybody = People(chromium, siaga.base, siaga)
    yield everybody
    broken = everybody.leave()
    assert broken == [], "the server's last lines:\n" + "".join(siaga.lines[-20:])
