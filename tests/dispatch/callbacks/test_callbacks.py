"""Whoever hung up or was cut off is called back: one line per number, one person at a time, until somebody spoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket
from dispatch.callbacks.commands import close_callback, record_callback_attempt, release_callback, take_callback
from dispatch.callbacks.reading import callback_list
from dispatch.callbacks.rules import may_give_up
from dispatch.city.policy import CallbackPolicy
from dispatch.errors import (
    CallbackOver,
    ClaimedByOther,
    CommandRefused,
    InvalidValue,
    NotFound,
    NotPermitted,
    TransitionRefused,
)
from dispatch.feed.board import board
from dispatch.phone_numbers import callability, normalise_number
from dispatch.storage.tables import Callback, CallbackAttempt
from tests.dispatch.shift import Shift
from tests.dispatch.together import at_once

NUMBER = "081298765001"


def listed(shift: Shift) -> list[dict[str, Any]]:
    with shift.centre.read() as connection:
        items: list[dict[str, Any]] = callback_list(connection, shift.centre.city, shift.clock)["items"]
    return items


def gone(shift: Shift, ani: str = NUMBER, **call: Any) -> str:
    """A caller who hung up before an answer; the ticket's number."""
    linkedid = f"gone-{shift.newest()}"
    number = shift.ring(linkedid, ani=ani, **call).ticket_number
    shift.hang_up(linkedid)
    return number


def answered(shift: Shift, ani: str = NUMBER, extension: str = "op1") -> tuple[str, str]:
    linkedid = f"answered-{shift.newest()}"
    number = shift.ring(linkedid, ani=ani).ticket_number
    shift.answer(linkedid, extension)
    return number, linkedid


def attempt(shift: Shift, outcome: str, who: str = "dewi", **more: Any) -> Any:
    [line] = listed(shift)
    return shift.run(record_callback_attempt, actor=shift.people[who], callback_id=line["id"], outcome=outcome, **more)


# --- What comes on the list.


def test_three_abandoned_calls_of_one_number_are_one_line(shift: Shift) -> None:
    tickets = []
    for spelling in (NUMBER, "+6281298765001", "62812-9876-5001"):
        tickets.append(gone(shift, spelling))
        shift.clock.step(60)
    [line] = listed(shift)
    assert (line["number"], line["calls"], line["reason"]) == (NUMBER, 3, "abandoned")
    assert line["tickets"] == tickets[::-1]
    assert (line["first_at"], line["last_at"]) == ("2026-11-24T02:14:00.000Z", "2026-11-24T02:16:00.000Z")
    assert line["due_at"] == "2026-11-24T02:19:00.000Z"  # the first caller's clock


@pytest.mark.parametrize(
    "ani",
    ["", "anonymous", "unknown", "Unavailable", "12", "0", "0000", "+", "112", "sip:x@y", "812'; DROP", "9" * 40],
)
def test_what_is_no_number_never_matches_another_like_it(sqlite_shift: Shift, ani: str) -> None:
    gone(sqlite_shift, ani)
    gone(sqlite_shift, ani)
    lines = listed(sqlite_shift)
    assert [(line["number"], line["calls"], line["can_call"]) for line in lines] == [(None, 1, False)] * 2
    answered(sqlite_shift, ani)
    assert len(listed(sqlite_shift)) == 2
    assert all(line["may_close"] for line in lines)


@pytest.mark.parametrize(("seconds", "on_list"), [(0, True), (5, True), (5.001, False), (60, False)])
def test_an_answered_call_that_ends_within_seconds_was_cut_off(
    sqlite_shift: Shift, seconds: float, on_list: bool
) -> None:
    sqlite_shift.seat(sqlite_shift.dewi, "1")
    number, linkedid = answered(sqlite_shift)
    sqlite_shift.clock.step(seconds)
    sqlite_shift.hang_up(linkedid)
    assert [line["reason"] for line in listed(sqlite_shift)] == ["dropped"] * on_list
    ticket = sqlite_shift.ticket(number)
    assert (ticket["state"], ticket["owner"]["name"]) == ("claimed", "Dewi")  # not taken out of her hands


def test_a_call_sorted_out_within_seconds_was_not_cut_off(sqlite_shift: Shift) -> None:
    sqlite_shift.seat(sqlite_shift.dewi, "1")
    number, linkedid = answered(sqlite_shift)
    sqlite_shift.run(classify_ticket, actor=sqlite_shift.dewi, number=number, classification="prank")
    sqlite_shift.hang_up(linkedid)
    assert listed(sqlite_shift) == []


def test_classified_as_dropped_is_called_back_and_the_undo_takes_it_away_with_another_key(shift: Shift) -> None:
    number = shift.claimed(ani=NUMBER)
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="dropped")
    assert [line["reason"] for line in listed(shift)] == ["dropped"]
    assert shift.ticket(number)["state"] == "closed"
    shift.run(reopen_ticket, actor=shift.dewi, number=number)
    assert [line["ticket_owner"] for line in listed(shift)] == ["Dewi"]
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    assert listed(shift) == []


