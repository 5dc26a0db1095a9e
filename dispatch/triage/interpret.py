"""Reads a typed sentence: what happened, where, and whether a life is in danger. Guesses, each with its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from dispatch.city.model import Priority
from dispatch.city.pack import CityPack
from dispatch.places.finder import MentionedPlace, PlaceCandidate, Places
from dispatch.triage.address_words import address_tokens
from dispatch.triage.bodily_harm import harm_in
from dispatch.triage.keywords import Found, KeywordIndex, Token, quotes, stretches, tokens_of
from dispatch.triage.learned_words import Learned, LearnedWords

SpanKind = Literal["type", "place", "danger"]
MAX_TYPES, MAX_PLACES = 3, 5
#: Words that name a place this surely are not read as an incident ("Sumur Pecung" is no well).
SURE_PLACE = 0.95
LENGTH_WEIGHT = {1: 1.0, 2: 1.6, 3: 2.0}
LONGEST_WEIGHT = 2.3
HINT_WEIGHT = 0.35
TAKEN_WEIGHT = 0.35  # words that a longer keyword of another type explains speak less for this one
REPEAT_WEIGHT = 0.5  # a second keyword of a type counts half, a third a quarter
WEAKEST = 0.45
# Chosen by cross-validation like the weights of `learned_words`: that there is a keyword counts, how many hardly.
KEYWORDS_COUNT = 0.65  # the most that keywords count; learned words add at most LEARNED_WEIGHT
LEARNED_WEIGHT = 1.5
TIE_WEIGHT = 0.05  # keeps the order of keywords that all count fully
LEARNED_ALONE = 0.15  # how likely a type without a keyword must be to be listed
LEARNED_SURE = 0.7  # where no keyword was found at all: how likely the likeliest must be
#: Between two readings that are nearly as good, the more urgent one is the safer first guess.
URGENCY_WEIGHT = {Priority.P1: 1.25, Priority.P2: 1.1, Priority.P3: 1.0, Priority.P4: 0.75}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the typed text, `start` to `end` in characters (code points), end not included."""

    start: int
    end: int
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class TypeGuess:
    """What may have happened, with the words that say so, as typed.

    `clear` where it is the first and leads so far that it may be chosen without a person's look; `priority` is the
    one proposed with it: the type's own, or a higher one where a body is hurt.
    """

    code: str
    matched: list[str]
    score: float
    clear: bool
    priority: Priority


@dataclass(frozen=True, slots=True)
class Interpretation:
    """At most three types and five places, best first; every guess has its words among `spans`.

    `harm` quotes the words that say a body is hurt (they are among `danger` too); then `harm_priority` is the least
    urgent priority that is proposed, whatever the type. `notices` say what the text gives
    that could not be used ("link_without_coordinates").
    """

    types: list[TypeGuess]
    places: list[PlaceCandidate]
    danger: list[Span]
    spans: list[Span]
    harm: list[str] = field(default_factory=list)
    harm_priority: Priority | None = None
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _ReadType:
    """A type as it was read, before the policy has its say."""

    code: str
    matched: list[str]
    score: float


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A keyword or hint found for a type."""

    type_code: str
    found: Found
    length: int
    weight: float
    is_hint: bool


class _Vocabulary:
    """The keywords, hints and danger words of a pack, compiled."""

    def __init__(self, city: CityPack) -> None:
        types = city.incident_types.values()
        rows = [(type_.code, word, False) for type_ in types for word in type_.keywords]
        rows += [(type_.code, word, True) for type_ in types for word in type_.hints]
        self._owners = [(code, is_hint) for code, _, is_hint in rows]
        self._types = KeywordIndex(word for _, word, _ in rows)
        self.danger = KeywordIndex(city.danger_words)
        self.learned = LearnedWords(city)
        self.order = {code: (type_.priority, place) for place, (code, type_) in enumerate(city.incident_types.items())}

    def tells(self, form: str) -> bool:
        """Whether this word is part of a keyword or hint."""
        return self._types.has_word(form)

    def evidence(self, tokens: Sequence[Token], masked: frozenset[int]) -> Iterable[_Evidence]:
        for found in self._types.find(tokens, masked):
            code, is_hint = self._owners[found.keyword]
            length = self._types.length(found.keyword)
            weight = LENGTH_WEIGHT.get(length, LONGEST_WEIGHT) * found.quality * (HINT_WEIGHT if is_hint else 1.0)
            yield _Evidence(code, found, length, weight, is_hint)


@lru_cache(maxsize=4)
def _vocabulary(city: CityPack) -> _Vocabulary:
    return _Vocabulary(city)


def learn_words(city: CityPack) -> None:
    """Learn the city's words now (half a second): else the first line typed after a start waits, and calls with it."""
    _vocabulary(city)


