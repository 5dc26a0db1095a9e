"""Many callers of one event, as programs and the console's scripts ask for it."""

from __future__ import annotations

import json

import pytest

from tests.app.house import FIRE, KELURAHAN, House, Program


def caller(house: House, operator: Program, number: str) -> str:
    """Somebody else calls, and the operator takes the call; returns the ticket."""
    ticket, _ = house.call(number)
    assert operator.post(f"/api/v1/tickets/{ticket}/claim").status_code == 200
    return ticket


def test_a_caller_is_proposed_joined_heard_and_parted_again(
    staffed_on_both: House,
) -> None:
    house = staffed_on_both
    dewi, rizki, damkar = (house.program(name) for name in ("dewi", "rizki", "damkar"))
    event, ids = house.dispatched(dewi, "DAMKAR")
    number = caller(house, rizki, "081200000999")
    path = f"/api/v1/tickets/{number}"

    found = rizki.get(f"{path}/similar?type_code={FIRE}&kelurahan_code={KELURAHAN}").get_json()
    assert [(item["number"], item["distance_m"], item["reasons"]) for item in found["items"]] == [
        (event, None, ["same_type", "same_kelurahan"])
    ]
    joined = rizki.post(f"{path}/attach", {"to": event, "words": "api dari atap"}).get_json()
    assert (joined["changed"], joined["ticket"]["duplicate_of"]) == (True, event)
    assert joined["ticket"]["allowed"]["owner"] == ["detach", "words"]
    assert rizki.post(f"{path}/words", {"words": "api dari atap, bau gas"}).get_json()["changed"]

    seen = damkar.get(f"/api/v1/tickets/{event}").get_json()
    assert (seen["callers"], [one["words"] for one in seen["further_words"]]) == (2, ["api dari atap, bau gas"])
    assert seen["assignment"]["id"] == ids["DAMKAR"]
    for told in (seen, damkar.get("/api/v1/journal").get_json(), damkar.get("/api/v1/snapshot").get_json()):
        text = json.dumps(told)
        assert "081200000999" not in text
        assert "81200000999" not in text
        assert "Rizki" not in text
    assert damkar.get(path).status_code == 404

    whole = dewi.get(f"/api/v1/tickets/{event}").get_json()
    assert [(one["number"], one["calls"][0]["number"]) for one in whole["joined"]] == [(number, "081200000999")]
    parted = rizki.post(f"{path}/detach").get_json()
    assert (parted["ticket"]["state"], parted["ticket"]["words"]) == ("claimed", "api dari atap, bau gas")
    assert dewi.get(f"/api/v1/tickets/{event}").get_json()["joined"] == []


def test_a_repeated_key_joins_once(staffed: House, dewi: Program) -> None:
    event, _ = staffed.dispatched(dewi, "DAMKAR")
    number = caller(staffed, dewi, "081200000999")
    headers = {"Idempotency-Key": "join-1"}
    first, again = (
        dewi.post(f"/api/v1/tickets/{number}/attach", {"to": event}, headers=headers).get_json() for _ in range(2)
    )
    assert (first["changed"], again["changed"], again["seq"]) == (True, False, first["seq"])


@pytest.mark.parametrize("who", ["damkar", "adi"])
def test_agencies_and_admins_neither_look_nor_join(staffed: House, dewi: Program, who: str) -> None:
    event, _ = staffed.dispatched(dewi, "DAMKAR")
    number = caller(staffed, dewi, "081200000999")
    program = staffed.program(who)
    for ticket in (number, event):
        path = f"/api/v1/tickets/{ticket}"
        assert program.get(f"{path}/similar").status_code == 403
        for verb, body in (("attach", {"to": event}), ("detach", {}), ("words", {"words": "x"})):
            assert program.post(f"{path}/{verb}", body).status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("type_code=bogus", "type_code"),
        ("kelurahan_code=99", "kelurahan_code"),
        ("lat=nan&lon=106", "lat"),
        ("lat=-6.1", None),
        ("lat=-6.1&lon=500", "lon"),
        ("colour=red", "colour"),
    ],
)
def test_what_cannot_be_looked_for_is_named(staffed: House, dewi: Program, query: str, field: str | None) -> None:
    number = caller(staffed, dewi, "081200000999")
    answer = dewi.get(f"/api/v1/tickets/{number}/similar?{query}")
    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert error["details"].get("field") == field
    assert error["code"] == ("invalid_value" if field else "requirement_missing")


def test_refusals_say_what_to_do_instead(staffed: House, dewi: Program) -> None:
    event, _ = staffed.dispatched(dewi, "DAMKAR")
    other, _ = staffed.dispatched(dewi, "DISHUB")
    sent = dewi.post(f"/api/v1/tickets/{other}/attach", {"to": event})
    assert (sent.status_code, sent.get_json()["error"]["code"]) == (409, "agencies_on_it")
    assert "Gabungkan tiket yang lain ke tiket ini" in sent.get_json()["error"]["message"]
    number = caller(staffed, dewi, "081200000999")
    itself = dewi.post(f"/api/v1/tickets/{number}/attach", {"to": number})
    assert itself.get_json()["error"]["message"] == "Isi to tidak dapat dipakai: tiket yang sama."
    for to in ("261124-999", "\u0000", "x" * 65):
        assert dewi.post(f"/api/v1/tickets/{number}/attach", {"to": to}).status_code in (400, 404)
    dewi.post(f"/api/v1/tickets/{event}/close", {"disposition": "cancelled"})
    closed = dewi.post(f"/api/v1/tickets/{number}/attach", {"to": event})
    assert (closed.status_code, closed.get_json()["error"]["code"]) == (409, "incident_closed")
