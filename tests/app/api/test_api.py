"""The API as programs and the pages' scripts use it: a call's way from ringing to closed, and every refusal."""

from __future__ import annotations

import pytest

from dispatch.calls.progress import call_ended
from tests.app.house import FIRE, KELURAHAN, House, Program


def test_a_call_is_worked_from_ringing_to_closed(staffed: House, dewi: Program, damkar: Program) -> None:
    number, linkedid = staffed.call()
    found = dewi.get(f"/api/v1/calls?linkedid={linkedid}").get_json()
    assert [(call["ticket_number"], call["state"]) for call in found["items"]] == [(number, "ringing")]

    claimed = dewi.post(f"/api/v1/tickets/{number}/claim").get_json()
    assert (claimed["changed"], claimed["ticket"]["state"]) == (True, "claimed")
    body = {"classification": "genuine", "type_code": FIRE, "words": "rumah terbakar, ada anak di dalam"}
    classified = dewi.post(f"/api/v1/tickets/{number}/classify", body).get_json()["ticket"]
    assert (classified["type"]["code"], classified["priority"]) == (FIRE, "P1")
    dewi.post(f"/api/v1/tickets/{number}/locate", {"kelurahan_code": KELURAHAN, "text": "depan pasar"})
    sent = dewi.post(f"/api/v1/tickets/{number}/dispatch", {"agencies": ["DAMKAR", "DISHUB"]}).get_json()["ticket"]
    ids = {assignment["agency"]: assignment["id"] for assignment in sent["assignments"]}
    assert set(ids) == {"DAMKAR", "DISHUB"}

    for verb, body in (("acknowledge", {}), ("en-route", {}), ("on-scene", {}), ("clear", {"note": "api padam"})):
        done = damkar.post(f"/api/v1/assignments/{ids['DAMKAR']}/{verb}", body)
        assert done.status_code == 200, done.text
    agency_view = done.get_json()["ticket"]
    assert agency_view["assignment"]["state"] == "cleared"
    assert "calls" not in agency_view

    declined = dewi.post(f"/api/v1/assignments/{ids['DISHUB']}/decline", {"reason_code": "no_unit"})
    assert declined.status_code == 200
    closed = dewi.post(f"/api/v1/tickets/{number}/close", {"disposition": "handled"}).get_json()["ticket"]
    assert (closed["state"], closed["public_status"]) == ("closed", "selesai")

    whole = dewi.get(f"/api/v1/tickets/{number}").get_json()
    assert [event["kind"] for event in whole["timeline"]][:3] == [
        "call.registered",
        "ticket.claimed",
        "ticket.classified",
    ]
    assert whole["caller"]["calls"] == 0


def test_of_two_who_claim_one_wins_and_the_other_is_told_who(staffed: House, dewi: Program, rizki: Program) -> None:
    number, _ = staffed.call()
    assert dewi.post(f"/api/v1/tickets/{number}/claim").status_code == 200
    lost = rizki.post(f"/api/v1/tickets/{number}/claim")
    assert lost.status_code == 409
    error = lost.get_json()["error"]
    assert (error["code"], error["details"]) == ("claimed_by_other", {"owner_name": "Dewi"})
    assert error["message"] == "Dewi sudah mengambil panggilan ini."
    assert "take-over" in error["allowed"]


def test_errors_are_told_in_the_users_own_language(staffed: House, dewi: Program) -> None:
    dewi.client.post("/language/en", headers=dewi.headers)
    error = dewi.get("/api/v1/tickets/261124-999").get_json()["error"]
    assert error["message"] == "Not found, or not for your agency. Check the number."


def test_a_request_id_makes_a_repeat_harmless(staffed: House, dewi: Program) -> None:
    number, _ = staffed.call()
    headers = {"Idempotency-Key": "7d0a5d1e"}
    first = dewi.post(f"/api/v1/tickets/{number}/claim", headers=headers).get_json()
    before = len(staffed.journal_kinds())
    again = dewi.post(f"/api/v1/tickets/{number}/claim", headers=headers).get_json()
    assert (first["changed"], again["changed"], again["seq"]) == (True, False, first["seq"])
    assert len(staffed.journal_kinds()) == before


@pytest.mark.parametrize("request_id", ["", "x" * 81, "tab\there"])
def test_a_request_id_of_another_form_is_refused(staffed: House, dewi: Program, request_id: str) -> None:
    number, _ = staffed.call()
    answer = dewi.post(f"/api/v1/tickets/{number}/claim", headers={"Idempotency-Key": request_id})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["details"] == {"field": "Idempotency-Key", "problem": "form"}


def test_what_leads_nowhere_is_refused_with_what_would(staffed: House, dewi: Program) -> None:
    number, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{number}/claim")
    dewi.post(f"/api/v1/tickets/{number}/classify", {"classification": "prank"})
    refused = dewi.post(f"/api/v1/tickets/{number}/dispatch", {"agencies": ["DAMKAR"]})
    assert refused.status_code == 409
    error = refused.get_json()["error"]
    assert (error["code"], error["allowed"]) == ("transition_refused", ["reopen"])
    assert error["details"]["state"] == "closed"


