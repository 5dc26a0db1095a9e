"""The description of the API: valid, complete, and true of every answer."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from app import create_app
from app.api.routes import all_operations
from config import Settings
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.ladders.firing import fire_due_rungs
from dispatch.storage.epochs import note_restored
from tests.app.house import CHEAP, FIRE, KELURAHAN, House, Program, csrf_token
from tests.steppable_clock import SteppableClock

#: Browsers can only ask to be woken where that is set up.
PUSH = {"push_key": "AQ" * 21 + "A", "push_subject": "mailto:it@example.go.id"}
BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    "p256dh": "B" + "A" * 86,
    "auth": "A" * 22,
}
STATUSES = (400, 401, 403, 404, 409, 413)


@pytest.fixture(scope="module")
def staffed(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, city: CityPack) -> Iterator[House]:
    """One house for the whole file: the story is told once, each operation looked at by itself."""
    folder, clock = tmp_path_factory.mktemp("house"), SteppableClock()
    shutil.copyfile(_sqlite_template, folder / "siaga.db")
    centre = open_centre(f"sqlite:///{folder / 'siaga.db'}", city, clock=clock)
    settings = Settings(data_dir=folder / "data", secret_key="a secret key that only this test knows", **PUSH)
    yield House(create_app(settings, centre, hasher=CHEAP), centre, clock).staff()
    centre.close()


@pytest.fixture(scope="module")
def description(staffed: House) -> dict[str, Any]:
    answer = staffed.browser().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


def test_the_description_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    validate(description)
    assert description["openapi"].startswith("3.1")


def test_it_describes_exactly_the_routes_that_exist(staffed: House, description: dict[str, Any]) -> None:
    described = {
        (operation["operationId"], method.upper())
        for operations in description["paths"].values()
        for method, operation in operations.items()
    }
    existing = {
        (rule.endpoint.removeprefix("api."), method)
        for rule in staffed.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == existing


def test_every_operation_says_what_it_does_and_who_may_call_it(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert operation["summary"].endswith("."), path
            assert operation["security"] == [] if "security" in operation else "Roles: " in operation["description"]


class Heard:
    """Keeps what each operation answered."""

    def __init__(self) -> None:
        self.answers: defaultdict[str, list[TestResponse]] = defaultdict(list)

    def __call__(self, operation_id: str, answer: TestResponse) -> Any:
        self.answers[operation_id].append(answer)
        return answer.get_json()


def check(description: dict[str, Any], operation_id: str, answer: TestResponse) -> None:
    """Hold an answer against what the description says of its status."""
    operation = next(
        operation
        for operations in description["paths"].values()
        for operation in operations.values()
        if operation["operationId"] == operation_id
    )
    described = operation["responses"][str(answer.status_code)]
    schema = described["content"]["application/json"]["schema"] | {"components": description["components"]}
    Draft202012Validator(schema).validate(answer.get_json())


@pytest.mark.parametrize("operation_id", [operation.name for operation in all_operations()])
def test_every_operation_answers_what_the_description_says(
    heard: Heard, description: dict[str, Any], operation_id: str
) -> None:
    assert heard.answers[operation_id], "the story calls every operation"
    for answer in heard.answers[operation_id]:
        check(description, operation_id, answer)


@pytest.fixture(scope="module")
def heard(staffed: House) -> Heard:
    """What every operation answers in a long day: at least once each, and to each kind of person."""
    heard = Heard()
    dewi, rizki, ratna = (staffed.program(name) for name in ("dewi", "rizki", "ratna"))
    number = _work_a_ticket(staffed, heard, dewi, rizki, ratna)
    _join_callers(staffed, heard, dewi, number)
    _look_around(staffed, heard, dewi, ratna, number)
    _call_back(staffed, heard, dewi, rizki, ratna)
    _name_places(heard, dewi)
    _flag_a_number(staffed, heard, dewi, ratna)
    _keep_rosters(heard, ratna, staffed.program("dishub"))
    browser = staffed.browser("dewi")
    headers = {"X-CSRFToken": csrf_token(browser, "/console")}
    heard("sit_down", browser.post("/api/v1/seat", json={"seat": "1"}, headers=headers))
    heard("take_record", ratna.post("/api/v1/calls/record", {"lines": ["no event"]}))
    _bring_before_a_leader(staffed, heard, dewi, ratna)
    _bring_back_the_database(staffed, heard, dewi, ratna)
    return heard


def _bring_back_the_database(staffed: House, heard: Heard, dewi: Program, ratna: Program) -> None:
    assert heard("list_held", ratna.get("/api/v1/held"))["restored_at"] is None
    contact = {"agency": "DISHUB", "name": "Piket", "role": "duty", "channels": [{"channel": "sms", "address": "0812"}]}
    heard("add_contact", ratna.post("/api/v1/contacts", contact))
    first, _ = staffed.dispatched(dewi, "DISHUB")
    second, _ = staffed.dispatched(dewi, "DISHUB")
    staffed.centre.run(fire_due_rungs, limit=50)
    staffed.clock.step(60)
    staffed.centre.run(note_restored)
    waiting = [item["ticket_number"] for item in heard("list_held", ratna.get("/api/v1/held"))["items"]]
    assert {first, second} <= set(waiting)
    released = ratna.post(f"/api/v1/tickets/{first}/release-held", {"send_messages": True})
    assert heard("release_held_ladders", released)["changed"]
    assert heard("drop_held_ladders", ratna.post(f"/api/v1/tickets/{second}/drop-held"))["changed"]
    heard("drop_held_messages", ratna.post("/api/v1/held/drop-messages"))


def _bring_before_a_leader(staffed: House, heard: Heard, dewi: Program, ratna: Program) -> None:
    sekda, dishub = staffed.program("sekda"), staffed.program("dishub")
    heard("show_leader", sekda.get("/api/v1/leader"))
    leading = {"agency": "SETDA", "name": "Sekda", "role": "leader", "username": "sekda"}
    heard("add_contact", ratna.post("/api/v1/contacts", leading))
    number, tasks = staffed.dispatched(dewi, "DISHUB")
    staffed.clock.step(1800)
    staffed.centre.run(fire_due_rungs, limit=50)
    assert [item["ticket_number"] for item in heard("show_leader", sekda.get("/api/v1/leader"))["items"]][-1] == number
    due_at = (staffed.clock.now() + timedelta(hours=2)).isoformat()
    asked = {"words": "Mohon segera.", "due_at": due_at, "assignment": tasks["DISHUB"]}
    path = f"/api/v1/leader/{number}/instruct"
    given = heard("instruct", sekda.post(path, asked))
    heard("show_leader", sekda.get("/api/v1/leader"))
    heard("show_ticket", dishub.get(f"/api/v1/tickets/{number}"))
    heard("answer_leader", dishub.post(f"/api/v1/instructions/{given['instruction_id']}/answer", {"note": "selesai"}))
    heard("answer_leader", sekda.post(f"/api/v1/instructions/{given['instruction_id']}/answer"))
    dewi.post(f"/api/v1/tickets/{number}/close", {"disposition": "cancelled"})
    heard("instruct", sekda.post(path, asked))


def _keep_rosters(heard: Heard, ratna: Program, dishub: Program) -> None:
    herman, ade = (
        heard("add_contact", ratna.post("/api/v1/contacts", {"agency": "DAMKAR", "name": name, "role": "duty"}))[
            "contact_id"
        ]
        for name in ("Herman", "Ade")
    )
    own = f"/api/v1/contacts/{herman}"
    heard("add_contact", ratna.post("/api/v1/contacts", {"agency": "DAMKAR", "name": "", "role": "duty"}))
    heard("change_contact", ratna.post(f"{own}/change", {"name": "Herman S.", "role": "duty"}))
    ways = [{"channel": "whatsapp", "address": "081277770001"}, {"channel": "email", "address": "h@contoh.go.id"}]
    heard("set_channels", ratna.post(f"{own}/channels", {"channels": ways}))
    (shown, _) = heard("list_contacts", ratna.get("/api/v1/contacts?agency=DAMKAR"))["items"]
    heard("list_contacts", dishub.get("/api/v1/contacts"))
    channel = f"/api/v1/contact-channels/{shown['channels'][0]['id']}"
    heard("test_channel", ratna.post(f"{channel}/test"))
    heard("prove_channel", ratna.post(f"{channel}/prove", {"code": "0"}))
    shift = {"starts_local": "2026-11-25T07:00", "ends_local": "2026-11-25T15:00"}
    duty = heard("add_duty", ratna.post("/api/v1/duties", {"contact_id": herman, **shift}))["duty_id"]
    heard("add_duty", ratna.post("/api/v1/duties", {"contact_id": ade, **shift, "version": 0}))
    swapped = heard("swap_duty", ratna.post(f"/api/v1/duties/{duty}/swap", {"contact_id": ade}))["duty_id"]
    query = "starts_local=2026-11-25T07:00&ends_local=2026-11-25T15:00"
    heard("show_shift", ratna.get(f"/api/v1/rosters/DAMKAR/shift?{query}"))
    heard("show_roster", ratna.get("/api/v1/rosters/DAMKAR?day=2026-11-25"))
    heard("show_roster", dishub.get("/api/v1/rosters/DAMKAR"))
    heard("list_duties", ratna.get("/api/v1/duties?since=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z"))
    heard("copy_week", ratna.post("/api/v1/rosters/copy-week", {"agency": "DAMKAR", "day": "2026-12-01"}))
    text = "agency,area,name,from,to,role\nDAMKAR,,Ade,2026-11-27T07:00,2026-11-27T15:00,duty\n"
    heard("take_roster", ratna.post("/api/v1/rosters/import", {"text": text}))
    heard("take_roster", ratna.post("/api/v1/rosters/import", {"text": "x"}))
    heard("list_rosters", ratna.get("/api/v1/rosters"))
    heard("list_holes", ratna.get("/api/v1/holes?agency=DAMKAR"))
    heard("check_in", ratna.post(f"{own}/check-in"))
    heard("keep_browser", dishub.post("/api/v1/browsers", BROWSER))
    heard("test_browser", dishub.post("/api/v1/browsers/test", {"endpoint": BROWSER["endpoint"]}))
    heard("forget_browser", dishub.post("/api/v1/browsers/forget", {"endpoint": BROWSER["endpoint"]}))
    heard("remove_duty", ratna.post(f"/api/v1/duties/{swapped}/remove"))
    heard("remove_contact", ratna.post(f"{own}/remove"))


def _work_a_ticket(staffed: House, heard: Heard, dewi: Program, rizki: Program, ratna: Program) -> str:
    damkar, dishub = staffed.program("damkar"), staffed.program("dishub")
    number, linkedid = staffed.call()
    ticket = f"/api/v1/tickets/{number}"
    heard("find_calls", dewi.get(f"/api/v1/calls?linkedid={linkedid}"))
    heard("claim_ticket", dewi.post(f"{ticket}/claim"))
    heard("claim_ticket", rizki.post(f"{ticket}/claim"))
    heard("release_ticket", dewi.post(f"{ticket}/release"))
    dewi.post(f"{ticket}/claim")
    heard("take_over_ticket", rizki.post(f"{ticket}/take-over", {"reason": "Dewi istirahat"}))
    genuine = {"classification": "genuine", "type_code": FIRE, "words": "rumah terbakar"}
    heard("classify_ticket", rizki.post(f"{ticket}/classify", genuine))
    heard("locate_ticket", rizki.post(f"{ticket}/locate", {"kelurahan_code": KELURAHAN}))
    heard("request_location", rizki.post(f"{ticket}/request-location"))
    heard("list_locations", ratna.get(f"{ticket}/locations"))
    heard("end_location", rizki.post(f"{ticket}/end-location"))
    sent = heard("dispatch_ticket", rizki.post(f"{ticket}/dispatch", {"agencies": ["DAMKAR", "DISHUB"]}))
    ids = {a["agency"]: a["id"] for a in sent["ticket"]["assignments"]}
    pause = {"reason": "lokasi-tidak-aman", "until": "2099-01-01T00:00:00Z", "assignment": ids["DAMKAR"]}
    heard("pause_ticket_clock", ratna.post(f"{ticket}/pause-clock", pause))
    heard("resume_ticket_clock", ratna.post(f"{ticket}/resume-clock", {"assignment": ids["DAMKAR"]}))
    heard("preview_ladders", rizki.get("/api/v1/ladder-preview?agencies=DAMKAR,PLN&priority=P1"))
    heard("list_ladders", ratna.get(f"/api/v1/ladders?open=1&ticket={number}"))
    own = f"/api/v1/assignments/{ids['DAMKAR']}"
    heard("acknowledge_assignment", damkar.post(f"{own}/acknowledge"))
    heard("set_en_route", damkar.post(f"{own}/en-route", {"occurred_at": "2026-11-24T02:14:00Z"}))
    heard("set_on_scene", damkar.post(f"{own}/on-scene"))
    heard("clear_assignment", damkar.post(f"{own}/clear", {"note": "api padam"}))
    declining = dishub.post(f"/api/v1/assignments/{ids['DISHUB']}/decline", {"reason_code": "no_unit"})
    heard("decline_assignment", declining)
    fire = {"card": "kebakaran-bangunan", "question": "orang-di-dalam", "value": "yes", "amount": 2}
    heard("answer_ticket_question", rizki.post(f"{ticket}/answer", fire))
    heard("save_ticket_draft", rizki.post(f"{ticket}/draft", {"words": "ada anak", "choices": {"half": {"x": "y"}}}))
    heard("set_own_keys", rizki.post("/api/v1/keys", {"keys": {"prank": "Shift+F2"}}))
    heard("close_ticket", rizki.post(f"{ticket}/close", {"disposition": "handled"}))
    heard("reopen_ticket", ratna.post(f"{ticket}/reopen", {"reason": "api menyala lagi"}))
    return number


def _join_callers(staffed: House, heard: Heard, dewi: Program, number: str) -> None:
    further, _ = staffed.call("081200000999")
    dewi.post(f"/api/v1/tickets/{further}/claim")
    near = f"similar?type_code={FIRE}&kelurahan_code={KELURAHAN}"
    assert heard("find_similar_tickets", dewi.get(f"/api/v1/tickets/{further}/{near}"))["items"]
    heard("attach_ticket", dewi.post(f"/api/v1/tickets/{further}/attach", {"to": number}))
    heard("add_caller_words", dewi.post(f"/api/v1/tickets/{further}/words", {"words": "api besar"}))
    joined, _ = staffed.call("081200000998")
    dewi.post(f"/api/v1/tickets/{joined}/claim")
    heard("attach_ticket", dewi.post(f"/api/v1/tickets/{joined}/attach", {"to": number}))
    heard("detach_ticket", dewi.post(f"/api/v1/tickets/{joined}/detach"))


def _look_around(staffed: House, heard: Heard, dewi: Program, ratna: Program, number: str) -> None:
    ticket = f"/api/v1/tickets/{number}"
    for person in (dewi, ratna, staffed.program("damkar")):
        heard("show_me", person.get("/api/v1/me"))
        heard("show_snapshot", person.get("/api/v1/snapshot"))
        heard("list_tickets", person.get("/api/v1/tickets"))
        heard("show_ticket", person.get(ticket))
        journal = heard("list_journal", person.get("/api/v1/journal"))
        assert journal["items"]
    heard("show_board", ratna.get("/api/v1/board"))
    heard("search_places", dewi.get("/api/v1/places?q=pakupatan"))
    heard("show_boundaries", dewi.get("/api/v1/boundaries"))
    heard("interpret_words", dewi.post("/api/v1/interpret", {"text": "rumah terbakar di pakupatan"}))
    note = heard("add_caller_note", dewi.post(f"{ticket}/caller-notes", {"kind": "name", "text": "Rina"}))["note_id"]
    heard("edit_caller_note", dewi.post(f"/api/v1/caller-notes/{note}/edit", {"text": "Rina S."}))
    heard("show_ticket", dewi.get(ticket))
    heard("remove_caller_note", dewi.post(f"/api/v1/caller-notes/{note}/remove"))


def _call_back(staffed: House, heard: Heard, dewi: Program, rizki: Program, ratna: Program) -> None:
    for ani in ("081200000417", "081200000417", "anonymous"):
        staffed.abandoned(ani)
    waiting = heard("list_callbacks", ratna.get("/api/v1/callbacks"))["items"]
    dialable, withheld = (f"/api/v1/callbacks/{one['id']}" for one in waiting)
    heard("take_callback", dewi.post(f"{dialable}/take"))
    heard("take_callback", rizki.post(f"{dialable}/take"))
    heard("release_callback", dewi.post(f"{dialable}/release"))
    tried = dewi.post(f"{dialable}/attempts", {"outcome": "busy", "note": "coba lagi"})
    heard("record_callback_attempt", tried)
    heard("list_callbacks", ratna.get("/api/v1/callbacks"))
    heard("close_callback", dewi.post(f"{withheld}/close"))
    heard("record_callback_attempt", dewi.post(f"{dialable}/attempts", {"outcome": "reached"}))
    heard("record_callback_attempt", dewi.post(f"{dialable}/attempts", {"outcome": "reached"}))


def _name_places(heard: Heard, dewi: Program) -> None:
    heard("show_point", dewi.get("/api/v1/places/at?lat=-6.12&lon=106.15"))
    heard("geocode", dewi.get("/api/v1/places/geocode?q=pakupatan"))
    landmark = {"name": "Warung Bu Imas", "lat": -6.12, "lon": 106.15, "other_names": ["Kopi Pojok"]}
    added = heard("add_landmark", dewi.post("/api/v1/landmarks", landmark))
    heard("list_landmarks", dewi.get("/api/v1/landmarks"))
    heard("show_map_landmarks", dewi.get("/api/v1/places/landmarks"))
    heard("retire_landmark", dewi.post(f"/api/v1/landmarks/{added['id']}/retire"))


def _flag_a_number(staffed: House, heard: Heard, dewi: Program, ratna: Program) -> None:
    pranks = [_prank(staffed, dewi) for _ in range(6)]
    proposed = heard("list_number_flags", ratna.get("/api/v1/number-flags"))["proposed"]
    flag = f"/api/v1/number-flags/{proposed[0]['id']}"
    heard("decide_number_flag", ratna.post(f"{flag}/decide", {"decision": "approve", "reason": "iseng berulang"}))
    heard("lift_number_block", ratna.post(f"{flag}/lift", {"reason": "anak kecil, sudah ditegur"}))
    heard("block_number", ratna.post(f"/api/v1/tickets/{pranks[-1]}/block-number", {"reason": "mulai lagi"}))
    heard("list_number_flags", ratna.get("/api/v1/number-flags"))
    assert heard("end_call", ratna.post(f"/api/v1/tickets/{pranks[-1]}/end-call", {"call_id": None}))["changed"]
    heard("show_ticket", dewi.get(f"/api/v1/tickets/{pranks[-1]}"))


def _prank(staffed: House, operator: Program) -> str:
    number, _ = staffed.call("081200000666")
    operator.post(f"/api/v1/tickets/{number}/claim")
    operator.post(f"/api/v1/tickets/{number}/classify", {"classification": "prank"})
    return number


@pytest.fixture(scope="module")
def refused(staffed: House) -> dict[int, TestResponse]:
    """One operation's refusals by their status."""
    dewi, rizki, damkar = (staffed.program(name) for name in ("dewi", "rizki", "damkar"))
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
    return refusals


@pytest.mark.parametrize("status", STATUSES)
def test_every_refusal_answers_what_the_description_says(
    refused: dict[int, TestResponse], description: dict[str, Any], status: int
) -> None:
    assert refused[status].status_code == status
    check(description, "claim_ticket", refused[status])
