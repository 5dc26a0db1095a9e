"""Reading the location that came with a call."""

from __future__ import annotations

import math

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from telephony.agi.geolocation import parse_location

CIRCLE = 'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="30"'


def test_a_circle_is_a_point_with_its_radius() -> None:
    location = parse_location(CIRCLE, method="GPS")
    assert location is not None
    assert (location.lat, location.lon, location.uncertainty_m) == (-6.1186, 106.1537, 30.0)
    assert (location.shape, location.method) == ("Circle", "GPS")


def test_a_point_has_no_uncertainty() -> None:
    location = parse_location('shape="Point",crs="2d",pos="-6.1186 106.1537"')
    assert location is not None
    assert location.uncertainty_m is None
    assert location.method is None


def test_an_ellipse_is_as_uncertain_as_its_longer_axis() -> None:
    location = parse_location(
        'shape="Ellipse",crs="2d",pos="-6.1186 106.1537",'
        'semiMajorAxis="120.5",semiMinorAxis="40",orientation="35 degrees"'
    )
    assert location is not None
    assert location.uncertainty_m == 120.5


def test_a_polygon_becomes_the_circle_around_its_centre() -> None:
    corners = [(-6.1180, 106.1530), (-6.1180, 106.1550), (-6.1200, 106.1550), (-6.1200, 106.1530)]
    location = parse_location(polygon([*corners, corners[0]]))
    assert location is not None
    assert geodesic((location.lat, location.lon), (-6.1190, 106.1540)).m < 1
    assert location.uncertainty_m == pytest.approx(geodesic(corners[0], (-6.1190, 106.1540)).m, rel=0.01)


def test_an_arc_band_lies_where_its_antenna_points() -> None:
    """A mast at the square, whose antenna looks east, sees a telephone 1 to 2 km away."""
    location = parse_location(
        'shape="ArcBand",crs="2d",pos="-6.1186 106.1537",innerRadius="1000",outerRadius="2000",'
        'startAngle="60 degrees",openingAngle="60 degrees"'
    )
    assert location is not None
    mast = (-6.1186, 106.1537)
    assert location.lat == pytest.approx(mast[0], abs=1e-4)
    assert 1000 < geodesic(mast, (location.lat, location.lon)).m < 2000
    assert location.lon > mast[1]
    assert location.uncertainty_m is not None
    assert 1000 <= location.uncertainty_m < 1100


def test_radians_are_angles_too() -> None:
    in_degrees, in_radians = (
        parse_location(
            'shape="ArcBand",pos="-6.1186 106.1537",innerRadius="0",outerRadius="500",'
            f'startAngle="{start}",openingAngle="{opening}"'
        )
        for start, opening in (("0", "90 degrees"), ("0 radians", f"{math.pi / 2:.12f} radians"))
    )
    assert in_degrees == in_radians is not None


def test_a_sphere_is_a_circle_on_the_ground() -> None:
    location = parse_location('shape="Sphere",crs="3d",pos="-6.1186 106.1537 24.5",radius="15"')
    assert location is not None
    assert (location.lat, location.lon, location.uncertainty_m) == (-6.1186, 106.1537, 15.0)


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "civicAddress",
        'shape="Circle"',
        'shape="Circle",pos="-6.1186 106.1537"',
        'shape="Heart",pos="-6.1186 106.1537",radius="30"',
        'shape="Circle",crs="2d",pos="-6.1186",radius="30"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537 12",radius="30"',
        'shape="Circle",crs="2d",pos="-6,1186 106,1537",radius="30"',
        'shape="Circle",crs="2d",pos="6 7 12 S; 106 9 1 E",radius="30"',
        'shape="Circle",crs="2d",pos="-96.1186 106.1537",radius="30"',
        'shape="Circle",crs="2d",pos="-6.1186 186.1537",radius="30"',
        'shape="Circle",crs="2d",pos="0 0",radius="30"',
        'shape="Circle",crs="2d",pos="nan nan",radius="30"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="inf"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="1e3"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="-5"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="9999999"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="30",radius="40"',
        'shape="Circle",crs="4d",pos="-6.1186 106.1537",radius="30"',
        'shape="Circle",crs="2d",pos="-６.1186 106.1537",radius="30"',
        'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="30" and more',
        'shape="Polygon",crs="2d",pos="-6.1 106.1",pos="-6.2 106.2"',
        'shape="Polygon",crs="2d",pos="-6.1 106.1",pos="-6.2 106.2",pos="-6.1 106.1"',
        'shape="Polygon",crs="2d",pos="-60 106",pos="60 106",pos="0 -106"',
        'shape="ArcBand",pos="-6.1 106.1",innerRadius="9",outerRadius="5",startAngle="0",openingAngle="60"',
        'shape="ArcBand",pos="-6.1 106.1",innerRadius="0",outerRadius="5",startAngle="0",openingAngle="0"',
        'shape="ArcBand",pos="-6.1 106.1",innerRadius="0",outerRadius="5",startAngle="0 grad",openingAngle="9"',
        CIRCLE + "," + "x" * 100_000,
        '"' * 5000,
    ],
)
def test_what_is_no_location_is_none(nonsense: str) -> None:
    assert parse_location(nonsense) is None


def test_a_method_with_control_characters_is_left_out() -> None:
    location = parse_location(CIRCLE, method="GPS\nx")
    assert location is not None
    assert location.method is None


degrees = st.floats(-0.01, 0.01).map(lambda value: round(value, 6))


@given(
    st.tuples(st.floats(-60, 60), st.floats(-179, 179)), st.lists(st.tuples(degrees, degrees), min_size=3, max_size=12)
)
def test_the_circle_holds_every_corner_of_the_polygon(
    middle: tuple[float, float], offsets: list[tuple[float, float]]
) -> None:
    corners = [(middle[0] + north, middle[1] + east) for north, east in offsets]
    location = parse_location(polygon(corners))
    if location is None:
        return
    assert location.uncertainty_m is not None
    for corner in corners:
        assert geodesic(corner, (location.lat, location.lon)).m <= location.uncertainty_m * 1.01 + 2


@given(st.text(max_size=300))
def test_any_text_is_a_location_or_none(text: str) -> None:
    parse_location(text)
    parse_location(f'shape="Circle",pos="{text}",radius="{text}"')


def polygon(corners: list[tuple[float, float]]) -> str:
    return 'shape="Polygon",crs="2d",' + ",".join(f'pos="{lat:.7f} {lon:.7f}"' for lat, lon in corners)
