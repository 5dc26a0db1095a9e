"""Signed links to a task: the same at each attempt, good for nothing else, and a changed key is said to be one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.links.spelling import ALPHABET, as_written, read_number, spell
from dispatch.links.task_links import TaskLink, TokenFault, link_for, read_task_token, task_token

KEY = "a key of the installation, long enough"
IDS = st.integers(0, 2**63 - 1)


@given(IDS, IDS)
def test_a_link_is_the_same_at_each_attempt_and_names_what_it_was_made_for(notice_id: int, contact_id: int) -> None:
    path = link_for(KEY, notice_id, contact_id)
    assert path == link_for(KEY, notice_id, contact_id)
    assert read_task_token(KEY, path.removeprefix("/t/")) == TaskLink(notice_id, contact_id)


@given(st.integers(0, 2**80))
def test_a_number_is_spelled_and_read_again(number: int) -> None:
    assert read_number(spell(number)) == number


@given(st.text(max_size=80))
def test_what_nobody_has_signed_leads_nowhere(typed: str) -> None:
    assert read_task_token(KEY, typed) in set(TokenFault)


def test_each_changed_digit_and_each_part_of_another_link_is_refused() -> None:
    token = task_token(KEY, TaskLink(812, 7))
    other = task_token(KEY, TaskLink(813, 7))
    for place, digit in enumerate(token):
        if digit != "-":
            changed = token[:place] + ALPHABET[ALPHABET.index(digit) ^ 1] + token[place + 1 :]
            assert isinstance(read_task_token(KEY, changed), TokenFault), changed
    exchanged = other.rpartition("-")[0] + "-" + token.rpartition("-")[2]
    assert read_task_token(KEY, exchanged) is TokenFault.UNKNOWN


def test_a_link_of_before_a_change_of_the_key_is_told_from_a_forged_one() -> None:
    assert read_task_token("another key of the installation", task_token(KEY, TaskLink(812, 7))) is TokenFault.OLD_KEY


def test_small_letters_and_letters_that_look_like_digits_do_no_harm() -> None:
    link = TaskLink(0, 1)
    token = task_token(KEY, link)
    assert read_task_token(KEY, token.lower().replace("0", "o").replace("1", "l")) == link


@pytest.mark.parametrize("typed", ["", "ü", "A B", "A-B"])
def test_what_is_no_digit_is_not_read(typed: str) -> None:
    assert as_written(typed) is None


def test_a_link_is_short_enough_for_a_text_message() -> None:
    assert len(link_for(KEY, 100_000_000, 100_000)) <= 36
