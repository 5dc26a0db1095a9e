"""Reads the point out of a map link: Google, OpenStreetMap, Apple, Waze, Bing, geo: and others that carry one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

from dispatch.places.figures.coordinates import coordinates_in
from dispatch.places.plane import METRES_PER_DEGREE

_LINK = re.compile(
    r"(?:https?://|geo:|(?:www\.|maps\.)?(?:google\.[a-z.]{2,6}/maps|maps\.google\.|maps\.app\.goo\.gl/|goo\.gl/maps/"
    r"|openstreetmap\.org/|osm\.org/|maps\.apple\.com/|waze\.com/))[^\s<>\"]+",
    re.IGNORECASE,
)
#: Whose links are about places; one of these without a point deserves a word.
_MAP_HOST = re.compile(
    r"geo:|google\.[a-z.]{2,12}/maps|maps\.google|goo\.gl|openstreetmap|osm\.org|maps\.apple|waze|/maps", re.I
)
#: A link is read so far; the longest that Google writes for a place in a route of ten stops is shorter.
_MOST_CHARACTERS = 2_000
_NUMBER = r"([-−]?[0-9]{1,3}(?:\.[0-9]{1,20})?)"
_PAIR = rf"{_NUMBER}\s{{0,3}}(?:,|%2C)\s{{0,3}}\+?{_NUMBER}"
#: In the order of trust: the pin before the middle of the view.
_PATTERNS = [
    re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}"),
    re.compile(rf"[?&#]mlat={_NUMBER}&mlon={_NUMBER}"),
    re.compile(rf"[?&](?:q|query|destination|daddr|sll|ll|latlng|center|cp|viewpoint)=(?:loc:)?\s{{0,3}}{_PAIR}", re.I),
    re.compile(rf"geo:{_PAIR}", re.I),
    re.compile(rf"/(?:place|search|dir(?:/[^/@]{{0,300}})?)/{_PAIR}"),
    re.compile(rf"/@{_PAIR}"),
    re.compile(rf"[?&]lat={_NUMBER}&(?:lon|lng)={_NUMBER}"),
    re.compile(rf"map=[0-9]{{1,2}}(?:\.[0-9]{{1,20}})?/{_NUMBER}/{_NUMBER}"),
]
_LON_FIRST = re.compile(rf"!2d{_NUMBER}!3d{_NUMBER}")
_OSM_SHORT = re.compile(r"(?:osm\.org|openstreetmap\.org)/go/([^\s/?#&=]+)", re.I)
_OSM_DIGITS = {
    digit: value for value, digit in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~")
}
_OSM_LONGEST = 20  # characters, with the hyphens behind that say how far the map was zoomed in
_LINK_ACCURACY_M = 20
_END = ".,;:!?)]}'"


@dataclass(frozen=True, slots=True)
class MapLink:
    """A link in a text (`start` to `end`); without a point where it holds none. `is_map` where it is a map's link."""

    lat: float | None
    lon: float | None
    accuracy_m: int
    start: int
    end: int
    is_map: bool


def map_links(text: str) -> Iterator[MapLink]:
    """Every link in the text. Nothing is fetched: the point must stand in the link itself."""
    for match in _LINK.finditer(text):
        link = match.group().rstrip(_END)
        end = match.start() + len(link)
        beginning = link[:_MOST_CHARACTERS]
        point = _point(unquote_plus(beginning))
        is_map = point is not None or bool(_MAP_HOST.search(beginning))
        lat, lon, accuracy_m = point or (None, None, 0)
        yield MapLink(lat, lon, accuracy_m, match.start(), end, is_map)


def _point(link: str) -> tuple[float, float, int] | None:
    for pattern in _PATTERNS:
        if found := pattern.search(link):
            return _checked(found[1], found[2])
    if found := _LON_FIRST.search(link):
        return _checked(found[2], found[1])
    if found := _OSM_SHORT.search(link):
        return _osm_short(found[1])
    for written in coordinates_in(link.replace("/", " / ")):
        return written.lat, written.lon, max(_LINK_ACCURACY_M, written.accuracy_m)
    return None


def _checked(lat: str, lon: str) -> tuple[float, float, int] | None:
    north, east = float(lat.replace("−", "-")), float(lon.replace("−", "-"))
    if abs(north) > 90 >= abs(east):
        north, east = east, north
    return (north, east, _LINK_ACCURACY_M) if abs(north) <= 90 and abs(east) <= 180 else None


def _osm_short(code: str) -> tuple[float, float, int] | None:
    """The point of an osm.org/go/ link: longitude and latitude with their bits in turn, six to a character.

    None for what is no such code: a link may be cut off, or have any letter of any alphabet in it.
    """
    x = y = bits = 0
    for character in code.replace("@", "~").rstrip("-") if len(code) <= _OSM_LONGEST else "":
        value = _OSM_DIGITS.get(character)
        if value is None:
            return None
        for shift in (5, 3, 1):
            x, y = x << 1 | value >> shift & 1, y << 1 | value >> (shift - 1) & 1
        bits += 3
    if not 6 <= bits <= 60:
        return None
    half_m = 180 / 2**bits * METRES_PER_DEGREE / 2
    lat, lon = (y + 0.5) * 180 / 2**bits - 90, (x + 0.5) * 360 / 2**bits - 180
    return lat, lon, max(_LINK_ACCURACY_M, round(half_m))
