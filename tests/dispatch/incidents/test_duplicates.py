"""Which tickets are proposed as the same event: near in kind, place and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from dispatch.city.policy import Nearness, SimilarPolicy
from dispatch.incidents.likeness import MOST, Report, compare, find_similar

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LAT, LON = -6.1163, 106.1502  # near Pasar Rau
WARD, OTHER_WARD = "36.73.01.1002", "36.73.01.1001"
POLICY = SimilarPolicy(Nearness(500, 30), 60, MappingProxyType({"kebakaran": Nearness(1000, 90)}))
CATEGORIES = {"kebakaran-bangunan": "kebakaran", "kebakaran-lahan": "kebakaran", "banjir": "bencana"}


def report(number: str = "1", north_m: float | None = 0.0, minutes_ago: float = 0, **more: Any) -> Report:
    """A report `north_m` metres north of Pasar Rau; None: only its kelurahan is known."""
    type_code = more.get("type_code", "kebakaran-bangunan")
    lat = None if north_m is None else geodesic(meters=north_m).destination((LAT, LON), 0).latitude
    return Report(
        number,
        NOW - timedelta(minutes=minutes_ago),
        type_code,
        CATEGORIES.get(type_code),
        more.get("ward", WARD),
        lat,
        None if lat is None else LON,
        more.get("place", "Pasar Induk Rau"),
    )


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        pytest.param({"north_m": 120, "minutes_ago": 4}, ("same_type", "near"), id="the fire down the road"),
        pytest.param({"north_m": 0}, ("same_type", "near"), id="the very spot"),
        pytest.param({"north_m": 999}, ("same_type", "near"), id="fires have a wider radius"),
        pytest.param({"north_m": 1001}, None, id="a metre too far"),
        pytest.param({"minutes_ago": 90}, ("same_type", "near"), id="as old as may be"),
        pytest.param({"minutes_ago": 90.1}, None, id="too old"),
        pytest.param({"type_code": "kebakaran-lahan"}, ("same_category", "near"), id="another fire"),
        pytest.param({"type_code": "banjir"}, None, id="a flood is no fire"),
        pytest.param({"type_code": None}, ("kind_unknown", "near"), id="nobody knows yet what it is"),
        pytest.param(
            {"north_m": None, "place": None}, ("same_type", "same_kelurahan"), id="no point: kelurahan, no distance"
        ),
        pytest.param({"north_m": None, "place": "Gg. 3"}, ("same_type", "same_kelurahan"), id="another name"),
        pytest.param({"north_m": None, "place": "pasar induk rau, depan"}, ("same_type", "same_place"), id="its name"),
        pytest.param({"north_m": 1200, "place": "Pasar Induk Rau"}, None, id="points count more than a name"),
        pytest.param({"north_m": None, "ward": OTHER_WARD}, None, id="another kelurahan"),
        pytest.param({"north_m": None, "ward": None}, None, id="no place at all"),
        pytest.param({"north_m": 3000, "ward": WARD}, None, id="far apart within one large kelurahan"),
        pytest.param({"number": "0"}, None, id="the ticket itself"),
    ],
)
def test_reports_are_alike_when_kind_place_and_time_are_near(
    other: dict[str, Any], reasons: tuple[str, ...] | None
) -> None:
    found = compare(report("0"), report(**other), POLICY)
    assert (None if found is None else found.reasons) == reasons
    if found is not None:
        metres = other.get("north_m", 0.0)
        assert found.distance_m == (None if metres is None else pytest.approx(metres, abs=0.2))
        assert found.minutes == int(other.get("minutes_ago", 0))
        assert 0 < found.score <= 1


@pytest.mark.parametrize(("metres", "minutes", "found"), [(499, 30, True), (501, 1, False), (10, 31, False)])
def test_other_categories_have_the_common_figures(metres: float, minutes: float, found: bool) -> None:
    flood = {"type_code": "banjir"}
    other = report(north_m=metres, minutes_ago=minutes, **flood)
    assert (compare(report("0", **flood), other, POLICY) is not None) is found


def test_nearer_newer_and_the_same_kind_come_first() -> None:
    others = [
        report("kelurahan", None, place="Gg. 3"),
        report("named", None, place="Pasar Induk Rau, belakang"),
        report("far", 900, 4),
        report("near", 100, 4),
        report("old", 100, 80),
        report("sort of", 100, 4, type_code="kebakaran-lahan"),
        report("unknown", 100, 4, type_code=None),
    ]
    assert [one.number for one in find_similar(report("0"), others, POLICY)] == [
        "near",
        "named",
        "old",
        "sort of",
        "far",
    ]


metres = st.one_of(st.none(), st.floats(0, 5000))


@given(st.lists(st.tuples(metres, st.floats(0, 300), st.sampled_from([*CATEGORIES, None])), max_size=30))
def test_whatever_is_proposed_lies_within_the_figures(drawn: list[tuple[float | None, float, str | None]]) -> None:
    others = [report(str(i + 1), north, ago, type_code=code) for i, (north, ago, code) in enumerate(drawn)]
    found = find_similar(report("0"), others, POLICY)
    assert len(found) <= MOST
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    near = POLICY.nearness("kebakaran")
    for one in found:
        assert one.minutes <= near.minutes
        assert one.distance_m is None or one.distance_m <= near.radius_m
