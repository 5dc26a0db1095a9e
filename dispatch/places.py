"""Where something is: the kelurahan of a point, and the places that somebody's words may mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import pi, sqrt
from typing import Literal

import numpy as np

from dispatch.boundaries import BoundaryLayer
from dispatch.citypack import CityPack
from dispatch.local_plane import LocalPlane
from dispatch.place_entries import PlaceEntry, entries_of, names_of
from dispatch.place_mentions import Mention, find_mentions, last_words, mention_at
from dispatch.place_search import NameIndex
from dispatch.place_words import PlaceWord, place_words

#: A point farther from every kelurahan point than this many of its radii lies in another regency (999 of 1,000 lie
#: nearer; the nearest point by radii names the right kelurahan in 82% of random points, a polygon is better).
FAR_OUTSIDE_RADII = 2.5
MAX_SEARCH_WORDS = 24
MIN_TYPED = 3  # letters before a name is completed
CLEAR_SCORE, CLEAR_LEAD = 0.8, 0.08
WIDER_NAME = 0.75  # a bare "Serang" mostly means the city
OTHER_KECAMATAN = 0.7  # the text names a kecamatan that this place does not lie in
WHOLE_KECAMATAN = 0.4  # only the kecamatan was named


@dataclass(frozen=True, slots=True)
class Located:
    """The kelurahan a point lies in, as a suggestion that the operator can override.

    `approximate` where no polygon holds the point; `border_m` is the distance to the kelurahan's border, and
    `neighbour` the kelurahan on the other side where that is near (policy `border_near_m`).
    """

    kelurahan_code: str
    approximate: bool
    source: Literal["boundary", "nearest_point"]
    border_m: float | None
    neighbour: str | None


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A place that words may mean; `clear` where nothing else comes near and it may be preselected.

    A kelurahan's point comes with `accuracy_m` as large as the kelurahan; a place known by name only has no point.
    `score` is from 0 to 1; `relation` is where it happened seen from the place ("depan"), None for at the place.
    """

    key: str
    name: str
    kind: str
    kelurahan_code: str | None
    kelurahan: str | None
    kecamatan: str | None
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    relation: str | None
    score: float
    clear: bool


@dataclass(frozen=True, slots=True)
class MentionedPlace:
    """A candidate and where in the text its words stand."""

    candidate: PlaceCandidate
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One entry read from one mention, with its score so far."""

    entry: PlaceEntry
    mention: Mention
    score: float


class Places:
    """The places of one city; boundaries are optional, without them the nearest kelurahan point answers."""

    def __init__(self, city: CityPack, boundaries: BoundaryLayer | None = None) -> None:
        self._city, self._boundaries = city, boundaries
        self._plane = LocalPlane(*city.centre)
        self._codes = tuple(city.kelurahan)
        wards = city.kelurahan.values()
        self._points = self._plane.metres(np.array([(ward.lon, ward.lat) for ward in wards]))
        self._radii = np.array([sqrt(ward.area_km2 / pi) * 1000 for ward in wards])
        self._entries = entries_of(city)
        self._index = NameIndex(names_of(city))
