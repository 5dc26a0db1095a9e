"""Reads the points that a text gives as figures: coordinates, map links, Plus Codes and km posts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from dispatch.city.model import KmPost
from dispatch.city.pack import CityPack
from dispatch.places.figures.coordinates import Coordinates, coordinates_in
from dispatch.places.figures.km_posts import ReadPost, posts_in
from dispatch.places.figures.map_links import map_links
from dispatch.places.figures.plus_codes import plus_codes

PointKind = Literal["coordinates", "map_link", "plus_code", "km_post"]
#: What the operator is told about a part of the text that could not be used.
Notice = Literal["link_without_coordinates"]
MAX_POINTS = 3


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """A point read from a text. Without latitude it is a km post beyond all known ones, `beyond_km` from `nearest`."""

    kind: PointKind
    key: str
    name: str
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    spans: tuple[tuple[int, int], ...]
    detail: str | None = None
    nearest: KmPost | None = None
    beyond_km: float = 0.0


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """The points of a text, what is to be said about it, and the rest of it: same length, the figures blanked out."""

    points: tuple[ReadPoint, ...]
    notices: tuple[Notice, ...]
    rest: str


def read_figures(text: str, city: CityPack) -> ReadFigures:
    """Read the points; links first, because they contain figures, and each stretch of the text only once."""
    points: list[ReadPoint] = []
    notices: list[Notice] = []
    spans: list[tuple[int, int]] = []
    for link in map_links(text):
        span = ((link.start, link.end),)
        if link.lat is not None and link.lon is not None:
            points.append(_point("map_link", link.lat, link.lon, link.accuracy_m, span))
        elif link.is_map and "link_without_coordinates" not in notices:
            notices.append("link_without_coordinates")
        spans += span
    rest, spans = _blank(text, spans), []
    for code in plus_codes(rest, city.centre):
        span = ((code.start, code.end),)
        written = text[code.start : code.end].upper()
        points.append(replace(_point("plus_code", code.lat, code.lon, code.accuracy_m, span), name=written))
        spans += span
    rest, spans = _blank(rest, spans), []
    for written_as in coordinates_in(rest):
        found = _southern(written_as, city)
        span = ((found.start, found.end),)
        points.append(_point("coordinates", found.lat, found.lon, found.accuracy_m, span))
        spans += span
    rest, spans = _blank(rest, spans), []
    for post in posts_in(rest, city.posted_roads):
        points.append(_post(post))
        spans += post.spans
    return ReadFigures(tuple(points[:MAX_POINTS]), tuple(notices), _blank(rest, spans))


def _point(kind: PointKind, lat: float, lon: float, accuracy_m: int, spans: tuple[tuple[int, int], ...]) -> ReadPoint:
    name = f"{lat:.5f}, {lon:.5f}"
    return ReadPoint(kind, f"{kind} {name}", name, lat, lon, accuracy_m, spans)


def _post(post: ReadPost) -> ReadPoint:
    key = f"km:{post.road.key}:{post.label}"
    name = f"{post.road.name} km {post.label}"
    detail = f"arah {post.direction.capitalize()}" if post.direction else None
    place = (post.lat, post.lon, post.accuracy_m)
    return ReadPoint("km_post", key, name, *place, post.spans, detail, post.nearest, post.beyond_km)


def _southern(found: Coordinates, city: CityPack) -> Coordinates:
    """The point, taken to the other side of the equator where the text names no side and the city lies there."""
    other_side = found.lat > 0 > city.centre[0] or found.lat < 0 < city.centre[0]
    return replace(found, lat=-found.lat) if other_side and not found.signed else found


def _blank(text: str, spans: Iterable[tuple[int, int]], by: str = ";") -> str:
    """The text with these stretches blanked out, each character at most once however many there are."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end > at:
            pieces += (text[at : max(at, start)], by * (end - max(at, start)))
            at = end
    return "".join((*pieces, text[at:]))


def without_details(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with house numbers and the like blanked out, so that the words around them stay neighbours."""
    return _blank(text, spans, " ")
