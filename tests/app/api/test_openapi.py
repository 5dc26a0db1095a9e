"""The description of the API: valid, complete, and true of every answer."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from tests.app.house import FIRE, KELURAHAN, House, Program, csrf_token


@pytest.fixture
def description(house: House) -> dict[str, Any]:
    answer = house.browser().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


def test_the_description_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    validate(description)
    assert description["openapi"].startswith("3.1")


def test_it_describes_exactly_the_routes_that_exist(house: House, description: dict[str, Any]) -> None:
    described = {
        (operation["operationId"], method.upper())
        for operations in description["paths"].values()
        for method, operation in operations.items()
    }
    existing = {
        (rule.endpoint.removeprefix("api."), method)
        for rule in house.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == existing


def test_every_operation_says_what_it_does_and_who_may_call_it(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert operation["summary"].endswith("."), path
            assert operation["security"] == [] if "security" in operation else "Roles: " in operation["description"]


class Checked:
    """Calls operations and holds each answer against the description."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.called: set[str] = set()

    def __call__(self, operation_id: str, answer: TestResponse) -> Any:
        operation = next(
            operation
            for operations in self.description["paths"].values()
            for operation in operations.values()
            if operation["operationId"] == operation_id
        )
        described = operation["responses"][str(answer.status_code)]
        schema = described["content"]["application/json"]["schema"] | {"components": self.description["components"]}
        Draft202012Validator(schema).validate(answer.get_json())
        self.called.add(operation_id)
        return answer.get_json()


