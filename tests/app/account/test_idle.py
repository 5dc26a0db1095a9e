"""A session that nobody uses ends; whoever sits at a seat, a wall's screen and an agency's duty phone may rest."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.people.activity import EVERY_S, HEADER
from app.services import services_of
from dispatch.storage.tables import WebSession
from tests.app.house import House, csrf_token

LIMITS = {"dewi": 7200, "ratna": 3600, "adi": 1800}


def is_in(browser: FlaskClient, idle_s: int | None = None) -> bool:
    headers = {} if idle_s is None else {HEADER: str(idle_s)}
    return browser.get("/api/v1/journal", headers=headers).status_code == 200


@pytest.mark.parametrize("username", LIMITS)
def test_a_session_left_alone_ends_when_the_policy_says(staffed: House, username: str) -> None:
    browser = staffed.browser(username)
    staffed.clock.step(LIMITS[username] - 1)
    assert is_in(browser, idle_s=LIMITS[username] - 1)
    staffed.clock.step(1)
    assert not is_in(browser, idle_s=LIMITS[username])
    assert not is_in(browser)  # and stays over
    assert browser.get("/board").headers["Location"].startswith("/sign-in")


def test_a_page_that_asks_by_itself_keeps_no_session_alive(staffed: House) -> None:
    browser = staffed.browser("adi")
    for minute in range(1, 30):
        staffed.clock.step(60)
        assert is_in(browser, idle_s=minute * 60)
    staffed.clock.step(60)
    assert not is_in(browser, idle_s=30 * 60)


def test_whoever_does_something_stays_as_long_as_the_absolute_limit(staffed: House) -> None:
    browser = staffed.browser("adi")
    hours = 0
    while is_in(browser, idle_s=5):
        staffed.clock.step(1500)
        hours += 1
    assert hours == 12 * 3600 // 1500 + 1


@pytest.mark.parametrize(("username", "seat"), [("dewi", "1"), ("ratna", "2"), ("damkar", "")])
def test_a_ready_seat_and_a_duty_phone_may_rest(staffed: House, username: str, seat: str) -> None:
    browser = staffed.browser(username, seat=seat)
    staffed.clock.step(11 * 3600)
    services_of(staffed.app).activity.settle()
    assert is_in(browser, idle_s=11 * 3600)
    assert browser.get("/account/idle").get_json() == {"ends_in_s": None}


def test_a_walls_screen_may_rest(staffed: House) -> None:
    browser = staffed.browser("adi")
    browser.post("/account/wall", data={"csrf_token": csrf_token(browser, "/account")})
    staffed.clock.step(11 * 3600)
    services_of(staffed.app).activity.settle()
    assert browser.get("/api/v1/board", headers={HEADER: "39600"}).status_code == 200


def test_the_page_is_told_how_long_there_is_left_and_staying_starts_anew(staffed: House) -> None:
    browser = staffed.browser("adi")
    staffed.clock.step(1700)
    left = browser.get("/account/idle", headers={HEADER: "1700"}).get_json()
    assert left == {"ends_in_s": 100.0}
    page = browser.get("/board", headers={HEADER: "1700"}).text
    assert 'id="idle-warning" data-warn-s="120"' in page
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    stay = browser.post("/account/active", headers={HEADER: "0", "X-CSRFToken": token})
    assert stay.get_json() == {"ends_in_s": 1800.0}
    staffed.clock.step(1700)
    assert is_in(browser, idle_s=1700)


def test_a_duty_phones_page_warns_of_nothing(staffed: House) -> None:
    assert "idle-warning" not in staffed.browser("damkar").get("/agency").text


@pytest.mark.parametrize("said", ["-5", "x", "", "1e9", "99999999999999999999", "٣"])
def test_an_odd_header_counts_as_a_person(staffed: House, said: str) -> None:
    browser = staffed.browser("adi")
    staffed.clock.step(1700)
    assert browser.get("/api/v1/board", headers={HEADER: said.encode().decode("latin-1")}).status_code == 200
    staffed.clock.step(1700)
    assert is_in(browser)


def test_an_idle_session_is_ended_for_good_and_its_sockets_are_told(staffed: House) -> None:
    idle, busy = staffed.browser("adi"), staffed.browser("ratna")
    services_of(staffed.app).activity.settle()
    staffed.clock.step(1800 + EVERY_S + 1)
    assert is_in(busy, idle_s=0)
    services_of(staffed.app).activity.settle()
    with staffed.centre.read() as connection:
        revoked = connection.execute(select(WebSession.revoked_at).order_by(WebSession.id)).scalars().all()
    assert [at is not None for at in revoked] == [True, False]
    assert staffed.journal_kinds().count("session.revoked") == 1  # by which every node cuts the sockets
    assert not is_in(idle)


def test_what_this_node_saw_reaches_the_others_through_the_database(staffed: House) -> None:
    browser = staffed.browser("adi")
    staffed.clock.step(1200)
    assert is_in(browser)
    services_of(staffed.app).activity.settle()
    with staffed.centre.read() as connection:
        assert connection.execute(select(WebSession.active_at)).scalar_one() == staffed.clock.now()
    before = staffed.journal_kinds()
    services_of(staffed.app).activity.settle()
    assert staffed.journal_kinds() == before


def test_a_database_that_fails_ends_nobodys_session(staffed: House) -> None:
    browser = staffed.browser("adi")
    staffed.clock.step(1200)
    assert is_in(browser)
    staffed.break_storage()
    services_of(staffed.app).activity.settle()
    staffed.clock.step(1700)
    assert is_in(browser, idle_s=1700)
