"""Reads the named places of a city out of an OpenStreetMap extract (.osm.pbf), with a report of what was left out.

Tags: https://wiki.openstreetmap.org/wiki/Map_features. Nothing is written; what to do with the places is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import osmium
from osmium.osm import Area, Node, Way

from dispatch.city.pack import CityPack
from dispatch.landmarks.osm_places import MAX_OTHER_NAMES, Counts, Merger, OsmPlace
from dispatch.places.finder import Places
from dispatch.places.names.words import name_forms
from dispatch.places.plane import distance_m
from dispatch.text import clean_line

#: Keys of what callers name; a value set stands where not every value of the key is such a thing.
_LANDMARKS: Mapping[str, frozenset[str] | None] = {
    "amenity": None,
    "shop": None,
    "tourism": None,
    "leisure": None,
    "office": None,
    "healthcare": None,
    "historic": None,
    "emergency": None,
    "craft": None,
    "railway": frozenset({"station", "halt", "level_crossing"}),
    "public_transport": frozenset({"station"}),
    "aeroway": frozenset({"aerodrome", "terminal", "helipad"}),
    "man_made": frozenset({"tower", "water_tower", "works", "wastewater_plant", "water_works", "bridge", "pier"}),
    "landuse": frozenset({"residential", "commercial", "retail", "industrial", "cemetery", "military", "religious"}),
    "place": frozenset(
        {"suburb", "quarter", "neighbourhood", "village", "hamlet", "isolated_dwelling", "locality", "square"}
    ),
    "natural": frozenset({"beach", "water", "bay", "peak", "hill"}),
    "waterway": frozenset({"river", "canal", "stream", "dam", "weir"}),
    "building": None,
}
_JUNCTIONS = frozenset({"junction", "traffic_signals"})  # highway= or junction= of a named node
_OTHER_NAMES = ("name:id", "alt_name", "short_name", "official_name", "loc_name", "old_name", "name:en")
MAX_NAME = 120
POINT_ACCURACY_M = 20


class OsmFileError(ValueError):
    """A file that is no extract, is broken, or holds nothing of this city; the text says what to do."""


@dataclass(slots=True)
class OsmReading:
    """The places of an extract, and how many things were left out for what reason."""

    places: list[OsmPlace] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def read_osm_file(path: Path, city: CityPack, places: Places) -> OsmReading:
    """Read the extract. Raises OsmFileError; the file may be larger than the city, at the cost of memory and time."""
    reading = OsmReading()
    merger = Merger(city)
    try:
        for thing in _things(path, reading.counts):
            found = _place(thing, city, places, reading.counts)
            if found is not None:
                merger.add(found, reading.counts)
    except (RuntimeError, OSError, ValueError) as error:
        # libosmium's texts name the block or the byte; they hold nothing of the file's content.
        raise OsmFileError(f"{path.name} cannot be read as an OpenStreetMap extract: {error}") from None
    reading.places = merger.places()
    reading.counts.kept = len(reading.places)
    if not reading.counts.read:
        raise OsmFileError(f"{path.name} holds no place and no street; take an extract that covers {city.name}")
    if not reading.places:
        raise OsmFileError(
            f"{path.name} holds nothing of {city.name} that the city pack lacks (read {reading.counts.read}, "
            f"outside {reading.counts.outside}, without a name {reading.counts.unnamed}); take an extract that "
            f"covers the city"
        )
    return reading


@dataclass(frozen=True, slots=True)
class _Thing:
    """One object of the file; `points` are (lat, lon)."""

    key: str
    kind: Literal["landmark", "street", "junction"]
    tags: Mapping[str, str]
    points: list[tuple[float, float]]


def _things(path: Path, counts: Counts) -> Iterator[_Thing]:
    for thing in osmium.FileProcessor(str(path)).with_areas():
        kind = _kind(thing.tags, is_way=isinstance(thing, Way)) if isinstance(thing, Node | Way | Area) else None
        if kind is None:
            continue
        match thing:
            case Node():
                key, points = f"n{thing.id}", [(thing.lat, thing.lon)] if thing.location.valid() else []
            case Way():
                if thing.is_closed() and kind != "street":
                    continue  # comes again as an area
                key, points = f"w{thing.id}", _points(thing.nodes)
            case Area():
                key = f"{'w' if thing.from_way() else 'r'}{thing.orig_id()}"
                points = [point for ring in thing.outer_rings() for point in _points(ring)]
            case _:
                continue
        counts.read += 1
        wanted = {name: thing.tags.get(name) or "" for name in ("name", *_OTHER_NAMES)}
        yield _Thing(f"osm-{key}", kind, wanted, points)


def _points(nodes: Iterable[Any]) -> list[tuple[float, float]]:
    return [(node.lat, node.lon) for node in nodes if node.location.valid()]


def _kind(tags: Any, *, is_way: bool) -> Literal["landmark", "street", "junction"] | None:
    highway = tags.get("highway")
    if highway is not None and is_way and tags.get("area") != "yes":
        return "street"
    if not is_way and (highway in _JUNCTIONS or tags.get("junction") is not None):
        return "junction" if "name" in tags else None  # thousands of traffic lights have none and are no places
    for key, values in _LANDMARKS.items():
        value = tags.get(key)
        if value is None or value == "no":
            continue
        if key == "building" and "name" not in tags:
            continue  # nearly every house of the extract
        if values is None or value in values:
            return "landmark"
    return None


def _place(thing: _Thing, city: CityPack, places: Places, counts: Counts) -> OsmPlace | None:
    inside = [(lat, lon) for lat, lon in thing.points if city.bbox.holds(lat, lon)]
    if not inside:
        counts.outside += 1
        return None
    name = clean_line(thing.tags["name"], MAX_NAME)
    if not any(any(letter.isalpha() for letter in form) for form in name_forms(name)):
        counts.unnamed += 1
        return None
    # A street's point lies on it; an area's is its middle, which callers mean.
    if thing.kind == "street":
        lat, lon = inside[len(inside) // 2]
    else:
        lat, lon = (sum(values) / len(inside) for values in zip(*inside, strict=True))
    located = places.locate(lat, lon)
    if located is None:
        counts.outside += 1
        return None
    reach = max(distance_m(lat, lon, *point) for point in _corners(inside))
    others = [
        clean_line(part, MAX_NAME) for key in _OTHER_NAMES for part in thing.tags[key].split(";") if name_forms(part)
    ]
    return OsmPlace(
        key=thing.key,
        name=name,
        other_names=[other for other in dict.fromkeys(others) if other != name][:MAX_OTHER_NAMES],
        kind=thing.kind,
        kelurahan_code=located.kelurahan_code,
        lat=round(lat, 6),
        lon=round(lon, 6),
        accuracy_m=max(POINT_ACCURACY_M, round(reach)),
    )


def _corners(points: list[tuple[float, float]]) -> set[tuple[float, float]]:
    """The outermost points, so that a long outline costs four distances."""
    return {
        min(points),
        max(points),
        min(points, key=lambda point: point[1]),
        max(points, key=lambda point: point[1]),
    }
