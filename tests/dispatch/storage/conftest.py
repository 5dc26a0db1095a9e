"""What several tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from tests.steppable_clock import SteppableClock


@pytest.fixture
def other_centre(centre: Centre, database_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """A second node on the same database."""
    opened = open_centre(database_url, city, clock=clock)
    yield opened
    opened.close()