def test_dropped_without_a_number_is_over(sqlite_shift: Shift) -> None:
    number = sqlite_shift.claimed(ani="anonymous")
    sqlite_shift.run(classify_ticket, actor=sqlite_shift.dewi, number=number, classification="dropped")
    assert listed(sqlite_shift) == []


def test_a_ticket_of_the_list_that_is_claimed_and_released_is_on_it_again_with_its_attempts(shift: Shift) -> None:
    number = gone(shift)
    attempt(shift, "busy")
    shift.run(claim_ticket, actor=shift.rizki, number=number)
    assert listed(shift)[0]["ticket_owner"] == "Rizki"
    shift.run(release_ticket, actor=shift.rizki, number=number)
    [line] = listed(shift)
    assert (line["attempts"], line["ticket_owner"]) == (1, None)
    assert shift.ticket(number)["state"] == "callback"
    shift.run(claim_ticket, actor=shift.rizki, number=number)
    shift.run(close_ticket, actor=shift.rizki, number=number, disposition="handled_by_phone")
    assert listed(shift) == []
    assert shift.rows(Callback)[0].ending == "taken_up"


# --- Dialling.


def test_an_attempt_without_success_is_due_again_by_the_policy(shift: Shift) -> None:
    number = gone(shift)
    shift.clock.step(100)
    attempt(shift, "no_answer", note="nada sambung")
    [line] = listed(shift)
    assert (line["attempts"], line["max_attempts"], line["may_close"]) == (1, 2, False)
    assert line["due_at"] == "2026-11-24T02:20:40.000Z"
    assert shift.ticket(number)["clocks"][0]["due_at"] == line["due_at"]
    expected = {"at": "2026-11-24T02:15:40.000Z", "outcome": "no_answer", "note": "nada sambung", "by": "Dewi"}
    assert line["history"] == [expected]


def test_reached_opens_the_newest_ticket_and_closes_the_others_with_a_pointer(shift: Shift) -> None:
    first, second = gone(shift), gone(shift)
    outcome = attempt(shift, "reached")
    assert outcome.ticket_number == second
    ticket = shift.ticket(second)
    assert (ticket["state"], ticket["owner"]["name"]) == ("claimed", "Dewi")
    assert ticket["clocks"][0]["kind"] == "first_dispatch"
    assert (shift.ticket(first)["state"], shift.ticket(first)["disposition"]) == ("closed", "got_through")
    assert listed(shift) == []
    told = [entry.data["through"] for entry in shift.entries() if entry.kind == "ticket.got_through"]
    assert told == [second]
    shift.run(release_ticket, actor=shift.dewi, number=second)
    assert shift.ticket(second)["state"] == "new"  # the caller was spoken to: there is nobody to call back


def test_reached_opens_a_ticket_again_that_was_closed_as_dropped(shift: Shift) -> None:
    number = shift.claimed(ani=NUMBER)
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="dropped")
    attempt(shift, "reached", "rizki")
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"]["name"], ticket["classification"]) == ("claimed", "Rizki", None)


def test_two_who_take_the_same_number_at_once_are_one_who_dials_and_one_who_is_told(shift: Shift) -> None:
    gone(shift)
    [line] = listed(shift)
    takers = [lambda who=who: shift.run(take_callback, actor=who, callback_id=line["id"]) for who in _both(shift)]
    results = at_once(*takers)
    refused = [result for result in results if isinstance(result, ClaimedByOther)]
    assert len(refused) == 1
    holder = listed(shift)[0]["holder"]["name"]
    assert refused[0].details["owner_name"] == holder


