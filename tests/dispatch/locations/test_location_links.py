"""The rules of a location link alone: tokens, who may use a link when, what is a position, who can receive an SMS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import InvalidValue
from dispatch.locations.links import (
    ALPHABET,
    Fix,
    LinkRefused,
    LinkState,
    canonical,
    check_fix,
    check_link,
    link_state,
    new_link_token,
    sms_problem,
    spelled,
    token_for,
    token_hash,
    worth_telling,
)
from dispatch.places.plane import distance_m

NOW = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(minutes=5), NOW - timedelta(minutes=5)
FIX = Fix(lat=-6.12, lon=106.15, accuracy_m=12.0, age_s=0.5, sequence=1)


def link(**changes: Any) -> Any:
    fields = {"device_hash": None, "ended_at": None, "consented_at": None, "live_until": None, "opened_at": None}
    return SimpleNamespace(**{**fields, "expires_at": LATER, **changes})


BOUND = {"device_hash": "mine", "consented_at": BEFORE, "live_until": LATER}


@given(st.text(ALPHABET, min_size=10, max_size=10))
def test_a_token_is_understood_however_it_was_heard(token: str) -> None:
    heard = spelled(token).lower().replace("0", "o").replace("1", "l")
    assert canonical(heard) == canonical(f" {token} ") == token


@pytest.mark.parametrize(
    "typed", ["", "7K3M9Q2XT", "7K3M9Q2XTDD", "7K3M9Q2XTU", "7K3M9Q2XT\0", "７K3M9Q2XTD", "../../etc/"]
)
def test_what_cannot_be_a_token_is_none(typed: str) -> None:
    assert canonical(typed) is None


def test_tokens_are_random_and_a_repeated_request_gets_the_same_one() -> None:
    assert len({new_link_token() for _ in range(1000)}) == 1000
    assert token_for("key", "7:261124-001:a") == token_for("key", "7:261124-001:a")
    assert token_for("key", "7:261124-001:a") != token_for("key", "7:261124-001:b")
    assert token_for("key", "a") != token_for("other key", "a")
    assert canonical(token_for("key", "a")) == token_for("key", "a")
    assert new_link_token() not in token_hash(new_link_token())


@pytest.mark.parametrize(
    ("fields", "device", "closed", "outcome"),
    [
        ({}, None, False, LinkState.SENT),
        ({}, "any", False, LinkState.SENT),
        ({"opened_at": BEFORE}, None, False, LinkState.OPENED),
        ({"expires_at": BEFORE}, None, False, "expired"),
        ({"expires_at": BEFORE, "opened_at": BEFORE}, None, False, "expired"),
        (BOUND, "mine", False, LinkState.SHARING),
        ({**BOUND, "expires_at": BEFORE}, "mine", False, LinkState.SHARING),  # consented in time
        (BOUND, "another", False, "used"),
        (BOUND, None, False, "used"),
        ({**BOUND, "live_until": BEFORE}, "mine", False, "ended"),
        ({**BOUND, "ended_at": BEFORE}, "mine", False, "ended"),
        ({**BOUND, "ended_at": BEFORE}, "another", False, "used"),
        (BOUND, "mine", True, "ended"),
        ({}, None, True, "ended"),
    ],
)
def test_who_may_use_a_link_when(fields: dict[str, Any], device: str | None, closed: bool, outcome: str) -> None:
    if isinstance(outcome, LinkState):
        assert check_link(link(**fields), device, NOW, ticket_closed=closed) is outcome
        assert link_state(link(**fields), NOW, ticket_closed=closed) is outcome
        return
    with pytest.raises(LinkRefused) as refusal:
        check_link(link(**fields), device, NOW, ticket_closed=closed)
    assert refusal.value.code == f"location_link_{outcome}"


def test_a_token_that_no_link_has_is_unknown() -> None:
    with pytest.raises(LinkRefused, match="location_link_unknown"):
        check_link(None, "mine", NOW, ticket_closed=False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lat": 90.1}, "lat"),
        ({"lat": float("nan")}, "lat"),
        ({"lon": -180.5}, "lon"),
        ({"lon": float("inf")}, "lon"),
        ({"lat": 0.0, "lon": 0.0}, "lat"),
        ({"accuracy_m": -1.0}, "accuracy_m"),
        ({"accuracy_m": 60_000.0}, "accuracy_m"),
        ({"accuracy_m": float("nan")}, "accuracy_m"),
        ({"age_s": -1.0}, "age_s"),
        ({"sequence": 0}, "sequence"),
        ({"sequence": 2**31}, "sequence"),
    ],
)
def test_what_no_telephone_measures_is_refused(change: dict[str, Any], field: str) -> None:
    check_fix(FIX)
    with pytest.raises(InvalidValue) as refusal:
        check_fix(replace(FIX, **change))
    assert refusal.value.details["field"] == field


@pytest.mark.parametrize(
    ("fix", "after_s", "told"),
    [
        (FIX, 3, False),
        (FIX, 10, True),
        (replace(FIX, lat=-6.1201), 3, True),  # 11 m
        (replace(FIX, lat=-6.12005), 3, False),  # 6 m
        (replace(FIX, accuracy_m=3.0), 3, True),
        (replace(FIX, accuracy_m=80.0), 3, True),
        (replace(FIX, accuracy_m=14.0), 3, False),
    ],
)
def test_the_screens_hear_of_what_changed(fix: Fix, after_s: float, told: bool) -> None:
    before = SimpleNamespace(lat=FIX.lat, lon=FIX.lon, accuracy_m=FIX.accuracy_m, received_at=NOW)
    assert worth_telling(before, fix, NOW + timedelta(seconds=after_s), 10) is told
    assert worth_telling(None, fix, NOW, 10)


def test_distances_are_metres_on_the_ellipsoid() -> None:
    assert distance_m(-6.12, 106.15, -6.12, 106.15) == 0
    assert distance_m(-6.12, 106.15, -6.13, 106.15) == pytest.approx(1106, abs=2)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("081200000417", None),
        ("089912345678", None),  # no known operator, but a mobile number
        ("+6591234567", None),
        (None, "withheld"),
        ("0254200112", "landline"),
        ("02112345678", "landline"),
        ("112", "short"),
        ("0812", "short"),
        ("1500123", "short"),
    ],
)
def test_who_can_receive_an_sms(number: str | None, problem: str | None) -> None:
    assert sms_problem(number, ("08",)) == problem
