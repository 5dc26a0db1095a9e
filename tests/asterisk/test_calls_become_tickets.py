"""Calls from a real Asterisk in the real application: what an operator will find in the ticket."""

from __future__ import annotations

import pytest

from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp
from tests.asterisk.sipp import Place

pytestmark = pytest.mark.real


@pytest.fixture
def siaga(running_app: RealApp, guard: Guard) -> RealApp:
    """The running application, which the guard has found to be well, and whose API can be asked."""
    running_app.make_token()
    guard.wait_until_known("one", well=True)
    return running_app


def test_a_call_is_in_the_api_while_it_rings(asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall) -> None:
    place_call(ani="081234567890", rings_s=3)
    call = siaga.call_when(asterisk.call_queued().linkedid, "ringing")
    assert call["number"] == "081234567890"
    assert call["presentation"] == "allowed_not_screened"
    assert call["location"] is None
    assert asterisk.calls()[0].seconds_to_queue < 1


def test_the_location_that_the_network_sent_is_in_the_call(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall
) -> None:
    place_call(place=Place(lat=-6.1186, lon=106.1537, radius_m=30), rings_s=1).wait()
    call = siaga.call(asterisk.call_queued().linkedid)
    assert call["location"] == {"lat": -6.1186, "lon": 106.1537, "uncertainty_m": 30}
    assert asterisk.calls()[0].seconds_to_queue < 1


def test_a_withheld_number_is_kept_with_the_wish_to_withhold_it(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall
) -> None:
    place_call(withheld=True, rings_s=1).wait()
    call = siaga.call(asterisk.call_queued().linkedid)
    assert call["number"] == "081234567890"
    assert call["presentation"].startswith("prohib")


def test_a_caller_whom_nobody_knows_has_a_ticket_without_a_number(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall
) -> None:
    place_call(anonymous=True, rings_s=1).wait()
    assert siaga.call(asterisk.call_queued().linkedid)["number"] is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (r"Budi \"Si Api\" Santoso", r"Budi \"Si Api\" Santoso"),
        ("Bu, Sri; DROP (x) ${EXTEN}", "Bu, Sri; DROP (x) ${EXTEN}"),
        ("Kebakaran 🔥", "Kebakaran 🔥"),
    ],
    ids=["quotes", "commas", "emoji"],
)
def test_a_callers_name_is_kept_as_it_was_sent(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall, name: str, kept: str
) -> None:
    place_call(name=name, rings_s=1).wait()
    siaga.call(asterisk.call_queued().linkedid)
    assert siaga.rows()[-1]["caller_name"] == kept


def test_a_line_break_in_the_number_forges_nothing(asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall) -> None:
    place_call(ani="0812%0Aagi_arg_1%3A%20forged%0D", rings_s=1).wait()
    assert siaga.call(asterisk.call_queued().linkedid)
    assert "forged" not in [row["linkedid"] for row in siaga.rows()]


def test_the_seat_that_answered_and_the_end_are_in_the_call(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    seat_phone("op1")
    place_call(talks_s=2)
    call = siaga.call_when(asterisk.call_queued().linkedid, "answered")
    assert call["seat"] == "1"
    assert call["received_at"] <= call["answered_at"]
    ended = siaga.call_when(call["linkedid"], "ended")
    assert ended["ended_at"] > ended["answered_at"] == call["answered_at"]
    row = siaga.rows()[-1]
    assert row["hangup_cause"] == "16"
    assert 2 <= row["duration_s"] <= 4


def test_a_caller_who_gives_up_is_abandoned_and_to_be_called_back(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    seat_phone("op1", answer=False)
    place_call(rings_s=1.5).wait()
    call = siaga.call_when(asterisk.call_queued().linkedid, "abandoned")
    assert call["answered_at"] is None
    assert siaga.rows()[-1]["ticket_state"] == "callback"


def test_nothing_of_the_callers_is_in_the_applications_log(
    asterisk: Asterisk, siaga: RealApp, place_call: PlaceCall
) -> None:
    place_call(ani="081299988877", name="Rahasia", place=Place(), rings_s=1).wait()
    siaga.call_when(asterisk.call_queued().linkedid, "abandoned")
    assert "FastAGI listens" in siaga.log()  # what is read here is the log
    for secret in ("81299988877", "Rahasia", "106.1537"):
        assert secret not in siaga.log()
