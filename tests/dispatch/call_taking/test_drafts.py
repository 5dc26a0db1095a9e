"""What is typed and not sent yet: each has a draft of one's own, and no text is ever overwritten without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.draft_reading import drafts_of, kept_texts_of
from dispatch.call_taking.drafts import save_draft
from dispatch.call_taking.ownership import take_over_ticket
from dispatch.callbacks.commands import close_callback
from dispatch.calls.gate import call_gated
from dispatch.errors import InvalidValue, NotPermitted
from dispatch.incidents.commands import attach_ticket, detach_ticket
from dispatch.people.key_commands import set_user_keys
from dispatch.people.keys import keys_of
from dispatch.storage.tables import Call, Callback
from tests.dispatch.shift import FIRE, SYSTEM_NAME, Shift


def save(shift: Shift, number: str, words: str, who: str = "dewi", **more: Any) -> int:
    actor = getattr(shift, who)
    outcome = shift.run(save_draft, actor=actor, number=number, words=words, choices=more.pop("choices", {}), **more)
    return int(outcome.version)


def texts(shift: Shift, number: str) -> tuple[list[tuple[str, str]], list[str]]:
    """(drafts as (who, words), newest first; kept texts)."""
    with shift.centre.read() as connection:
        ticket_id = connection.exec_driver_sql(f"SELECT id FROM tickets WHERE number = '{number}'").scalar_one()
        drafts = [(one["by"]["name"], one["words"]) for one in drafts_of(connection, ticket_id)]
        return drafts, [one["text"] for one in kept_texts_of(connection, ticket_id)]


def kinds(shift: Shift) -> list[str]:
    with shift.centre.read() as connection:
        return list(connection.exec_driver_sql("SELECT kind FROM journal ORDER BY seq").scalars())


def test_typing_is_kept_version_by_version_and_writes_no_journal(shift: Shift) -> None:
    number = shift.claimed()
    before = kinds(shift)
    first = save(shift, number, "asap")
    second = save(shift, number, "asap tebal", version=first, choices={"half": {"x.value": "gang"}})
    assert (first, second) == (1, 2)
    assert texts(shift, number)[0] == [(shift.dewi.name, "asap tebal")]
    assert kinds(shift) == before


def test_a_second_screen_of_the_same_person_overwrites_nothing_without_a_trace(shift: Shift) -> None:
    number = shift.claimed()
    save(shift, number, "asap dari ruko")
    save(shift, number, "pohon tumbang", version=0)
    assert texts(shift, number) == ([(shift.dewi.name, "pohon tumbang")], ["asap dari ruko"])
    assert kinds(shift)[-1] == "ticket.draft_kept"


def test_whoever_takes_over_sees_the_text_and_a_late_one_is_announced(shift: Shift) -> None:
    number = shift.claimed()
    version = save(shift, number, "asap dari ruko")
    shift.run(take_over_ticket, actor=shift.rizki, number=number, reason="PC mati")
    assert texts(shift, number)[0] == [(shift.dewi.name, "asap dari ruko")]
    save(shift, number, "asap dari ruko lantai dua", version=version)
    assert kinds(shift)[-1] == "ticket.draft_left"
    shift.clock.step(1)
    save(shift, number, "asap", who="rizki")
    assert texts(shift, number)[0][0] == (shift.rizki.name, "asap")


def test_sent_words_end_the_draft_and_a_prank_keeps_what_was_not_sent(shift: Shift) -> None:
    number = shift.claimed()
    save(shift, number, "rumah terbakar")
    genuine = {"classification": "genuine", "type_code": FIRE}
    shift.run(classify_ticket, actor=shift.dewi, number=number, words="rumah terbakar besar", **genuine)
    assert texts(shift, number) == ([], [])
    save(shift, number, "ada anak di dalam")
    shift.run(close_ticket, actor=shift.dewi, number=number, disposition="cancelled")
    assert texts(shift, number) == ([], ["ada anak di dalam"])
    other = shift.claimed()
    save(shift, other, "tertawa lalu menutup")
    shift.run(classify_ticket, actor=shift.dewi, number=other, classification="prank")
    assert texts(shift, other) == ([], ["tertawa lalu menutup"])
    shift.run(reopen_ticket, actor=shift.dewi, number=other)
    assert texts(shift, other)[1] == ["tertawa lalu menutup"]


def close_by_giving_the_callback_up(shift: Shift) -> str:
    number = shift.ring("caller", ani="").ticket_number
    shift.hang_up("caller")
    save(shift, number, "sempat terdengar teriakan")
    shift.run(close_callback, actor=shift.dewi, callback_id=shift.rows(Callback)[-1].id)
    return number


def close_because_the_caller_got_through(shift: Shift) -> str:
    shift.seat(shift.dewi, "1")
    number = shift.ring("caller", ani="081211110001").ticket_number
    shift.hang_up("caller")
    save(shift, number, "sempat terdengar teriakan")
    shift.ring("again", ani="081211110001")
    shift.answer("again", "op1")
    return number


def close_because_the_caller_got_through_before_that_was_told(shift: Shift) -> str:
    shift.seat(shift.dewi, "1")
    number = shift.ring("caller", ani="081211110001").ticket_number
    save(shift, number, "sempat terdengar teriakan")
    shift.clock.step(600)
    shift.ring("again", ani="081211110001")
    shift.answer("again", "op1")
    shift.hang_up("caller", age_s=590.0)
    return number


def close_by_attaching(shift: Shift) -> str:
    event, number = shift.claimed(), shift.claimed()
    save(shift, number, "sempat terdengar teriakan")
    shift.run(attach_ticket, actor=shift.dewi, number=number, to=event, words="asap")
    return number


def close_at_the_gate(shift: Shift) -> str:
    number = shift.ring("caller", ani="081211110001").ticket_number
    save(shift, number, "sempat terdengar teriakan")
    with shift.centre.engine.begin() as connection:
        connection.execute(update(Call).values(treatment="blocked"))
    shift.run(call_gated, system_name=SYSTEM_NAME, linkedid="caller", result="failed")
    return number


@pytest.mark.parametrize(
    "close",
    [
        close_by_giving_the_callback_up,
        close_because_the_caller_got_through,
        close_because_the_caller_got_through_before_that_was_told,
        close_by_attaching,
        close_at_the_gate,
    ],
)
def test_however_a_ticket_closes_what_was_typed_and_not_sent_becomes_a_note(
    shift: Shift, close: Callable[[Shift], str]
) -> None:
    number = close(shift)
    assert shift.ticket(number)["state"] == "closed"
    assert texts(shift, number) == ([], ["sempat terdengar teriakan"])
    assert kinds(shift).count("ticket.draft_kept") == 1


def test_what_was_typed_at_an_attached_callers_ticket_is_there_when_it_is_detached(sqlite_shift: Shift) -> None:
    number = close_by_attaching(sqlite_shift)
    sqlite_shift.run(detach_ticket, actor=sqlite_shift.dewi, number=number)
    assert texts(sqlite_shift, number) == ([], ["sempat terdengar teriakan"])
    assert sqlite_shift.ticket(number)["words"] == "asap"


def test_text_for_a_closed_ticket_and_text_somebody_left_in_a_browser_become_notes(shift: Shift) -> None:
    number = shift.claimed()
    save(shift, number, "ditemukan di komputer ini", who="rizki", typed_by=shift.dewi.user_id)
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    save(shift, number, "datang terlambat", who="dewi")
    assert texts(shift, number) == ([], ["ditemukan di komputer ini", "datang terlambat"])
    save(shift, number, "  ", who="dewi")
    assert len(texts(shift, number)[1]) == 2


def test_a_browser_that_hands_back_what_the_closing_has_kept_adds_no_second_note(shift: Shift) -> None:
    number = shift.claimed()
    save(shift, number, "asap dari ruko")
    shift.run(close_ticket, actor=shift.ratna, number=number, disposition="cancelled")
    save(shift, number, "asap dari ruko")
    assert texts(shift, number) == ([], ["asap dari ruko"])


def test_an_agency_has_no_drafts(sqlite_shift: Shift) -> None:
    number, _ = sqlite_shift.sent("DAMKAR")
    with pytest.raises(NotPermitted):
        save(sqlite_shift, number, "x", who="damkar")
    with pytest.raises(InvalidValue):
        save(sqlite_shift, number, "x" * 10_001)


# --- One's own keys.


def test_own_keys_are_kept_and_given_back(shift: Shift) -> None:
    for keys in ({"prank": "Shift+F2"}, {"help": "Ctrl+F8", "undo": "F7"}, {}):
        if keys.get("undo"):
            with pytest.raises(InvalidValue):
                shift.run(set_user_keys, actor=shift.dewi, keys=keys)
            continue
        shift.run(set_user_keys, actor=shift.dewi, keys=keys)
        with shift.centre.read() as connection:
            assert keys_of(connection, shift.dewi.user_id or 0) == keys


@pytest.mark.parametrize(
    "keys",
    [
        {"prank": "F5"}, {"prank": "F11"}, {"prank": "Ctrl+W"}, {"prank": "Ctrl+F4"}, {"prank": "Enter"},
        {"prank": "-"}, {"send": "Enter"}, {"prank": "Shift+Enter"}, {"prank": "F3"}, {"help": "Alt+F1"},
        {"search": "a"}, {"take": "Tab"}, {"dance": "F2"}, {"undo": "Ctrl+Shift+F4"}, {"help": "Ctrl+1"},
    ],
)  # fmt: skip
def test_a_key_that_browsers_typing_or_another_command_need_is_refused(sqlite_shift: Shift, keys: dict) -> None:
    with pytest.raises(InvalidValue):
        sqlite_shift.run(set_user_keys, actor=sqlite_shift.dewi, keys=keys)
