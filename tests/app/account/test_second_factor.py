"""Supervisors and admins prove more than a password: made known at the first sign-in, asked for at each one after."""

from __future__ import annotations

import re
from dataclasses import replace

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import create_app
from app.account import second_step
from app.account.second_factor import RECOVERY_CODES, recovery_hash
from app.web.guard import SESSION_COOKIE
from config import Settings
from dispatch.centre import Centre
from dispatch.city.pack import CityPack
from dispatch.people.commands import deactivate_user, set_password
from dispatch.roles import Actor, Role
from dispatch.storage.tables import RecoveryCode, SecondFactor, SignInAttempt
from tests.app.cli.test_commands_line import run
from tests.app.conftest import CHEAP
from tests.app.house import PASSWORD, House, csrf_token, sign_in
from tests.steppable_clock import SteppableClock


@pytest.fixture(scope="session")
def city(whole_city: CityPack) -> CityPack:
    """The pack as it is."""
    return whole_city


def code_of(house: House, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(house.clock.now().timestamp()) // 30 + steps)


def send(browser: FlaskClient, path: str, code: str, address: str = "127.0.0.1") -> TestResponse:
    data = {"code": code, "csrf_token": csrf_token(browser, path)}
    return browser.post(path, data=data, environ_overrides={"REMOTE_ADDR": address})


def enrol(house: House, username: str = "ratna") -> tuple[FlaskClient, str, list[str]]:
    """The first sign-in: returns the browser, the secret and the recovery codes."""
    browser = house.browser()
    answer = sign_in(browser, username)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/enrol")
    page = browser.get("/sign-in/enrol").text
    found = re.search(r'class="account-secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found is not None
    secret = found[1].replace(" ", "")
    done = send(browser, "/sign-in/enrol", code_of(house, secret))
    assert done.status_code == 200, done.text
    codes = re.findall(r"<li>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</li>", done.text)
    assert len(codes) == RECOVERY_CODES
    return browser, secret, codes


def first_step(house: House, username: str = "ratna", **form: str) -> FlaskClient:
    browser = house.browser()
    answer = sign_in(browser, username, **form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code")
    return browser


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/api/v1/board").status_code == 200


def test_the_first_sign_in_makes_an_authenticator_known_and_shows_recovery_codes_once(staffed: House) -> None:
    browser, secret, codes = enrol(staffed)
    assert is_in(browser)
    with staffed.centre.read() as connection:
        stored = connection.execute(select(SecondFactor.sealed_secret)).scalar_one()
        hashes = set(connection.execute(select(RecoveryCode.code_hash)).scalars())
    assert secret not in stored
    assert hashes == {recovery_hash(code) for code in codes}
    assert browser.get("/sign-in/enrol").headers["Location"].startswith("/sign-in")
    assert "user.second_factor_enrolled" in staffed.journal_kinds()


def test_the_picture_on_the_page_is_the_secret_and_needs_nothing_from_outside(staffed: House) -> None:
    browser = staffed.browser()
    sign_in(browser, "ratna")
    page = browser.get("/sign-in/enrol")
    assert "<svg" in page.text
    assert 'class="qr-code"' in page.text
    assert "otpauth://totp/Siaga%20112:ratna?secret=" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_password_alone_opens_nothing(staffed: House) -> None:
    enrol(staffed)
    browser = first_step(staffed)
    assert not is_in(browser)
    assert browser.get("/board").headers["Location"].startswith("/sign-in")
    assert browser.get_cookie(SESSION_COOKIE) is None


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_now_or_the_step_beside_signs_in(staffed: House, steps: int) -> None:
    _, secret, _ = enrol(staffed)
    staffed.clock.step(300)
    browser = first_step(staffed, seat="3")
    answer = send(browser, "/sign-in/code", code_of(staffed, secret, steps))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.get("/api/v1/snapshot").get_json()["me"]["seat"] == "3"


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_an_older_or_later_code_does_not(staffed: House, steps: int) -> None:
    _, secret, _ = enrol(staffed)
    staffed.clock.step(300)
    browser = first_step(staffed)
    assert send(browser, "/sign-in/code", code_of(staffed, secret, steps)).status_code == 401
    assert not is_in(browser)


def test_no_code_is_taken_twice_and_none_from_before_it(staffed: House) -> None:
    _, secret, _ = enrol(staffed)
    first = first_step(staffed)
    assert send(first, "/sign-in/code", code_of(staffed, secret)).status_code == 401  # it enrolled with it
    staffed.clock.step(300)
    code, before = code_of(staffed, secret), code_of(staffed, secret, -1)
    assert send(first_step(staffed), "/sign-in/code", code).status_code == 303
    assert send(first_step(staffed), "/sign-in/code", code).status_code == 401
    assert send(first_step(staffed), "/sign-in/code", before).status_code == 401
    staffed.clock.step(30)
    assert send(first_step(staffed), "/sign-in/code", code_of(staffed, secret)).status_code == 303


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "१२३४५६", "' OR 1=1", "\0" * 6, "0" * 5000])
def test_odd_codes_are_wrong_not_failures(staffed: House, code: str) -> None:
    enrol(staffed)
    assert send(first_step(staffed), "/sign-in/code", code).status_code == 401


def test_a_recovery_code_stands_in_once_however_it_is_typed(staffed: House) -> None:
    _, _, codes = enrol(staffed)
    typed = codes[4].lower().replace("-", " ").replace("0", "o")
    assert send(first_step(staffed), "/sign-in/code", typed).status_code == 303
    assert send(first_step(staffed), "/sign-in/code", codes[4]).status_code == 401
    assert send(first_step(staffed), "/sign-in/code", codes[5]).status_code == 303
    assert staffed.journal_kinds().count("user.recovery_code_used") == 2


def test_anothers_recovery_code_is_worth_nothing(staffed: House) -> None:
    _, _, codes = enrol(staffed, "adi")
    enrol(staffed)
    assert send(first_step(staffed), "/sign-in/code", codes[0]).status_code == 401


def test_guessing_codes_is_slowed_down_also_with_new_first_steps(staffed: House) -> None:
    _, secret, _ = enrol(staffed)
    staffed.clock.step(300)
    ends = []
    for _ in range(16):
        ends.append(send(first_step(staffed, address="198.51.100.7"), "/sign-in/code", "000000", "198.51.100.7"))
    assert [answer.status_code for answer in ends[-2:]] == [429, 429]
    assert int(ends[-1].headers["Retry-After"]) >= 1
    assert send(first_step(staffed), "/sign-in/code", code_of(staffed, secret)).status_code == 303  # elsewhere
    with staffed.centre.read() as connection:
        kinds = connection.execute(select(SignInAttempt.kind, SignInAttempt.succeeded)).all()
    assert ("code", False) in [tuple(row) for row in kinds]


def test_the_time_between_the_steps_is_short(staffed: House) -> None:
    _, secret, _ = enrol(staffed)
    browser = first_step(staffed)
    path = csrf_token(browser, "/sign-in/code")
    staffed.clock.step(601)
    answer = browser.post("/sign-in/code", data={"code": code_of(staffed, secret), "csrf_token": path})
    assert answer.headers["Location"] == "/sign-in?over=1"
    assert "Masuk lagi dari awal." in browser.get("/sign-in?over=1").text
    assert not is_in(browser)


@pytest.mark.parametrize("change", ["password", "deactivated"])
def test_what_the_first_step_left_is_worth_nothing_after_a_change(staffed: House, change: str) -> None:
    _, secret, _ = enrol(staffed)
    staffed.clock.step(60)
    browser = first_step(staffed)
    form = csrf_token(browser, "/sign-in/code")
    user_id = staffed.user_ids["ratna"]
    if change == "password":
        staffed.centre.run(set_password, actor=Actor.system(), user_id=user_id, password_hash="other")
    else:
        staffed.centre.run(deactivate_user, actor=Actor.system(), user_id=user_id)
    browser.post("/sign-in/code", data={"code": code_of(staffed, secret), "csrf_token": form})
    assert not is_in(browser)


@pytest.mark.parametrize("forged", ["", "x", "gAAAAABh" + "A" * 100])
def test_without_the_first_step_the_second_is_nothing(staffed: House, forged: str) -> None:
    enrol(staffed)
    browser = staffed.browser()
    form = csrf_token(browser)
    browser.set_cookie(second_step.COOKIE, forged, path="/sign-in")
    for path in ("/sign-in/code", "/sign-in/enrol"):
        assert browser.get(path).headers["Location"] == "/sign-in?over=1"
        assert browser.post(path, data={"code": "000000", "csrf_token": form}).headers["Location"] == "/sign-in?over=1"


def test_a_second_screen_that_enrols_later_does_not_replace_the_first(staffed: House) -> None:
    slow = staffed.browser()
    sign_in(slow, "ratna")
    found = re.search(r'class="account-secret"[^>]*>([A-Z2-7 ]+)<', slow.get("/sign-in/enrol").text)
    assert found is not None
    enrol(staffed)
    staffed.clock.step(60)
    answer = send(slow, "/sign-in/enrol", code_of(staffed, found[1].replace(" ", "")))
    assert answer.status_code == 303
    assert not is_in(slow)


def test_an_administrator_at_the_server_lets_somebody_enrol_anew(staffed: House) -> None:
    browser, _, codes = enrol(staffed)
    done = run(staffed, "user", "reset-second-factor", "ratna")
    assert done.exit_code == 0, done.output
    assert not is_in(browser)
    enrol(staffed)
    assert send(first_step(staffed), "/sign-in/code", codes[0]).status_code == 401
    assert "has no authenticator" in run(staffed, "user", "reset-second-factor", "dewi").output
    assert run(staffed, "user", "reset-second-factor", "nobody").exit_code == 1


def test_a_key_that_changed_is_said_and_recovery_codes_still_work(staffed: House) -> None:
    _, secret, codes = enrol(staffed)
    staffed.clock.step(60)
    with staffed.centre.engine.begin() as connection:  # as another SIAGA_SECRET_KEY finds it
        connection.execute(update(SecondFactor).values(sealed_secret="gAAAAABh"))
    browser = first_step(staffed)
    answer = send(browser, "/sign-in/code", code_of(staffed, secret))
    assert answer.status_code == 401
    assert "reset-second-factor ratna" in answer.text
    assert send(browser, "/sign-in/code", codes[0]).status_code == 303


def test_only_those_whom_the_policy_names_are_asked(staffed: House) -> None:
    for username in ("dewi", "damkar"):
        assert is_in(staffed.browser(username)) == (username == "dewi")
    answer = sign_in(staffed.browser(), "adi")
    assert answer.headers["Location"] == "/sign-in/enrol"


def test_the_demo_asks_nobody(settings: Settings, sqlite_centre: Centre, clock: SteppableClock) -> None:
    house = House(create_app(replace(settings, demo=True), sqlite_centre, hasher=CHEAP), sqlite_centre, clock)
    for username, role in (("supervisor", Role.SUPERVISOR), ("admin", Role.ADMIN)):
        house.add(username, role)
        answer = sign_in(house.browser(), username, PASSWORD)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_known_browser_is_known_only_after_both_steps(staffed: House) -> None:
    _, secret, _ = enrol(staffed)
    staffed.clock.step(300)
    browser = first_step(staffed)
    assert browser.get_cookie("siaga_known", path="/sign-in") is None
    send(browser, "/sign-in/code", code_of(staffed, secret))
    assert browser.get_cookie("siaga_known", path="/sign-in") is not None
