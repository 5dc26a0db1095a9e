"""Browsers that somebody lets us wake: kept once, one person's, and only at a browser's own service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app import create_app
from app.outside.carriers.push import new_private_key
from config import Settings
from dispatch.centre import Centre
from dispatch.people.push_commands import MOST
from dispatch.storage.tables import PushSubscription
from tests.app.house import CHEAP, House
from tests.steppable_clock import SteppableClock

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
KEYS = {"p256dh": "B" * 87, "auth": "a" * 22}


def kept(house: House) -> list[Any]:
    with house.centre.read() as connection:
        return list(connection.execute(PushSubscription.__table__.select()))


def test_a_browser_is_kept_once_and_is_whoevers_is_signed_in_there(staffed: House) -> None:
    damkar, dishub = staffed.program("damkar"), staffed.program("dishub")
    body = {"endpoint": ENDPOINT, **KEYS}
    assert damkar.post("/api/v1/push-subscription", body).get_json() == {"changed": True}
    assert damkar.post("/api/v1/push-subscription", body).get_json() == {"changed": False}
    assert dishub.post("/api/v1/push-subscription", body).get_json() == {"changed": True}
    assert [row.user_id for row in kept(staffed)] == [staffed.user_ids["dishub"]]
    assert damkar.post("/api/v1/push-subscription/end", {"endpoint": ENDPOINT}).get_json() == {"changed": False}
    assert dishub.post("/api/v1/push-subscription/end", {"endpoint": ENDPOINT}).get_json() == {"changed": True}
    assert kept(staffed)[0].gone_at is not None
    for number in range(MOST + 2):
        dishub.post("/api/v1/push-subscription", {"endpoint": f"{ENDPOINT}{number}", **KEYS})
    assert len([row for row in kept(staffed) if row.gone_at is None]) == MOST


def test_an_address_that_is_no_push_service_is_refused(staffed: House) -> None:
    damkar = staffed.program("damkar")
    for endpoint in ("https://10.0.0.1/x", "http://fcm.googleapis.com/x", "https://[", "ftp://x"):
        assert damkar.post("/api/v1/push-subscription", {"endpoint": endpoint, **KEYS}).status_code == 400
    assert kept(staffed) == []


def test_the_worker_is_served_at_the_root_and_offered_where_there_is_a_key(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock
) -> None:
    own = replace(settings, push_key=new_private_key(), push_subject="mailto:it@example.go.id")
    house = House(create_app(own, sqlite_centre, hasher=CHEAP), sqlite_centre, clock).staff()
    worker = house.browser().get("/push-worker.js")
    assert worker.status_code == 200
    assert worker.mimetype == "text/javascript"
    assert 'id="push-offer"' in house.browser("damkar").get("/agency").text
    plain = House(create_app(settings, sqlite_centre, hasher=CHEAP), sqlite_centre, clock)
    plain.user_ids = house.user_ids
    assert 'id="push-offer"' not in plain.browser("damkar").get("/agency").text
