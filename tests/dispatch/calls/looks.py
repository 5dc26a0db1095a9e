"""How tests look at calls: as the centre, the callback list, the board and the alarms show them."""

from __future__ import annotations

from typing import Any

from dispatch.callbacks.reading import callback_list
from dispatch.calls.exchange_alarms import exchange_alarms
from dispatch.feed.board import board
from tests.dispatch.shift import Shift

A = "081200000001"
B = "081200000002"
DAY_S = 86_400


def call_of(shift: Shift, number: str) -> dict[str, Any]:
    call: dict[str, Any] = shift.ticket(number)["calls"][0]
    return call


def to_call_back(shift: Shift) -> set[str]:
    with shift.centre.read() as connection:
        listed = callback_list(connection, shift.centre.city, shift.clock)
    return {number for line in listed["items"] for number in line["tickets"]}


def the_board(shift: Shift) -> dict[str, Any]:
    with shift.centre.read() as connection:
        return board(connection, shift.centre.city, shift.clock)


def alarms(shift: Shift) -> set[str]:
    with shift.centre.read() as connection:
        return set(exchange_alarms(connection))


def talking(shift: Shift, linkedid: str, extension: str, **call: Any) -> str:
    """A call that a seat has answered and talks with."""
    number = shift.ring(linkedid, **call).ticket_number
    shift.clock.step(3)
    shift.answer(linkedid, extension)
    shift.clock.step(30)
    return number


def call_number(shift: Shift, linkedid: str) -> str:
    return str(shift.ring(linkedid).ticket_number)
