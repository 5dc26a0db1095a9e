"""Signing in and out, as people and as those who guess."""

from __future__ import annotations

import statistics
import time

import pytest
from sqlalchemy import select

from app.people.person import hash_token
from app.services import services_of
from app.web.guard import SESSION_COOKIE
from dispatch.people.commands import deactivate_user, revoke_web_sessions
from dispatch.roles import Actor, Role
from dispatch.storage.tables import SeatOccupancy, SignInAttempt, WebSession
from tests.app.house import PASSWORD, House, csrf_token, sign_in


def test_an_operator_signs_in_with_name_password_and_seat_and_reaches_the_console(staffed: House) -> None:
    browser = staffed.browser()
    answer = sign_in(browser, "dewi", seat="2")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.get("/").headers["Location"] == "/console"
    snapshot = browser.get("/api/v1/snapshot").get_json()
    assert snapshot["me"] == {
        "id": staffed.user_ids["dewi"],
        "name": "Dewi",
        "role": "call_taker",
        "agency": None,
        "seat": "2",
    }


@pytest.mark.parametrize(
    ("username", "home"), [("dewi", "/console"), ("ratna", "/board"), ("adi", "/board"), ("damkar", "/agency")]
)
def test_everybody_is_led_to_the_page_of_their_role(staffed: House, username: str, home: str) -> None:
    assert staffed.browser(username).get("/").headers["Location"] == home


def test_the_page_that_was_asked_for_follows_the_sign_in(staffed: House) -> None:
    browser = staffed.browser()
    asked = browser.get("/board")
    assert asked.headers["Location"] == "/sign-in?next=/board"
    assert sign_in(browser, "ratna", path="/sign-in?next=/board").headers["Location"] == "/board"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site_after_signing_in(staffed: House, target: str) -> None:
    assert sign_in(staffed.browser(), "ratna", next=target).headers["Location"] == "/"


def test_the_name_may_be_typed_in_capitals_or_with_spaces_around_it(staffed: House) -> None:
    assert sign_in(staffed.browser(), "  Dewi ").status_code == 303


