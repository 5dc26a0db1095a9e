"""What every answer tells browsers: load only what is ours, keep nothing, let nobody frame us."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from app.web.security_headers import content_security_policy
from config import Settings
from dispatch.centre import Centre
from tests.app.conftest import CHEAP
from tests.app.house import House


def policy(text: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in text.split("; "))


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/api/v1/snapshot", "/no-such-page", "/metrics"])
def test_every_answer_carries_the_policy(house: House, path: str) -> None:
    headers = house.browser().get(path).headers
    directives = policy(headers["Content-Security-Policy"])
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["font-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert directives["connect-src"] == "'self' ws://localhost wss://localhost"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_pages_hold_no_inline_script_or_style(house: House) -> None:
    page = house.browser().get("/sign-in").text
    for script in page.split("<script")[1:]:
        head = script.partition(">")[0]
        assert "src=" in head or 'type="application/json"' in head
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page


def test_a_tile_source_is_the_only_other_place_pictures_come_from() -> None:
    assert policy(content_security_policy("", "h"))["img-src"] == "'self' data:"
    tiles = policy(content_security_policy("https://tiles.example/{z}/{x}/{y}.png", "h"))
    assert tiles["img-src"] == "'self' data: https://tiles.example"
    spread = policy(content_security_policy("https://{s}.tiles.example/{z}/{x}/{y}.png", "h"))
    assert spread["img-src"] == "'self' data: https://*.tiles.example"


def test_a_host_header_cannot_add_to_the_policy() -> None:
    assert "evil" not in content_security_policy("", "a; script-src https://evil.example")


def test_over_https_cookies_are_secure_and_browsers_are_told_to_stay_there(
    settings: Settings, sqlite_centre: Centre
) -> None:
    app = create_app(replace(settings, cookie_secure=True), sqlite_centre, hasher=CHEAP)
    answer = app.test_client().get("/sign-in", base_url="https://siaga.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_behind_a_proxy_the_callers_address_is_the_one_it_names(settings: Settings, sqlite_centre: Centre) -> None:
    seen = []
    app = create_app(replace(settings, trusted_proxies=1), sqlite_centre, hasher=CHEAP)

    @app.before_request
    def remember() -> None:
        from flask import request

        seen.append((request.remote_addr, request.scheme))

    headers = {"X-Forwarded-For": "203.0.113.1, 198.51.100.7", "X-Forwarded-Proto": "https"}
    app.test_client().get("/healthz", headers=headers)
    assert seen == [("198.51.100.7", "https")]


def test_without_a_trusted_proxy_nobody_can_claim_another_address(house: House) -> None:
    seen = []

    @house.app.before_request
    def remember() -> None:
        from flask import request

        seen.append(request.remote_addr)

    house.browser().get("/healthz", headers={"X-Forwarded-For": "203.0.113.1"})
    assert seen == ["127.0.0.1"]
