"""What the database itself sees to: numbers that are unique, and one moment for all that is read together."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dispatch.call_taking.classify import classify_ticket
from dispatch.storage.tables import Ticket
from tests.dispatch.shift import Shift


def test_no_two_tickets_can_have_one_number(shift: Shift) -> None:
    shift.ring()
    shift.ring()
    with pytest.raises(Exception, match=r"(?i)unique"), shift.centre.engine.begin() as connection:
        connection.execute(text("UPDATE tickets SET number = 'same'"))
    assert len({row.number for row in shift.rows(Ticket)}) == 2


def test_all_that_a_query_is_asked_is_of_one_moment(shift: Shift) -> None:
    number = shift.claimed()
    with shift.centre.read() as connection:
        before = connection.execute(text("SELECT state, version FROM tickets")).one()
        shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
        assert connection.execute(text("SELECT state, version FROM tickets")).one() == before
    assert shift.ticket(number)["state"] == "closed"
