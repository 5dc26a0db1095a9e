"""Where something is: the kelurahan of a point, and the places that somebody's words may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import pi, sqrt
from typing import Literal

import numpy as np

from dispatch.boundaries import BoundaryLayer
from dispatch.citypack import CityPack
from dispatch.local_plane import LocalPlane
from dispatch.place_entries import PlaceEntry, Source, entries_of, names_of
from dispatch.place_layers import Layer, LayeredIndex, Layers
from dispatch.place_mentions import find_mentions, last_words, letters_in, mention_at
from dispatch.place_ranking import Reading, best_of, mark_clear, rank
from dispatch.place_search import NameIndex
from dispatch.place_words import PlaceWord, fold, place_words

#: A point farther from every kelurahan point than this many of its radii lies in another regency (999 of 1,000 lie
#: nearer; the nearest point by radii names the right kelurahan in 82% of random points, a polygon is better).
FAR_OUTSIDE_RADII = 2.5
#: How approximate areas are drawn: corners of each, and how many radii they reach at most.
RING_RAYS, RING_RADII = 48, 1.35
MAX_SEARCH_CHARACTERS = 200
MIN_TYPED = 3  # letters before a name is completed
WORST_SHOWN = 0.3
REGIONAL_IN_SENTENCE = 0.75  # "di Serang" in a sentence mostly means the city
COVERED_SHARE = 0.35  # how much of a search's score depends on how much of what was typed the place explains


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
    source: Source = "city"


@dataclass(frozen=True, slots=True)
class MentionedPlace:
    """A candidate and where in the text its words stand."""

    candidate: PlaceCandidate
    spans: tuple[tuple[int, int], ...]


class Places:
    """The places of one city; boundaries are optional, without them the nearest kelurahan point answers."""

    def __init__(self, city: CityPack, boundaries: BoundaryLayer | None = None) -> None:
        self._city, self._boundaries = city, boundaries
        self._plane = LocalPlane(*city.centre)
        self._codes = tuple(city.kelurahan)
        wards = city.kelurahan.values()
        self._points = self._plane.metres(np.array([(ward.lon, ward.lat) for ward in wards]))
        self._radii = np.array([sqrt(ward.area_km2 / pi) * 1000 for ward in wards])
        self._city_layer = Layer(entries_of(city), NameIndex(names_of(city)))
        self._layers = Layers((self._city_layer,))
        self._ordinary = frozenset(
            fold(word)
            for type_ in city.incident_types.values()
            for words in (*type_.keywords, *type_.hints)
            for word in words.split()
        )

    def add_layers(self, further: Sequence[Layer]) -> None:
        """Search these beside the city pack's places from now on, instead of those added before.

        Cheap, whatever the layers hold. Called where searches run (under gevent: the loop), never in the middle of one.
        """
        self._layers = Layers((self._city_layer, *further))

    @property
    def _entries(self) -> Sequence[PlaceEntry]:
        return self._layers.entries

    @property
    def _index(self) -> LayeredIndex:
        return self._layers.index

    def locate(self, lat: float, lon: float) -> Located | None:
        """The kelurahan of a point, or None where the point lies far outside the city."""
        if not self._city.bbox.holds(lat, lon):  # also refuses NaN, whose every comparison is false
            return None
        near_m = self._city.policy.border_near_m
        if self._boundaries is not None:
            hit = self._boundaries.locate(lat, lon, near_m=near_m)
            if hit is not None:
                return Located(hit.code, hit.in_gap, "boundary", hit.border_m, hit.neighbour)
            if not self._boundaries.report.missing_codes:
                return None
        away = np.hypot(*(self._points - self._plane.metres(np.array([[lon, lat]]))).T)
        radii_away = away / self._radii
        if self._boundaries is not None:  # the point lies in none of the polygons, so only the others are left
            radii_away[np.isin(self._codes, self._boundaries.codes)] = np.inf
        nearest = int(np.argmin(radii_away))
        if radii_away[nearest] > FAR_OUTSIDE_RADII:
            return None
        return Located(self._codes[nearest], True, "nearest_point", None, None)

    def areas(self) -> dict[str, list[tuple[float, float]]]:
        """What `locate` answers without polygons: a ring of (lon, lat) for each kelurahan code, as far as it is drawn.

        From each kelurahan's point rays go out to where another point is nearer (in radii), or to RING_RADII.
        """
        angles = np.linspace(0, 2 * pi, RING_RAYS, endpoint=False)
        ways = np.column_stack((np.cos(angles), np.sin(angles)))
        areas = {}
        for code, point, radius in zip(self._codes, self._points, self._radii, strict=True):
            # At t metres another point is as near, in radii, where a t^2 + b t + c = 0; below the root it is farther.
            apart = point - self._points
            a = self._radii**2 - radius**2
            b = -2 * radius**2 * (ways @ apart.T)
            c = -(radius**2) * (apart**2).sum(axis=1)
            root = b + np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
            met = (b**2 >= 4 * a * c) & (root > 0) & (c < 0)
            lengths = np.where(met, -2 * c / np.where(met, root, 1), np.inf).min(axis=1)
            ring = self._plane.degrees(point + ways * np.minimum(lengths, RING_RADII * radius)[:, None])
            areas[code] = [(round(float(lon), 5), round(float(lat), 5)) for lon, lat in ring]
        return areas

    def search(self, text: str, limit: int = 5) -> list[PlaceCandidate]:
        """The places that what is typed into a place field may mean, best first; misspelt and unfinished names too."""
        words = place_words(text[:MAX_SEARCH_CHARACTERS])
        mentions = find_mentions(words, self._index, is_ordinary=self._is_ordinary, everywhere=True)
        readings = [self._covering(reading, words) for reading in rank(mentions, self._entries, regional_weight=1.0)]
        run = last_words(words)
        if run is not None and letters_in(words, *run) >= MIN_TYPED:
            typed = "".join(word.form for word in words[run[0] : run[1] + 1])
            unfinished = mention_at(words, *run, self._index.beginning(typed))
            completed = rank([unfinished], self._entries, regional_weight=1.0)
            readings += [self._covering(reading, words) for reading in completed]
        best = best_of(readings)
        return [self._candidate(reading) for reading in mark_clear(best)[:limit] if reading.score >= WORST_SHOWN]

    def mentions(self, text: str, limit: int = 3) -> list[MentionedPlace]:
        """The places that a caller's sentence names, best first, each with the stretches of the text that name it."""
        words = place_words(text)
        mentions = find_mentions(words, self._index, is_ordinary=self._is_ordinary, everywhere=False)
        readings = mark_clear(rank(mentions, self._entries, regional_weight=REGIONAL_IN_SENTENCE))[:limit]
        return [
            MentionedPlace(
                self._candidate(reading),
                tuple(sorted((words[mention.first].start, words[mention.last].end) for mention in reading.mentions)),
            )
            for reading in readings
        ]

    def _is_ordinary(self, form: str) -> bool:
        return form in self._ordinary

    def _covering(self, reading: Reading, words: Sequence[PlaceWord]) -> Reading:
        """The reading, scored down by the share of the typed letters that it leaves unexplained."""
        positions = {at for mention in reading.mentions for at in range(mention.first, mention.last + 1)}
        covered = sum(letters_in(words, position, position) for position in positions)
        total = letters_in(words, 0, len(words) - 1)
        share = min(1.0, covered / total) if total else 0.0
        return replace(reading, score=reading.score * (1 - COVERED_SHARE + COVERED_SHARE * share))

    def _candidate(self, reading: Reading) -> PlaceCandidate:
        ward = self._city.kelurahan.get(reading.kelurahan_code or "")
        entry = reading.entry
        return PlaceCandidate(
            key=entry.key,
            name=entry.name,
            kind=entry.kind,
            kelurahan_code=reading.kelurahan_code,
            kelurahan=ward.name if ward else None,
            kecamatan=ward.kecamatan if ward else entry.kecamatan,
            lat=entry.lat,
            lon=entry.lon,
            accuracy_m=entry.accuracy_m,
            relation=reading.relation,
            score=round(reading.score, 3),
            clear=reading.clear,
            source=entry.source,
        )
