"""The places of an OpenStreetMap extract: pieces of one thing made one, and without what the city pack has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from dispatch.city.pack import CityPack
from dispatch.places.names.words import name_forms
from dispatch.places.plane import distance_m

MAX_OTHER_NAMES = 8
#: Things of one name this near are one: a school's node inside of its grounds, a mosque drawn twice.
SAME_PLACE_M = 200.0
#: A place of the pack whose point is this far from a namesake is another place.
SAME_AS_PACK_M = 1500.0


@dataclass(frozen=True, slots=True)
class OsmPlace:
    """A named place; `accuracy_m` is how far it reaches from its point."""

    key: str
    name: str
    other_names: list[str]
    kind: Literal["landmark", "street", "junction"]
    kelurahan_code: str
    lat: float
    lon: float
    accuracy_m: int


@dataclass(slots=True)
class Counts:
    """What became of the things that were read; every one of `read` is counted once more in another field."""

    read: int = 0  #: things of a kind that callers name
    kept: int = 0
    outside: int = 0  #: not in the city
    unnamed: int = 0  #: no name, or none that could be searched for
    duplicates: int = 0  #: in the city pack already
    repeated: int = 0  #: a further piece of a street, a place that is drawn twice

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


class Merger:
    """Makes one place of what OpenStreetMap holds in pieces, and leaves out what the city pack has."""

    def __init__(self, city: CityPack) -> None:
        self._pack: defaultdict[str, list[tuple[float, float] | None]] = defaultdict(list)
        for ward in city.kelurahan.values():
            self._know((ward.name, *ward.aliases), None)
        for landmark in city.landmarks:
            point = (landmark.lat, landmark.lon) if landmark.lat is not None and landmark.lon is not None else None
            self._know((landmark.name, *landmark.aliases), point)
        for street in city.streets:
            self._know((street.name, *street.aliases), None)
        self._found: defaultdict[tuple[str, str, str], list[OsmPlace]] = defaultdict(list)

    def _know(self, names: Iterable[str], point: tuple[float, float] | None) -> None:
        for name in names:
            self._pack["".join(name_forms(name))].append(point)

    def add(self, place: OsmPlace, counts: Counts) -> None:
        """Take a place, unless it is one of those that are there."""
        spelt = "".join(name_forms(place.name))
        for point in self._pack.get(spelt, ()):
            if point is None or distance_m(place.lat, place.lon, *point) <= SAME_AS_PACK_M:
                counts.duplicates += 1
                return
        alike = self._found[place.kind, spelt, place.kelurahan_code]
        for at, known in enumerate(alike):
            apart = distance_m(place.lat, place.lon, known.lat, known.lon)
            if place.kind == "street" or apart <= SAME_PLACE_M:
                counts.repeated += 1
                alike[at] = _merged(known, place, apart)
                return
        alike.append(place)

    def places(self) -> list[OsmPlace]:
        """All that were taken, in the order of their names."""
        found = (place for alike in self._found.values() for place in alike)
        return sorted(found, key=lambda place: (place.name, place.kelurahan_code, place.key))


def _merged(known: OsmPlace, piece: OsmPlace, apart_m: float) -> OsmPlace:
    names = [*known.other_names, *piece.other_names]
    return OsmPlace(
        key=known.key,
        name=known.name,
        other_names=[name for name in dict.fromkeys(names) if name != known.name][:MAX_OTHER_NAMES],
        kind=known.kind,
        kelurahan_code=known.kelurahan_code,
        lat=known.lat,
        lon=known.lon,
        accuracy_m=max(known.accuracy_m, round(apart_m) + piece.accuracy_m),
    )