def test_a_dispatch_without_a_place_says_what_is_missing(staffed: House, dewi: Program) -> None:
    number, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{number}/claim")
    refused = dewi.post(f"/api/v1/tickets/{number}/dispatch", {"agencies": ["DAMKAR"]})
    assert refused.status_code == 400
    error = refused.get_json()["error"]
    assert error["details"]["missing"] == ["type", "kelurahan"]
    assert error["message"] == "Belum lengkap: jenis kejadian, kelurahan. Isi lebih dulu."


NOT_FINITE = {"field": "choices", "problem": "out_of_range"}
BAD_BODIES = [
    ("claim", b"{", "invalid_json", {}),
    ("claim", b"[]", "invalid_json", {}),
    ("claim", b'"claim"', "invalid_json", {}),
    ("claim", b"[" * 30_000, "invalid_json", {}),
    ("claim", b'{"force": true}', "invalid_value", {"field": "force", "problem": "unexpected"}),
    ("classify", b"{}", "requirement_missing", {"missing": ["classification"]}),
    ("classify", b'{"classification": 5}', "invalid_value", {"field": "classification", "problem": "wrong_type"}),
    ("classify", b'{"classification": "joke"}', "invalid_value", {"field": "classification", "problem": "unknown"}),
    ("classify", b'{"classification": null}', "invalid_value", {"field": "classification", "problem": "wrong_type"}),
    (
        "classify",
        b'{"classification": "genuine", "words": "a\\u0000b"}',
        "invalid_value",
        {"field": "words", "problem": "control_character"},
    ),
    (
        "classify",
        b'{"classification": "genuine", "words": "' + b"x" * 10_001 + b'"}',
        "invalid_value",
        {"field": "words", "problem": "too_long"},
    ),
    ("classify", b'{"classification": "genuine", "words": "\\ud800"}', "invalid_json", {}),
    ("locate", b'{"lat": NaN, "lon": 106.1}', "invalid_value", {"field": "lat", "problem": "out_of_range"}),
    ("locate", b'{"lat": 1e999, "lon": 106.1}', "invalid_value", {"field": "lat", "problem": "out_of_range"}),
    ("locate", b'{"lat": -6.1}', "requirement_missing", {"missing": ["lat", "lon"]}),
    ("locate", b'{"lat": "-6.1", "lon": "106.1"}', "invalid_value", {"field": "lat", "problem": "wrong_type"}),
    ("locate", b'{"lat": 48.1, "lon": 11.5}', "invalid_value", {"field": "lat", "problem": "outside_city"}),
    ("locate", b'{"kelurahan_code": "99"}', "invalid_value", {"field": "kelurahan_code", "problem": "unknown"}),
    ("dispatch", b'{"agencies": "DAMKAR"}', "invalid_value", {"field": "agencies", "problem": "wrong_type"}),
    ("dispatch", b'{"agencies": [1]}', "invalid_value", {"field": "agencies.0", "problem": "wrong_type"}),
    ("close", b'{"disposition": "prank"}', "invalid_value", {"field": "disposition", "problem": "unknown"}),
    *(
        ("draft", b'{"words": "x", "choices": {"a": [%s]}}' % number, "invalid_value", NOT_FINITE)
        for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999")
    ),
]


@pytest.mark.parametrize(("verb", "body", "code", "details"), BAD_BODIES)
def test_a_body_that_cannot_be_used_is_explained(
    staffed: House, dewi: Program, verb: str, body: bytes, code: str, details: dict[str, object]
) -> None:
    number, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{number}/claim")
    before = staffed.journal_kinds()
    answer = dewi.post(f"/api/v1/tickets/{number}/{verb}", json=None, data=body)
    assert answer.status_code == 400, answer.text
    error = answer.get_json()["error"]
    assert (error["code"], error["details"]) == (code, details)
    assert error["message"]
    assert staffed.journal_kinds() == before


def test_ten_thousand_characters_are_kept_as_typed(staffed: House, dewi: Program) -> None:
    number, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{number}/claim")
    words = ("kebakaran 🔥 é " * 1000)[:10_000].strip()
    done = dewi.post(f"/api/v1/tickets/{number}/classify", {"classification": "genuine", "words": words})
    assert done.get_json()["ticket"]["words"] == words


def test_a_body_beyond_the_limit_is_refused_unread(staffed: House, dewi: Program) -> None:
    number, _ = staffed.call()
    answer = dewi.post(f"/api/v1/tickets/{number}/claim", json=None, data=b" " * 70_000)
    assert answer.status_code == 413
    assert answer.get_json()["error"]["details"] == {"limit_kb": 64}


@pytest.mark.parametrize(
    "number", ["261124-999", "x", "%00", "261124-047%00", "9" * 400, "..%2f..%2fetc", "' OR 1=1", "261124-٠٤٧"]
)
def test_a_ticket_that_does_not_exist_is_not_found_whatever_its_number_looks_like(dewi: Program, number: str) -> None:
    for answer in (dewi.get(f"/api/v1/tickets/{number}"), dewi.post(f"/api/v1/tickets/{number}/claim")):
        assert answer.status_code == 404
        assert answer.get_json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("key", ["0", "9223372036854775807", "9223372036854775808", "-1", "x"])
