"""Passwords that others would guess are refused, whatever their kind; those that nobody guesses are taken."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.account.password_rules import context_of, problem_with
from dispatch.city.pack import CityPack
from tests.app.cli.test_commands_line import run
from tests.app.house import House, sign_in

#: One of each kind that people choose.
EASY = {
    "stolen": "password123",
    "figures": "1234567890",
    "many figures": "12345678901234567890",
    "keyboard row": "qwertyuiop",
    "keyboard zigzag": "1q2w3e4r5t6y",
    "alphabet": "abcdefghijkl",
    "one letter": "aaaaaaaaaaaa",
    "capital and sign": "Password123!",
    "replacements": "p@ssw0rd1234",
    "twice": "password password",
    "date": "17081945 17081945",
    "Indonesian word": "indonesia123",
    "Indonesian phrase": "sayangkamu1",
    "Indonesian prayer": "bismillah123",
    "Indonesian for password": "katasandi123",
    "two Indonesian words": "rahasia sandi",
    "product": "siaga112siaga",
    "product and year": "Siaga112-2026",
    "city": "serang2026!",
    "city and number": "Kota Serang 112",
    "agency": "DAMKAR2026!!",
    "own name": "operator1operator1",
    "own name and year": "dewi.lestari-2026",
    "the demo's": "siaga-demo",
    "the demo's and more": "siaga-demo1",
}
GOOD = [
    "correct horse battery",
    "kuda hijau makan batu",
    "another password",
    "x7Gh!kq29zPa",
    "pisau nenas rel bukan",
    "tiga belas perahu kertas basah",
    "ʻōlelo ikaika 9",
    "пароль-который-трудно",
]


@pytest.mark.parametrize("kind", EASY)
def test_a_password_that_is_easy_to_guess_is_refused(city: CityPack, kind: str) -> None:
    context = context_of(city, "dewi.lestari", "Dewi Lestari", "operator1")
    assert problem_with(EASY[kind], 10, context) == "too_easy"


@pytest.mark.parametrize("password", GOOD)
def test_a_password_that_nobody_guesses_is_taken(city: CityPack, password: str) -> None:
    assert problem_with(password, 10, context_of(city, "dewi.lestari", "Dewi Lestari")) is None


def test_length_is_asked_for_as_the_policy_says(city: CityPack) -> None:
    assert problem_with("x7Gh!kq29zPa", 13) == "too_short"
    assert problem_with("x7Gh!kq29" * 200, 10) == "too_long"


@settings(deadline=None, max_examples=30)
@given(st.text(min_size=10, max_size=1000))
def test_any_text_is_judged_and_in_a_short_time(text: str) -> None:
    began = time.process_time()
    assert problem_with(text, 10) in (None, "too_easy")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("text", ["a" * 1000, "ab" * 500, "1" * 1000, "password" * 100, "p@5$w0rd" * 100, "aA1!" * 250])
def test_nasty_texts_cost_no_more_than_others(text: str) -> None:
    began = time.process_time()
    assert problem_with(text, 10) == "too_easy" or text.startswith("aA1!")
    assert time.process_time() - began < 2


def test_the_command_line_refuses_easy_passwords_wherever_one_is_made(staffed: House) -> None:
    for command in (
        ("create-admin", "wahyu"),
        ("user", "add", "wahyu", "--role", "call_taker"),
        ("user", "set-password", "dewi"),
    ):
        refused = run(staffed, *command, "--password-stdin", typed="Password123!\n")
        assert refused.exit_code == 1
        assert "easy to guess" in refused.output
        assert "Password123!" not in refused.output
    own_name = ("user", "add", "wahyudi9", "--role", "admin", "--password-stdin")
    assert run(staffed, *own_name, typed="wahyudi9wahyudi9\n").exit_code == 1
    assert sign_in(staffed.browser(), "wahyu", "Password123!").status_code == 401
    assert sign_in(staffed.browser(), "dewi").status_code == 303
