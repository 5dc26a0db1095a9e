"""The bulk-made past is one that a real centre could have had: otherwise what is measured on it says nothing."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from bench.open_tickets import CALLBACKS, RINGING, WORKED
from bench.ticket_history import make_history
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.feed.board import board
from dispatch.storage.journal import verify
from dispatch.storage.tables import Ticket

TICKETS = 400


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, city: CityPack) -> Iterator[Centre]:
    path = tmp_path_factory.mktemp("history") / "siaga.db"
    make_history(path, city, TICKETS)
    centre = open_centre(f"sqlite:///{path}", city)
    yield centre
    centre.close()


def test_the_journal_of_the_past_is_unbroken(past: Centre) -> None:
    with past.read() as connection:
        found = verify(connection)
    assert found.broken is None
    assert found.entries > 4 * TICKETS


def test_all_of_the_past_is_closed_and_a_shifts_worth_is_open(past: Centre) -> None:
    with past.read() as connection:
        by_state = dict(connection.execute(select(Ticket.state, func.count()).group_by(Ticket.state)).all())
    assert by_state["closed"] == TICKETS
    assert by_state["callback"] == CALLBACKS
    assert by_state["new"] == RINGING
    assert by_state["dispatched"] + by_state["in_progress"] == WORKED


def test_the_last_day_is_on_the_board(past: Centre) -> None:
    with past.read() as connection:
        figures = board(connection, past.city, past.clock)
    assert figures["waiting"] == RINGING
    assert figures["answered"]["of"] > 200


def test_the_next_call_takes_the_next_number(past: Centre) -> None:
    registered = past.run(register_call, call=IncomingCall("pbx1", "the-next"))
    with past.read() as connection:
        numbers = connection.execute(select(Ticket.number).order_by(Ticket.id)).scalars().all()
    assert registered.created
    assert numbers[-1] == registered.ticket_number
    assert len(set(numbers)) == len(numbers)
