"""Any sequence of commands, by anybody, valid or not: the product does what the model says, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import event

from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from tests.dispatch.shift import Shift
from tests.dispatch.tickets.lifecycle_agencies import AgencySteps
from tests.dispatch.tickets.lifecycle_calls import CallSteps
from tests.dispatch.tickets.lifecycle_invariants import Invariants
from tests.dispatch.tickets.lifecycle_tickets import TicketSteps
from tests.dispatch.touched import TouchedTables
from tests.steppable_clock import SteppableClock
from tests.thoroughness import examples


class Dispatching(CallSteps, TicketSteps, AgencySteps, Invariants):
    """All that can happen, in any order."""


def _run(centre: Centre, clock: SteppableClock, tries: int, steps: int) -> None:
    shift = Shift.begin(centre, clock)
    touched = TouchedTables(centre.engine)
    run_state_machine_as_test(
        lambda: Dispatching(centre, clock, shift, touched),
        settings=settings(
            max_examples=tries,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.fixture
def hasty_sqlite_centre(sqlite_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """SQLite that does not wait for the disk: thousands of commands, none of which has to survive a power cut."""
    opened = open_centre(sqlite_url, city, clock=clock)
    event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close())
    yield opened
    opened.close()


#: Thousands of commands: more than a test's usual minute on a busy machine.
LONG = pytest.mark.timeout(150)


@LONG
def test_no_sequence_of_commands_leaves_a_ticket_without_an_owner_or_a_clock(
    hasty_sqlite_centre: Centre, clock: SteppableClock
) -> None:
    _run(hasty_sqlite_centre, clock, tries=examples(45), steps=50)


@LONG
def test_the_same_on_postgresql(postgres_url: str, city: CityPack, clock: SteppableClock) -> None:
    centre = open_centre(postgres_url, city, clock=clock)
    try:
        _run(centre, clock, tries=examples(8), steps=50)
    finally:
        centre.close()
