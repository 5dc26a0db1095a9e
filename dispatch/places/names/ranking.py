"""Weighs the places that a text mentions against each other: which are meant, and whether one stands clear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from dispatch.places.names.entries import PlaceEntry
from dispatch.places.names.mentions import Mention

CLEAR_SCORE, CLEAR_LEAD = 0.8, 0.08
SURE_KELURAHAN = 0.85  # a kelurahan mentioned this surely also places a street or landmark named beside it
OTHER_KECAMATAN = 0.7  # the text names a kecamatan that this place does not lie in
BORROWED_NAME = 0.6  # "Perum Untirta Permai" is not the campus
WHOLE_KECAMATAN, ITS_NAMESAKE = 0.4, 0.45  # only the kecamatan was named
SURE_OUTSIDE = 0.9  # a name outside the city is believed only when it is written nearly right
OUTSIDE_BESIDE = 0.4  # "orang cilegon di pasar rau": a place in the city is named as well
UNFINISHED_SURE = 0.87  # three fifths of the name are typed
MOST_ALIKE = 200  # places of one name that are weighed
EXACT = 0.96  # the name as it is written in the city pack, or without its kind ("Ahmad Yani")
_KIND_ORDER = {"landmark": 0, "junction": 0, "street": 1, "kelurahan": 2, "outside": 3}
Found = Literal["name", "spelling", "unfinished", "kecamatan", "pair"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One place read from a text: its kelurahan may come from words beside it; `mentions` are all its words.

    `found` says how its name was recognised; `beside` is a second place that the same sentence ties to it.
    """

    entry: PlaceEntry
    kelurahan_code: str | None
    mentions: tuple[Mention, ...]
    score: float
    clear: bool
    found: Found = "name"
    beside: Reading | None = None

    @property
    def relation(self) -> str | None:
        """Where it happened seen from this place, as the text says."""
        return self.mentions[0].relation


def rank(mentions: Sequence[Mention], entries: Sequence[PlaceEntry], *, regional_weight: float) -> list[Reading]:
    """The readings of all mentions, best first, none marked clear yet; `regional_weight` is for a bare "Serang".

    1. A kecamatan named beside something in it (or called one) narrows the others down.
    2. Every other mention gives a reading for each of its entries.
    3. A kelurahan mentioned alone among its kind places the streets and landmarks beside it.
    4. Where nothing but a kecamatan was named, each of its kelurahan is a weak reading.
    """
    districts, rest = _narrowing(mentions, entries)
    readings = [
        _reading(entries[number], mention, likeness, _weight(entries[number], mention, regional_weight), districts)
        for mention, numbers in rest
        for number, likeness in _likeliest(numbers, entries, districts)
    ]
    wards = [one for one in readings if one.entry.kind == "kelurahan" and one.score >= SURE_KELURAHAN]
    readings = [_beside(reading, wards) for reading in readings]
    readings = list(_inside_first(readings))
    if not readings:
        readings = list(_whole(districts, entries))
    return best_of(readings)


def _inside_first(readings: Sequence[Reading]) -> Iterable[Reading]:
    """The readings, those outside the city only where they are meant: not a destination, an origin or a likeness."""
    inside = any(reading.entry.kind != "outside" and reading.score >= CLEAR_SCORE for reading in readings)
    for reading in readings:
        if reading.entry.kind != "outside":
            yield reading
        elif reading.score >= SURE_OUTSIDE and not reading.mentions[0].passing:
            yield replace(reading, score=reading.score * OUTSIDE_BESIDE) if inside else reading


def best_of(readings: Iterable[Reading]) -> list[Reading]:
    """The best reading of each place, best first."""
    best: dict[str, Reading] = {}
    for reading in readings:
        known = best.get(reading.entry.key)
        if known is None or reading.score > known.score:
            best[reading.entry.key] = reading
    return sorted(best.values(), key=_order)


def mark_clear(readings: Sequence[Reading]) -> list[Reading]:
    """The readings, the first marked clear where it is good, unmistakable and well before the next."""
    if not readings:
        return []
    first = readings[0]
    rivals = [other.score for other in readings[1:] if not _contains(other, first) and not _part_of(other, first)]
    lead = first.score - max(rivals, default=0.0)
    clear = first.score >= CLEAR_SCORE and lead >= CLEAR_LEAD and not _ambiguous(first)
    clear = clear and first.entry.kind != "outside"
    return [replace(first, clear=clear), *readings[1:]]


def _likeliest(
    numbers: dict[int, float], entries: Sequence[PlaceEntry], districts: dict[str, Mention]
) -> Iterable[tuple[int, float]]:
    """The entries that a mention may mean. Of hundreds with one name (an extract's "Indomaret") those in a kecamatan
    that the text names come first, then the likeliest."""
    if len(numbers) <= MOST_ALIKE:
        return numbers.items()
    return sorted(numbers.items(), key=lambda one: (entries[one[0]].kecamatan not in districts, -one[1], one[0]))[
        :MOST_ALIKE
    ]


