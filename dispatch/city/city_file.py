"""Reads a pack's city.toml: what and where the city is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from dispatch.city.checking import Fault, TomlFile, obeys
from dispatch.city.fields import Between, Text
from dispatch.city.files import Problems
from dispatch.city.model import BoundingBox


def _edges(box: BoundingBox) -> Iterator[Fault]:
    if box.south >= box.north or box.west >= box.east:
        yield Fault("south", "must lie below north, and west left of east; correct the edges")


def _is_a_zone(name: str) -> Iterator[Fault]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; "../x" is a ValueError
        yield Fault("", f"'{name}' is not a time zone; write a name such as Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Point:
    """A place, in degrees."""

    lat: Annotated[float, Between(-90, 90)]
    lon: Annotated[float, Between(-180, 180)]


@dataclass(frozen=True, slots=True)
class CityFile:
    """What the file holds."""

    code: Text
    name: Text
    timezone: Annotated[Text, obeys(_is_a_zone)]
    centre: Point
    bbox: Annotated[BoundingBox, obeys(_edges)]
    wider_names: tuple[str, ...] = ()


_FILE = TomlFile("city.toml", CityFile)


def read_city(folder: Path, problems: Problems) -> CityFile | None:
    """Read city.toml: code, name, time zone, centre and bounding box; None where it cannot be used."""
    city = _FILE.read(folder, problems)
    if city is not None and not city.bbox.holds(city.centre.lat, city.centre.lon):
        words = f"{city.centre.lat}, {city.centre.lon} lies outside [bbox]; correct one of the two"
        problems.add(_FILE.name, "centre", "lat", words)
    return city
