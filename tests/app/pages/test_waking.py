"""What a browser fetches of the agency's page without a session: the worker, the manifest, the page for no signal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from werkzeug.test import TestResponse

from app import create_app
from app.assets.vendor_assets import STATIC
from app.outside.carriers.push import Push, new_private_key
from app.services import services_of
from config import Settings
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from tests.app.house import CHEAP, House
from tests.steppable_clock import SteppableClock


def fetched(house: House, path: str, **options: Any) -> TestResponse:
    """What a stranger is answered; files are read to their end."""
    answer = house.browser().get(path, **options)
    answer.close()
    return answer


def test_the_worker_is_of_the_agencys_pages_alone_and_asked_about_at_each_load(house: House) -> None:
    answer = fetched(house, "/agency/worker.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/agency"
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["worker-src"] == policy["manifest-src"] == "'self'"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert fetched(house, "/agency/worker.js", headers=known).status_code == 304


def test_the_page_stands_on_a_home_screen_with_its_icons(house: House) -> None:
    answer = house.browser().get("/agency/app.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json()
    assert (told["start_url"], told["display"]) == ("/agency", "standalone")
    for icon in told["icons"]:
        assert fetched(house, icon["src"]).mimetype == "image/png"


def test_the_page_for_no_signal_is_of_nobody(staffed: House) -> None:
    stranger = staffed.browser().get("/agency/offline")
    assert staffed.browser("damkar").get("/agency/offline").text == stranger.text
    assert "Set-Cookie" not in stranger.headers
    assert "csrf" not in stranger.text
    loads = re.findall(r'(?:href|src)="/static/([^"]+)"', stranger.text)
    assert loads
    assert all((STATIC / path).is_file() for path in loads)


def test_the_page_has_the_key_that_messages_are_signed_with(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock
) -> None:
    own = replace(settings, push_key=new_private_key(), push_subject="mailto:it@example.go.id")
    house = House(create_app(own, sqlite_centre, hasher=CHEAP), sqlite_centre, clock).staff()
    push = services_of(house.app).carriers[Channel.PUSH]
    assert isinstance(push, Push)
    assert f'data-push-key="{push.public_key}"' in house.browser("damkar").get("/agency").text
    plain = House(create_app(settings, sqlite_centre, hasher=CHEAP), sqlite_centre, clock)
    plain.user_ids = house.user_ids
    assert 'data-push-key=""' in plain.browser("damkar").get("/agency").text
