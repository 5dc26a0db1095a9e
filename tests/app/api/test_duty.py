"""People, channels and shifts by API: each sees and changes what is theirs; addresses only for whoever may edit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from dispatch.storage.tables import ContactChannel, Notice
from tests.app.house import House, Program

SHIFT = {"starts_local": "2026-11-25T07:00", "ends_local": "2026-11-25T15:00"}


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def refused(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.get_json()["error"]["code"])


def contact(program: Program, name: str, number: str | None = None, **more: Any) -> int:
    who = {"agency": "DAMKAR", "name": name, "role": "duty", **more}
    contact_id = int(ok(program.post("/api/v1/contacts", who))["contact_id"])
    if number:
        ways = {"channels": [{"channel": "whatsapp", "address": number}]}
        ok(program.post(f"/api/v1/contacts/{contact_id}/channels", ways))
    return contact_id


def test_people_are_made_known_reached_and_tested(staffed: House) -> None:
    damkar = staffed.program("damkar")
    herman = contact(damkar, "Herman", "0812 7777 0001")
    (shown,) = ok(damkar.get("/api/v1/contacts"))["items"]
    (channel,) = shown["channels"]
    assert (channel["channel"], channel["address"], channel["proved"]) == ("whatsapp", "081277770001", False)
    ok(damkar.post(f"/api/v1/contact-channels/{channel['id']}/test"))
    with staffed.centre.read() as connection:
        code = connection.execute(select(Notice.facts)).scalar_one()["code"]
        assert connection.execute(select(ContactChannel.test_code)).scalar_one() == code
    wrong = ok(damkar.post(f"/api/v1/contact-channels/{channel['id']}/prove", {"code": "0000"}))
    assert wrong["changed"] is False
    proved = ok(damkar.post(f"/api/v1/contact-channels/{channel['id']}/prove", {"code": code}))
    assert proved["changed"]
    assert "untested" not in [hole["kind"] for hole in proved["holes"]]
    (shown,) = ok(damkar.get("/api/v1/contacts"))["items"]
    assert shown["channels"][0]["proved"]
    ok(damkar.post(f"/api/v1/contacts/{herman}/change", {"name": "Herman S.", "role": "chief"}))
    ok(damkar.post(f"/api/v1/contacts/{herman}/remove"))
    assert ok(damkar.get("/api/v1/contacts"))["items"] == []


def test_addresses_are_shown_only_to_whoever_may_edit_them(staffed: House) -> None:
    contact(staffed.program("ratna"), "Herman", "081277770001", username="damkar")
    for name in ("ratna", "adi", "damkar"):
        assert "081277770001" in staffed.program(name).get("/api/v1/contacts").text
    for name in ("dewi", "sekda"):
        answer = staffed.program(name).get("/api/v1/contacts")
        assert ok(answer)["items"][0]["name"] == "Herman"
        assert "0812" not in answer.text
        assert '"damkar"' not in answer.text
        week = staffed.program(name).get("/api/v1/rosters/DAMKAR")
        assert "0812" not in week.text
        assert ok(week)["may_edit"] is False
    dishub = staffed.program("dishub")
    assert ok(dishub.get("/api/v1/contacts"))["items"] == []
    for path in ("contacts?agency=DAMKAR", "rosters/DAMKAR", "holes?agency=DAMKAR"):
        assert refused(dishub.get(f"/api/v1/{path}"), 404) == "not_found"


def test_another_agency_can_neither_see_nor_change(staffed: House) -> None:
    damkar, dishub = staffed.program("damkar"), staffed.program("dishub")
    herman = contact(damkar, "Herman", "081277770001")
    duty = ok(damkar.post("/api/v1/duties", {"contact_id": herman, **SHIFT}))["duty_id"]
    channel = ok(damkar.get("/api/v1/contacts"))["items"][0]["channels"][0]["id"]
    for path, body in (
        (f"contacts/{herman}/remove", {}),
        (f"contacts/{herman}/channels", {"channels": []}),
        (f"contacts/{herman}/check-in", {}),
        (f"contact-channels/{channel}/test", {}),
        (f"contact-channels/{channel}/prove", {"code": "1"}),
        ("duties", {"contact_id": herman, **SHIFT}),
        (f"duties/{duty}/remove", {}),
        (f"duties/{duty}/swap", {"contact_id": herman}),
        ("rosters/copy-week", {"agency": "DAMKAR", "day": "2026-11-30"}),
    ):
        answer = dishub.post(f"/api/v1/{path}", body)
        # A channel that waits for no test tells nobody whose it is.
        assert answer.status_code == 404 or answer.get_json()["changed"] is False, path


def test_the_holes_are_listed_when_a_shift_is_saved(staffed: House) -> None:
    ratna = staffed.program("ratna")
    herman = contact(ratna, "Herman")
    saved = ok(ratna.post("/api/v1/duties", {"contact_id": herman, **SHIFT}))
    kinds = [(hole["kind"], hole["name"]) for hole in saved["holes"]]
    assert kinds == [("shift", None), ("shift", None), ("rung", None), ("no_channel", "Herman")]
    everywhere = ok(ratna.get("/api/v1/holes"))["items"]
    assert {hole["agency"] for hole in everywhere} >= {"DAMKAR", "DISHUB", "SETDA"}
    first = ok(ratna.get("/api/v1/rosters"))["items"][0]
    assert first["first"]["deep"]


def test_a_swap_is_seen_and_the_second_editor_is_told_who_was_first(staffed: House) -> None:
    ratna, damkar = staffed.program("ratna"), staffed.program("damkar")
    herman, ade = contact(ratna, "Herman", "081277770001"), contact(ratna, "Ade", "081277770002")
    duty = ok(ratna.post("/api/v1/duties", {"contact_id": herman, **SHIFT}))["duty_id"]
    version = ok(damkar.get("/api/v1/rosters/DAMKAR"))["version"]
    ok(ratna.post(f"/api/v1/duties/{duty}/swap", {"contact_id": ade, "version": version}))
    second = damkar.post(f"/api/v1/duties/{duty}/remove", {"version": version})
    assert not ok(second)["changed"]  # it was taken away already
    other = {"contact_id": herman, "starts_local": "2026-11-26T07:00", "ends_local": "2026-11-26T15:00"}
    answer = damkar.post("/api/v1/duties", {**other, "version": version})
    assert refused(answer, 409) == "roster_changed"
    assert "Ratna" in answer.get_json()["error"]["message"]
    query = "since=2026-11-24T00:00:00Z&until=2026-12-01T00:00:00Z"
    assert [one["name"] for one in ok(damkar.get(f"/api/v1/duties?{query}"))["items"]] == ["Ade"]


def test_the_week_shows_cells_by_shift_and_the_hole_that_was_left(staffed: House) -> None:
    damkar = staffed.program("damkar")
    herman = contact(damkar, "Herman", "081277770001")
    duty = ok(damkar.post("/api/v1/duties", {"contact_id": herman, **SHIFT}))["duty_id"]
    keep = {"contact_id": herman, "starts_local": "2026-11-26T07:00", "ends_local": "2026-11-26T15:00"}
    ok(damkar.post("/api/v1/duties", keep))
    ok(damkar.post(f"/api/v1/duties/{duty}/remove"))
    week = ok(damkar.get("/api/v1/rosters/DAMKAR?day=2026-11-29"))
    assert (week["monday"], len(week["cells"]), [shift["name"] for shift in week["shifts"]]) == (
        "2026-11-23",
        21,
        ["Pagi", "Siang", "Malam"],
    )
    cells = {(cell["day"], cell["shift"]): cell for cell in week["cells"]}
    assert cells["2026-11-25", 0]["hole"]
    assert [gone["name"] for gone in cells["2026-11-25", 0]["given_away"]] == ["Herman"]
    assert [one["name"] for one in cells["2026-11-26", 0]["duties"]] == ["Herman"]
    assert cells["2026-11-29", 2]["ends_local"] == "2026-11-30T07:00"


def test_the_ladder_of_a_shift_says_who_would_be_told_and_what_a_replacement_costs(staffed: House) -> None:
    ratna = staffed.program("ratna")
    herman, ade = contact(ratna, "Herman", "081277770001"), contact(ratna, "Ade", "081277770002")
    head = contact(ratna, "Kadis", "081277770003", role="head")
    ok(ratna.post("/api/v1/duties", {"contact_id": herman, **SHIFT}))
    before = {"contact_id": ade, "starts_local": "2026-11-24T23:00", "ends_local": "2026-11-25T07:00"}
    ok(ratna.post("/api/v1/duties", before))
    view = ok(ratna.get("/api/v1/rosters/DAMKAR/shift?starts_local=2026-11-25T07:00&ends_local=2026-11-25T15:00"))
    assert [step["who"] for step in view["steps"]][:3] == ["duty", "duty+chief", "head"]
    first = {one["name"]: one["present"] for one in view["steps"][0]["people"]}
    assert first == {"Herman": True, "Ade": False}  # Ade until Herman has said SIAP
    assert [one["contact_id"] for one in view["steps"][2]["people"]] == [head]
    assert view["steps"][3]["hole"]  # nobody of the centre has a channel
    cost = {one["name"]: (one["busy"], one["hours_in_a_row"]) for one in view["candidates"]}
    assert cost == {"Herman": (True, 16.0), "Ade": (False, 16.0)}


def test_siap_by_page(staffed: House) -> None:
    damkar = staffed.program("damkar")
    herman = contact(damkar, "Herman", "081277770001")
    assert ok(damkar.post(f"/api/v1/contacts/{herman}/check-in"))["duty_id"] is None
    now = {"contact_id": herman, "starts_local": "2026-11-24T07:00", "ends_local": "2026-11-24T15:00"}
    duty = ok(damkar.post("/api/v1/duties", now))["duty_id"]
    assert ok(damkar.post(f"/api/v1/contacts/{herman}/check-in"))["duty_id"] == duty
    cell = next(cell for cell in ok(damkar.get("/api/v1/rosters/DAMKAR"))["cells"] if cell["duties"])
    assert cell["duties"][0]["checked_in_at"]


def test_a_file_goes_in_and_comes_out_again(staffed: House) -> None:
    ratna, damkar = staffed.program("ratna"), staffed.program("damkar")
    contact(ratna, "Herman")
    text = "agency;area;name;from;to;role\nDAMKAR;;Herman;2026-11-25T07:00;2026-11-25T15:00;duty\n"
    assert ok(ratna.post("/api/v1/rosters/import", {"text": text}))["added"] == 1
    assert ok(ratna.post("/api/v1/rosters/import", {"text": text}))["left_out"] == 1
    answer = ratna.post("/api/v1/rosters/import", {"text": text.replace("Herman", "Heman")})
    assert refused(answer, 400) == "roster_file"
    assert answer.get_json()["error"]["details"]["problems"] == [{"row": 2, "field": "name", "problem": "unknown"}]
    out = damkar.get("/roster/duties.csv")
    assert out.status_code == 200
    assert '"DAMKAR","","Herman","2026-11-25T07:00","2026-11-25T15:00","duty"' in out.text
    assert ok(damkar.post("/api/v1/rosters/import", {"text": out.text}))["left_out"] == 1
    assert staffed.program("dishub").get("/roster/duties.csv?agency=DAMKAR").status_code == 404


def test_last_week_is_copied(staffed: House) -> None:
    damkar = staffed.program("damkar")
    herman = contact(damkar, "Herman", "081277770001")
    ok(damkar.post("/api/v1/duties", {"contact_id": herman, **SHIFT}))
    copied = ok(damkar.post("/api/v1/rosters/copy-week", {"agency": "DAMKAR", "day": "2026-12-03"}))
    assert (copied["added"], copied["left_out"]) == (1, 0)
    assert damkar.post("/api/v1/rosters/copy-week", {"agency": "DAMKAR", "day": "someday"}).status_code == 400


def test_where_no_ladder_asks_for_duty_an_empty_shift_is_no_hole(staffed: House) -> None:
    ratna = staffed.program("ratna")
    centre = ok(ratna.get(f"/api/v1/rosters/{staffed.centre.city.ladders.centre}"))
    assert not any(cell["hole"] for cell in centre["cells"])
    assert all(cell["hole"] for cell in ok(ratna.get("/api/v1/rosters/DAMKAR"))["cells"])
