"""What an agency's people can get hold of: their own tickets. Every attempt at another's is refused and recorded."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from dispatch.storage.tables import JournalEntry
from tests.app.house import House, Program


def refusals(house: House) -> list[tuple[str, str, str]]:
    with house.centre.read() as connection:
        rows = connection.execute(
            select(JournalEntry.data).where(JournalEntry.kind == "access.refused").order_by(JournalEntry.seq)
        ).scalars()
        return [(data["entity"], data["key"], data["via"]) for data in rows]


def test_a_responder_reads_the_own_ticket_without_the_caller(staffed: House, dewi: Program, damkar: Program) -> None:
    number, _ = staffed.dispatched(dewi, "DAMKAR", "DISHUB")
    ticket = damkar.get(f"/api/v1/tickets/{number}").get_json()
    assert ticket["also_sent"] == ["DISHUB"]
    assert ticket["assignment"]["agency"] == "DAMKAR"
    text = json.dumps(ticket)
    assert "081200000417" not in text
    assert "Dewi" not in text
    assert "caller" not in ticket
    assert refusals(staffed) == []


def test_another_agencys_ticket_looks_as_if_it_did_not_exist(staffed: House, dewi: Program, dishub: Program) -> None:
    number, _ = staffed.dispatched(dewi, "DAMKAR")
    missing = dishub.get("/api/v1/tickets/261124-999")
    theirs = dishub.get(f"/api/v1/tickets/{number}")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.get_json()["error"]["message"] == missing.get_json()["error"]["message"]
    assert refusals(staffed) == [("ticket", number, "api")]


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("acknowledge", {}),
        ("decline", {"reason_code": "no_unit"}),
        ("en-route", {}),
        ("on-scene", {}),
        ("clear", {"note": "beres"}),
    ],
)
def test_another_agencys_assignment_cannot_be_reported_on(
    staffed: House, dewi: Program, dishub: Program, verb: str, body: dict[str, str]
) -> None:
    _, ids = staffed.dispatched(dewi, "DAMKAR")
    assert dishub.post(f"/api/v1/assignments/{ids['DAMKAR']}/{verb}", body).status_code == 404
    assert refusals(staffed) == [("assignment", str(ids["DAMKAR"]), "api")]


def test_a_task_page_opens_for_its_agency_only_and_acknowledges_nothing(staffed: House, dewi: Program) -> None:
    number, ids = staffed.dispatched(dewi, "DAMKAR")
    own = staffed.browser("damkar").get(f"/agency/{ids['DAMKAR']}")
    assert own.status_code == 200
    assert number in own.text
    assert "081200000417" not in own.text
    assert dewi.get(f"/api/v1/tickets/{number}").get_json()["assignments"][0]["state"] == "sent"
    other = staffed.browser("dishub").get(f"/agency/{ids['DAMKAR']}")
    assert other.status_code == 404
    assert number not in other.text
    assert refusals(staffed) == [("assignment", str(ids["DAMKAR"]), "page")]


def test_a_responder_who_opens_the_centres_pages_is_refused_and_recorded(staffed: House) -> None:
    browser = staffed.browser("damkar")
    for path in ("/console", "/board"):
        assert browser.get(path).status_code == 403
    assert refusals(staffed) == [("route", "console", "page"), ("route", "board", "page")]


def test_a_responder_who_commands_a_ticket_is_refused_and_recorded(
    staffed: House, dewi: Program, damkar: Program
) -> None:
    number, _ = staffed.dispatched(dewi, "DAMKAR")
    assert damkar.post(f"/api/v1/tickets/{number}/close", {"disposition": "handled"}).status_code == 403
    assert refusals(staffed) == [("ticket", number, "api")]


def test_lists_snapshot_and_journal_hold_the_own_agencys_tickets_only(
    staffed: House, dewi: Program, damkar: Program, dishub: Program
) -> None:
    fire, _ = staffed.dispatched(dewi, "DAMKAR")
    both, _ = staffed.dispatched(dewi, "DAMKAR", "DISHUB")
    staffed.call()
    for program, own in ((damkar, {fire, both}), (dishub, {both})):
        listed = {ticket["number"] for ticket in program.get("/api/v1/tickets").get_json()["items"]}
        shown = {ticket["number"] for ticket in program.get("/api/v1/snapshot").get_json()["tickets"]}
        told = {event["ticket_number"] for event in program.get("/api/v1/journal").get_json()["items"]}
        assert listed == shown == told == own