def test_who_does_nothing_lets_the_number_go(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    gone(shift)
    [line] = listed(shift)
    shift.run(take_callback, actor=shift.dewi, callback_id=line["id"])
    for command in (take_callback, close_callback):
        with pytest.raises(ClaimedByOther):
            shift.run(command, actor=shift.rizki, callback_id=line["id"])
    assert shift.run(take_callback, actor=shift.dewi, callback_id=line["id"]).changed is False
    shift.clock.step(120)
    assert listed(shift)[0]["holder"] is None
    shift.run(take_callback, actor=shift.rizki, callback_id=line["id"])
    assert shift.run(release_callback, actor=shift.dewi, callback_id=line["id"]).changed is False
    assert shift.run(release_callback, actor=shift.rizki, callback_id=line["id"]).changed is True
    assert attempt(shift, "busy").changed is True


# --- The caller calls again.


def test_the_list_ends_when_the_number_gets_through_and_names_the_ticket(shift: Shift) -> None:
    old = [gone(shift), gone(shift)]
    other = gone(shift, "081311112222")
    shift.seat(shift.dewi, "1")
    new, _ = answered(shift)
    assert [line["number"] for line in listed(shift)] == ["081311112222"]
    for number in old:
        assert (shift.ticket(number)["state"], shift.ticket(number)["disposition"]) == ("closed", "got_through")
    assert shift.ticket(other)["state"] == "callback"
    assert shift.ticket(new)["owner"]["name"] == "Dewi"
    assert {e.data["through"] for e in shift.entries() if e.kind == "ticket.got_through"} == {new}


def test_the_list_does_not_end_while_the_new_call_rings_or_is_abandoned_too(shift: Shift) -> None:
    gone(shift)
    shift.ring("again", ani=NUMBER)
    assert len(listed(shift)) == 1
    shift.hang_up("again")
    assert listed(shift)[0]["calls"] == 2


def test_whoever_notes_an_attempt_after_the_caller_got_through_is_told_where(shift: Shift) -> None:
    gone(shift)
    [line] = listed(shift)
    shift.run(take_callback, actor=shift.dewi, callback_id=line["id"])
    new, _ = answered(shift, extension="op2")
    for command, more in ((record_callback_attempt, {"outcome": "reached"}), (close_callback, {}), (take_callback, {})):
        with pytest.raises(CallbackOver) as refused:
            shift.run(command, actor=shift.dewi, callback_id=line["id"], **more)
        assert refused.value.details == {"ending": "got_through", "ticket": new}
    assert shift.rows(CallbackAttempt) == []


def test_getting_through_while_an_attempt_is_noted_ends_in_one_of_the_two_orders(shift: Shift) -> None:
    old = gone(shift)
    [line] = listed(shift)
    new = shift.ring("again", ani=NUMBER).ticket_number

    def note() -> Any:
        return shift.run(record_callback_attempt, actor=shift.dewi, callback_id=line["id"], outcome="reached")

    noted, _ = at_once(note, lambda: shift.answer("again", "op2"))
    assert listed(shift) == []
    if isinstance(noted, CommandRefused):
        assert noted.details["ticket"] == new
        assert shift.ticket(old)["disposition"] == "got_through"
    else:
        assert shift.ticket(old)["owner"]["name"] == "Dewi"


def test_a_colleagues_ticket_stays_the_colleagues_and_tells_where_the_caller_is(shift: Shift) -> None:
    old = gone(shift)
    shift.run(claim_ticket, actor=shift.rizki, number=old)
    new, _ = answered(shift)
    assert shift.ticket(old)["owner"]["name"] == "Rizki"
    assert shift.ticket(old)["state"] == "claimed"
    assert [e.data["through"] for e in shift.entries() if e.kind == "ticket.got_through"] == [new]


# --- Giving up.

POLICY = CallbackPolicy(short_call_s=5, retry_after_s=300, max_attempts=2, hold_s=120)


def test_it_may_be_closed_after_the_policys_attempts_and_not_before(shift: Shift) -> None:
    number = gone(shift)
    [line] = listed(shift)
    for _ in range(2):
        with pytest.raises(TransitionRefused):
            shift.run(close_callback, actor=shift.dewi, callback_id=line["id"])
        shift.clock.step(60)
        attempt(shift, "no_answer")
    shift.clock.step(1)
    gone(shift)  # called once more: deserves once more
    with pytest.raises(TransitionRefused):
        shift.run(close_callback, actor=shift.dewi, callback_id=line["id"])
    shift.clock.step(60)
    attempt(shift, "refused")
    assert shift.run(close_callback, actor=shift.dewi, callback_id=line["id"], note="tiga kali").changed is True
    assert shift.run(close_callback, actor=shift.dewi, callback_id=line["id"]).changed is False
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["disposition"], ticket["closing_note"]) == ("closed", "unreachable", "tiga kali")
    assert listed(shift) == []


def test_somebody_elses_number_is_closed_as_a_wrong_number(sqlite_shift: Shift) -> None:
    number = gone(sqlite_shift)
    sqlite_shift.clock.step(60)
    attempt(sqlite_shift, "wrong_number")
    [line] = listed(sqlite_shift)
    sqlite_shift.run(close_callback, actor=sqlite_shift.dewi, callback_id=line["id"])
    assert sqlite_shift.ticket(number)["disposition"] == "wrong_number"


def test_a_supervisor_may_close_at_any_time(sqlite_shift: Shift) -> None:
    gone(sqlite_shift)
    [line] = listed(sqlite_shift)
    assert sqlite_shift.run(close_callback, actor=sqlite_shift.ratna, callback_id=line["id"]).changed is True


