"""One's own account: the password is one's own to change, and one sees and ends the browsers that are signed in."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.app.house import PASSWORD, House, choose_language, csrf_token, sign_in, signed_out

NEW = "kuda hijau makan batu"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"
)
WORK = "/api/v1/snapshot"


def is_in(browser: FlaskClient) -> bool:
    return browser.get(WORK).status_code == 200


def send(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    return browser.post(path, data={"csrf_token": csrf_token(browser, "/account"), **fields})


def change(browser: FlaskClient, present: str = PASSWORD, new: str = NEW, again: str | None = None) -> TestResponse:
    return send(browser, "/account/password", present=present, new=new, again=new if again is None else again)


@pytest.mark.parametrize("username", ["dewi", "ratna", "adi", "damkar"])
def test_everybody_reaches_the_page_from_where_they_work(staffed: House, username: str) -> None:
    browser = staffed.browser(username)
    home = browser.get(browser.get("/").headers["Location"])
    assert 'href="/account"' in home.text
    page = browser.get("/account")
    assert page.status_code == 200
    assert "Ganti kata sandi" in page.text
    choose_language(browser, "en")
    assert "Change password" in browser.get("/account").text


@pytest.mark.parametrize("username", ["dewi", "ratna", "adi", "damkar"])
def test_a_changed_password_counts_at_once_and_ends_what_the_old_one_opened(staffed: House, username: str) -> None:
    here, elsewhere, program = staffed.browser(username), staffed.browser(username), staffed.program(username)
    others = staffed.browser("rizki")
    assert change(here).headers["Location"] == "/account?done=password"
    assert "Kata sandi sudah diganti." in here.get("/account?done=password").text
    assert is_in(here)
    assert is_in(others)
    assert not is_in(elsewhere)
    assert program.get(WORK).status_code == 401
    assert sign_in(staffed.browser(), username).status_code == 401
    assert sign_in(staffed.browser(), username, NEW).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("not it", NEW, None, "Kata sandi sekarang salah."),
        ("", NEW, None, "Kata sandi sekarang salah."),
        (PASSWORD, NEW, "kuda hijau makan bata", "tidak sama"),
        (PASSWORD, "short", None, "10 sampai 1000"),
        (PASSWORD, "x" * 1001, None, "10 sampai 1000"),
        (PASSWORD, "Password123!", None, "mudah ditebak"),
        (PASSWORD, "dewi-dewi-2026", None, "mudah ditebak"),
        (PASSWORD, "Serang112!", None, "mudah ditebak"),
    ],
)
def test_what_cannot_be_taken_is_said_and_changes_nothing(
    staffed: House, present: str, new: str, again: str | None, said: str
) -> None:
    here, elsewhere = staffed.browser("dewi"), staffed.browser("dewi")
    refused = change(here, present, new, again)
    assert refused.status_code == 400
    assert said in refused.text
    assert f'value="{new}"' not in refused.text
    assert is_in(elsewhere)
    assert sign_in(staffed.browser(), "dewi").status_code == 303


def test_a_stolen_session_cannot_try_passwords_for_long_and_delays_nobody(staffed: House) -> None:
    thief = staffed.browser("dewi")
    ends = [change(thief, f"guess {n}").status_code for n in range(12)]
    assert ends == [400] * 10 + [429] * 2
    assert change(staffed.browser("dewi")).status_code == 303


def test_a_programs_token_changes_no_password(staffed: House) -> None:
    refused = staffed.program("dewi").post("/account/password", data={"present": PASSWORD}, json=None)
    assert refused.status_code == 400
    assert sign_in(staffed.browser(), "dewi").status_code == 303


def test_without_a_form_token_nothing_of_it_happens(staffed: House) -> None:
    browser = staffed.browser("dewi")
    for path in ("/account/password", "/account/sessions", "/account/recovery-codes", "/account/wall"):
        assert (
            browser.post(path, data={"session": "all", "present": PASSWORD, "new": NEW, "again": NEW}).status_code
            == 400
        )
    assert is_in(browser)


def test_ones_browsers_are_listed_in_words_with_the_present_one_first(staffed: House) -> None:
    windows = staffed.app.test_client()
    windows.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(windows, "dewi", seat="2", address="2001:db8:7:7::5")
    staffed.clock.step(60)
    phone = staffed.app.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = ANDROID
    sign_in(phone, "dewi", address="203.0.113.9")
    staffed.browser("rizki")
    page = phone.get("/account").text
    listed = re.findall(r"<li>\s*<p><b>([^<]+)</b>", page)
    assert listed == ["Chrome, Android", "Firefox, Windows"]
    assert "2001:db8:7:7::/64" in page
    assert "203.0.113.9" in page
    assert "Meja 2" in page


def test_one_browser_is_signed_out_and_the_others_stay(staffed: House) -> None:
    here, lost, third = (staffed.browser("dewi") for _ in range(3))
    numbers = re.findall(r'name="session" value="(\d+)"', here.get("/account").text)
    assert len(numbers) == 2
    lost_id = re.findall(r'name="session" value="(\d+)"', third.get("/account").text)
    both = set(numbers) & set(lost_id)
    assert send(here, "/account/sessions", session=both.pop()).headers["Location"] == "/account?done=session"
    assert [is_in(browser) for browser in (here, lost, third)] == [True, False, True]


def test_nobody_ends_anothers_session(staffed: House) -> None:
    dewi, rizki = staffed.browser("dewi"), staffed.browser("rizki")
    staffed.browser("rizki")
    number = re.findall(r'name="session" value="(\d+)"', rizki.get("/account").text)[0]
    for other in (number, "999", "9" * 30, "-1", "x", ""):
        assert send(dewi, "/account/sessions", session=other).status_code in (400, 404)
    assert is_in(rizki)
    assert is_in(dewi)


def test_all_browsers_are_signed_out_at_once_and_seats_are_free(staffed: House) -> None:
    first, second = staffed.browser("dewi", seat="1"), staffed.browser("dewi")
    assert send(first, "/account/sessions", session="all").headers["Location"] == "/sign-in"
    assert not is_in(first)
    assert not is_in(second)
    assert "seat.left" in staffed.journal_kinds()


def test_wrong_tries_in_ones_name_are_told(staffed: House) -> None:
    sign_in(staffed.browser(), "dewi", "a guess", address="198.51.100.7")
    browser = staffed.browser("dewi")
    assert "gagal dengan nama Anda: 1" in browser.get("/account").text
    assert "gagal dengan nama Anda" not in staffed.browser("rizki").get("/account").text


def test_a_walls_screen_shows_the_board_and_gives_no_orders(staffed: House) -> None:
    number, _ = staffed.call()
    browser = staffed.browser("ratna")
    token = csrf_token(browser, "/board")
    assert send(browser, "/account/wall").headers["Location"] == "/board"
    staffed.clock.step(11 * 3600)
    assert browser.get("/").headers["Location"] == "/board"
    assert 'href="/account"' not in browser.get("/board").text
    assert browser.get("/api/v1/board").status_code == 200
    headers = {"X-CSRFToken": token}
    for method, path in (
        ("GET", "/console"),
        ("GET", "/account"),
        ("GET", "/numbers"),
        ("GET", "/api/v1/snapshot"),
        ("GET", f"/api/v1/tickets/{number}"),
        ("POST", f"/api/v1/tickets/{number}/claim"),
        ("POST", "/account/sessions"),
    ):
        json = {} if method == "POST" else None
        assert browser.open(path, method=method, headers=headers, json=json).status_code == 403, path
    assert browser.post("/sign-out", headers=headers).status_code == 303
    assert sign_in(signed_out(browser), "ratna").status_code == 303
    assert is_in(browser)
