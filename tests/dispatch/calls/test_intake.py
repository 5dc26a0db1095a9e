"""A call rings: a ticket opens, whatever the exchange tells, and the caller's past decides how it is queued."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket
from dispatch.calls.answering import call_answered
from dispatch.calls.incoming import IncomingCall, SipLocation
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import InvalidValue
from dispatch.nuisance.rules import NORMAL_QUEUE_PRIORITY, NUISANCE_QUEUE_PRIORITY, Standing, judge
from dispatch.phone_numbers import normalise_number
from dispatch.storage.tables import Call, Ticket
from tests.dispatch.calls.one_call import LINKEDID, NUMBER
from tests.dispatch.shift import SYSTEM_NAME, Shift
from tests.steppable_clock import SteppableClock

# --- A call rings.


def test_a_call_opens_a_ticket_that_waits_with_the_answer_clock(shift: Shift) -> None:
    answer = shift.ring(LINKEDID, ani=NUMBER, dnid="112", channel="PJSIP/trunk-00000007")
    assert answer.ticket_number == "261124-001"
    assert (answer.treatment, answer.priority, answer.created) == ("normal", NORMAL_QUEUE_PRIORITY, True)
    ticket = shift.ticket("261124-001")
    assert (ticket["short"], ticket["state"], ticket["public_status"]) == ("001", "new", "menunggu")
    assert ticket["opened_at"] == "2026-11-24T02:14:00.000Z"
    assert ticket["clocks"] == [
        {
            "kind": "answer",
            "assignment_id": None,
            "started_at": "2026-11-24T02:14:00.000Z",
            "due_at": "2026-11-24T02:14:15.000Z",
        }
    ]
    [call] = ticket["calls"]
    assert (call["linkedid"], call["state"], call["number"]) == (LINKEDID, "ringing", NUMBER)
    assert call["carrier"] == "Telkomsel"
    assert call["nuisance"] == {"count": 0, "limit": 5}
    assert shift.kinds()[-1:] == ["call.registered"]


def test_a_call_that_is_reported_twice_is_one_call(shift: Shift) -> None:
    first = shift.ring(LINKEDID, ani=NUMBER)
    before = shift.everything()
    again = shift.ring(LINKEDID, ani="0000", caller_name="somebody else")
    assert again == first._replace(created=False)
    assert shift.everything() == before


def test_tickets_are_numbered_anew_each_day_of_the_city(city: CityPack, sqlite_url: str) -> None:
    # Five minutes before and after midnight in Serang, which is 17.00 UTC.
    clock = SteppableClock(datetime(2026, 11, 24, 16, 55, tzinfo=UTC))
    centre = open_centre(sqlite_url, city, clock=clock)
    shift = Shift(centre, clock)
    assert [shift.ring().ticket_number for _ in range(2)] == ["261124-001", "261124-002"]
    clock.step(600)
    assert shift.ring().ticket_number == "261125-001"
    centre.close()


def test_the_thousandth_ticket_of_a_day_has_a_longer_number(shift: Shift) -> None:
    with shift.centre.engine.begin() as connection:
        connection.execute(text("INSERT INTO counters (name, value) VALUES ('ticket:261124', 998)"))
    assert [shift.ring().ticket_number for _ in range(2)] == ["261124-999", "261124-1000"]
    assert shift.ticket("261124-1000")["short"] == "1000"


def test_a_call_without_a_linkedid_is_refused_because_it_could_not_be_told_from_another(shift: Shift) -> None:
    for linkedid in ("", " ", "\r\n", "\x00", "\ud800"):
        for command, arguments in (
            (register_call, {"call": IncomingCall(SYSTEM_NAME, linkedid)}),
            (call_answered, {"system_name": SYSTEM_NAME, "linkedid": linkedid, "extension": "op1"}),
            (call_ended, {"system_name": SYSTEM_NAME, "linkedid": linkedid}),
        ):
            with pytest.raises(InvalidValue):
                shift.run(command, **arguments)
    assert not shift.rows(Call)


NASTY = [
    "",
    " ",
    "anonymous",
    "Anonymous",
    "unknown",
    "Restricted",
    "9" * 300,
    "0" * 3000,
    "a" * 4000,
    "\x00",
    "0812\x00345678",
    "\x07\x1b[31m0812",
    "0812\r\nSET VARIABLE X 1\r\n",
    '"; DROP TABLE calls; --',
    "'\"\\",
    "📞0812☎️",
    "٠٨١٢٣٤٥٦٧٨",  # Arabic digits are not a number that can be dialled
    "e\u0301" * 200,
    "\u202e218543",
    "\ud83d",  # half a surrogate pair, which no database takes
    "<script>alert(1)</script>",
    "%00%0a",
]


def test_whatever_the_exchange_tells_is_bounded_cleaned_and_stored(shift: Shift) -> None:
    limits = {
        "linkedid": 150,
        "number_as_sent": 300,
        "presentation": 40,
        "caller_name": 200,
        "dnid": 40,
        "channel": 200,
    }
    for index, raw in enumerate(NASTY):
        answer = shift.ring(
            f"{index} {raw}", ani=raw, presentation=raw, caller_name=raw, dnid=raw, channel=raw, uniqueid=raw
        )
        assert answer.created
        row = shift.rows(Call)[-1]
        assert row.number is None or row.number.lstrip("+").isdigit()
        for column, limit in limits.items():
            value = getattr(row, column)
            assert len(value) <= limit
            assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in value)
        assert shift.ticket(answer.ticket_number)["calls"][0]["number"] == row.number


@given(st.text(max_size=400))
def test_no_text_makes_the_number_anything_but_empty_or_dialable(raw: str) -> None:
    number = normalise_number(raw)
    assert number is None or (number.isascii() and number.lstrip("+").isdigit() and 3 <= len(number) <= 21)


@pytest.mark.parametrize(
    ("as_sent", "number"),
    [
        ("081298765001", NUMBER),
        ("6281298765001", NUMBER),
        ("+6281298765001", NUMBER),
        ("+62 812-9876-5001", NUMBER),
        ("+62 (0)812 9876 5001", NUMBER),
        ("(0254) 200-112", "0254200112"),
        ("+62254200112", "0254200112"),
        ("0254.200112", "0254200112"),
        ("112", None),  # a telephone without a SIM card: the number of thousands
        ("+911", None),
        ("0000", None),
        ("000000000000", None),
        ("sip:anonymous@anonymous.invalid", None),
        ("108", "108"),
        ("+6581234567", "+6581234567"),
        ("6212345", "6212345"),  # a local number that begins like the country code
        ("", None),
        ("   ", None),
        ("anonymous", None),
        ("unknown", None),
        ("Unavailable", None),
        ("0", None),
        ("12", None),
        ("+", None),
        ("0812x", None),
        ("1" * 21, None),
        ("٠٨١٢٩٨٧٦٥٠٠١", None),
        ("sip:budi@example.org", None),
    ],
)
def test_one_subscriber_has_one_number_and_an_absent_one_has_none(as_sent: str, number: str | None) -> None:
    assert normalise_number(as_sent) == number


def test_a_location_that_came_with_the_call_is_kept_with_its_uncertainty(shift: Shift) -> None:
    where = SipLocation(-6.12, 106.15, uncertainty_m=35.5, shape="Circle", method="Device-Based_A-GPS")
    number = shift.ring(location=where).ticket_number
    assert shift.ticket(number)["calls"][0]["location"] == {"lat": -6.12, "lon": 106.15, "uncertainty_m": 35.5}
    assert shift.rows(Call)[0].location_method == "Device-Based_A-GPS"
    assert shift.ticket(number)["place"] is None  # where the telephone is, is not yet where the fire is


# --- A call that nobody announced.


def test_an_answer_to_an_unknown_call_registers_it_late(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    outcome = shift.answer(LINKEDID, "op1")
    ticket = shift.ticket(outcome.ticket_number or "")
    assert outcome.changed
    assert (ticket["state"], ticket["owner"]["name"]) == ("claimed", "Dewi")
    assert (ticket["calls"][0]["state"], ticket["calls"][0]["number"]) == ("answered", None)
    assert shift.kinds()[-3:] == ["call.registered", "call.answered", "ticket.claimed"]


def test_the_end_of_an_unknown_call_registers_it_for_a_callback(shift: Shift) -> None:
    outcome = shift.hang_up(LINKEDID)
    assert shift.ticket(outcome.ticket_number or "")["state"] == "callback"
    assert shift.kinds()[-2:] == ["call.registered", "call.abandoned"]


def test_a_call_that_is_announced_after_its_answer_is_the_same_call(shift: Shift) -> None:
    number = shift.answer(LINKEDID).ticket_number
    assert not shift.ring(LINKEDID, ani=NUMBER).created
    assert shift.ring(LINKEDID).ticket_number == number
    assert len(shift.rows(Ticket)) == 1


def _pranks(shift: Shift, count: int, **call: Any) -> None:
    for _ in range(count):
        number = shift.claimed(**call)
        shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")


# --- The caller's past.


def test_pranks_of_a_number_are_counted_however_it_is_written(shift: Shift) -> None:
    _pranks(shift, 1, ani=NUMBER)
    _pranks(shift, 1, ani="+6281298765001")
    _pranks(shift, 1, ani="62 812 9876 5001")
    number = shift.ring(ani=NUMBER).ticket_number
    assert shift.ticket(number)["calls"][0]["nuisance"] == {"count": 3, "limit": 5}


def test_only_pranks_count_and_only_those_of_this_number(shift: Shift) -> None:
    _pranks(shift, 1, ani=NUMBER)
    for classification in ("ghost", "information", "wrong_number", "dropped"):
        other = shift.claimed(ani=NUMBER)
        shift.run(classify_ticket, actor=shift.dewi, number=other, classification=classification)
    handled = shift.ready(ani=NUMBER)
    shift.run(close_ticket, actor=shift.dewi, number=handled, disposition="handled_by_phone")
    _pranks(shift, 1, ani="081298765002")
    assert shift.ticket(shift.ring(ani=NUMBER).ticket_number)["calls"][0]["nuisance"]["count"] == 1


def test_pranks_are_forgotten_after_the_policy_s_window(shift: Shift) -> None:
    _pranks(shift, 2, ani=NUMBER)
    shift.clock.step(shift.centre.city.policy.nuisance.window_days * 86400)
    assert shift.ticket(shift.ring(ani=NUMBER).ticket_number)["calls"][0]["nuisance"]["count"] == 2
    shift.clock.step(1)
    assert shift.ticket(shift.ring(ani=NUMBER).ticket_number)["calls"][0]["nuisance"]["count"] == 0


def test_callers_without_a_number_are_never_taken_for_each_other(shift: Shift) -> None:
    for absent in ("", "anonymous", "unknown", "+", "0"):
        _pranks(shift, 2, ani=absent)
        number = shift.ring(ani=absent).ticket_number
        assert shift.rows(Call)[-1].prank_count == 0
        assert shift.ticket(number)["calls"][0]["nuisance"] is None


@pytest.mark.parametrize(
    ("standing", "enforce", "gate_undecided", "treatment", "priority"),
    [
        ("clear", True, True, "normal", NORMAL_QUEUE_PRIORITY),
        ("proposed", True, True, "gate", NUISANCE_QUEUE_PRIORITY),
        ("proposed", True, False, "normal", NORMAL_QUEUE_PRIORITY),
        ("blocked", True, True, "blocked", NUISANCE_QUEUE_PRIORITY),
        ("blocked", True, False, "blocked", NUISANCE_QUEUE_PRIORITY),
        ("proposed", False, True, "normal", NORMAL_QUEUE_PRIORITY),
        ("blocked", False, True, "normal", NORMAL_QUEUE_PRIORITY),
    ],
)
def test_only_a_flagged_number_goes_through_the_gate_and_only_where_the_city_enforces_it(
    city: CityPack, standing: str, enforce: bool, gate_undecided: bool, treatment: str, priority: int
) -> None:
    policy = replace(city.policy.nuisance, enforce=enforce, gate_undecided=gate_undecided)
    verdict = judge(600, policy, Standing(standing))
    assert (verdict.prank_count, verdict.treatment, verdict.queue_priority) == (600, treatment, priority)


def test_a_gated_caller_still_gets_a_ticket_and_a_place_in_the_queue(
    city: CityPack, database_url: str, clock: SteppableClock
) -> None:
    nuisance = replace(city.policy.nuisance, enforce=True, limit=2)
    strict = replace(city, policy=replace(city.policy, nuisance=nuisance))
    centre = open_centre(database_url, strict, clock=clock)
    shift = Shift.begin(centre, clock)
    _pranks(shift, 3, ani=NUMBER)
    fourth = shift.ring(LINKEDID, ani="+6281298765001")
    assert (fourth.treatment, fourth.priority, fourth.created) == ("gate", NUISANCE_QUEUE_PRIORITY, True)
    assert shift.ring(LINKEDID) == fourth._replace(created=False)
    assert shift.ring(ani="081298765002").treatment == "normal"
    assert shift.ring(ani="").treatment == "normal"
    assert shift.ticket(fourth.ticket_number)["calls"][0]["nuisance"] == {"count": 3, "limit": 2}
    centre.close()


def test_nothing_about_the_caller_is_in_the_journal(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    shift.ring(LINKEDID, ani="0812-RAHASIA", caller_name="RAHASIA", dnid="RAHASIA", channel="RAHASIA")
    shift.answer(LINKEDID)
    shift.hang_up(LINKEDID, cause="RAHASIA")
    assert not [entry for entry in shift.entries() if "RAHASIA" in str(entry)]
