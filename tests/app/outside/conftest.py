"""A shift whose notices are carried, on both databases and on SQLite alone."""

from __future__ import annotations

import pytest

from dispatch.centre import Centre
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock


@pytest.fixture
def shift(centre: Centre, clock: SteppableClock) -> Shift:
    return Shift.begin(centre, clock)


@pytest.fixture
def sqlite_shift(sqlite_centre: Centre, clock: SteppableClock) -> Shift:
    return Shift.begin(sqlite_centre, clock)