def test_an_assignment_that_does_not_exist_is_not_found(dewi: Program, key: str) -> None:
    assert dewi.post(f"/api/v1/assignments/{key}/acknowledge").status_code == 404


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/journal?after=x", "after"),
        ("/api/v1/journal?after=-1", "after"),
        ("/api/v1/journal?after=99999999999999999999", "after"),
        ("/api/v1/journal?limit=0", "limit"),
        ("/api/v1/tickets?state=lost", "state"),
        ("/api/v1/tickets?page=2", "page"),
        ("/api/v1/calls?linkedid=%00", "linkedid"),
        ("/api/v1/places?q=" + "x" * 201, "q"),
    ],
)
def test_a_query_that_cannot_be_used_is_explained(dewi: Program, path: str, field: str) -> None:
    answer = dewi.get(path)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["details"]["field"] == field


def test_tickets_are_listed_newest_first_page_by_page(staffed: House, dewi: Program) -> None:
    numbers = [staffed.call()[0] for _ in range(7)]
    seen: list[str] = []
    after = ""
    while True:
        page = dewi.get(f"/api/v1/tickets?limit=3{after}").get_json()
        seen += [ticket["number"] for ticket in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == numbers[::-1]


def test_tickets_can_be_listed_by_state(staffed: House, dewi: Program) -> None:
    waiting, _ = staffed.call()
    gone, linkedid = staffed.call()
    staffed.centre.run(call_ended, system_name="pbx", linkedid=linkedid)
    taken, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{taken}/claim")

    def numbers(state: str) -> list[str]:
        return [ticket["number"] for ticket in dewi.get(f"/api/v1/tickets?state={state}").get_json()["items"]]

    assert numbers("new") == [waiting]
    assert numbers("callback") == [gone]
    assert numbers("claimed") == [taken]
    assert numbers("open") == [taken, gone, waiting]
    assert numbers("closed") == []


def test_an_address_or_a_method_that_is_not_there_is_answered_in_json(dewi: Program) -> None:
    assert dewi.get("/api/v1/nothing").get_json()["error"]["code"] == "not_found"
    wrong = dewi.post("/api/v1/board")
    assert wrong.status_code == 405
    assert wrong.get_json()["error"]["code"] == "method_not_allowed"
    assert "GET" in wrong.headers["Allow"]


def test_a_seat_is_taken_by_a_browser_and_not_by_a_program(staffed: House, dewi: Program) -> None:
    from tests.app.house import csrf_token

    assert dewi.post("/api/v1/seat", {"seat": "1"}).status_code == 403
    browser = staffed.browser("dewi")
    headers = {"X-CSRFToken": csrf_token(browser, "/console")}
    assert browser.post("/api/v1/seat", json={"seat": "4"}, headers=headers).get_json() == {
        "changed": True,
        "seat": "4",
    }
    assert browser.get("/api/v1/snapshot").get_json()["me"]["seat"] == "4"
    number, linkedid = staffed.call()
    staffed.answer(linkedid, "op4")
    assert dewi.get(f"/api/v1/tickets/{number}").get_json()["owner"]["name"] == "Dewi"


def test_boundaries_are_points_until_the_city_loads_its_polygons(house: House) -> None:
    answer = house.browser().get("/api/v1/boundaries")
    points = answer.get_json()["points"]
    assert len(points) == 67
    assert set(points[0]) == {"code", "name", "kecamatan", "lat", "lon", "area"}
    assert all(len(point["area"]) > 8 for point in points)
    again = house.browser().get("/api/v1/boundaries", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_place_is_found_by_what_people_call_it(dewi: Program) -> None:
    found = dewi.get("/api/v1/places?q=terminal pakupatan").get_json()
    assert found["items"][0]["key"] == "terminal-pakupatan"
    assert len(found["items"]) <= 5
    assert dewi.get("/api/v1/places?q=").get_json()["items"] == []


def test_a_typed_line_is_read_into_type_place_and_agencies(dewi: Program) -> None:
    line = "rumah terbakar di dekat terminal pakupatan, ada anak terjebak"
    read = dewi.post("/api/v1/interpret", {"text": line}).get_json()
    assert read["types"][0]["code"] == FIRE
    assert read["types"][0]["matched"]
    assert read["agencies"][FIRE][0]["code"] == "DAMKAR"
    assert read["places"]
    assert all(line[span["start"] : span["end"]] for span in read["spans"])


def test_agencies_are_proposed_for_a_type_that_the_operator_chose(dewi: Program) -> None:
    read = dewi.post("/api/v1/interpret", {"text": "", "type_code": FIRE}).get_json()
    assert read["types"] == []
    assert "DAMKAR" in [agency["code"] for agency in read["agencies"][FIRE]]
    assert dewi.post("/api/v1/interpret", {"text": "", "type_code": "nonsense"}).status_code == 400
