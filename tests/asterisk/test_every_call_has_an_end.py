"""The real application and the real Asterisk, one of them gone: every call has an end, true times, and a callback."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dispatch.calls.recorded import RecordedCall as CallInTheRecord
from telephony.record.call_record import RecordReader, lines_of
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.call_record import RecordedCall
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp
from tests.asterisk.real_parts import wait_until
from tests.asterisk.test_passing_on import AGAIN, priorities_in_queue

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

#: What messengers once gave up after: 2 + 4 + 8 + 16 + 32 s.
ONCE_GIVEN_UP_AFTER_S = 62
CALLERS = 20


def instant(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def power_cut(asterisk: Asterisk) -> None:
    asterisk.kill()
    asterisk.start()


@pytest.mark.parametrize("stops", [Asterisk.restart_now, power_cut], ids=["core restart now", "power cut"])
def test_calls_that_were_up_when_asterisk_stopped_end_as_cut_off_and_are_to_be_called_back(
    asterisk: Asterisk,
    guard: Guard,
    first_app: RealApp,
    place_call: PlaceCall,
    seat_phone: SitDown,
    stops: Callable[[Asterisk], None],
) -> None:
    first_app.start()
    guard.wait_until_known("one", well=True)
    seat_phone("op1")
    place_call(ani="081200000401")
    talks = asterisk.call_queued().linkedid
    first_app.call_when(talks, "answered")
    place_call(ani="081200000402")
    wait_until("a second caller waits", lambda: len(asterisk.calls()) == 2)
    rings = next(call.linkedid for call in asterisk.calls() if call.linkedid != talks)
    first_app.call_when(rings, "ringing")
    stops(asterisk)
    assert first_app.call_when(talks, "ended")["cut_off"] is True
    first_app.call_when(rings, "abandoned")
    assert {row["number"]: row["ticket_state"] for row in first_app.rows()} == {
        "081200000401": "callback",
        "081200000402": "callback",
    }


@pytest.mark.long
def test_callers_who_hung_up_in_a_long_outage_are_all_on_the_callback_list_with_their_true_times(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall
) -> None:
    asterisk.cli(
        "dialplan set global SIAGA_POSTMAN_S 5"
    )  # a setting of the dialplan; else the postman waits up to 30 s
    try:
        callers = [place_call(ani=f"0812000005{n:02}", rings_s=2 + n % 5) for n in range(CALLERS)]
        for caller in callers:
            caller.wait()
        over = wait_until("all over", lambda: all_over(asterisk))
        last_end = max(call.events[-1].at for call in over)
        wait_until(
            "longer than messengers once went on", lambda: time.time() - last_end > ONCE_GIVEN_UP_AFTER_S + 3, 90
        )
        first_app.start()
        wait_until("all told", lambda: len(first_app.rows()) == CALLERS, 60)
    finally:
        asterisk.cli("dialplan set global SIAGA_POSTMAN_S 30")
    for call in over:
        told = first_app.call_when(call.linkedid, "abandoned")
        assert told["late"] is True
        assert instant(told["received_at"]) == pytest.approx(call.began_at, abs=1.5)
        assert instant(told["ended_at"]) == pytest.approx(call.events[-1].at, abs=1.5)
    assert {row["ticket_state"] for row in first_app.rows()} == {"callback"}
    assert {row["number"] for row in first_app.rows()} == {f"0812000005{n:02}" for n in range(CALLERS)}


def all_over(asterisk: Asterisk) -> list[RecordedCall]:
    calls = asterisk.calls()
    return calls if len(calls) == CALLERS and all(call.is_over for call in calls) else []


def test_without_the_guard_nothing_is_lost(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    """Everything is told while it is still gone, so it does not matter for how long it is."""
    first_app.start()
    first_app.make_token()
    guard.wait_until_known("one", well=True)
    phone = seat_phone("op1", talks_s=8)
    place_call(ani="081200000601")
    linkedid = asterisk.call_queued().linkedid
    first_app.call_when(linkedid, "answered")
    guard.stop()
    first_app.call_when(linkedid, "ended")
    phone.lose_power()
    place_call(ani="081200000602", rings_s=1).wait()
    wait_until("both over", lambda: [call.is_over for call in asterisk.calls()] == [True, True])
    over = ["abandoned", "ended"]
    wait_until("both told", lambda: sorted(row["state"] for row in first_app.rows()) == over, 20)


@pytest.mark.long
def test_a_telephone_that_lost_its_power_gives_its_caller_back_and_a_silent_healthy_one_keeps_it(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    """The healthy one sends no sound either, and knows nothing of session timers: it answers what it is asked."""
    one = server("one")
    dies = seat_phone("op1")
    place_call(ani="081200000701")
    wait_until("the first answered", lambda: len(one.told("answered")) == 1)
    seat_phone("op2")
    place_call(ani="081200000702")
    wait_until("both answered", lambda: len(one.told("answered")) == 2)
    dies.lose_power()
    wait_until("the caller back in the queue", lambda: priorities_in_queue(asterisk) == [AGAIN], 130)
    assert one.told("ended") == []
    channels = asterisk.cli("core show channels concise")
    assert "PJSIP/op2" in channels
    assert "PJSIP/op1" not in channels


def test_asterisks_own_record_says_of_each_call_what_happened(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    """One that nobody took, one that a seat took, one that was up when Asterisk started anew."""
    server("one")
    place_call(ani="081200000801", rings_s=1).wait()
    seat_phone("op1")
    place_call(ani="081200000802", talks_s=1).wait()
    place_call(ani="081200000803")
    wait_until("the third one connected", lambda: [c for c in asterisk.calls() if c.number[-1] == "3" and c.seat])
    asterisk.restart_now()

    def recorded() -> dict[str, CallInTheRecord]:
        lines = lines_of([asterisk.record.read_bytes()])
        return {call.number: call for call in RecordReader().read(lines) if call.number.startswith("0812000008")}

    wait_until("three calls in the record", lambda: len(recorded()) == 3)
    gave_up, taken, cut_off = (recorded()[f"08120000080{n}"] for n in (1, 2, 3))
    seen = {call.linkedid: call for call in asterisk.calls()}
    assert (gave_up.answered_at, gave_up.seat, gave_up.cut_off, gave_up.dialled) == (None, "", False, "112")
    assert (taken.seat, taken.cause, taken.cut_off) == ("op1", "16", False)
    # An ordered restart records the end of a call like any other, if it comes to that.
    assert (cut_off.seat, cut_off.cut_off or cut_off.cause == "16") == ("op1", True)
    for call in (gave_up, taken):
        assert call.system_name == asterisk.system_name
        assert call.began_at.timestamp() == pytest.approx(seen[call.linkedid].began_at, abs=0.01)
        assert call.ended_at.timestamp() == pytest.approx(seen[call.linkedid].events[-1].at, abs=0.2)
    assert taken.answered_at is not None
    assert taken.began_at < taken.answered_at < taken.ended_at < cut_off.ended_at
