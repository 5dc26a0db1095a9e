"""Browsers by API: only where push is set up, and only to the push service of a browser."""

from __future__ import annotations

import pytest

from app.services import services_of
from tests.app.house import House

BROWSER = {"endpoint": "https://fcm.googleapis.com/fcm/send/x", "p256dh": "B" + "A" * 86, "auth": "A" * 22}


def with_push(house: House) -> House:
    services_of(house.app).push_key = "a key that browsers subscribe with"
    return house


def test_without_a_key_nothing_pretends(staffed: House) -> None:
    answer = staffed.program("damkar").post("/api/v1/browsers", BROWSER)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["details"] == {"field": "endpoint", "problem": "not_configured"}


@pytest.mark.parametrize(
    "elsewhere", ["https://10.0.0.1/x", "http://fcm.googleapis.com/x", "https://[", "ftp://x", "https://fcm.example/x"]
)
def test_a_subscription_leads_nowhere_but_to_a_push_service(staffed: House, elsewhere: str) -> None:
    damkar = with_push(staffed).program("damkar")
    answer = damkar.post("/api/v1/browsers", {**BROWSER, "endpoint": elsewhere})
    assert answer.get_json()["error"]["details"] == {"field": "endpoint", "problem": "unknown_service"}
    kept = damkar.post("/api/v1/browsers", BROWSER).get_json()
    assert kept == {"state": "on", "listed": False, "receipt_at": None}


def test_who_is_no_contact_learns_that_no_ladder_wakes_the_browser(staffed: House) -> None:
    damkar = with_push(staffed).program("damkar")
    damkar.post("/api/v1/contacts", {"agency": "DAMKAR", "name": "Herman", "role": "duty", "username": "damkar"})
    assert damkar.post("/api/v1/browsers", BROWSER).get_json()["listed"] is True


def test_a_test_is_for_ones_own_browser(staffed: House) -> None:
    with_push(staffed)
    damkar, dishub = staffed.program("damkar"), staffed.program("dishub")
    damkar.post("/api/v1/browsers", BROWSER)
    own = {"endpoint": BROWSER["endpoint"]}
    assert dishub.post("/api/v1/browsers/test", own).status_code == 404
    assert damkar.post("/api/v1/browsers/test", own).get_json() == {"changed": True}
    assert damkar.post("/api/v1/browsers/test", own).get_json() == {"changed": False}
    assert dishub.post("/api/v1/browsers/forget", own).get_json() == {"changed": False}
    assert damkar.post("/api/v1/browsers/forget", own).get_json() == {"changed": True}
    assert damkar.post("/api/v1/browsers/test", own).status_code == 404


def test_signing_out_leaves_no_browser_that_rings(staffed: House) -> None:
    with_push(staffed)
    browser = staffed.browser("damkar")
    token = browser.get("/api/v1/me").get_json()["form_token"]
    headers = {"X-CSRFToken": token}
    assert browser.post("/api/v1/browsers", json=BROWSER, headers=headers).status_code == 200
    browser.post("/sign-out", headers=headers)
    own = {"endpoint": BROWSER["endpoint"]}
    assert staffed.program("damkar").post("/api/v1/browsers/test", own).status_code == 404
