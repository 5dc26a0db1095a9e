"""Before anything is sent: who would be told, by what, and where nobody would be."""

from __future__ import annotations

from dispatch.city.model import Priority
from dispatch.ladders.preview import preview
from tests.dispatch.ladders.test_firing import add_contact
from tests.dispatch.shift import Shift


def test_a_preview_names_people_channels_next_rungs_and_holes(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp", "sms")
    add_contact(shift, "SETDA", "leader", "whatsapp")
    with shift.centre.read() as connection:
        damkar, pln = preview(
            connection, shift.centre.city, shift.clock.now(), ["DAMKAR", "PLN", "NOBODY"], Priority.P1, None
        )
    assert not damkar["hole"]
    assert not damkar["tested"]
    assert damkar["rungs"][0]["people"][0]["channels"] == ["whatsapp", "sms"]
    assert [(rung["who"], rung["hole"]) for rung in damkar["rungs"]] == [
        ("duty", False),
        ("duty+chief", False),
        ("head", True),
        ("supervisor", True),
        ("leader:SETDA", False),
        ("leader:WALIKOTA", True),
    ]
    assert (pln["hole"], pln["phone"]) == (True, "123")