def test_a_number_that_was_not_sent_can_be_closed_but_not_dialled(sqlite_shift: Shift) -> None:
    gone(sqlite_shift, "anonymous")
    with pytest.raises(InvalidValue):
        attempt(sqlite_shift, "reached")
    [line] = listed(sqlite_shift)
    assert sqlite_shift.run(close_callback, actor=sqlite_shift.dewi, callback_id=line["id"]).changed is True


@pytest.mark.parametrize("who", ["admin", "damkar"])
@pytest.mark.parametrize("command", [take_callback, release_callback, close_callback, record_callback_attempt])
def test_only_operators_call_back(sqlite_shift: Shift, who: str, command: Any) -> None:
    gone(sqlite_shift)
    before = sqlite_shift.everything()
    more = {"outcome": "busy"} if command is record_callback_attempt else {}
    with pytest.raises(NotPermitted):
        sqlite_shift.run(command, actor=sqlite_shift.people[who], callback_id=1, **more)
    assert sqlite_shift.everything() == before
    with pytest.raises(NotFound):
        sqlite_shift.run(command, actor=sqlite_shift.dewi, callback_id=999, **more)


def test_the_board_counts_numbers_and_those_whose_time_has_run_out(shift: Shift) -> None:
    for ani in (NUMBER, NUMBER, "anonymous"):
        gone(shift, ani)

    def figures() -> tuple[int, int]:
        with shift.centre.read() as connection:
            found = board(connection, shift.centre.city, shift.clock)
        return found["callbacks_open"], found["callbacks_late"]

    assert figures() == (2, 0)
    shift.clock.step(299)
    assert figures() == (2, 0)
    shift.clock.step(1)
    assert figures() == (2, 2)
    shift.seat(shift.dewi, "1")
    answered(shift)
    assert figures() == (1, 1)


def test_the_journal_of_calling_back_holds_neither_number_nor_note(sqlite_shift: Shift) -> None:
    gone(sqlite_shift)
    attempt(sqlite_shift, "busy", note="RAHASIA")
    attempt(sqlite_shift, "reached", note="RAHASIA")
    told = str([entry.data for entry in sqlite_shift.entries()])
    assert NUMBER[1:] not in told
    assert "RAHASIA" not in told


@pytest.mark.parametrize(
    ("can", "attempts", "outcome", "tried", "allowed"),
    [
        (False, 0, None, False, True),
        (True, 0, None, False, False),
        (True, 1, "no_answer", True, False),
        (True, 2, "no_answer", True, True),
        (True, 1, "wrong_number", True, True),
        (True, 5, "no_answer", False, False),  # called again since
    ],
)
def test_when_a_callback_may_be_given_up(
    sqlite_shift: Shift, can: bool, attempts: int, outcome: str | None, tried: bool, allowed: bool
) -> None:
    called = sqlite_shift.clock.now()
    tried_at = called + timedelta(seconds=60 if tried else -60)
    found = may_give_up(
        callable_number=can,
        attempts=attempts,
        last_outcome=outcome,
        last_attempt_at=tried_at if attempts else None,
        last_call_at=called,
        policy=POLICY,
    )
    assert found is allowed


@pytest.mark.parametrize(
    ("as_sent", "presentation", "kind", "can_call", "area_code"),
    [
        ("+6281298765001", "allowed", "mobile", True, None),
        ("089600005520", "allowed", "mobile", True, None),
        ("0254200112", "allowed", "landline", True, "0254"),
        ("+62217654321", "allowed", "landline", True, "021"),
        ("+6581234567", "allowed", "foreign", True, None),
        ("0012025550123", "allowed", "foreign", True, None),
        ("108", "allowed", "short_code", False, None),
        ("14045", "allowed", "short_code", False, None),
        ("81298765001", "allowed", "mobile", True, None),
        ("2547001", "allowed", "unusual", True, None),
        ("+62112", "allowed", "not_sent", False, None),
        ("356938035643809", "allowed", "not_sent", False, None),
        ("<sip:anonymous@anonymous.invalid>", "allowed", "withheld", False, None),
        ("anonymous", "allowed", "withheld", False, None),
        ("", "prohib_passed_screen", "withheld", False, None),
        ("", "unavailable", "not_sent", False, None),
        ("unknown", "allowed", "not_sent", False, None),
        ("112", "allowed", "not_sent", False, None),
        ("0000", "allowed", "not_sent", False, None),
        ("+", "allowed", "not_sent", False, None),
        ("sip:budi@rumah", "allowed", "unreadable", False, None),
        ("12", "allowed", "unreadable", False, None),
    ],
)
def test_what_kind_of_number_it_is(
    as_sent: str, presentation: str, kind: str, can_call: bool, area_code: str | None
) -> None:
    found = callability(normalise_number(as_sent), presentation, as_sent)
    assert (found.kind, found.can_call, found.area_code) == (kind, can_call, area_code)


def _both(shift: Shift) -> tuple[Any, Any]:
    return shift.dewi, shift.rizki
