"""Weighs single words by how often they stand in sentences of each incident type: what no keyword was written for.

A multinomial naive Bayes over word stems, made at the start from the city pack's example sentences and keywords. The
letters of a word speak too, though more quietly: of a word nobody has written yet ("kejepitan") or a slip of the pen
they know something. It only adds to what keywords say, and like them it can name the words it went by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.city.pack import CityPack
from dispatch.triage.keywords import Token, tokens_of
from dispatch.triage.word_forms import COMMON_WORDS, NEGATIONS, PASSED_BY_NEGATION, SAYS_NOTHING, stems

# Chosen by cross-validation on sentences that the keywords had not seen.
SMOOTHING = 0.1
GROUP_LETTERS, GROUP_WEIGHT = 4, 0.3
SMALL_TALK = ""  # the type of example sentences that report nothing
TELLING = 1.0  # a word that makes a type e times likelier is one of the words it was read from
_GROUP = "#"  #: marks a group of letters among the stems
_SAYS_NOTHING = (
    SAYS_NOTHING
    | NEGATIONS
    | (PASSED_BY_NEGATION - {"kena", "mau"})
    | frozenset(
        "pak bu mas mbak bang kami nih banget dong deh kok sih kan tolong saya sudah terus sama pada ya".split()
    )
)


@dataclass(frozen=True, slots=True)
class Learned:
    """How likely a type is by its words alone (0 to 1), and the tokens that speak for it."""

    likelihood: float
    tokens: frozenset[int]


class LearnedWords:
    """The weights of one city's words."""

    def __init__(self, city: CityPack) -> None:
        self._types = [*city.incident_types, SMALL_TALK]
        place = {code: at for at, code in enumerate(self._types)}
        told = [(sentence.words, sentence.type_code) for sentence in city.example_sentences]
        for type_ in city.incident_types.values():
            told += [(words, type_.code) for words in (*type_.keywords, *type_.hints)]
        counted: dict[str, NDArray[np.float64]] = {}
        for words, code in told:
            for sign in {sign for _, sign in _signs(tokens_of(words))}:
                counted.setdefault(sign, np.zeros(len(self._types)))[place[code]] += 1
        self._number = {sign: at for at, sign in enumerate(counted)}
        counts = np.array(list(counted.values())).reshape(len(counted), len(self._types)) + SMOOTHING
        by_type = counts / counts.sum(axis=0)
        overall = counts.sum(axis=1, keepdims=True) / counts.sum()
        loudness = np.array([[GROUP_WEIGHT if sign.startswith(_GROUP) else 1.0] for sign in counted])
        self._weights: NDArray[np.float64] = np.log(by_type / overall) * loudness

    def read(self, tokens: Sequence[Token], masked: frozenset[int]) -> dict[str, Learned]:
        """The types that the words speak for; nothing where small talk is likelier than any of them."""
        known = [(at, self._number[sign]) for at, sign in _signs(tokens) if at not in masked and sign in self._number]
        if not known:
            return {}
        rows = list({row for _, row in known})
        score = self._weights[rows].sum(axis=0)
        likely = np.exp(score - score.max())
        likely /= likely.sum()
        if int(likely.argmax()) == len(self._types) - 1:
            return {}
        found = {}
        words, signs = np.array(known).T
        for column in np.flatnonzero(likely[:-1] > 0.01).tolist():
            telling = frozenset(words[self._weights[signs, column] >= TELLING].tolist())
            if telling:
                found[self._types[column]] = Learned(float(likely[column]), telling)
        return found


def _signs(tokens: Sequence[Token]) -> Iterable[tuple[int, str]]:
    """What is counted of each telling word: its stem, and each group of letters in it, with its beginning and end."""
    for at, token in enumerate(tokens):
        if token.form in _SAYS_NOTHING or token.form in COMMON_WORDS:
            continue
        shortest = min(stems(token.form), key=lambda stem: (len(stem), stem))
        yield at, f"!{shortest}" if token.denied_by is not None else shortest
        whole = f"^{token.form}$"
        for start in range(len(whole) - GROUP_LETTERS + 1):
            yield at, _GROUP + whole[start : start + GROUP_LETTERS]
