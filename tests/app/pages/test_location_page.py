"""The page behind a location link as a telephone, a preview bot, a guesser and a second telephone meet it."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from dispatch.centre import Centre
from dispatch.roles import Role
from tests.app.conftest import CHEAP
from tests.app.house import House, Program
from tests.steppable_clock import SteppableClock

FIX = {"lat": -6.1201, "lon": 106.1503, "accuracy_m": 12.5, "age_s": 0.4, "sequence": 1}
BUDGET_BYTES = 30 * 1024


def asked(house: House, operator: Program, **headers: str) -> tuple[str, str, dict[str, Any]]:
    """A claimed ticket whose caller was sent a link: number, path of the link, answer."""
    number, _ = house.call()
    operator.post(f"/api/v1/tickets/{number}/claim")
    answer = operator.post(f"/api/v1/tickets/{number}/request-location", headers=headers)
    assert answer.status_code == 200, answer.text
    link = answer.get_json()["link"]
    return number, "/l/" + link["url"].rpartition("/l/")[2], link


def phone(house: House) -> FlaskClient:
    return house.app.test_client()


def positions(program: Program, number: str) -> dict[str, Any]:
    return dict(program.get(f"/api/v1/tickets/{number}/locations").get_json())


def test_a_telephone_consents_and_shares(staffed: House, dewi: Program) -> None:
    number, link, _ = asked(staffed, dewi)
    caller = phone(staffed)
    page = caller.get(link)
    assert page.status_code == 200
    assert "Bagikan lokasi saya ke 112" in page.text
    assert caller.post(f"{link}/opened", json={}).get_json()["ok"]
    assert caller.post(f"{link}/fix", json=FIX).status_code == 400  # not before the consent
    agreed = caller.post(f"{link}/consent", json={})
    assert agreed.get_json()["left_s"] == 900
    cookie = agreed.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/l/"))
    assert caller.post(f"{link}/fix", json=FIX).get_json()["stored"]
    [report] = positions(dewi, number)["reports"]
    assert (report["lat"], report["accuracy_m"], report["source"]) == (-6.1201, 12.5, "link")
    assert caller.get(link).status_code == 200  # loaded again on the same telephone
    assert caller.post(f"{link}/end", json={}).status_code == 200
    assert caller.post(f"{link}/fix", json={**FIX, "sequence": 2}).get_json()["why"] == "ended"
    assert "berakhir" in caller.get(link).text


def test_previews_open_the_link_and_bind_nothing(staffed: House, dewi: Program) -> None:
    number, link, _ = asked(staffed, dewi)
    for _ in range(3):
        phone(staffed).get(link)
        phone(staffed).head(link)
    assert positions(dewi, number)["link"]["state"] == "sent"
    assert phone(staffed).post(f"{link}/consent", json={}).status_code == 200


def test_a_second_telephone_is_told_that_the_link_is_used(staffed: House, dewi: Program) -> None:
    _, link, _ = asked(staffed, dewi)
    phone(staffed).post(f"{link}/consent", json={})
    second = phone(staffed)
    page = second.get(link)
    assert page.status_code == 410
    assert "sudah dipakai" in page.text
    assert "share.js" not in page.text
    for verb in ("opened", "consent", "end"):
        assert second.post(f"{link}/{verb}", json={}).get_json() == {"ok": False, "why": "used"}
    assert second.post(f"{link}/fix", json=FIX).status_code == 410
    second.set_cookie("siaga_location", "guessed", path="/l/")
    assert second.post(f"{link}/fix", json=FIX).get_json()["why"] == "used"


def test_expired_forged_and_closed_links_get_a_clear_page(staffed: House, dewi: Program, clock: SteppableClock) -> None:
    number, link, _ = asked(staffed, dewi)
    forged = phone(staffed).get("/l/ZZZZZZZZZZ")
    assert (forged.status_code, "tidak dikenal" in forged.text, "tel:112" in forged.text) == (404, True, True)
    assert phone(staffed).get("/l/short").status_code == 404
    dewi.post(f"/api/v1/tickets/{number}/close", {"disposition": "handled_by_phone"})
    assert "berakhir" in phone(staffed).get(link).text
    _, link, _ = asked(staffed, dewi)
    clock.step(901)
    late = phone(staffed).get(f"{link}?lang=en")
    assert (late.status_code, "expired" in late.text) == (410, True)


def test_a_link_that_was_heard_leads_to_the_page(staffed: House, dewi: Program) -> None:
    _, link, told = asked(staffed, dewi)
    heard = told["spoken"].lower().rpartition("/")[2]
    answer = phone(staffed).get(f"/l/{heard}?lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{link}?lang=en")


def test_the_page_speaks_the_telephones_language(staffed: House, dewi: Program) -> None:
    _, link, _ = asked(staffed, dewi)
    english = phone(staffed).get(link, headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert "Share my location with 112" in english
    assert '<html lang="en">' in english
    for headers in ({}, {"Accept-Language": "de"}, {"Accept-Language": "id,en;q=0.5"}):
        assert '<html lang="id">' in phone(staffed).get(link, headers=headers).text
    assert '<html lang="en">' in phone(staffed).get(f"{link}?lang=en", headers={"Accept-Language": "id"}).text


def test_the_page_tells_nobody_anything(staffed: House, dewi: Program) -> None:
    number, link, _ = asked(staffed, dewi)
    page = phone(staffed).get(link)
    for secret in (number, "081200000417", "0812", "Dewi"):
        assert secret not in page.text
    headers = page.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Permissions-Policy"].startswith("geolocation=(self), camera=()")
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "form-action 'none'" in policy
    assert "geolocation=()" in staffed.browser().get("/sign-in").headers["Permissions-Policy"]


def test_the_whole_page_is_small(staffed: House, dewi: Program) -> None:
    _, link, _ = asked(staffed, dewi)
    client = phone(staffed)
    page = client.get(link)
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert sorted(name.rpartition("/")[2] for name in loaded) == ["share.css", "share.js"]
    total = len(page.data) + 1000  # and the headers
    for path in loaded:
        with client.get(path, headers={"Accept-Encoding": "gzip"}) as file:
            assert file.headers["Content-Encoding"] == "gzip"
            assert len(gzip.decompress(file.data)) < BUDGET_BYTES
            total += len(file.data)
    assert total < BUDGET_BYTES / 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"lat":91,"lon":0,"accuracy_m":1,"age_s":0,"sequence":1}',
        b'{"lat":0,"lon":0,"accuracy_m":1,"age_s":0,"sequence":1}',
        b'{"lat":NaN,"lon":0,"accuracy_m":1,"age_s":0,"sequence":1}',
        b'{"lat":"-6","lon":"106","accuracy_m":1,"age_s":0,"sequence":1}',
        b'{"lat":-6,"lon":106,"accuracy_m":1,"age_s":0,"sequence":99999999999}',
        b'{"lat":-6,"lon":106,"accuracy_m":1,"age_s":0,"sequence":1,"ticket":"261124-001"}',
        b"x" * 3000,
    ],
)
def test_what_is_no_position_is_refused(staffed: House, dewi: Program, body: bytes) -> None:
    number, link, _ = asked(staffed, dewi)
    caller = phone(staffed)
    caller.post(f"{link}/consent", json={})
    answer = caller.post(f"{link}/fix", data=body, content_type="application/json")
    assert answer.status_code in (400, 413)
    assert positions(dewi, number)["reports"] == []


def test_guessing_is_stopped_and_a_link_that_exists_works_from_the_same_address(
    staffed: House, dewi: Program, clock: SteppableClock
) -> None:
    _, link, _ = asked(staffed, dewi)
    sharing = phone(staffed)
    sharing.post(f"{link}/consent", json={})
    _, fresh, _ = asked(staffed, dewi)
    guesser = phone(staffed)
    for guess in range(10):
        assert guesser.get(f"/l/000000000{guess}").status_code == 404
    assert guesser.get("/l/0000000010").status_code == 429
    caller = phone(staffed)  # of the same carrier, so behind the same address
    assert caller.get(fresh).status_code == 200
    assert caller.post(f"{fresh}/consent", json={}).status_code == 200
    assert caller.post(f"{fresh}/fix", json=FIX).status_code == 200
    assert guesser.get(fresh).status_code == 410  # taken, and said so: not "too many"
    assert sharing.post(f"{link}/fix", json=FIX).status_code == 200
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert phone(staffed).get("/l/0000000010", environ_overrides=elsewhere).status_code == 404
    clock.step(15 * 60 + 1)
    assert guesser.get("/l/0000000010").status_code == 404


def test_a_repeated_request_gets_the_same_link(staffed: House, dewi: Program) -> None:
    number, link, told = asked(staffed, dewi, **{"Idempotency-Key": "a1"})
    again = dewi.post(f"/api/v1/tickets/{number}/request-location", headers={"Idempotency-Key": "a1"}).get_json()
    assert (again["changed"], again["link"]) == (False, told)
    other = dewi.post(f"/api/v1/tickets/{number}/request-location", headers={"Idempotency-Key": "a2"}).get_json()
    assert other["link"]["url"] != told["url"]
    assert "berakhir" in phone(staffed).get(link).text


def test_the_database_and_the_log_never_hold_a_token(
    staffed: House, dewi: Program, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    _, link, _ = asked(staffed, dewi, **{"Idempotency-Key": "a1"})
    token = link.rpartition("/")[2]
    caller = phone(staffed)
    caller.get(link)
    caller.post(f"{link}/consent", json={})
    caller.post(f"{link}/fix", json=FIX)
    assert token not in caplog.text
    assert "6.1201" not in caplog.text
    with staffed.centre.read() as connection:
        for table in ("location_links", "deliveries", "handled_requests", "journal", "location_reports"):
            assert token not in str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_agencies_get_nothing_of_it(staffed: House, dewi: Program, damkar: Program) -> None:
    number, _ = staffed.dispatched(dewi, "DAMKAR")
    dewi.post(f"/api/v1/tickets/{number}/request-location")
    for answer in (
        damkar.get(f"/api/v1/tickets/{number}/locations"),
        damkar.post(f"/api/v1/tickets/{number}/request-location"),
        damkar.post(f"/api/v1/tickets/{number}/end-location"),
    ):
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "problem", "origin"),
    [
        ({}, "not_set", "http://localhost"),
        ({"demo": True}, None, "http://localhost"),
        ({"public_url": "http://siaga.example"}, "not_https", "http://siaga.example"),
        ({"public_url": "https://siaga.example"}, None, "https://siaga.example"),
    ],
)
def test_the_operator_is_told_what_is_wrong_with_the_address(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, changes: dict[str, Any], problem: str, origin: str
) -> None:
    app = create_app(replace(settings, sms_url="http://127.0.0.1:9/sms", **changes), sqlite_centre, hasher=CHEAP)
    house = House(app, sqlite_centre, clock)
    house.add("dewi", Role.CALL_TAKER)
    dewi = house.program("dewi")
    number, _, link = asked(house, dewi)
    assert (link["address_problem"], link["url"].rpartition("/l/")[0]) == (problem, origin)
    # What no telephone could open is not sent.
    assert link["queued"] is (problem is None)
    assert (positions(dewi, number)["link"]["delivery"] is not None) is (problem is None)
    assert len(link["text"]) <= 160
