"""An index over place names that forgives spelling: exact, beginning-with and similar, within milliseconds."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

#: How many of the names with the most common trigrams are compared letter by letter.
RERANKED = 48
#: A trigram in more than this share of the names tells little and is left out where rarer ones are at hand.
COMMON_SHARE = 0.1
MIN_RARE_TRIGRAMS = 3
SPOILT = 4  # trigrams that one slip changes: three, or four where two letters changed places
SCANNED_BEGINNINGS = 400


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write a place: its words run together in `compact`, `starts` where a word begins in it.

    `entry` is the place's number; `weight` is below 1 for a way that leaves something out.
    """

    compact: str
    starts: tuple[int, ...]
    entry: int
    weight: float

    @classmethod
    def of(cls, forms: Sequence[str], entry: int, weight: float = 1.0) -> Name:
        """A name from its words in compared form."""
        starts, at = [], 0
        for form in forms:
            starts.append(at)
            at += len(form)
        return cls("".join(forms), tuple(starts), entry, weight)


class NameIndex:
    """Finds the entries whose names equal, begin with or resemble some words run together.

    Every answer is a mapping from entry to likeness (0 to 1, the name's weight included).
    """

    def __init__(self, names: Iterable[Name]) -> None:
        self._names = tuple(names)
        self._exact: defaultdict[str, list[Name]] = defaultdict(list)
        beginnings: list[tuple[str, int]] = []
        for number, name in enumerate(self._names):
            self._exact[name.compact].append(name)
            beginnings.extend((name.compact[start:], number) for start in name.starts)
        self._beginnings = sorted(beginnings)
        self._index_trigrams()

    def equal(self, compact: str) -> dict[int, float]:
        """Entries with exactly this name."""
        return _best((name.entry, name.weight) for name in self._exact.get(compact, ()))

    def beginning(self, compact: str) -> dict[int, float]:
        """Entries with a name, or a later word of one, that begins like this: what somebody is still typing."""
        first = bisect_left(self._beginnings, (compact, 0))
        hits = []
        for rest, number in self._beginnings[first : first + SCANNED_BEGINNINGS]:
            if not rest.startswith(compact):
                break
            name = self._names[number]
            hits.append((name.entry, name.weight * (0.75 + 0.2 * len(compact) / len(name.compact))))
        return _best(hits)

    def similar(self, compact: str, floor: float) -> dict[int, float]:
        """Entries with a name at least `floor` like this (1 less the share of wrong, missing or swapped letters)."""
        slips = int((1 - floor) * len(compact) / floor)
        if len(compact) - slips > self._longest:
            return {}  # longer than any name could be misspelt
        grams = _trigrams(compact)
        postings = [self._postings[gram] for gram in grams if gram in self._postings]
        rare = [posting for posting in postings if len(posting) <= COMMON_SHARE * len(self._names)]
        used = rare if len(rare) >= MIN_RARE_TRIGRAMS else postings
        if not used:
            return {}
        shared = np.bincount(np.concatenate(used), minlength=len(self._names))
        # A wrong letter spoils three trigrams; fewer in common than that leaves no name like enough.
        least = max(1, len(grams) - SPOILT * slips - (len(grams) - len(used)))
        numbers = np.flatnonzero(shared >= least)
        numbers = numbers[np.abs(self._lengths[numbers] - len(compact)) <= slips]
        if len(numbers) > RERANKED:
            overlap = shared[numbers] / (self._lengths[numbers] + len(compact))
            numbers = numbers[np.argpartition(overlap, -RERANKED)[-RERANKED:]]
        hits = []
        for number in numbers.tolist():
            name = self._names[number]
            likeness = OSA.normalized_similarity(compact, name.compact, score_cutoff=floor)
            if likeness >= floor:
                hits.append((name.entry, likeness * name.weight))
        return _best(hits)

    def _index_trigrams(self) -> None:
        collected: defaultdict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self._names):
            for gram in _trigrams(name.compact):
                collected[gram].append(number)
        self._postings: dict[str, NDArray[np.int32]] = {
            gram: np.array(numbers, dtype=np.int32) for gram, numbers in collected.items()
        }
        self._longest = max((len(name.compact) for name in self._names), default=0)
        self._lengths: NDArray[np.int32] = np.array([len(name.compact) for name in self._names], dtype=np.int32)


def _trigrams(compact: str) -> set[str]:
    framed = f"^{compact}$"
    return {framed[start : start + 3] for start in range(len(framed) - 2)}


def _best(hits: Iterable[tuple[int, float]]) -> dict[int, float]:
    best: dict[int, float] = {}
    for entry, likeness in hits:
        best[entry] = max(likeness, best.get(entry, 0.0))
    return best
