"""Where something is: the kelurahan of a point, and the places that somebody's words may mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from dispatch.city.pack import CityPack
from dispatch.places.boundaries import BoundaryLayer
from dispatch.places.candidates import Located, MentionedPlace, Outside, PlaceCandidate, ReadPlaces
from dispatch.places.figures.address_details import Details, details_in
from dispatch.places.figures.points import ReadPoint, read_figures, without_details
from dispatch.places.names.entries import PlaceEntry, entries_of, names_of
from dispatch.places.names.index import NameIndex
from dispatch.places.names.layers import Layer, LayeredIndex, Layers
from dispatch.places.names.mentions import find_mentions, last_words, letters_in, mention_at
from dispatch.places.names.pairs import accuracy_m, point_of, with_pairs
from dispatch.places.names.ranking import Reading, best_of, mark_clear, rank
from dispatch.places.names.words import CUES, FILLERS, PlaceWord, fold, place_words
from dispatch.places.order import points_first
from dispatch.places.plane import LocalPlane

__all__ = ["Located", "MentionedPlace", "Outside", "PlaceCandidate", "Places", "ReadPlaces"]

#: A point farther from every kelurahan point than this many of its radii lies in another regency (999 of 1,000 lie
#: nearer; the nearest point by radii names the right kelurahan in 82% of random points, a polygon is better).
FAR_OUTSIDE_RADII = 2.5
#: How approximate areas are drawn: corners of each, and how many radii they reach at most.
RING_RAYS, RING_RADII = 48, 1.35
MAX_SEARCH_CHARACTERS = 200
MIN_TYPED = 3  # letters before a name is completed
WORST_SHOWN = 0.3
MOST_NAMED = 60  # readings that are made into candidates, of which a handful is shown
UNFINISHED_IN_SENTENCE = 0.7  # what is being typed into a sentence may become any other word
PLACE_ONLY_WORDS = 3
REGIONAL_IN_SENTENCE = 0.75  # "di Serang" in a sentence mostly means the city
COVERED_SHARE = 0.35  # how much of a search's score depends on how much of what was typed the place explains


@lru_cache(maxsize=4)
def _layer_of(city: CityPack) -> Layer:
    """The pack's own places; indexed once, however many ask."""
    return Layer(entries_of(city), NameIndex(names_of(city)))


@lru_cache(maxsize=4)
def _ordinary_words(city: CityPack) -> frozenset[str]:
    """Words that mean something else and so are no misspelt place."""
    types = city.incident_types.values()
    keywords = (words for type_ in types for words in (*type_.keywords, *type_.hints))
    return frozenset(fold(word) for words in keywords for word in words.split())


@lru_cache(maxsize=4)
def _areas_of(city: CityPack) -> dict[str, list[tuple[float, float]]]:
    plane = LocalPlane(*city.centre)
    points, radii = _points_of(city, plane)
    angles = np.linspace(0, 2 * pi, RING_RAYS, endpoint=False)
    ways = np.column_stack((np.cos(angles), np.sin(angles)))
    areas = {}
    for code, point, radius in zip(city.kelurahan, points, radii, strict=True):
        # At t metres another point is as near, in radii, where a t^2 + b t + c = 0; below the root it is farther.
        apart = point - points
        a = radii**2 - radius**2
        b = -2 * radius**2 * (ways @ apart.T)
        c = -(radius**2) * (apart**2).sum(axis=1)
        root = b + np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
        met = (b**2 >= 4 * a * c) & (root > 0) & (c < 0)
        lengths = np.where(met, -2 * c / np.where(met, root, 1), np.inf).min(axis=1)
        ring = plane.degrees(point + ways * np.minimum(lengths, RING_RADII * radius)[:, None])
        areas[code] = [(round(float(lon), 5), round(float(lat), 5)) for lon, lat in ring]
    return areas


