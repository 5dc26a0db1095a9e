"""The location that came with a call (RFC 6442, PIDF-LO), read from what Asterisk's GEOLOC_PROFILE answers.

Asterisk writes a GML shape (RFC 5491) as `shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="30"`. It checks no
range and takes any text that starts like a number, so everything is checked here, and anything odd is no location.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from dispatch.calls.incoming import SipLocation
from dispatch.places.plane import METRES_PER_DEGREE

#: A wider circle (m) says less than the number's own area code.
WIDEST_M = 100_000.0
MAX_TEXT_CHARS = 4096
MAX_VERTICES = 100
MAX_METHOD_CHARS = 40

_ATTRIBUTE = re.compile(r'\s*([A-Za-z]{1,20})="([^"]{0,200})"\s*(,|$)', re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,7}(?:\.[0-9]{0,20})?", re.ASCII)
_ARC_STEPS = 16

Attributes = list[tuple[str, str]]
Position = tuple[float, float]


class _Nonsense(ValueError):
    """The text is no location."""


def parse_location(text: str, method: str = "") -> SipLocation | None:
    """Return the circle that holds the shape, or None where the text is no shape on this earth.

    `uncertainty_m` is that circle's radius, None for a point. `method` is how the position was found (GPS, Cell, ...).
    """
    try:
        attributes = _attributes(text)
        shape = _one(attributes, "shape")
        understand = _SHAPES.get(shape)
        if understand is None:
            return None
        lat, lon, uncertainty_m = understand(attributes)
    except _Nonsense:
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (uncertainty_m is not None and uncertainty_m > WIDEST_M):
        return None
    clean_method = method if method.isascii() and method.isprintable() else ""
    return SipLocation(
        lat=round(lat, 7),
        lon=round(lon, 7),
        uncertainty_m=uncertainty_m,
        shape=shape,
        method=clean_method[:MAX_METHOD_CHARS] or None,
    )


def _point(attributes: Attributes) -> tuple[float, float, float | None]:
    lat, lon = _position(attributes)
    return lat, lon, None


def _circle(attributes: Attributes) -> tuple[float, float, float | None]:
    lat, lon = _position(attributes)
    return lat, lon, _metres(attributes, "radius")


def _ellipse(attributes: Attributes) -> tuple[float, float, float | None]:
    lat, lon = _position(attributes)
    return lat, lon, max(_metres(attributes, "semiMajorAxis"), _metres(attributes, "semiMinorAxis"))


def _polygon(attributes: Attributes) -> tuple[float, float, float | None]:
    positions = _positions(attributes)
    if positions[0] == positions[-1]:
        positions = positions[:-1]
    if len(positions) < 3:
        raise _Nonsense
    origin = positions[0]
    corners = [_to_plane(origin, position) for position in positions]
    return _enclosing(origin, corners, _centroid(corners))


def _arc_band(attributes: Attributes) -> tuple[float, float, float | None]:
    """Part of a ring around a mast: `openingAngle` clockwise from `startAngle`, between two radii (RFC 5491)."""
    mast = _position(attributes)
    inner, outer = _metres(attributes, "innerRadius"), _metres(attributes, "outerRadius")
    start, opening = _radians(attributes, "startAngle"), _radians(attributes, "openingAngle")
    if inner > outer or not 0 < opening <= 2 * math.pi + 1e-9:
        raise _Nonsense
    corners = [
        (radius * math.sin(angle), radius * math.cos(angle))
        for radius in (inner, outer)
        for angle in (start + opening * step / _ARC_STEPS for step in range(_ARC_STEPS + 1))
    ]
    middle = start + opening / 2
    # The middle of the smallest box along the band's axis, which is the mast itself for a full ring.
    along = [north * math.cos(middle) + east * math.sin(middle) for east, north in corners]
    reach = (min(along) + max(along)) / 2
    return _enclosing(mast, corners, (reach * math.sin(middle), reach * math.cos(middle)))


#: The shapes of RFC 5491 that Asterisk knows; of the solid ones, what they cover on the ground.
_SHAPES: dict[str, Callable[[Attributes], tuple[float, float, float | None]]] = {
    "Point": _point,
    "Circle": _circle,
    "Sphere": _circle,
    "Ellipse": _ellipse,
    "Ellipsoid": _ellipse,
    "Polygon": _polygon,
    "Prism": _polygon,
    "ArcBand": _arc_band,
}


def _attributes(text: str) -> Attributes:
    if len(text) > MAX_TEXT_CHARS:
        raise _Nonsense
    attributes: Attributes = []
    at = 0
    while at < len(text):
        match = _ATTRIBUTE.match(text, at)
        if match is None:
            raise _Nonsense
        attributes.append((match[1], match[2]))
        at = match.end()
    return attributes


def _one(attributes: Attributes, name: str) -> str:
    values = [value for key, value in attributes if key == name]
    if len(values) != 1:
        raise _Nonsense
    return values[0]


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise _Nonsense
    return float(text)


def _metres(attributes: Attributes, name: str) -> float:
    metres = _number(_one(attributes, name).strip())
    if metres < 0:
        raise _Nonsense
    return metres


def _radians(attributes: Attributes, name: str) -> float:
    """An angle as Asterisk writes it: a number, and a unit that is degrees unless it says radians."""
    number, _, unit = _one(attributes, name).strip().partition(" ")
    value = _number(number)
    if unit.startswith("rad"):
        return value
    if unit and not unit.startswith("deg"):
        raise _Nonsense
    return math.radians(value)


def _position(attributes: Attributes) -> Position:
    return _read_position(attributes, _one(attributes, "pos"))


def _positions(attributes: Attributes) -> list[Position]:
    texts = [value for key, value in attributes if key == "pos"]
    if not 3 <= len(texts) <= MAX_VERTICES:
        raise _Nonsense
    return [_read_position(attributes, text) for text in texts]


def _read_position(attributes: Attributes, text: str) -> Position:
    """Latitude and longitude in degrees (WGS 84); a height is read over."""
    systems = [value for key, value in attributes if key == "crs"] or ["2d"]
    numbers = [_number(part) for part in text.split()]
    if systems not in (["2d"], ["3d"]) or len(numbers) != int(systems[0][0]):
        raise _Nonsense
    lat, lon = numbers[0], numbers[1]
    # A handset that knows nothing reports the middle of the Gulf of Guinea.
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):
        raise _Nonsense
    return lat, lon


def _to_plane(origin: Position, position: Position) -> tuple[float, float]:
    """Metres east and north of `origin`: good to a thousandth over the distances a telephone network covers."""
    east = (position[1] - origin[1] + 180) % 360 - 180
    return (
        east * METRES_PER_DEGREE * math.cos(math.radians(origin[0])),
        (position[0] - origin[0]) * METRES_PER_DEGREE,
    )


def _enclosing(
    origin: Position, corners: list[tuple[float, float]], centre: tuple[float, float]
) -> tuple[float, float, float]:
    """The circle around `centre` (metres from `origin`) that holds every corner."""
    radius_m = max(math.dist(centre, corner) for corner in corners)
    lat = origin[0] + centre[1] / METRES_PER_DEGREE
    lon = origin[1] + centre[0] / (METRES_PER_DEGREE * max(math.cos(math.radians(origin[0])), 1e-6))
    return lat, (lon + 180) % 360 - 180, float(math.ceil(radius_m))


def _centroid(corners: list[tuple[float, float]]) -> tuple[float, float]:
    """The centre of gravity of the area, or of the corners where they enclose none."""
    area = east = north = 0.0
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross / 2
        east += (x1 + x2) * cross / 6
        north += (y1 + y2) * cross / 6
    # Self-crossing outlines have areas that cancel; their centre of gravity would lie anywhere.
    box = [(min(axis), max(axis)) for axis in zip(*corners, strict=True)]
    if abs(area) > 1.0:
        centre = (east / area, north / area)
        if all(low <= value <= high for value, (low, high) in zip(centre, box, strict=True)):
            return centre
    count = len(corners)
    return sum(x for x, _ in corners) / count, sum(y for _, y in corners) / count
