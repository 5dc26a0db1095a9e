"""Matches the keywords of a city pack in a text: affixes, slips of the pen, words in between, and "not"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from rapidfuzz.distance import OSA

from dispatch.places.names.words import MAX_WORD
from dispatch.triage.word_forms import (
    COMMON_WORDS,
    NEGATIONS,
    PASSED_BY_NEGATION,
    SAYS_NOTHING,
    compared_form,
    stems,
    without_clitics,
)

_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
_CLAUSE_END = re.compile(r"[.,;:!?\n]")
GAP_WORDS = 3  # how many words may stand between those of one keyword
DENIED_GAP_WORDS = 9  # "ditabrak dari belakang, untung tidak ada yang luka"
MAX_ANCHORS = 40  # places in one text where one keyword is tried
NEGATED_REACH = 4  # how many passing words "not" reaches over
STEM_QUALITY, TYPO_QUALITY, GAP_QUALITY, ORDER_QUALITY = 0.97, 0.85, 0.93, 0.9
MIN_TYPO_LETTERS, TWO_TYPOS_LETTERS = 6, 10


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: its compared form, where it stands, and by which earlier word ("tidak") it is denied."""

    form: str
    start: int
    end: int
    denied_by: int | None


@dataclass(frozen=True, slots=True)
class Element:
    """One word of a keyword; `denied` where it only counts after "not" (tidak sadar)."""

    word: str
    denied: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A keyword found in a text: the tokens that matched it ("not" included) and how well, 0 to 1."""

    keyword: int
    tokens: frozenset[int]
    quality: float


def tokens_of(text: str) -> list[Token]:
    """The words of a text, a word said twice in a row (alang-alang) taken as one."""
    tokens: list[Token] = []
    negation: int | None = None
    reach = 0
    end = 0
    for match in _WORD.finditer(text):
        form = compared_form(match.group()[:MAX_WORD])
        if _CLAUSE_END.search(text, end, match.start()):
            negation = None
        end = match.end()
        if tokens and form == tokens[-1].form and form not in NEGATIONS:
            tokens[-1] = Token(form, tokens[-1].start, end, tokens[-1].denied_by)
            continue
        tokens.append(Token(form, match.start(), end, negation))
        if form in NEGATIONS:
            negation, reach = len(tokens) - 1, NEGATED_REACH
        elif form in PASSED_BY_NEGATION and reach > 0:
            reach -= 1
        else:
            negation = None
    return tokens


def stretches(tokens: Sequence[Token], used: Iterable[int]) -> list[tuple[int, int]]:
    """Where in the text these tokens stand, neighbours joined (over "di" and the like, too)."""
    joined: list[tuple[int, int]] = []
    previous: int | None = None
    for at in sorted(used):
        if previous is not None and all(tokens[between].form in SAYS_NOTHING for between in range(previous + 1, at)):
            joined[-1] = (joined[-1][0], tokens[at].end)
        else:
            joined.append((tokens[at].start, tokens[at].end))
        previous = at
    return joined


def quotes(text: str, tokens: Sequence[Token], used: Iterable[int]) -> list[str]:
    """The words of these tokens as they were typed, in the order of the text, none twice."""
    return list(dict.fromkeys(text[start:end] for start, end in stretches(tokens, used)))


class KeywordIndex:
    """Keywords compiled for finding; a keyword is named by its place in the sequence it was made from.

    Words are the same without their affixes ("terbakar", "kebakaran") unless `affixes` is False: then only "-nya" and
    the like are taken off, for keywords that must not be found in others that merely share a stem (jang: kejang,
    jangan). A slip of the pen is forgiven in words of `least_slip_letters`.
    """

    def __init__(
        self, keywords: Iterable[str], *, affixes: bool = True, least_slip_letters: int = MIN_TYPO_LETTERS
    ) -> None:
        self._stems = stems if affixes else without_clitics
        self._least_slip_letters = least_slip_letters
        self._keywords = [_elements(keyword) for keyword in keywords]
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        for number, elements in enumerate(self._keywords):
            for element in set(elements):
                self._by_word[element.word].append(number)
        self._by_stem: defaultdict[str, set[str]] = defaultdict(set)
        self._by_letter: defaultdict[str, list[str]] = defaultdict(list)
        for word in self._by_word:
            for stem in self._stems(word):
                self._by_stem[stem].add(word)
            if len(word) >= least_slip_letters - 1:
                self._by_letter[word[0]].append(word)

    def length(self, keyword: int) -> int:
        """How many words a keyword has; one with "not" counts one more, for nobody denies by chance."""
        elements = self._keywords[keyword]
        return len(elements) + any(element.denied for element in elements)

    def has_word(self, form: str) -> bool:
        """Whether a keyword holds this word, in any of its forms."""
        return bool(self._same_words(form))

    def find(self, tokens: Sequence[Token], masked: frozenset[int] = frozenset()) -> Iterator[Found]:
        """Every keyword in the text at its best place, the tokens in `masked` left aside."""
        places = self._places(tokens, masked)
        positions = {element: list(found) for element, found in places.items()}  # in the order of the text
        candidates = {number for element in places for number in self._by_word[element.word]}
        for number in sorted(candidates):
            elements = self._keywords[number]
            if all(element in places for element in elements):
                found = self._best_place(number, elements, places, positions, tokens)
                if found is not None:
                    yield found

    def _places(self, tokens: Sequence[Token], masked: frozenset[int]) -> dict[Element, dict[int, float]]:
        """For each word of a keyword: the tokens that are this word, with their quality."""
        places: defaultdict[Element, dict[int, float]] = defaultdict(dict)
        known: dict[str, dict[str, float]] = {}
        for position, token in enumerate(tokens):
            if position in masked:
                continue
            if token.form not in known:
                known[token.form] = self._same_words(token.form)
            for word, quality in known[token.form].items():
                places[Element(word, token.denied_by is not None)][position] = quality
        return places

    def _same_words(self, form: str) -> dict[str, float]:
        same = {form: 1.0} if form in self._by_word else {}
        for stem in self._stems(form):
            for word in self._by_stem.get(stem, ()):
                same.setdefault(word, STEM_QUALITY)
        if same or len(form) < self._least_slip_letters or form in COMMON_WORDS or not form.isalpha():
            return same
        slips = 2 if len(form) >= TWO_TYPOS_LETTERS else 1
        for word in self._by_letter.get(form[0], ()):
            if OSA.distance(form, word, score_cutoff=slips) <= slips:
                same[word] = TYPO_QUALITY
        return same

    def _best_place(
        self,
        number: int,
        elements: tuple[Element, ...],
        places: Mapping[Element, Mapping[int, float]],
        positions: Mapping[Element, Sequence[int]],
        tokens: Sequence[Token],
    ) -> Found | None:
        rarest = min(elements, key=lambda element: len(places[element]))
        best: Found | None = None
        for anchor in islice(places[rarest], MAX_ANCHORS):
            chosen = [anchor if element is rarest else _nearest(positions[element], anchor) for element in elements]
            width = max(chosen) - min(chosen) + 1
            gap = DENIED_GAP_WORDS if any(element.denied for element in elements) else GAP_WORDS
            if len(set(chosen)) < len(chosen) or width > len(chosen) + gap:
                continue
            quality = min(places[element][at] for element, at in zip(elements, chosen, strict=True))
            quality *= GAP_QUALITY if width > len(chosen) else 1.0
            quality *= ORDER_QUALITY if chosen != sorted(chosen) else 1.0
            if best is None or quality > best.quality:
                best = Found(number, frozenset(self._with_negations(chosen, tokens)), quality)
        return best

    def _with_negations(self, chosen: Iterable[int], tokens: Sequence[Token]) -> Iterator[int]:
        for position in chosen:
            yield position
            denied_by = tokens[position].denied_by
            if denied_by is not None:
                yield denied_by


def _nearest(positions: Sequence[int], anchor: int) -> int:
    """The position nearest to `anchor`, the earlier of two as near."""
    after = bisect_left(positions, anchor)
    return min(positions[max(0, after - 1) : after + 1], key=lambda at: (abs(at - anchor), at))


def _elements(keyword: str) -> tuple[Element, ...]:
    """The words of a keyword; those after "tidak" up to the next counted word become denied ones."""
    tokens = [token for token in tokens_of(keyword) if token.form not in NEGATIONS and token.form not in SAYS_NOTHING]
    elements = [
        Element(token.form, token.denied_by is not None)
        for token in tokens
        if token.denied_by is None or token.form not in PASSED_BY_NEGATION or token is tokens[-1]
    ]
    return tuple(element for element, _ in groupby(elements))