def _points_of(city: CityPack, plane: LocalPlane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The kelurahan's points in metres, and the radii of circles as large as they are."""
    wards = city.kelurahan.values()
    points = plane.metres(np.array([(ward.lon, ward.lat) for ward in wards]))
    return points, np.array([sqrt(ward.area_km2 / pi) * 1000 for ward in wards])


class Places:
    """The places of one city; boundaries are optional, without them the nearest kelurahan point answers."""

    def __init__(self, city: CityPack, boundaries: BoundaryLayer | None = None) -> None:
        self._city, self._boundaries = city, boundaries
        self._plane = LocalPlane(*city.centre)
        self._codes = tuple(city.kelurahan)
        self._points, self._radii = _points_of(city, self._plane)
        self._city_layer = _layer_of(city)
        self._layers = Layers((self._city_layer,))
        self._ordinary = _ordinary_words(city)

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

    def outside(self, lat: float, lon: float) -> Outside | None:
        """How far a point lies outside the city; None for a point in it."""
        if self.locate(lat, lon) is not None:
            return None
        away = np.hypot(*(self._points - self._plane.metres(np.array([[lon, lat]]))).T) - self._radii
        code, distance_m = self._codes[int(np.argmin(away))], float(np.min(away))
        if self._boundaries is not None:
            code, distance_m = self._boundaries.nearest(lat, lon)
        return Outside(max(0.1, round(distance_m / 1000, 1)), code)

    def areas(self) -> dict[str, list[tuple[float, float]]]:
        """What `locate` answers without polygons: a ring of (lon, lat) for each kelurahan code, as far as it is drawn.

        From each kelurahan's point rays go out to where another point is nearer (in radii), or to RING_RADII.
        """
        return _areas_of(self._city)

    def search(self, text: str, limit: int = 5) -> list[PlaceCandidate]:
        """The places that what is typed into a place field may mean, best first; misspelt and unfinished names too."""
        read = self._read(text[:MAX_SEARCH_CHARACTERS], limit, in_sentence=False)
        return [place.candidate for place in read.places]

    def mentions(self, text: str, limit: int = 5) -> list[MentionedPlace]:
        """The places that a caller's sentence names, best first, each with the stretches of the text that name it."""
        return list(self.read(text, limit).places)

    def read(self, text: str, limit: int = 5) -> ReadPlaces:
        """All that a caller's sentence says about where it is."""
        return self._read(text, limit, in_sentence=True)

    def _read(self, text: str, limit: int, *, in_sentence: bool) -> ReadPlaces:
        """Read a text in four steps.

        1. Figures (coordinates, links, codes, km posts) and details (RT, RW, number) are taken out of it.
        2. What is left is searched for names, and in a place field for the beginnings of names.
        3. Two names that the text ties together become one reading.
        4. Points come before names, and the first is marked clear where nothing contradicts it.
        """
        figures = read_figures(text, self._city)
        details = details_in(figures.rest)
        words = place_words(without_details(figures.rest, details.spans))
        weight = REGIONAL_IN_SENTENCE if in_sentence else 1.0
        everywhere = not in_sentence or self._is_all_place(words)
        mentions = find_mentions(words, self._index, is_ordinary=self._is_ordinary, everywhere=everywhere)
        readings = rank(mentions, self._entries, regional_weight=weight)
        readings = best_of([*readings, *self._unfinished(words, readings, in_sentence=in_sentence)])
        readings = with_pairs(readings)
        if not in_sentence:
            letters = letters_in(words, 0, len(words) - 1)
            covered = [self._covering(reading, words, letters) for reading in readings]
            readings = covered if covered and covered[0].beside else best_of(covered)
        named = [
            self._mentioned(reading, text, words, details)
            for reading in mark_clear(readings)[:MOST_NAMED]
            if reading.score >= WORST_SHOWN
        ]
        placed = [self._placed(point, text, details) for point in figures.points]
        return ReadPlaces(tuple(points_first(placed, named)[:limit]), figures.notices)

    def _unfinished(
        self, words: Sequence[PlaceWord], readings: Sequence[Reading], *, in_sentence: bool
    ) -> Iterable[Reading]:
        """Readings of the last words as the beginning of a name; in a sentence only after a word that announces one."""
        run = last_words(words)
        if run is None or letters_in(words, *run) < (MIN_TYPED if not in_sentence else MIN_TYPED + 1):
            return
        before = words[run[0] - 1].form if run[0] else ""
        if in_sentence and (readings or before not in CUES or run[1] - run[0] > 2 or words[run[1]].ends_clause):
            return
        forms = [word.form for word in words[run[0] : run[1] + 1]]
        if all(form in FILLERS or (in_sentence and self._is_ordinary(form)) for form in forms):
            return
        typed = "".join(forms)
        begun = mention_at(words, *run, self._index.beginning(typed))
        for reading in rank([begun], self._entries, regional_weight=1.0):
            share = UNFINISHED_IN_SENTENCE if in_sentence else 1.0
            if reading.entry.kind != "outside":
                yield replace(reading, score=reading.score * share, found="unfinished")

    def _is_ordinary(self, form: str) -> bool:
        return form in self._ordinary

    def _is_all_place(self, words: Sequence[PlaceWord]) -> bool:
        """Whether a line is so short, and so free of words for incidents, that it may be nothing but a place."""
        return len(words) <= PLACE_ONLY_WORDS and not any(self._is_ordinary(word.form) for word in words)

    def _covering(self, reading: Reading, words: Sequence[PlaceWord], total: int) -> Reading:
        """The reading, scored down by the share of the `total` typed letters that it leaves unexplained."""
        positions = {at for mention in reading.mentions for at in range(mention.first, mention.last + 1)}
        covered = sum(letters_in(words, position, position) for position in positions)
        share = min(1.0, covered / total) if total else 0.0
        return replace(reading, score=reading.score * (1 - COVERED_SHARE + COVERED_SHARE * share))

    def _mentioned(self, reading: Reading, text: str, words: Sequence[PlaceWord], details: Details) -> MentionedPlace:
        spans = sorted((words[mention.first].start, words[mention.last].end) for mention in reading.mentions)
        main = reading.mentions[0]
        candidate = self._candidate(reading)
        read = text[words[main.first].start : words[main.last].end]
        if reading.beside is not None:
            read = text[spans[0][0] : spans[-1][1]]
        return MentionedPlace(
            replace(candidate, read=read, detail=details.words), tuple(sorted({*spans, *details.spans}))
        )

    def _candidate(self, reading: Reading) -> PlaceCandidate:
        ward = self._city.kelurahan.get(reading.kelurahan_code or "")
        entry, beside = reading.entry, reading.beside
        placed = point_of(reading)
        candidate = PlaceCandidate(
            key=entry.key if beside is None else f"{entry.key}+{beside.entry.key}",
            name=entry.name,
            kind=entry.kind,
            kelurahan_code=reading.kelurahan_code,
            kelurahan=ward.name if ward else None,
            kecamatan=ward.kecamatan if ward else entry.kecamatan,
            lat=placed.entry.lat if placed else None,
            lon=placed.entry.lon if placed else None,
            accuracy_m=accuracy_m(reading) if placed else entry.accuracy_m,
            relation=reading.relation,
            score=round(reading.score, 3),
            clear=reading.clear,
            found=reading.found,
            beside=beside.entry.name if beside else None,
            beside_key=beside.entry.key if beside else None,
            beside_relation=beside.relation if beside else None,
            source=entry.source,
        )
        if entry.kind == "outside" and entry.lat is not None and entry.lon is not None:
            return self._outside_named(candidate, entry.lat, entry.lon)
        return candidate

    def _outside_named(self, candidate: PlaceCandidate, lat: float, lon: float) -> PlaceCandidate:
        """A neighbouring place with its distance; where its rough point falls into the city it is at the border."""
        away = self.outside(lat, lon)
        if away is None:
            located = self.locate(lat, lon)
            away = Outside(0.1, located.kelurahan_code if located else self._codes[0])
        return self._beyond(candidate, away)

    def _beyond(self, candidate: PlaceCandidate, away: Outside) -> PlaceCandidate:
        near = self._city.kelurahan[away.kelurahan_code]
        return replace(
            candidate, outside_km=away.km, near_kelurahan=near.name, near_kecamatan=near.kecamatan, clear=False
        )

    def _placed(self, point: ReadPoint, text: str, details: Details) -> MentionedPlace:
        """A point as a candidate: in its kelurahan, or outside with its distance."""
        located = self.locate(point.lat, point.lon) if point.lat is not None and point.lon is not None else None
        ward = self._city.kelurahan[located.kelurahan_code] if located else None
        neighbour = self._city.kelurahan[located.neighbour] if located and located.neighbour else None
        candidate = PlaceCandidate(
            key=point.key,
            name=point.name,
            kind="km_post" if point.kind == "km_post" else "point",
            kelurahan_code=ward.code if ward else None,
            kelurahan=ward.name if ward else None,
            kecamatan=ward.kecamatan if ward else None,
            lat=point.lat,
            lon=point.lon,
            accuracy_m=point.accuracy_m,
            relation=None,
            score=1.0,
            clear=ward is not None,
            found=point.kind,
            read=" ".join(text[start:end] for start, end in sorted(point.spans)),
            detail=", ".join(filter(None, (point.detail, details.words))) or None,
            neighbour=neighbour.name if neighbour else None,
        )
        if ward is None:
            candidate = self._beyond(candidate, self._how_far(point))
        return MentionedPlace(candidate, tuple(sorted(point.spans)))

    def _how_far(self, point: ReadPoint) -> Outside:
        if point.lat is not None and point.lon is not None:
            return self.outside(point.lat, point.lon) or Outside(0.1, self._codes[0])
        if point.nearest is None:
            return Outside(0.1, self._codes[0])
        from_last = self.outside(point.nearest.lat, point.nearest.lon)
        km = point.beyond_km + (from_last.km if from_last else 0.0)
        return Outside(round(km, 1), from_last.kelurahan_code if from_last else self._codes[0])
