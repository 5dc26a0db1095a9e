"""Reads a pack's question_cards.toml: its tables as written, the rules between their fields, the cards they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import StringConstraints

from dispatch.city.checking import Fault, TomlFile, obeys
from dispatch.city.files import Problems
from dispatch.city.model import Agency, IncidentType
from dispatch.city.question_cards import ANY, Choice, LocalizedText, Question, QuestionCard, QuestionKind, Sentence

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE_LIMIT = 40
_CHOICE_LIMIT = 9


@dataclass(frozen=True, slots=True)
class Cards:
    """What the file holds."""

    cards: Mapping[str, QuestionCard]
    show_unsigned_advice: bool


def _is_a_code(code: str) -> Iterator[Fault]:
    if not _SLUG.fullmatch(code) or len(code) > _CODE_LIMIT:
        yield Fault("", f"'{code}' must be small letters, digits and hyphens, at most {_CODE_LIMIT}; correct it")


def _question_is_sound(question: _Question) -> Iterator[Fault]:
    if (question.kind is QuestionKind.CHOICE) != bool(question.choices) or len(question.choices) > _CHOICE_LIMIT:
        yield Fault("choices", "a choice needs 1 to 9 of them, chosen with a digit; other kinds have none")
    if len({choice.code for choice in question.choices}) < len(question.choices):
        yield Fault("choices", "a code stands twice; give each its own")
    for name, given in (("count", question.count is not None), ("taps", question.taps)):
        if given and question.kind is not QuestionKind.YES_NO:
            yield Fault(name, "is only for yes_no questions; leave it out")
    answers = question.made().answers or frozenset()
    for name, keyed in (("say", question.say), ("agencies", question.agencies)):
        for answer in keyed:
            if answer not in answers | {ANY}:
                known = ", ".join([*sorted(answers), ANY])
                yield Fault(f"{name}.{answer}", f"is no answer to this question; choose from {known}")


def _card_is_sound(card: _Card) -> Iterator[Fault]:
    if not card.types:
        yield Fault("types", "is empty; name the types of incident that the card is for")
    if not card.questions:
        yield Fault("questions", "has none; write [[cards.questions]] at least once")
    codes = [question.code for question in card.questions]
    for at, code in enumerate(codes):
        if code in codes[:at]:
            words = f"'{code}' stands in this card already; give each question its own"
            yield Fault("code", words, f"questions {at + 1}")
    if card.silent_say and not any(question.taps for question in card.questions):
        yield Fault("silent_say", "no question has taps = true; mark those that a knock can answer")


_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Code = Annotated[str, obeys(_is_a_code)]


@dataclass(frozen=True, slots=True)
class _Words:
    id: _Text
    en: _Text

    def words(self) -> LocalizedText:
        return LocalizedText(self.id, self.en)


@dataclass(frozen=True, slots=True)
class _Sentence(_Words):
    needs_signoff: bool = False

    def made(self) -> Sentence:
        return Sentence(self.words(), self.needs_signoff)


@dataclass(frozen=True, slots=True)
class _Choice(_Words):
    code: _Code


@dataclass(frozen=True, slots=True)
class _Question:
    code: _Code
    kind: QuestionKind
    ask: _Words
    tells: _Words
    count: _Words | None = None
    choices: tuple[_Choice, ...] = ()
    say: Mapping[str, _Sentence] = field(default_factory=dict)
    agencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    taps: bool = False

    def made(self) -> Question:
        return Question(
            code=self.code,
            kind=self.kind,
            ask=self.ask.words(),
            tells=self.tells.words(),
            count=None if self.count is None else self.count.words(),
            choices=tuple(Choice(choice.code, choice.words()) for choice in self.choices),
            say=MappingProxyType({answer: sentence.made() for answer, sentence in self.say.items()}),
            agencies=MappingProxyType(dict(self.agencies)),
            taps=self.taps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    code: _Code
    name_id: _Text
    name_en: _Text
    types: tuple[str, ...] = ()
    basis: _Text
    source: _Text
    signed_off_by: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    sensitive: bool = False
    say: _Sentence
    silent_say: _Sentence | None = None
    advice: tuple[_Sentence, ...] = ()
    questions: tuple[Annotated[_Question, obeys(_question_is_sound)], ...] = ()

    def made(self) -> QuestionCard:
        return QuestionCard(
            code=self.code,
            name=LocalizedText(self.name_id, self.name_en),
            types=self.types,
            basis=self.basis,
            source=self.source,
            signed_off_by=self.signed_off_by,
            sensitive=self.sensitive,
            say=self.say.made(),
            silent_say=None if self.silent_say is None else self.silent_say.made(),
            advice=tuple(sentence.made() for sentence in self.advice),
            questions=tuple(question.made() for question in self.questions),
        )


@dataclass(frozen=True, slots=True)
class _CardFile:
    show_unsigned_advice: bool
    cards: tuple[Annotated[_Card, obeys(_card_is_sound)], ...] = ()


_FILE = TomlFile("question_cards.toml", _CardFile)


def read_question_cards(
    folder: Path, types: Mapping[str, IncidentType], agencies: Mapping[str, Agency], problems: Problems
) -> Cards | None:
    """question_cards.toml: at most one card for each type of incident; None where it cannot be used."""
    file = _FILE.read(folder, problems)
    if file is None:
        return None
    cards: dict[str, QuestionCard] = {}
    card_of: dict[str, str] = {}
    for number, written in enumerate(file.cards, 1):
        row, card = f"cards {number}", written.made()
        if card.code in cards:
            problems.add(_FILE.name, row, "code", f"'{card.code}' is the code of an earlier card; give each its own")
        for code in card.types:
            if code not in types:
                words = f"'{code}' is not in incident_types.csv; correct it or leave it out"
                problems.add(_FILE.name, row, "types", words)
            elif code in card_of:
                words = f"'{code}' has the card '{card_of[code]}' already; a type has one card"
                problems.add(_FILE.name, row, "types", words)
            card_of[code] = card.code
        _check_agencies(row, card, agencies, problems)
        cards[card.code] = card
    return Cards(MappingProxyType(cards), file.show_unsigned_advice)


def _check_agencies(row: str, card: QuestionCard, agencies: Mapping[str, Agency], problems: Problems) -> None:
    for number, question in enumerate(card.questions, 1):
        for answer, codes in question.agencies.items():
            for code in codes:
                if code not in agencies or not agencies[code].dispatchable:
                    words = f"'{code}' is no agency that can be sent; see agencies.csv"
                    problems.add(_FILE.name, f"{row}.questions {number}", f"agencies.{answer}", words)