def _narrowing(
    mentions: Sequence[Mention], entries: Sequence[PlaceEntry]
) -> tuple[dict[str, Mention], list[tuple[Mention, dict[int, float]]]]:
    """The kecamatan that narrow the search, with the words that name them, and what the other mentions may be."""
    districts: dict[str, Mention] = {}
    rest: list[tuple[Mention, dict[int, float]]] = []
    lying_in = _lying_in(mentions, entries)
    for mention in mentions:
        named = {number for number in mention.entries if entries[number].kind == "kecamatan"}
        others = {number: likeness for number, likeness in mention.entries.items() if number not in named}
        narrowing = [
            entries[number].name
            for number in named
            if mention.label == "kecamatan"
            or (mention.label is None and _goes_with(mention, entries[number], lying_in))
        ]
        if not narrowing and named and not others:
            narrowing = [entries[number].name for number in named]
        if narrowing:
            districts.update(dict.fromkeys(narrowing, mention))
        elif others:
            rest.append((mention, others))
    return districts, rest


def _lying_in(mentions: Iterable[Mention], entries: Sequence[PlaceEntry]) -> dict[str, list[Mention]]:
    """For each kecamatan the first two mentions of something that lies in it."""
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        lies = (entries[number] for number in mention.entries)
        for district in {entry.kecamatan for entry in lies if entry.kind != "kecamatan" and entry.kecamatan}:
            found.setdefault(district, [])
            if len(found[district]) < 2:
                found[district].append(mention)
    return found


def _goes_with(mention: Mention, district: PlaceEntry, lying_in: dict[str, list[Mention]]) -> bool:
    """Whether a bare kecamatan name stands beside something that lies in it; the city's own name never does."""
    return not district.regional and any(other is not mention for other in lying_in.get(district.name, ()))


def _weight(entry: PlaceEntry, mention: Mention, regional_weight: float) -> float:
    if mention.of_settlement and entry.kind != "kelurahan":
        return BORROWED_NAME
    return regional_weight if entry.regional and mention.label != "kelurahan" else 1.0


def _reading(
    entry: PlaceEntry, mention: Mention, likeness: float, weight: float, districts: dict[str, Mention]
) -> Reading:
    score = likeness * weight
    spans = [mention]
    if districts and entry.kecamatan is not None:
        if entry.kecamatan in districts:
            spans.append(districts[entry.kecamatan])
        else:
            score *= OTHER_KECAMATAN
    found: Found = "name" if likeness >= EXACT else "spelling"
    return Reading(entry, entry.kelurahan_code, tuple(spans), score, False, found)


def _beside(reading: Reading, wards: Sequence[Reading]) -> Reading:
    """The reading with the kelurahan that the text names beside it, where that is one and does not contradict.

    `wards` are the readings that are surely a kelurahan.
    """
    if reading.entry.kind == "kelurahan":
        return reading
    sure: dict[str, Reading] = {}
    for ward in wards:
        if not ward.mentions[0].overlaps(reading.mentions[0]):
            sure[ward.entry.key] = ward
            if len(sure) > 1:
                return reading
    if not sure:
        return reading
    ((code, ward),) = sure.items()
    if reading.kelurahan_code not in (None, code):
        return reading
    return replace(reading, kelurahan_code=code, mentions=(*reading.mentions, *ward.mentions))


def _whole(districts: dict[str, Mention], entries: Sequence[PlaceEntry]) -> Iterable[Reading]:
    for entry in takewhile(lambda entry: entry.kind == "kelurahan", entries):  # they come first
        if entry.kecamatan in districts:
            score = ITS_NAMESAKE if entry.name == entry.kecamatan else WHOLE_KECAMATAN
            yield Reading(entry, entry.kelurahan_code, (districts[entry.kecamatan],), score, False, "kecamatan")


def _order(reading: Reading) -> tuple[float, int, int, str]:
    return (-round(reading.score, 3), _KIND_ORDER[reading.entry.kind], reading.mentions[0].first, reading.entry.key)


def _contains(other: Reading, first: Reading) -> bool:
    """Whether `other` is no rival but the kelurahan that `first` lies in."""
    return other.entry.kind == "kelurahan" and other.entry.key == first.kelurahan_code


def _part_of(other: Reading, first: Reading) -> bool:
    """Whether `other` is one of the two places that `first` ties together."""
    return first.beside is not None and other.entry.key in (first.entry.key, first.beside.entry.key)


def _ambiguous(reading: Reading) -> bool:
    """Whether the name alone does not say which place: twins need their kecamatan, wider names the word kelurahan."""
    if reading.found == "unfinished" and max(reading.mentions[0].entries.values()) < UNFINISHED_SURE:
        return True
    mention, narrowed = reading.mentions[0], len(reading.mentions) > 1
    if reading.entry.kind != "kelurahan":
        return False
    if reading.entry.regional or reading.entry.district_name:
        return mention.label != "kelurahan"
    return reading.entry.twin and not narrowed
