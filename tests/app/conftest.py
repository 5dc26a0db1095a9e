"""The house that most tests of the web application live in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from config import Settings
from dispatch.centre import Centre
from dispatch.city.pack import CityPack, load_city
from tests.app.compiled_once import compiled_once
from tests.app.house import CHEAP, House, Program
from tests.steppable_clock import SteppableClock

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="session")
def whole_city() -> CityPack:
    """The pack as it is: supervisors and admins need a second factor."""
    return load_city(ROOT / "city" / "serang")


@pytest.fixture(scope="session")
def city(whole_city: CityPack) -> CityPack:
    """The pack, but a password is enough for everybody; tests/app/account/test_second_factor.py has the other."""
    sign_in = replace(whole_city.policy.sign_in, second_factor=frozenset())
    return replace(whole_city, policy=replace(whole_city.policy, sign_in=sign_in))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", secret_key="a secret key that only this test knows")


@pytest.fixture
def house(settings: Settings, sqlite_centre: Centre, clock: SteppableClock) -> House:
    """An application without anybody in it."""
    return House(create_app(settings, sqlite_centre, hasher=CHEAP), sqlite_centre, clock)


@pytest.fixture
def staffed(house: House) -> House:
    """A house with two call takers, a supervisor, an admin, and responders of two agencies."""
    return house.staff()


@pytest.fixture
def dewi(staffed: House) -> Program:
    return staffed.program("dewi")


@pytest.fixture
def rizki(staffed: House) -> Program:
    return staffed.program("rizki")


@pytest.fixture
def damkar(staffed: House) -> Program:
    return staffed.program("damkar")


@pytest.fixture
def dishub(staffed: House) -> Program:
    return staffed.program("dishub")


@pytest.fixture
def staffed_on_both(settings: Settings, centre: Centre, clock: SteppableClock) -> House:
    """The people of `staffed`, once on SQLite and once on PostgreSQL."""
    return House(create_app(settings, centre, hasher=CHEAP), centre, clock).staff()