def interpret(text: str, city: CityPack, places: Places) -> Interpretation:
    """What `text` says, as guesses that the operator can override; deterministic, and nothing is kept."""
    vocabulary = _vocabulary(city)
    tokens = tokens_of(text)
    read = places.read(text, MAX_PLACES)
    mentioned = read.places
    masked = _masked(tokens, mentioned) | address_tokens(text, tokens, city, tells=vocabulary.tells)
    harmed = harm_in(tokens, city, masked)
    types, type_spans = _types(vocabulary, tokens, masked, text)
    danger = harmed | {at for found in vocabulary.danger.find(tokens, masked) for at in found.tokens}
    danger_spans = _spans(tokens, danger, "danger")
    place_spans = [Span(start, end, "place") for place in mentioned for start, end in place.spans]
    spans = {*type_spans, *place_spans, *danger_spans}
    return Interpretation(
        types=_as_proposed(types, city, quotes(text, tokens, harmed)),
        places=[place.candidate for place in mentioned],
        danger=danger_spans,
        spans=sorted(spans, key=lambda span: (span.start, span.end, span.kind)),
        harm=quotes(text, tokens, harmed),
        harm_priority=city.policy.first_guess.harm_priority if harmed else None,
        notices=list(read.notices),
    )


def _as_proposed(read: Sequence[_ReadType], city: CityPack, harm: list[str]) -> list[TypeGuess]:
    """The types as they are proposed: with the medical one among them and its priority where a body is hurt.

    The first is clear only where it leads: an operator who has to choose looks, one who need not, sends.
    """
    policy = city.policy.first_guess
    read = list(read)
    if harm and not any(guess.code == policy.harm_type for guess in read):
        weakest = min((guess.score for guess in read), default=WEAKEST)
        read = [*read[: MAX_TYPES - 1], _ReadType(policy.harm_type, harm, min(weakest, WEAKEST))]
    scores = [guess.score for guess in read]
    clear = bool(scores) and scores[0] > WEAKEST and scores[0] - max(scores[1:], default=0.0) >= policy.type_lead
    guesses = []
    for place, guess in enumerate(read):
        own = city.incident_types[guess.code].priority
        priority = min(own, policy.harm_priority) if harm else own  # P1 sorts before P4
        guesses.append(TypeGuess(guess.code, guess.matched, guess.score, clear and place == 0, priority))
    return guesses


def _types(
    vocabulary: _Vocabulary, tokens: Sequence[Token], masked: frozenset[int], text: str
) -> tuple[list[_ReadType], list[Span]]:
    """The best types and where the words they were read from stand.

    The longest keyword is weighed first and takes its words: shorter keywords of other types within them count
    little, shorter ones of the same type nothing. Hints alone make a guess only where two agree.
    """
    taken: dict[int, str] = {}
    weights: defaultdict[str, list[float]] = defaultdict(list)
    words: defaultdict[str, set[int]] = defaultdict(set)
    with_keyword: set[str] = set()
    evidence = sorted(
        vocabulary.evidence(tokens, masked),
        key=lambda one: (-one.length, -one.weight, vocabulary.order[one.type_code], one.found.keyword),
    )
    for one in evidence:
        owners = [taken.get(at) for at in one.found.tokens]
        if one.found.tokens <= words[one.type_code]:
            continue
        free = sum(owner is None for owner in owners) / len(owners)
        weights[one.type_code].append(one.weight * (TAKEN_WEIGHT + (1 - TAKEN_WEIGHT) * free))
        words[one.type_code] |= one.found.tokens
        if not one.is_hint:
            with_keyword.add(one.type_code)
        if not one.is_hint or one.length > 1:
            for at in one.found.tokens:
                taken.setdefault(at, one.type_code)
    scores = {
        code: URGENCY_WEIGHT[vocabulary.order[code][0]]
        * sum(weight * REPEAT_WEIGHT**rank for rank, weight in enumerate(sorted(found, reverse=True)))
        for code, found in weights.items()
        if code in with_keyword or len(found) > 1
    }
    scores = {code: score for code, score in scores.items() if score >= WEAKEST}
    _weigh_learned(scores, words, vocabulary.learned.read(tokens, masked))
    best = sorted(scores, key=lambda code: (-round(scores[code], 3), vocabulary.order[code]))
    chosen = best[:MAX_TYPES]
    guesses = [_ReadType(code, quotes(text, tokens, words[code]), round(scores[code], 3)) for code in chosen]
    return guesses, [span for code in chosen for span in _spans(tokens, words[code], "type")]


def _weigh_learned(scores: dict[str, float], words: defaultdict[str, set[int]], learned: Mapping[str, Learned]) -> None:
    """Add what single words say to the scores of the keywords: they decide where those are weak or divided."""
    for code, score in scores.items():
        likelihood = learned[code].likelihood if code in learned else 0.0
        scores[code] = min(score, KEYWORDS_COUNT) + LEARNED_WEIGHT * likelihood + score * TIE_WEIGHT
    if not scores and max((found.likelihood for found in learned.values()), default=0.0) < LEARNED_SURE:
        return
    for code, found in learned.items():
        if code not in scores and found.likelihood >= LEARNED_ALONE:
            scores[code] = found.likelihood
            words[code] = set(found.tokens)


def _masked(tokens: Sequence[Token], mentioned: Iterable[MentionedPlace]) -> frozenset[int]:
    sure = [span for place in mentioned if place.candidate.score >= SURE_PLACE for span in place.spans]
    return frozenset(
        at for at, token in enumerate(tokens) for start, end in sure if start <= token.start and token.end <= end
    )


def _spans(tokens: Sequence[Token], used: Iterable[int], kind: SpanKind) -> list[Span]:
    return [Span(start, end, kind) for start, end in stretches(tokens, used)]
