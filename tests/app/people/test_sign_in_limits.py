"""Guessing is slowed down, and whoever guesses keeps nobody else out: not a name's owner, not an office."""

from __future__ import annotations

import threading

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.account import known_browsers
from app.load.networks import network_of
from app.people.turns import TooManyWaiting, Turns
from dispatch.storage.tables import SignInAttempt
from tests.app.house import House, csrf_token, sign_in, signed_out

OFFICE, ELSEWHERE = "203.0.113.9", "198.51.100.77"
SECONDS = 15  #: what strangers may cost whoever has the right password


def gets_in_within(house: House, limit_s: int, browser: FlaskClient, username: str, address: str) -> bool:
    """Sign in with the right password, waiting as told, for no longer than the limit."""
    waited = 0
    while True:
        answer = sign_in(browser, username, address=address)
        if answer.status_code == 303:
            return True
        assert answer.status_code == 429, answer.text
        wait = int(answer.headers["Retry-After"])
        waited += wait
        if waited > limit_s:
            return False
        house.clock.step(wait)


def guess(house: House, username: str, address: str, times: int, browser: FlaskClient | None = None) -> int:
    """Wrong tries, each as soon as the server lets it be one; returns how many were refused unchecked."""
    browser = browser or house.browser()
    refused = 0
    for _ in range(times):
        answer = sign_in(browser, username, "a guess", address=address)
        if answer.status_code == 429:
            refused += 1
            house.clock.step(int(answer.headers["Retry-After"]))
            answer = sign_in(browser, username, "a guess", address=address)
        assert answer.status_code == 401
    return refused


@pytest.mark.parametrize("strangers", [27, 60])
def test_strangers_everywhere_do_not_lock_the_owner_of_a_name_out(staffed: House, strangers: int) -> None:
    for number in range(strangers):
        guess(staffed, "dewi", f"198.51.100.{number}", 1)
    assert gets_in_within(staffed, SECONDS, staffed.browser(), "dewi", OFFICE)


def test_a_browser_that_signed_in_before_does_not_wait_for_strangers_at_all(staffed: House) -> None:
    own = staffed.browser()
    assert sign_in(own, "dewi", address=OFFICE).status_code == 303
    signed_out(own)
    for number in range(30):
        guess(staffed, "dewi", f"198.51.100.{number}", 1)
    guess(staffed, "dewi", OFFICE, 8)  # and from the same network
    assert sign_in(own, "dewi", address=OFFICE).status_code == 303
    assert sign_in(signed_out(own), "dewi", address=ELSEWHERE).status_code == 303  # a laptop that goes home


@pytest.mark.parametrize("name", ["tablet", "rizki"])
def test_a_device_with_an_old_password_locks_no_office_out(staffed: House, name: str) -> None:
    guess(staffed, name, OFFICE, 41)
    assert sign_in(staffed.browser(), "dewi", address=OFFICE).status_code == 303


def test_many_names_from_an_office_delay_a_right_password_by_seconds(staffed: House) -> None:
    for number in range(80):
        guess(staffed, f"name{number}", OFFICE, 1)
    assert gets_in_within(staffed, SECONDS, staffed.browser(), "dewi", OFFICE)


def test_where_a_name_has_signed_in_before_its_owners_new_browser_waits_seconds_for_a_stranger(
    staffed: House,
) -> None:
    assert sign_in(staffed.browser(), "dewi", address=OFFICE).status_code == 303
    guess(staffed, "dewi", OFFICE, 12)
    assert gets_in_within(staffed, SECONDS, staffed.browser(), "dewi", OFFICE)


def test_a_known_browser_is_held_to_its_own_failures_and_delays_nobody_else(staffed: House) -> None:
    own = staffed.browser()
    sign_in(own, "dewi", address=OFFICE)
    signed_out(own)
    for _ in range(10):
        assert sign_in(own, "dewi", "an old password", address=OFFICE).status_code == 401
    assert sign_in(own, "dewi", "an old password", address=OFFICE).headers["Retry-After"] == "15"
    assert sign_in(own, "rizki", address=OFFICE).status_code == 303  # somebody else at the same PC
    assert sign_in(staffed.browser(), "dewi", address=OFFICE).status_code == 303  # at the next PC


