"""The pages: what each carries to the browser, and what it must not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from app.feed.shapes import WallSnapshot
from app.pages.shapes import Card, Catalogue
from config import Settings
from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from tests.app.conftest import CHEAP
from tests.app.described import check_payload
from tests.app.house import House, Program, choose_language


def data_block(page: str, key: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{key}">(.*?)</script>', page, re.DOTALL)
    assert found is not None, key
    return json.loads(unescape(found[1]))


def test_the_console_starts_from_a_snapshot_and_the_citys_catalogue(staffed: House) -> None:
    number, _ = staffed.call()
    page = staffed.browser("dewi", seat="2").get("/console").text
    snapshot, catalogue = data_block(page, "snapshot"), data_block(page, "catalogue")
    assert [ticket["number"] for ticket in snapshot["tickets"]] == [number]
    check_payload(Catalogue, catalogue)
    for card in data_block(page, "cards"):
        check_payload(Card, card)
    assert snapshot["me"]["seat"] == "2"
    assert len(catalogue["types"]) == 52
    assert len(catalogue["kelurahan"]) == 67
    assert len(catalogue["decline_reasons"]) == 5
    assert {"code", "name", "short_name"} <= set(catalogue["agencies"][0])
    assert "SETDA" not in {agency["code"] for agency in catalogue["agencies"]}
    assert catalogue["policy"]["answer_target_s"] == 15
    assert catalogue["policy"]["nuisance_limit"] == 5


def test_the_board_carries_no_callers_number(staffed: House) -> None:
    staffed.call("081234567890")
    answer = staffed.browser("ratna").get("/board")
    assert answer.status_code == 200
    assert "081234567890" not in answer.text
    snapshot = data_block(answer.text, "snapshot")
    assert snapshot["stats"]["waiting"] == 1
    check_payload(WallSnapshot, snapshot)


def test_an_agencys_list_carries_its_tickets_only(staffed: House, dewi: Program) -> None:
    number, _ = staffed.dispatched(dewi, "DAMKAR")
    own = data_block(staffed.browser("damkar").get("/agency").text, "snapshot")
    other = data_block(staffed.browser("dishub").get("/agency").text, "snapshot")
    assert [ticket["number"] for ticket in own["tickets"]] == [number]
    assert other["tickets"] == []


def test_a_page_that_does_not_exist_says_so_to_people(staffed: House) -> None:
    answer = staffed.browser("dewi").get("/konsol")
    assert answer.status_code == 404
    assert "Tidak ditemukan" in answer.text
    assert answer.mimetype == "text/html"


def test_a_failure_shows_nothing_of_its_inside(house: House, caplog: pytest.LogCaptureFixture) -> None:
    from app.web.guard import PUBLIC, access

    @access(PUBLIC)
    def broken() -> str:
        raise RuntimeError("caller 081200000417 said help")

    house.app.add_url_rule("/broken", "broken", broken)
    answer = house.browser().get("/broken")
    assert answer.status_code == 500
    assert "081200000417" not in answer.text
    assert "081200000417" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_storage_that_fails_is_said_with_what_to_do(
    staffed: House, dewi: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = staffed.call()

    def refuse(*_: Any, **__: Any) -> None:
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(staffed.centre.writer, "run", refuse)
    answer = dewi.post(f"/api/v1/tickets/{number}/claim")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    error = answer.get_json()["error"]
    assert error["code"] == "storage_unavailable"
    assert "disk full" not in answer.text
    assert "Telepon tetap berdering" in error["message"]


@pytest.mark.parametrize("path", ["/sign-in", "/console", "/api/v1/snapshot", "/agency/1"])
def test_a_database_that_cannot_be_read_is_said_too(
    staffed: House, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = staffed.browser("dewi")

    def refuse() -> None:
        raise OperationalError("SELECT 081200000417", {}, Exception("disk I/O error"))

    monkeypatch.setattr(staffed.centre, "read", refuse)
    answer = browser.get(path)
    assert answer.status_code == 503
    assert "Telepon tetap berdering" in (answer.get_json()["error"]["message"] if "/api/" in path else answer.text)
    assert "081200000417" not in answer.text
    assert "081200000417" not in caplog.text


def test_the_language_is_the_users_own_choice_then_the_machines_then_indonesian(staffed: House) -> None:
    browser = staffed.browser()
    assert '<html lang="id"' in browser.get("/sign-in").text
    assert choose_language(browser, "en").headers["Location"] == "/sign-in"
    assert '<html lang="en"' in browser.get("/sign-in").text
    signed_in = staffed.browser("dewi")
    choose_language(signed_in, "en")
    elsewhere = staffed.browser("dewi")
    assert '<html lang="en"' in elsewhere.get("/console").text
    choose_language(elsewhere, "id")
    assert '<html lang="id"' in staffed.browser("dewi").get("/console").text
    assert browser.get("/language/fr").status_code == 404


def test_following_a_link_to_a_language_changes_nothing(staffed: House) -> None:
    browser = staffed.browser("dewi")
    before = staffed.journal_kinds()
    assert browser.get("/language/en").status_code == 405
    forged = browser.post("/language/en", data={"next": "/"})
    assert forged.status_code == 400
    assert "Set-Cookie" not in str(forged.headers).replace("siaga_form", "")
    assert '<html lang="id"' in browser.get("/console").text
    assert staffed.journal_kinds() == before


@pytest.mark.parametrize("path", ["/console", "/board", "/agency", "/account", "/numbers", "/held", "/sign-in"])
def test_every_page_that_offers_a_language_has_the_form_that_chooses_it_without_scripts(
    staffed: House, path: str
) -> None:
    who = {"/agency": "damkar", "/sign-in": None}.get(path, "ratna")
    page = staffed.browser(who).get(path).text
    offered = set(re.findall(r'<button type="submit" form="language-(\w+)"', page))
    assert offered
    for code in offered:
        form = re.search(
            rf'<form id="language-{code}" method="post" action="/language/{code}" hidden>(.*?)</form>', page
        )
        assert form is not None
        assert 'name="csrf_token"' in form[1]
        assert f'name="next" value="{path}"' in form[1]


@pytest.mark.parametrize("target", ["https://evil.example/x", "//evil.example/x", "/\\evil.example"])
def test_choosing_a_language_leads_nobody_to_another_site(house: House, target: str) -> None:
    assert choose_language(house.browser(), "en", next=target).headers["Location"] == "/"


def test_a_tile_source_reaches_the_page_and_its_policy(settings: Settings, sqlite_centre: Centre) -> None:
    tiles = replace(settings, tile_url="https://tiles.example/{z}/{x}/{y}.png", tile_attribution="Peta Kota")
    answer = create_app(tiles, sqlite_centre, hasher=CHEAP).test_client().get("/sign-in")
    assert "https://tiles.example" in answer.headers["Content-Security-Policy"]


def test_the_sign_in_page_names_the_demos_users_in_the_demo_only(settings: Settings, sqlite_centre: Centre) -> None:
    def page(demo: bool) -> str:
        app = create_app(replace(settings, demo=demo), sqlite_centre, hasher=CHEAP)
        return app.test_client().get("/sign-in").text

    assert "operator1" in page(demo=True)
    assert "operator1" not in page(demo=False)
    assert "siaga-demo" not in page(demo=False)
