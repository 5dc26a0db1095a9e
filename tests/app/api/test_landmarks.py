"""Operators name places themselves: through the API, for everybody's search, and only by who may."""

from __future__ import annotations

from tests.app.house import House, Program
from tests.dispatch.shift import CIPARE, IN_CIPARE

LAT, LON = IN_CIPARE


def add(program: Program, name: str = "Warung Bu Imas", **more: object) -> int:
    answer = program.post("/api/v1/landmarks", {"name": name, "lat": LAT, "lon": LON, **more})
    assert answer.status_code == 200, answer.text
    return int(answer.get_json()["id"])


def best(program: Program, text: str) -> dict[str, object] | None:
    items = program.get(f"/api/v1/places?q={text}").get_json()["items"]
    return items[0] if items else None


def test_what_one_adds_the_other_finds_with_the_next_word(dewi: Program, rizki: Program) -> None:
    landmark_id = add(dewi, other_names=["Kopi Pojok"])
    found = best(rizki, "dpn kopi pojok")
    assert found is not None
    assert (found["key"], found["source"], found["kelurahan_code"]) == (f"own-{landmark_id}", "own", CIPARE)


def test_a_repeated_request_adds_one_landmark(dewi: Program) -> None:
    headers = {"Idempotency-Key": "one-press"}
    body = {"name": "Warung Bu Imas", "lat": LAT, "lon": LON}
    first, second = (dewi.post("/api/v1/landmarks", body, headers=headers).get_json() for _ in range(2))
    assert first == second
    assert len(dewi.get("/api/v1/landmarks").get_json()["items"]) == 1


def test_the_list_says_who_added_what_and_whether_one_may_retire_it(staffed: House) -> None:
    dewi, rizki, ratna = (staffed.program(name) for name in ("dewi", "rizki", "ratna"))
    add(dewi)
    (shown,) = rizki.get("/api/v1/landmarks").get_json()["items"]
    assert (shown["name"], shown["added_by"], shown["kelurahan"], shown["may_retire"]) == (
        "Warung Bu Imas", "Dewi", "Cipare", False
    )  # fmt: skip
    assert all(one.get("/api/v1/landmarks").get_json()["items"][0]["may_retire"] for one in (dewi, ratna))


def test_a_retired_one_is_gone_from_search_list_and_map(staffed: House) -> None:
    dewi, rizki, ratna = (staffed.program(name) for name in ("dewi", "rizki", "ratna"))
    landmark_id = add(dewi)
    assert rizki.post(f"/api/v1/landmarks/{landmark_id}/retire").status_code == 403
    assert ratna.post(f"/api/v1/landmarks/{landmark_id}/retire").get_json() == {"changed": True}
    assert ratna.post(f"/api/v1/landmarks/{landmark_id}/retire").get_json() == {"changed": False}
    assert (best(dewi, "warung bu imas") or {}).get("source") != "own"
    assert dewi.get("/api/v1/landmarks").get_json()["items"] == []
    assert all(one["source"] == "city" for one in dewi.get("/api/v1/places/landmarks").get_json()["items"])
    assert ratna.post("/api/v1/landmarks/999/retire").status_code == 404


def test_a_place_outside_of_the_city_is_refused_in_plain_words(dewi: Program) -> None:
    answer = dewi.post("/api/v1/landmarks", {"name": "Monas", "lat": -6.1754, "lon": 106.8272})
    assert answer.status_code == 422 or answer.status_code == 400
    assert "di luar kota" in answer.get_json()["error"]["message"]


def test_hostile_names_are_only_names(dewi: Program) -> None:
    for name in ('"; DROP TABLE landmarks; --', "<script>alert(1)</script>", "Toko 😀 Melati"):
        add(dewi, name, lat=LAT + 0.01)
    assert {one["name"] for one in dewi.get("/api/v1/landmarks").get_json()["items"]} == {
        '"; DROP TABLE landmarks; --', "<script>alert(1)</script>", "Toko 😀 Melati"
    }  # fmt: skip
    assert dewi.post("/api/v1/landmarks", {"name": "a" * 10_000, "lat": LAT, "lon": LON}).status_code in (400, 422)


def test_the_map_shows_the_packs_landmarks_that_have_a_point_and_our_own(dewi: Program) -> None:
    add(dewi)
    shown = {one["name"]: one["source"] for one in dewi.get("/api/v1/places/landmarks").get_json()["items"]}
    assert shown["Terminal Pakupatan"] == "city"
    assert shown["Warung Bu Imas"] == "own"


def test_a_point_is_told_its_kelurahan_or_that_it_has_none(dewi: Program) -> None:
    at = dewi.get(f"/api/v1/places/at?lat={LAT}&lon={LON}").get_json()
    assert (at["kelurahan_code"], at["kelurahan"], at["approximate"]) == (CIPARE, "Cipare", True)
    assert dewi.get("/api/v1/places/at?lat=-6.17&lon=106.82").get_json()["kelurahan_code"] is None
    assert dewi.get("/api/v1/places/at?lat=nan&lon=106.1").status_code in (400, 422)
    assert dewi.get("/api/v1/places/at?lat=95&lon=106.1").status_code in (400, 422)


def test_without_a_geocoder_the_question_has_no_answer(dewi: Program) -> None:
    assert dewi.get("/api/v1/places/geocode?q=pasar").get_json() == {"items": [], "next": None}
