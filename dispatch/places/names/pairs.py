"""Ties two places together that one sentence relates: "jl ahmad yani dekat alun-alun" is on the one, near the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dispatch.places.names.ranking import CLEAR_SCORE, Reading
from dispatch.places.plane import distance_m

MAX_WORDS_BETWEEN = 4
SAME_SPOT_M = 2_500  # two places farther apart than this are not near each other, whatever the words say
TIED = 1.02  # a sentence that ties two places together says more than either name
_LINEAR = "street"
#: How far from the second place it may be, in metres, for the accuracy of the point.
REACH_M = {"depan": 60, "sebelah": 60, "seberang": 80, "belakang": 100, "dalam": 50, "bawah": 50}
OTHER_REACH_M = 200


def with_pairs(readings: Sequence[Reading]) -> list[Reading]:
    """The readings, the tied ones first; each of the two places stays in the list by itself."""
    named = [reading for reading in readings if reading.entry.kind in ("landmark", "junction", "street")]
    sure = sorted(
        (reading for reading in named if reading.score >= CLEAR_SCORE), key=lambda reading: reading.mentions[0].first
    )
    pairs = [pair for first, second in pairwise(sure) if (pair := _tie(first, second))]
    return [*sorted(pairs, key=lambda pair: -pair.score)[:1], *readings]


def accuracy_m(pair: Reading) -> int | None:
    """Within how many metres the point of a tied reading holds; None where neither place has a point."""
    placed = point_of(pair)
    if placed is None or placed.entry.accuracy_m is None:
        return None
    if pair.beside is not None and placed.entry.key == pair.beside.entry.key:
        return placed.entry.accuracy_m + REACH_M.get(pair.beside.relation or "", OTHER_REACH_M)
    return placed.entry.accuracy_m


def point_of(reading: Reading) -> Reading | None:
    """Whose point is shown: the place's own, or that of the place beside it, unless that only gives a direction."""
    if reading.entry.lat is not None:
        return reading
    beside = reading.beside
    return beside if beside is not None and beside.entry.lat is not None and beside.relation != "arah" else None


def _tie(first: Reading, second: Reading) -> Reading | None:
    """The two readings as one, where the text says or shows that they belong together and the map does not deny it."""
    before, after = first.mentions[0], second.mentions[0]
    if after.first - before.last - 1 > MAX_WORDS_BETWEEN or before.overlaps(after):
        return None
    main, beside = first, second
    if after.relation is None:
        if before.relation is None and (first.entry.kind == _LINEAR) == (second.entry.kind == _LINEAR):
            return None  # two landmarks or two streets side by side: nothing says how they belong together
        if second.entry.kind == _LINEAR and (before.relation is not None or first.entry.kind != _LINEAR):
            main, beside = second, first  # "depan alun-alun, jl veteran"
        elif first.entry.kind != _LINEAR:
            return None
    if main.entry.key == beside.entry.key or _apart(main, beside):
        return None
    codes = {code for code in (main.kelurahan_code, beside.kelurahan_code) if code}
    if len(codes) > 1 and main.entry.kind != _LINEAR and beside.relation not in ("dekat", "arah"):
        return None
    near_code = None if beside.relation == "arah" else beside.kelurahan_code
    return replace(
        main,
        kelurahan_code=main.kelurahan_code or near_code,
        mentions=(*main.mentions, *beside.mentions),
        score=min(1.0, min(main.score, beside.score) * TIED),
        found="pair",
        beside=beside,
    )


def _apart(one: Reading, other: Reading) -> bool:
    here, there = one.entry, other.entry
    if here.lat is None or here.lon is None or there.lat is None or there.lon is None:
        return False
    return distance_m(here.lat, here.lon, there.lat, there.lon) > SAME_SPOT_M
