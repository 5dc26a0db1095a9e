"""What kind of call it was: one key, a type, a priority, the words."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.call_taking.classify import classify_ticket
from dispatch.errors import TransitionRefused
from dispatch.storage.tables import TicketNote
from tests.dispatch.refusals import refusal
from tests.dispatch.shift import FIRE, Shift

FALLEN_TREE = "pohon-tumbang"


@pytest.mark.parametrize("kind", ["prank", "ghost", "information", "wrong_number", "dropped"])
def test_one_key_closes_a_nuisance_with_its_own_disposition(shift: Shift, kind: str) -> None:
    number = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification=kind)
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["classification"], ticket["disposition"]) == ("closed", kind, kind)
    assert (ticket["public_status"], ticket["clocks"]) == ("selesai", [])
    before = shift.everything()
    assert not shift.run(classify_ticket, actor=shift.dewi, number=number, classification=kind).changed
    assert shift.everything() == before
    other = "ghost" if kind == "prank" else "prank"
    refused = refusal(shift, classify_ticket, actor=shift.dewi, number=number, classification=other)
    assert refused.allowed == ("reopen",)


def test_a_ticket_that_was_sent_to_an_agency_is_no_longer_closed_with_one_key(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR")
    refused = refusal(shift, classify_ticket, actor=shift.dewi, number=number, classification="prank")
    assert isinstance(refused, TransitionRefused)
    assert refused.details == {"entity": "ticket", "state": "dispatched", "command": "classify:prank"}
    assert "close" in refused.allowed


def test_a_genuine_call_has_a_type_whose_priority_it_takes(shift: Shift) -> None:
    number = shift.claimed()
    give = {"actor": shift.dewi, "number": number, "classification": "genuine"}
    shift.run(classify_ticket, **give, type_code=FIRE)
    ticket = shift.ticket(number)
    assert (ticket["type"]["code"], ticket["priority"], ticket["priority_by_hand"]) == (FIRE, "P1", False)
    assert shift.entries()[-1].data == {"classification": "genuine", "type_code": FIRE, "priority": "P1"}
    shift.run(classify_ticket, **give, type_code=FALLEN_TREE)
    ticket = shift.ticket(number)
    assert ticket["priority"] == shift.centre.city.incident_types[FALLEN_TREE].priority != "P1"


def test_a_priority_chosen_by_hand_is_never_overridden_by_the_machine(shift: Shift) -> None:
    number = shift.claimed()
    give = {"actor": shift.dewi, "number": number, "classification": "genuine"}
    shift.run(classify_ticket, **give, type_code=FIRE, priority="P3")
    assert (shift.ticket(number)["priority"], shift.ticket(number)["priority_by_hand"]) == ("P3", True)
    shift.run(classify_ticket, **give, words="api sudah kecil")
    shift.run(classify_ticket, **give, type_code=FALLEN_TREE)
    ticket = shift.ticket(number)
    assert (ticket["type"]["code"], ticket["priority"], ticket["priority_by_hand"]) == (FALLEN_TREE, "P3", True)
    proposed = shift.centre.city.incident_types[FALLEN_TREE].priority
    shift.run(classify_ticket, **give, priority=proposed)
    assert shift.ticket(number)["priority_by_hand"] is False


def test_the_words_are_kept_as_typed_every_version_of_them(shift: Shift) -> None:
    number = shift.claimed()
    typed = ["kebakaran  rmh dpn pasar rau,\napi bsr 🔥", "kebakaran rumah; 'ada' \"orang\" <b>"]
    for words in (typed[0], typed[0], "  ", typed[1], None):
        shift.run(classify_ticket, actor=shift.dewi, number=number, classification="genuine", words=words)
    assert shift.ticket(number)["words"] == typed[1]
    assert [(note.kind, note.text) for note in shift.rows(TicketNote)] == [("words", each) for each in typed]
    assert not [entry for entry in shift.entries() if "pasar" in str(entry)]


def test_control_characters_in_words_are_taken_out_and_too_many_words_are_refused(shift: Shift) -> None:
    number = shift.claimed()
    give = {"actor": shift.dewi, "number": number, "classification": "genuine"}
    shift.run(classify_ticket, **give, words="api\x00\x1b[31m\r\nbesar\ud800")
    assert shift.ticket(number)["words"] == "api [31m\nbesar"
    assert refusal(shift, classify_ticket, **give, words="x" * 10_001).details == {
        "field": "words",
        "problem": "too_long",
    }


@pytest.mark.parametrize(
    ("arguments", "details"),
    [
        ({"classification": "bogus"}, {"field": "classification", "problem": "unknown"}),
        ({"classification": ""}, {"field": "classification", "problem": "unknown"}),
        ({"classification": "genuine"}, {"missing": ["type"]}),
        ({"classification": "genuine", "words": " \n "}, {"missing": ["type"]}),
        ({"classification": "genuine", "type_code": "bogus"}, {"field": "type_code", "problem": "unknown"}),
        (
            {"classification": "genuine", "type_code": FIRE, "priority": "P9"},
            {"field": "priority", "problem": "unknown"},
        ),
    ],
)  # fmt: skip
def test_a_classification_that_says_nothing_is_refused(
    sqlite_shift: Shift, arguments: dict[str, str], details: dict[str, Any]
) -> None:
    number = sqlite_shift.claimed()
    refused = refusal(sqlite_shift, classify_ticket, actor=sqlite_shift.dewi, number=number, **arguments)
    assert refused.details == details
