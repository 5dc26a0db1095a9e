"""Question cards: what is asked for a type of incident, and what counts as an answer. Values and pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dispatch.errors import InvalidValue

SKIPPED = "skipped"  #: asked or not, there is no answer; agencies are not told of it
NUMBER_LIMIT = 100_000
TEXT_LIMIT = 1_000
ANY = "any"  #: a sentence to read out after whatever answer


class QuestionKind(StrEnum):
    """What an answer looks like."""

    YES_NO = "yes_no"  #: yes or no, with a count where the question has one
    NUMBER = "number"  #: a whole number
    TEXT = "text"  #: a short text
    CHOICE = "choice"  #: one of the question's choices


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in both languages."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to read out to the caller; medical advice needs a clinician's sign-off."""

    words: LocalizedText
    needs_signoff: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers of a choice."""

    code: str
    words: LocalizedText


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a card; `say` and `agencies` are keyed by the answer they follow."""

    code: str
    kind: QuestionKind
    ask: LocalizedText
    tells: LocalizedText  #: how its answer reads at an agency
    count: LocalizedText | None  #: what is counted after a yes
    choices: tuple[Choice, ...]
    say: Mapping[str, Sentence]
    agencies: Mapping[str, tuple[str, ...]]
    taps: bool  #: may be asked of a caller who can only knock

    @property
    def answers(self) -> frozenset[str] | None:
        """Every answer there can be, None where there is no list of them."""
        if self.kind is QuestionKind.YES_NO:
            return frozenset({"yes", "no"})
        if self.kind is QuestionKind.CHOICE:
            return frozenset(choice.code for choice in self.choices)
        return None


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """What to ask and say for some types of incident."""

    code: str
    name: LocalizedText
    types: tuple[str, ...]
    basis: str
    source: str
    signed_off_by: str
    sensitive: bool
    say: Sentence
    silent_say: Sentence | None  #: where it stands, the card can be asked by knocks
    advice: tuple[Sentence, ...]
    questions: tuple[Question, ...]

    def question(self, code: str) -> Question | None:
        """Return the question of that code."""
        return next((question for question in self.questions if question.code == code), None)


def check_answer(question: Question, value: str, amount: int | None) -> tuple[str, int | None]:
    """Return the answer as it is kept. Raises InvalidValue for one that this question cannot have."""
    if amount is not None and not (question.count and value == "yes"):
        raise InvalidValue("amount", "unexpected")
    if amount is not None and not 0 < amount <= NUMBER_LIMIT:
        raise InvalidValue("amount", "out_of_range")
    if value == SKIPPED:
        return SKIPPED, None
    if question.answers is not None:
        if value not in question.answers:
            raise InvalidValue("value", "unknown")
        return value, amount
    if question.kind is QuestionKind.NUMBER:
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit()):
            raise InvalidValue("value", "wrong_type")
        number = int(digits[:12])
        if number > NUMBER_LIMIT:
            raise InvalidValue("value", "out_of_range")
        return str(number), None
    if not value.strip():
        raise InvalidValue("value", "empty")
    if len(value) > TEXT_LIMIT:
        raise InvalidValue("value", "too_long")
    return value, None


def answer_words(question: Question | None, value: str, amount: int | None) -> LocalizedText:
    """Say an answer in words: `ya, 2 orang`. Without its question (a later pack dropped it) it reads as it was kept."""
    if value == SKIPPED:
        return LocalizedText("dilewati", "skipped")
    if question is None or question.answers is None:
        return LocalizedText(value, value)
    if question.kind is QuestionKind.CHOICE:
        return next((choice.words for choice in question.choices if choice.code == value), LocalizedText(value, value))
    id_, en = {"yes": ("ya", "yes"), "no": ("tidak", "no")}.get(value, (value, value))
    if amount is not None and question.count is not None:
        return LocalizedText(f"{id_}, {amount} {question.count.id}", f"{en}, {amount} {question.count.en}")
    return LocalizedText(id_, en)