def test_a_known_browser_is_known_for_those_who_signed_in_with_it_only(staffed: House) -> None:
    rizkis = staffed.browser()
    sign_in(rizkis, "rizki", address=OFFICE)
    signed_out(rizkis)
    assert guess(staffed, "dewi", OFFICE, 5, rizkis) == 0
    assert sign_in(rizkis, "dewi", "a guess", address=OFFICE).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "eyJiIjoiYSIsInUiOnsiMSI6OTk5OTk5OTk5OX19.forged", "\x7f", "." * 3000])
def test_a_forged_cookie_makes_nobody_known(staffed: House, cookie: str) -> None:
    browser = staffed.browser()
    csrf_token(browser)
    browser.set_cookie(known_browsers.COOKIE, cookie, path="/sign-in")
    for _ in range(5):
        assert sign_in(browser, "dewi", "a guess", address=OFFICE).status_code == 401
    assert sign_in(browser, "dewi", address=OFFICE).status_code == 429


def test_a_browser_is_forgotten_when_nobody_has_signed_in_with_it_for_long(staffed: House) -> None:
    own = staffed.browser()
    sign_in(own, "dewi", address=OFFICE)
    signed_out(own)
    staffed.clock.step(181 * 86_400)
    guess(staffed, "dewi", OFFICE, 5)
    assert sign_in(own, "dewi", address=OFFICE).status_code == 429


def test_the_cookie_holds_no_name_and_is_out_of_reach(staffed: House) -> None:
    answer = sign_in(staffed.browser(), "dewi")
    line = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(known_browsers.COOKIE))
    assert "dewi" not in line
    assert all(part in line for part in ("HttpOnly", "SameSite=Strict", "Path=/sign-in"))


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_all_addresses_of_an_ipv6_subscriber_are_one(address: object, host: int) -> None:
    from ipaddress import IPv6Address

    first = IPv6Address(str(address))
    if first.ipv4_mapped is None:
        other = IPv6Address((int(first) >> 64 << 64) | host)
        if other.ipv4_mapped is None:
            assert network_of(str(first)) == network_of(str(other))
        assert network_of(str(first)).endswith("/64")


def test_an_ipv4_address_is_the_same_however_it_is_written() -> None:
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")


def test_an_ipv6_subscriber_guesses_no_more_often_than_one_address(staffed: House) -> None:
    browser = staffed.browser()
    ends = [sign_in(browser, "dewi", "a guess", address=f"2001:db8:7:7::{n:x}").status_code for n in range(1, 8)]
    assert ends == [401] * 5 + [429] * 2
    assert sign_in(staffed.browser(), "dewi", address="2001:db8:7:8::1").status_code == 303


def test_what_was_typed_for_a_name_is_not_kept_where_nobody_has_it(staffed: House) -> None:
    for typed in ("Rahasia2026!", "rahasia2026!", "dewi"):
        sign_in(staffed.browser(), typed, "x", address="2001:db8:7:7::1")
    with staffed.centre.read() as connection:
        rows = connection.execute(select(SignInAttempt.username, SignInAttempt.address)).all()
    names = [row.username for row in rows]
    assert names[0] == names[1] != names[2] == "dewi"
    assert names[0].startswith("?")
    assert "rahasia" not in str(rows).lower()
    assert {row.address for row in rows} == {"2001:db8:7:7::/64"}


def test_tries_are_erased_by_age_whoevers_they_were(staffed: House) -> None:
    sign_in(staffed.browser(), "nobody", "x")
    staffed.clock.step(24 * 3600 + 1)
    sign_in(staffed.browser(), "dewi")
    with staffed.centre.read() as connection:
        assert connection.execute(select(SignInAttempt.username)).scalars().all() == ["dewi"]


def test_only_a_few_wait_for_the_turn_of_one_name_from_one_place() -> None:
    turns, inside, leave, entered = Turns(), threading.Event(), threading.Event(), []

    def hold() -> None:
        with turns.of("dewi"):
            entered.append(1)
            inside.set()
            assert leave.wait(10)

    holders = [threading.Thread(target=hold) for _ in range(4)]
    for holder in holders:
        holder.start()
    assert inside.wait(10)
    while True:  # until all four hold it or wait
        try:
            with turns.of("rizki"):
                pass
        except TooManyWaiting:
            raise AssertionError("another's turn") from None
        if turns._turns["dewi"][1] == 4:
            break
    with pytest.raises(TooManyWaiting), turns.of("dewi"):
        pass
    leave.set()
    for holder in holders:
        holder.join(10)
    assert len(entered) == 4
    assert turns._turns == {}
