"""Reads a pack's question_cards.toml and notes every card, question and field that does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dispatch.city.model import Agency, IncidentType
from dispatch.city.question_cards import ANY, Choice, Question, QuestionCard, QuestionKind, Sentence, Words
from dispatch.city.rows import Problems, read_toml

FILE = "question_cards.toml"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE_LIMIT = 40
_CARD_FIELDS = frozenset(
    {"code", "name_id", "name_en", "types", "basis", "source", "signed_off_by", "sensitive", "say", "silent_say"}
    | {"advice", "questions"}
)
_QUESTION_FIELDS = frozenset({"code", "kind", "ask", "tells", "count", "choices", "say", "agencies", "taps"})


@dataclass(frozen=True, slots=True)
class Cards:
    """What the file holds."""

    cards: Mapping[str, QuestionCard]
    show_unsigned_advice: bool


class _Reader:
    """One table of the file; a bad field is noted and read as something harmless."""

    def __init__(self, row: str, fields: Any, problems: Problems) -> None:
        self.row, self.problems = row, problems
        self.fields: dict[str, Any] = fields if isinstance(fields, dict) else {}
        if not isinstance(fields, dict):
            self.problem("table", "is not a table; write its fields below it")

    def problem(self, field: str, words: str) -> None:
        self.problems.add(FILE, self.row, field, words)

    def only(self, allowed: frozenset[str]) -> None:
        for field in self.fields.keys() - allowed:
            self.problem(field, f"is not used here; choose from {', '.join(sorted(allowed))}")

    def text(self, field: str) -> str:
        value = self.fields.get(field)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.problem(field, "must be a text in quotes; write one")
        return ""

    def code(self) -> str:
        value = self.text("code")
        if value and (not _SLUG.fullmatch(value) or len(value) > _CODE_LIMIT):
            self.problem("code", f"'{value}' must be small letters, digits and hyphens, at most {_CODE_LIMIT}")
        return value

    def flag(self, field: str) -> bool:
        value = self.fields.get(field, False)
        if not isinstance(value, bool):
            self.problem(field, "must be true or false; write one of them")
        return value is True

    def items(self, field: str) -> list[Any]:
        value = self.fields.get(field, [])
        if isinstance(value, list):
            return value
        self.problem(field, "must be a list; write it in square brackets")
        return []

    def words(self, field: str, *, value: Any = None) -> Words:
        value = self.fields.get(field) if value is None else value
        if isinstance(value, dict) and all(isinstance(value.get(x), str) and value[x].strip() for x in ("id", "en")):
            return Words(value["id"].strip(), value["en"].strip())
        self.problem(field, 'needs both languages; write { id = "...", en = "..." }')
        return Words("", "")

    def sentence(self, field: str, *, value: Any = None) -> Sentence:
        value = self.fields.get(field) if value is None else value
        medical = value.get("needs_signoff", False) if isinstance(value, dict) else False
        if not isinstance(medical, bool):
            self.problem(field, "needs_signoff must be true or false")
        return Sentence(self.words(field, value=value), medical is True)

    def table(self, field: str) -> dict[str, Any]:
        value = self.fields.get(field, {})
        if isinstance(value, dict):
            return value
        self.problem(field, "must be a table keyed by the answer, such as say.yes")
        return {}


def read_question_cards(
    folder: Path, types: Mapping[str, IncidentType], agencies: Mapping[str, Agency], problems: Problems
) -> Cards:
    """question_cards.toml: at most one card for each type of incident."""
    written = read_toml(folder, FILE, problems)
    if written is None:
        return Cards(MappingProxyType({}), show_unsigned_advice=False)
    top = _Reader("top", written, problems)
    top.only(frozenset({"show_unsigned_advice", "cards"}))
    if "show_unsigned_advice" not in written:
        top.problem("show_unsigned_advice", "is missing; write true or false")
    cards: dict[str, QuestionCard] = {}
    card_of: dict[str, str] = {}
    for number, fields in enumerate(top.items("cards"), 1):
        reader = _Reader(f"cards {number}", fields, problems)
        card = _card(reader, agencies)
        if card.code in cards:
            reader.problem("code", f"'{card.code}' is the code of an earlier card; give each its own")
        for code in card.types:
            if code not in types:
                reader.problem("types", f"'{code}' is not in incident_types.csv; correct it or leave it out")
            elif code in card_of:
                reader.problem("types", f"'{code}' has the card '{card_of[code]}' already; a type has one card")
            card_of[code] = card.code
        cards[card.code] = card
    return Cards(MappingProxyType(cards), top.flag("show_unsigned_advice"))


def _card(reader: _Reader, agencies: Mapping[str, Agency]) -> QuestionCard:
    reader.only(_CARD_FIELDS)
    code = reader.code()
    types = tuple(str(item) for item in reader.items("types"))
    if not types:
        reader.problem("types", "is empty; name the types of incident that the card is for")
    questions: dict[str, Question] = {}
    for number, fields in enumerate(reader.items("questions"), 1):
        inner = _Reader(f"{reader.row}.questions {number}", fields, reader.problems)
        question = _question(inner, agencies)
        if question.code in questions:
            inner.problem("code", f"'{question.code}' stands in this card already; give each question its own")
        questions[question.code] = question
    if not questions:
        reader.problem("questions", "has none; write [[cards.questions]] at least once")
    silent_say = reader.sentence("silent_say") if "silent_say" in reader.fields else None
    if silent_say and not any(question.taps for question in questions.values()):
        reader.problem("silent_say", "no question has taps = true; mark those that a knock can answer")
    return QuestionCard(
        code=code,
        name=Words(reader.text("name_id"), reader.text("name_en")),
        types=types,
        basis=reader.text("basis"),
        source=reader.text("source"),
        signed_off_by=str(reader.fields.get("signed_off_by", "")).strip(),
        sensitive=reader.flag("sensitive"),
        say=reader.sentence("say"),
        silent_say=silent_say,
        advice=tuple(reader.sentence(f"advice {n}", value=value) for n, value in enumerate(reader.items("advice"), 1)),
        questions=tuple(questions.values()),
    )


def _question(reader: _Reader, agencies: Mapping[str, Agency]) -> Question:
    reader.only(_QUESTION_FIELDS)
    code, kind = reader.code(), _kind(reader)
    choices = tuple(
        Choice(inner.code(), inner.words("choice", value=inner.fields))
        for inner in (
            _Reader(f"{reader.row}.choices {number}", fields, reader.problems)
            for number, fields in enumerate(reader.items("choices"), 1)
        )
    )
    if (kind is QuestionKind.CHOICE) != bool(choices) or len(choices) > 9:
        reader.problem("choices", "a choice needs 1 to 9 of them, chosen with a digit; other kinds have none")
    if len({choice.code for choice in choices}) < len(choices):
        reader.problem("choices", "a code stands twice; give each its own")
    count = reader.words("count") if "count" in reader.fields else None
    taps = reader.flag("taps")
    for field, given in (("count", count is not None), ("taps", taps)):
        if given and kind is not QuestionKind.YES_NO:
            reader.problem(field, "is only for yes_no questions; leave it out")
    question = Question(
        code=code,
        kind=kind,
        ask=reader.words("ask"),
        tells=reader.words("tells"),
        count=count,
        choices=choices,
        say=MappingProxyType(
            {answer: reader.sentence(f"say.{answer}", value=value) for answer, value in reader.table("say").items()}
        ),
        agencies=MappingProxyType(_proposed(reader, agencies)),
        taps=taps,
    )
    for field, keyed in (("say", question.say), ("agencies", question.agencies)):
        for answer in keyed:
            if answer != ANY and (question.answers is None or answer not in question.answers):
                known = ", ".join([*sorted(question.answers or ()), ANY])
                reader.problem(f"{field}.{answer}", f"is no answer to this question; choose from {known}")
    return question


def _kind(reader: _Reader) -> QuestionKind:
    written = reader.text("kind")
    if written in list(QuestionKind):
        return QuestionKind(written)
    if written:
        reader.problem("kind", f"'{written}' is no kind of question; choose from {', '.join(QuestionKind)}")
    return QuestionKind.TEXT


def _proposed(reader: _Reader, agencies: Mapping[str, Agency]) -> dict[str, tuple[str, ...]]:
    proposed: dict[str, tuple[str, ...]] = {}
    for answer, codes in reader.table("agencies").items():
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            reader.problem(f"agencies.{answer}", 'must be a list of agency codes, such as ["PSC119"]')
            continue
        for code in codes:
            if code not in agencies or not agencies[code].dispatchable:
                reader.problem(f"agencies.{answer}", f"'{code}' is no agency that can be sent; see agencies.csv")
        proposed[answer] = tuple(codes)
    return proposed