def test_every_operation_answers_what_the_description_says(
    staffed: House, description: dict[str, Any], dewi: Program, rizki: Program, damkar: Program, dishub: Program
) -> None:
    checked = Checked(description)
    ratna = staffed.program("ratna")
    number, linkedid = staffed.call()
    ticket = f"/api/v1/tickets/{number}"
    checked("find_calls", dewi.get(f"/api/v1/calls?linkedid={linkedid}"))
    checked("claim_ticket", dewi.post(f"{ticket}/claim"))
    checked("claim_ticket", rizki.post(f"{ticket}/claim"))
    checked("release_ticket", dewi.post(f"{ticket}/release"))
    dewi.post(f"{ticket}/claim")
    checked("take_over_ticket", rizki.post(f"{ticket}/take-over", {"reason": "Dewi istirahat"}))
    genuine = {"classification": "genuine", "type_code": FIRE, "words": "rumah terbakar"}
    checked("classify_ticket", rizki.post(f"{ticket}/classify", genuine))
    checked("locate_ticket", rizki.post(f"{ticket}/locate", {"kelurahan_code": KELURAHAN}))
    checked("request_location", rizki.post(f"{ticket}/request-location"))
    checked("list_locations", ratna.get(f"{ticket}/locations"))
    checked("end_location", rizki.post(f"{ticket}/end-location"))
    sent = checked("dispatch_ticket", rizki.post(f"{ticket}/dispatch", {"agencies": ["DAMKAR", "DISHUB"]}))
    ids = {a["agency"]: a["id"] for a in sent["ticket"]["assignments"]}
    own = f"/api/v1/assignments/{ids['DAMKAR']}"
    checked("acknowledge_assignment", damkar.post(f"{own}/acknowledge"))
    checked("set_en_route", damkar.post(f"{own}/en-route", {"occurred_at": "2026-11-24T02:14:00Z"}))
    checked("set_on_scene", damkar.post(f"{own}/on-scene"))
    checked("clear_assignment", damkar.post(f"{own}/clear", {"note": "api padam"}))
    declining = dishub.post(f"/api/v1/assignments/{ids['DISHUB']}/decline", {"reason_code": "no_unit"})
    checked("decline_assignment", declining)
    fire = {"card": "kebakaran-bangunan", "question": "orang-di-dalam", "value": "yes", "amount": 2}
    checked("answer_ticket_question", rizki.post(f"{ticket}/answer", fire))
    checked("save_ticket_draft", rizki.post(f"{ticket}/draft", {"words": "ada anak", "choices": {"half": {"x": "y"}}}))
    checked("set_own_keys", rizki.post("/api/v1/keys", {"keys": {"prank": "Shift+F2"}}))
    checked("close_ticket", rizki.post(f"{ticket}/close", {"disposition": "handled"}))
    checked("reopen_ticket", ratna.post(f"{ticket}/reopen", {"reason": "api menyala lagi"}))
    further, _ = staffed.call("081200000999")
    dewi.post(f"/api/v1/tickets/{further}/claim")
    near = f"similar?type_code={FIRE}&kelurahan_code={KELURAHAN}"
    assert checked("find_similar_tickets", dewi.get(f"/api/v1/tickets/{further}/{near}"))["items"]
    checked("attach_ticket", dewi.post(f"/api/v1/tickets/{further}/attach", {"to": number}))
    checked("add_caller_words", dewi.post(f"/api/v1/tickets/{further}/words", {"words": "api besar"}))
    joined, _ = staffed.call("081200000998")
    dewi.post(f"/api/v1/tickets/{joined}/claim")
    checked("attach_ticket", dewi.post(f"/api/v1/tickets/{joined}/attach", {"to": number}))
    checked("detach_ticket", dewi.post(f"/api/v1/tickets/{joined}/detach"))
    for person in (dewi, ratna, damkar):
        checked("show_me", person.get("/api/v1/me"))
        checked("show_snapshot", person.get("/api/v1/snapshot"))
        checked("list_tickets", person.get("/api/v1/tickets"))
        checked("show_ticket", person.get(ticket))
        journal = checked("list_journal", person.get("/api/v1/journal"))
        assert journal["items"]
    checked("show_board", ratna.get("/api/v1/board"))
    checked("search_places", dewi.get("/api/v1/places?q=pakupatan"))
    checked("show_boundaries", dewi.get("/api/v1/boundaries"))
    checked("interpret_words", dewi.post("/api/v1/interpret", {"text": "rumah terbakar di pakupatan"}))
    note = checked("add_caller_note", dewi.post(f"{ticket}/caller-notes", {"kind": "name", "text": "Rina"}))["note_id"]
    checked("edit_caller_note", dewi.post(f"/api/v1/caller-notes/{note}/edit", {"text": "Rina S."}))
    checked("show_ticket", dewi.get(ticket))
    checked("remove_caller_note", dewi.post(f"/api/v1/caller-notes/{note}/remove"))
    for ani in ("081200000417", "081200000417", "anonymous"):
        staffed.abandoned(ani)
    waiting = checked("list_callbacks", ratna.get("/api/v1/callbacks"))["items"]
    dialable, withheld = (f"/api/v1/callbacks/{one['id']}" for one in waiting)
    checked("take_callback", dewi.post(f"{dialable}/take"))
    checked("take_callback", rizki.post(f"{dialable}/take"))
    checked("release_callback", dewi.post(f"{dialable}/release"))
    tried = dewi.post(f"{dialable}/attempts", {"outcome": "busy", "note": "coba lagi"})
    checked("record_callback_attempt", tried)
    checked("list_callbacks", ratna.get("/api/v1/callbacks"))
    checked("close_callback", dewi.post(f"{withheld}/close"))
    checked("record_callback_attempt", dewi.post(f"{dialable}/attempts", {"outcome": "reached"}))
    checked("record_callback_attempt", dewi.post(f"{dialable}/attempts", {"outcome": "reached"}))
    checked("show_point", dewi.get("/api/v1/places/at?lat=-6.12&lon=106.15"))
    checked("geocode", dewi.get("/api/v1/places/geocode?q=pakupatan"))
    landmark = {"name": "Warung Bu Imas", "lat": -6.12, "lon": 106.15, "other_names": ["Kopi Pojok"]}
    added = checked("add_landmark", dewi.post("/api/v1/landmarks", landmark))
    checked("list_landmarks", dewi.get("/api/v1/landmarks"))
    checked("show_map_landmarks", dewi.get("/api/v1/places/landmarks"))
    checked("retire_landmark", dewi.post(f"/api/v1/landmarks/{added['id']}/retire"))
    browser = staffed.browser("dewi")
    headers = {"X-CSRFToken": csrf_token(browser, "/console")}
    checked("sit_down", browser.post("/api/v1/seat", json={"seat": "1"}, headers=headers))
    pranks = [_prank(staffed, dewi) for _ in range(6)]
    proposed = checked("list_number_flags", ratna.get("/api/v1/number-flags"))["proposed"]
    flag = f"/api/v1/number-flags/{proposed[0]['id']}"
    checked("decide_number_flag", ratna.post(f"{flag}/decide", {"decision": "approve", "reason": "iseng berulang"}))
    checked("lift_number_block", ratna.post(f"{flag}/lift", {"reason": "anak kecil, sudah ditegur"}))
    checked("block_number", ratna.post(f"/api/v1/tickets/{pranks[-1]}/block-number", {"reason": "mulai lagi"}))
    checked("list_number_flags", ratna.get("/api/v1/number-flags"))
    assert checked("end_call", ratna.post(f"/api/v1/tickets/{pranks[-1]}/end-call", {"call_id": None}))["changed"]
    checked("show_ticket", dewi.get(f"/api/v1/tickets/{pranks[-1]}"))
    checked("take_record", ratna.post("/api/v1/calls/record", {"lines": ["no event"]}))
    named = {o["operationId"] for operations in description["paths"].values() for o in operations.values()}
    assert checked.called == named


def _prank(staffed: House, operator: Program) -> str:
    number, _ = staffed.call("081200000666")
    operator.post(f"/api/v1/tickets/{number}/claim")
    operator.post(f"/api/v1/tickets/{number}/classify", {"classification": "prank"})
    return number


def test_every_refusal_answers_what_the_description_says(
    staffed: House, description: dict[str, Any], dewi: Program, rizki: Program, damkar: Program
) -> None:
    checked = Checked(description)
    number, _ = staffed.call()
    ticket = f"/api/v1/tickets/{number}"
    stranger = staffed.browser()
    refusals = {
        400: dewi.post(f"{ticket}/claim", {"force": True}),
        401: stranger.post(f"{ticket}/claim", headers={"Authorization": "Bearer wrong"}, json={}),
        403: damkar.post(f"{ticket}/claim"),
        404: dewi.post("/api/v1/tickets/261124-999/claim"),
        413: dewi.post(f"{ticket}/claim", json=None, data=b" " * 70_000),
    }
    dewi.post(f"{ticket}/claim")
    refusals[409] = rizki.post(f"{ticket}/claim")
    for status, answer in refusals.items():
        assert answer.status_code == status
        checked("claim_ticket", answer)