def test_a_wrong_password_and_a_name_that_does_not_exist_are_told_the_same(staffed: House) -> None:
    wrong = sign_in(staffed.browser(), "dewi", "not the password")
    unknown = sign_in(staffed.browser(), "nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    told = "Nama pengguna atau kata sandi salah."
    assert told in wrong.text
    assert told in unknown.text
    assert "not the password" not in wrong.text


def test_a_name_that_does_not_exist_takes_as_long_as_one_that_does(staffed: House) -> None:
    passwords = services_of(staffed.app).passwords
    stored = passwords.hash(PASSWORD)

    def median_s(of: str | None) -> float:
        times = []
        for _ in range(40):
            began = time.perf_counter()
            passwords.matches(of, "a guess")
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    known, unknown = median_s(stored), median_s(None)
    assert unknown > known / 3  # a hash is computed either way; without one it would be far below


def test_a_deactivated_user_cannot_sign_in(staffed: House) -> None:
    staffed.centre.run(deactivate_user, actor=Actor.system(), user_id=staffed.user_ids["dewi"])
    assert sign_in(staffed.browser(), "dewi").status_code == 401


def test_guessing_one_name_is_slowed_down_and_the_wait_is_said(staffed: House) -> None:
    browser = staffed.browser()
    for _ in range(5):
        assert sign_in(browser, "dewi", "guess").status_code == 401
    refused = sign_in(browser, "dewi")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "15"
    assert "Coba lagi dalam 15 detik." in refused.text
    staffed.clock.step(15)
    assert sign_in(browser, "dewi").status_code == 303


def test_the_wait_doubles_with_every_further_guess_up_to_five_minutes(staffed: House) -> None:
    browser = staffed.browser()
    for _ in range(5):
        sign_in(browser, "dewi", "guess")
    waits = []
    for _ in range(6):
        wait = int(sign_in(browser, "dewi", "guess").headers["Retry-After"])
        waits.append(wait)
        staffed.clock.step(wait)
        assert sign_in(browser, "dewi", "guess").status_code == 401
    assert waits == [15, 30, 60, 120, 240, 300]


def test_a_success_ends_the_count_for_that_name(staffed: House) -> None:
    browser = staffed.browser()
    for _ in range(4):
        sign_in(browser, "dewi", "guess")
    assert sign_in(staffed.browser(), "dewi").status_code == 303
    for _ in range(4):
        assert sign_in(browser, "dewi", "guess").status_code == 401


def test_a_stranger_elsewhere_cannot_lock_an_operator_out(staffed: House) -> None:
    stranger = staffed.browser()
    for _ in range(8):
        sign_in(stranger, "dewi", "guess", address="198.51.100.7")
    assert sign_in(staffed.browser(), "dewi", address="192.0.2.1").status_code == 303


def test_one_address_cannot_go_through_many_names(staffed: House) -> None:
    browser = staffed.browser()
    statuses = [sign_in(browser, f"name{n}", "guess", address="198.51.100.7").status_code for n in range(42)]
    assert statuses == [401] * 40 + [429] * 2


def test_every_try_is_stored_with_its_end(staffed: House) -> None:
    sign_in(staffed.browser(), "dewi", "guess")
    sign_in(staffed.browser(), "dewi")
    with staffed.centre.read() as connection:
        rows = connection.execute(select(SignInAttempt.username, SignInAttempt.succeeded)).all()
    assert [tuple(row) for row in rows] == [("dewi", False), ("dewi", True)]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_its_token_is_not_stored(staffed: House) -> None:
    answer = sign_in(staffed.browser(), "dewi")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(SESSION_COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # a setting: SIAGA_COOKIE_SECURE
    token = cookie.partition("=")[2].partition(";")[0]
    with staffed.centre.read() as connection:
        assert connection.execute(select(WebSession.token_hash)).scalar_one() == hash_token(token)


def test_a_session_ends_when_its_time_is_over_however_busy_it_was(staffed: House) -> None:
    browser = staffed.browser("dewi")
    for _ in range(12):
        assert browser.get("/api/v1/board").status_code == 200
        staffed.clock.step(3600)
    assert browser.get("/api/v1/board").status_code == 401


def test_a_revoked_session_is_over_at_its_next_request(staffed: House) -> None:
    browser = staffed.browser("dewi")
    staffed.centre.run(revoke_web_sessions, actor=Actor.system(), user_id=staffed.user_ids["dewi"])
    assert browser.get("/api/v1/board").status_code == 401
    assert browser.get("/console").headers["Location"] == "/sign-in?next=/console"


def test_signing_out_ends_the_session_and_frees_the_seat(staffed: House) -> None:
    browser = staffed.browser("dewi", seat="3")
    token = browser.get_cookie(SESSION_COOKIE)
    assert browser.post("/sign-out", data={"csrf_token": csrf_token(browser, "/console")}).status_code == 303
    assert token is not None
    browser.set_cookie(SESSION_COOKIE, token.value)  # somebody kept a copy
    assert browser.get("/api/v1/board").status_code == 401
    with staffed.centre.read() as connection:
        assert connection.execute(select(SeatOccupancy.seat)).all() == []


def test_signing_in_again_in_the_same_browser_ends_the_session_before(staffed: House) -> None:
    browser = staffed.browser("dewi", seat="1")
    token = csrf_token(browser, "/console")
    browser.post("/sign-in", data={"username": "rizki", "password": PASSWORD, "seat": "2", "csrf_token": token})
    with staffed.centre.read() as connection:
        assert connection.execute(select(SeatOccupancy.seat)).scalars().all() == ["2"]
        assert len(connection.execute(select(WebSession.id).where(WebSession.revoked_at.is_(None))).all()) == 1


def test_a_page_left_open_works_again_once_the_same_user_has_signed_in_elsewhere(staffed: House) -> None:
    browser = staffed.browser("dewi")
    headers = {"X-CSRFToken": csrf_token(browser, "/console")}
    staffed.clock.step(13 * 3600)
    number, _ = staffed.call()
    assert browser.post(f"/api/v1/tickets/{number}/claim", json={}, headers=headers).status_code == 401
    assert sign_in(browser, "dewi").status_code == 303
    assert browser.post(f"/api/v1/tickets/{number}/claim", json={}, headers=headers).status_code == 200


def test_a_page_left_open_by_somebody_else_commands_nothing_any_more(staffed: House) -> None:
    browser = staffed.browser("dewi")
    headers = {"X-CSRFToken": csrf_token(browser, "/console")}
    staffed.clock.step(13 * 3600)
    sign_in(browser, "rizki")
    number, _ = staffed.call()
    refused = browser.post(f"/api/v1/tickets/{number}/claim", json={}, headers=headers)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "form_expired")


def test_a_seat_that_does_not_exist_is_said_and_nobody_is_signed_in(staffed: House) -> None:
    answer = sign_in(staffed.browser(), "dewi", seat="99")
    assert answer.status_code == 400
    assert "Meja itu tidak ada." in answer.text


def test_a_responder_takes_no_seat_whatever_the_form_says(staffed: House) -> None:
    staffed.browser("damkar", seat="1")
    with staffed.centre.read() as connection:
        assert connection.execute(select(SeatOccupancy.seat)).all() == []


def test_without_a_form_token_nobody_signs_in(staffed: House) -> None:
    answer = staffed.browser().post("/sign-in", data={"username": "dewi", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Muat ulang" in answer.text


def test_a_command_from_another_site_is_refused_for_want_of_a_token(staffed: House) -> None:
    browser = staffed.browser("dewi")
    number, _ = staffed.call()
    assert browser.post(f"/api/v1/tickets/{number}/claim", json={}).status_code == 400
    token = csrf_token(browser, "/console")
    claimed = browser.post(f"/api/v1/tickets/{number}/claim", json={}, headers={"X-CSRFToken": token})
    assert claimed.status_code == 200


def test_a_new_installation_says_how_to_make_the_first_user(house: House) -> None:
    page = house.browser().get("/sign-in").text
    assert "flask --app wsgi create-admin admin" in page
    house.add("adi", Role.ADMIN)
    assert "create-admin" not in house.browser().get("/sign-in").text


@pytest.mark.parametrize("password", ["", "x" * 5000, "nul\0byte", "\ud800".encode("utf-8", "surrogatepass")])
def test_odd_passwords_are_wrong_not_failures(staffed: House, password: str) -> None:
    assert sign_in(staffed.browser(), "dewi", password).status_code == 401


@pytest.mark.parametrize("username", ["", "x" * 5000, "nul\0byte", "'; DROP TABLE users; --", "дewi"])
def test_odd_names_are_wrong_not_failures(staffed: House, username: str) -> None:
    assert sign_in(staffed.browser(), username).status_code == 401
