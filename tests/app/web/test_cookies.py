"""Cookies behind TLS: from this host alone, and not to be set by another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from config import Settings
from dispatch.centre import Centre
from dispatch.roles import Role
from tests.app.conftest import CHEAP
from tests.app.house import PASSWORD, House, choose_language, csrf_token
from tests.steppable_clock import SteppableClock


@pytest.mark.parametrize("secure", [False, True])
def test_every_cookie_has_the_prefix_that_its_path_allows_behind_tls(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, secure: bool
) -> None:
    house = House(
        create_app(replace(settings, cookie_secure=secure), sqlite_centre, hasher=CHEAP), sqlite_centre, clock
    )
    house.add("dewi", Role.CALL_TAKER)
    scheme = "https" if secure else "http"
    browser = house.app.test_client()
    browser.environ_base = {**browser.environ_base, "wsgi.url_scheme": scheme}
    token = csrf_token(browser)
    headers = {"Referer": f"{scheme}://localhost/sign-in"}
    form = {"username": "dewi", "password": PASSWORD, "csrf_token": token}
    told = [
        browser.get("/sign-in"),
        browser.post("/sign-in", data=form, headers=headers),
        choose_language(browser, "en")
        if not secure
        else browser.post("/language/en", data={"csrf_token": csrf_token(browser, "/any-page")}, headers=headers),
    ]
    cookies = [line for answer in told for line in answer.headers.getlist("Set-Cookie")]
    names = {line.partition("=")[0] for line in cookies}
    assert {name.removeprefix("__Host-").removeprefix("__Secure-") for name in names} >= {
        "siaga_session",
        "siaga_language",
        "siaga_known",
    }
    for line in cookies:
        name = line.partition("=")[0]
        assert ("; Secure" in line) is secure
        assert "Domain" not in line
        assert name.startswith("__Host-") is (secure and "Path=/;" in line + ";" and "Path=/sign" not in line)
        assert name.startswith("__") is secure
    assert browser.get("/console").status_code == 200  # and it is known by them
