"""Finds where a text names a place: exact names first, then misspelt ones where a place is likely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dispatch.places.names.layers import LayeredIndex
from dispatch.places.names.words import CUES, FILLERS, GENERIC, LABELS, RELATIONS, SETTLEMENTS, PlaceWord

LONGEST_NAME_WORDS = 6
LONGEST_FUZZY_WORDS = 4  # in a sentence
SHORT_NAME = 5  # letters; a name this short is guessed only after a word that announces a place
FLOOR_CUED, FLOOR = 0.8, 0.84
BETTER_LONGER = 0.86  # a longer misspelt name ("Curug Mans") replaces the exact shorter one inside it ("Curug")
SURE_GUESS = 0.9
MAX_FUZZY_WINDOWS = 60  # bounds the work that a text of any length can cause
MAX_EXACT_MENTIONS = 40
JOINED = ("di", "ke")
PASSING = frozenset({"ke", "dari", "asal", "tujuan", "orang", "warga", "jalan", "raya", "menuju", "pulang", "kampung"})
MIN_LABELLED = 4  # letters of a name that its own kind ("simpang royl") announces


@dataclass(frozen=True, slots=True)
class Mention:
    """A run of words (`first` to `last`, inclusive) and the places it may name, each with its likeness."""

    first: int
    last: int
    entries: dict[int, float]
    relation: str | None
    label: str | None  # "kelurahan" or "kecamatan" where the text says so just before
    of_settlement: bool  # after "perumahan", "gang", "kampung": the name of a settlement, which may borrow another's
    passing: bool = False  # after "ke", "dari", "orang", "jalan raya": said of a journey or a name, not of where it is

    def overlaps(self, other: Mention) -> bool:
        """Whether the two share a word."""
        return self.first <= other.last and other.first <= self.last


def find_mentions(
    words: Sequence[PlaceWord], index: LayeredIndex, *, is_ordinary: Callable[[str], bool], everywhere: bool
) -> list[Mention]:
    """The mentions in the order of the text, none overlapping another.

    `is_ordinary` tells words that mean something else and so are no misspelt place; with `everywhere` (somebody
    types into a place field) short names are guessed without an announcing word too.
    """
    found = _exact(words, index)
    guesses: list[Mention] = []
    sure: list[Mention] = []
    for first, last, floor in _fuzzy_windows(words, found, is_ordinary, everywhere)[:MAX_FUZZY_WINDOWS]:
        if any(guess.first <= first and last <= guess.last for guess in sure):
            continue  # part of a name that is recognised already
        entries = index.similar(_compact(words, first, last), floor)
        if entries:
            guesses.append(mention_at(words, first, last, entries))
            if max(entries.values()) >= SURE_GUESS:
                sure.append(guesses[-1])
    guesses.sort(key=lambda guess: (-max(guess.entries.values()), guess.first - guess.last, guess.first))
    for guess in guesses:
        in_the_way = [other for other in found if guess.overlaps(other)]
        if in_the_way and (
            max(guess.entries.values()) < BETTER_LONGER or any(other in guesses for other in in_the_way)
        ):
            continue
        found = [other for other in found if other not in in_the_way] + [guess]
    return sorted(found, key=lambda mention: mention.first)


def last_words(words: Sequence[PlaceWord]) -> tuple[int, int] | None:
    """The run of words somebody is still typing: all after the last relation or label."""
    first = 0
    for position, word in enumerate(words[:-1]):
        if word.form in RELATIONS or word.form in LABELS or word.ends_clause:
            first = position + 1
    while first < len(words) and words[first].form in FILLERS:
        first += 1
    return (first, len(words) - 1) if first < len(words) else None


def _exact(words: Sequence[PlaceWord], index: LayeredIndex) -> list[Mention]:
    found: list[Mention] = []
    position = 0
    while position < len(words) and len(found) < MAX_EXACT_MENTIONS:
        hit = None
        for last in range(_longest(words, position, LONGEST_NAME_WORDS), position - 1, -1):
            compact = _compact(words, position, last)
            entries = index.equal(compact)
            if not entries and position == last and compact[:2] in JOINED:  # "diunyur"
                entries = index.equal(compact[2:])
            if entries:
                hit = mention_at(words, position, last, entries)
                break
        if hit is not None:
            found.append(hit)
        position = hit.last + 1 if hit is not None else position + 1
    return found


def _fuzzy_windows(
    words: Sequence[PlaceWord], found: Sequence[Mention], is_ordinary: Callable[[str], bool], everywhere: bool
) -> list[tuple[int, int, float]]:
    """Runs of words worth comparing, those after an announcing word first, longer before shorter ones.

    Each comes with the likeness that a name must reach.
    """
    cued, bare = [], []
    longest = LONGEST_NAME_WORDS if everywhere else LONGEST_FUZZY_WORDS
    owners: list[Mention | None] = [None] * len(words)  # which exact mention each word belongs to
    for mention in found:
        owners[mention.first : mention.last + 1] = [mention] * (mention.last + 1 - mention.first)
    for first, word in enumerate(words):
        before = words[first - 1] if first else None
        announced = everywhere or (before is not None and not before.ends_clause and before.form in CUES)
        if word.form in FILLERS or word.form in LABELS or word.form in CUES - GENERIC:
            continue
        for last in range(_longest(words, first, longest), first - 1, -1):
            touched = {id(owner): owner for owner in owners[first : last + 1] if owner is not None}.values()
            if any(_cuts(first, last, one) or _adds_only_numbers(words, first, last, one) for one in touched):
                continue
            forms = [words[position].form for position in range(first, last + 1)]
            own = [form for form in forms if form not in GENERIC]
            length = sum(map(len, own))
            generic = len(own) < len(forms)
            labelled = announced or generic
            if (
                not own
                or forms[-1] in FILLERS
                or forms[-1] in CUES
                or length < (MIN_LABELLED if generic else SHORT_NAME)
            ):
                continue
            if not everywhere and all(is_ordinary(form) for form in own):
                continue
            if labelled:
                cued.append((first, last, FLOOR_CUED))
            elif length > SHORT_NAME + 1:
                bare.append((first, last, FLOOR))
    return cued + bare


def letters_in(words: Sequence[PlaceWord], first: int, last: int) -> int:
    """How many letters a run of words has, those left out that only introduce or pass."""
    forms = (words[position].form for position in range(first, last + 1))
    return sum(len(form) for form in forms if form not in FILLERS and form not in RELATIONS and form not in LABELS)


def mention_at(words: Sequence[PlaceWord], first: int, last: int, entries: dict[int, float]) -> Mention:
    """A mention of these entries at a run of words, with the relation and label that stand before it."""
    relation = label = None
    position = first - 1
    while position >= 0 and not words[position].ends_clause and first - position <= 3:
        form = words[position].form
        if form in RELATIONS:
            relation = RELATIONS[form]
            break
        if form in LABELS:
            label = label or ("kecamatan" if form == "kecamatan" else "kelurahan")
        elif form not in FILLERS and form not in GENERIC:
            break
        position -= 1
    before = words[first - 1].form if first > 0 and not words[first - 1].ends_clause else ""
    return Mention(
        first, last, entries, relation, label, before in SETTLEMENTS, before in PASSING or relation == "arah"
    )


def _cuts(first: int, last: int, mention: Mention) -> bool:
    """Whether a run of words is an exact mention, lies in it or cuts through it, and does not hold it with more."""
    apart = last < mention.first or first > mention.last
    holds = first <= mention.first and mention.last <= last and last - first > mention.last - mention.first
    return not apart and not holds


def _adds_only_numbers(words: Sequence[PlaceWord], first: int, last: int, mention: Mention) -> bool:
    """Whether a run of words holds an exact mention and besides it only numbers: "Kaligandu, 3 orang terjebak"."""
    if not (first <= mention.first and mention.last <= last):
        return False
    others = [*range(first, mention.first), *range(mention.last + 1, last + 1)]
    return all(words[position].form.isdigit() for position in others)


def _compact(words: Sequence[PlaceWord], first: int, last: int) -> str:
    return "".join(words[position].form for position in range(first, last + 1))


def _longest(words: Sequence[PlaceWord], first: int, most: int) -> int:
    """The last word a name that begins at `first` can have: names do not run over the end of a clause."""
    last = first
    while last + 1 < len(words) and last + 1 - first < most and not words[last].ends_clause:
        last += 1
    return last
