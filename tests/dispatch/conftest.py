"""A shift at the centre, on both databases and on SQLite alone."""

from __future__ import annotations

import pytest

from dispatch.centre import Centre
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock


@pytest.fixture
def shift(centre: Centre, clock: SteppableClock) -> Shift:
    """Two operators, a supervisor and four agencies on duty, on SQLite and on PostgreSQL."""
    return Shift.begin(centre, clock)


@pytest.fixture
def sqlite_shift(sqlite_centre: Centre, clock: SteppableClock) -> Shift:
    """The same on SQLite alone, for what does not depend on the database."""
    return Shift.begin(sqlite_centre, clock)
