"""Where it is, as an operator says it."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.call_taking.locate import locate_ticket
from tests.dispatch.refusals import refusal
from tests.dispatch.shift import CIPARE, IN_CIPARE, Shift

JAKARTA = (-6.2, 106.8)


def test_a_kelurahan_chosen_by_hand_is_the_place(shift: Shift) -> None:
    number = shift.claimed()
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE, text="dpn\r\nmasjid \x00 <i>")
    place = shift.ticket(number)["place"]
    assert (place["kelurahan"], place["kecamatan"], place["text"]) == ("Cipare", "Serang", "dpn masjid   <i>")
    assert (place["lat"], place["approximate"], place["source"]) == (None, False, "operator")
    assert (place["kelurahan_lat"], place["kelurahan_lon"]) == IN_CIPARE
    assert shift.entries()[-1].data == {"kelurahan_code": CIPARE, "approximate": False}


def test_a_point_alone_finds_its_kelurahan_and_says_that_it_is_approximate(shift: Shift) -> None:
    number = shift.claimed()
    lat, lon = IN_CIPARE
    shift.run(
        locate_ticket, actor=shift.dewi, number=number, lat=lat, lon=lon, accuracy_m=25.0, source="map" + "x" * 30
    )
    place = shift.ticket(number)["place"]
    assert (place["kelurahan"], place["approximate"]) == ("Cipare", True)
    assert (place["lat"], place["lon"], place["accuracy_m"]) == (lat, lon, 25.0)
    assert len(place["source"]) == 16


def test_the_operator_s_kelurahan_wins_over_the_computed_one(shift: Shift) -> None:
    number = shift.claimed()
    serang = "36.73.01.1001"
    for lat, lon in (IN_CIPARE, JAKARTA):
        shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=serang, lat=lat, lon=lon)
        place = shift.ticket(number)["place"]
        assert (place["kelurahan_code"], place["approximate"], place["lat"]) == (serang, False, lat)


def test_a_new_place_replaces_the_old_one_altogether(shift: Shift) -> None:
    number = shift.claimed()
    lat, lon = IN_CIPARE
    shift.run(locate_ticket, actor=shift.dewi, number=number, lat=lat, lon=lon, text="old", accuracy_m=5)
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code="36.73.01.1001")
    place = shift.ticket(number)["place"]
    assert (place["text"], place["lat"], place["lon"], place["accuracy_m"]) == (None, None, None, None)
    assert place["approximate"] is False


@pytest.mark.parametrize(
    ("arguments", "details"),
    [
        ({}, {"missing": ["kelurahan"]}),
        ({"text": "dekat sana"}, {"missing": ["kelurahan"]}),
        ({"kelurahan_code": "36.04.01.2001"}, {"field": "kelurahan_code", "problem": "unknown"}),
        ({"kelurahan_code": "\x00"}, {"field": "kelurahan_code", "problem": "unknown"}),
        ({"lat": -6.1}, {"missing": ["lat", "lon"]}),
        ({"lon": 106.1, "kelurahan_code": CIPARE}, {"missing": ["lat", "lon"]}),
        ({"lat": JAKARTA[0], "lon": JAKARTA[1]}, {"field": "lat", "problem": "outside_city"}),
        ({"lat": float("nan"), "lon": 106.1, "kelurahan_code": CIPARE}, {"field": "lat", "problem": "out_of_range"}),
        ({"lat": -6.1, "lon": float("inf"), "kelurahan_code": CIPARE}, {"field": "lon", "problem": "out_of_range"}),
        ({"lat": -91.0, "lon": 106.1, "kelurahan_code": CIPARE}, {"field": "lat", "problem": "out_of_range"}),
        ({"lat": -6.1, "lon": 180.5, "kelurahan_code": CIPARE}, {"field": "lon", "problem": "out_of_range"}),
    ],
)  # fmt: skip
def test_a_place_that_is_none_is_refused(
    sqlite_shift: Shift, arguments: dict[str, Any], details: dict[str, Any]
) -> None:
    number = sqlite_shift.claimed()
    refused = refusal(sqlite_shift, locate_ticket, actor=sqlite_shift.dewi, number=number, **arguments)
    assert refused.details == details


@pytest.mark.parametrize("accuracy_m", [-1.0, float("nan"), float("inf")])
def test_an_accuracy_that_cannot_be_is_left_out(sqlite_shift: Shift, accuracy_m: float) -> None:
    number = sqlite_shift.claimed()
    lat, lon = IN_CIPARE
    sqlite_shift.run(locate_ticket, actor=sqlite_shift.dewi, number=number, lat=lat, lon=lon, accuracy_m=accuracy_m)
    assert sqlite_shift.ticket(number)["place"]["accuracy_m"] is None
