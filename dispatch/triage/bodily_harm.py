"""Finds the words that say somebody's body is hurt: the heart, breath, blood, a bite, a burn, a fall, a birth.

Whatever else was said, and whatever the incident is taken for, such a caller needs medical help: the policy's `[harm]`
names who gives it and how urgent the ticket is proposed to be. The city pack's harm_words.csv holds the words; those
marked `calm` contain one of them and mean nobody is hurt ("donor darah").
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from dispatch.city.pack import CityPack
from dispatch.triage.keywords import KeywordIndex, Token

LEAST_SLIP_LETTERS = 8  # shorter harm words are one letter away from everyday ones (nyekek, nyeker)


class _HarmWords:
    """The harm words of a pack, compiled."""

    def __init__(self, city: CityPack) -> None:
        self._harm = KeywordIndex(city.harm_words.harm, affixes=False, least_slip_letters=LEAST_SLIP_LETTERS)
        self._calm = KeywordIndex(city.harm_words.calm)

    def find(self, tokens: Sequence[Token], masked: frozenset[int]) -> frozenset[int]:
        calm = {at for found in self._calm.find(tokens, masked) for at in found.tokens}
        return frozenset(at for found in self._harm.find(tokens, masked | calm) for at in found.tokens)


@lru_cache(maxsize=4)
def _harm_words(city: CityPack) -> _HarmWords:
    return _HarmWords(city)


def harm_in(tokens: Sequence[Token], city: CityPack, masked: frozenset[int] = frozenset()) -> frozenset[int]:
    """The tokens that say a body is hurt; `masked` ones (a place's name) are left aside, denied ones do not count."""
    return _harm_words(city).find(tokens, masked)
