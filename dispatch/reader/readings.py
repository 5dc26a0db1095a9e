"""What is answered to a typed text: the reading of a line, and the places of a place field. Plain values, bounded.

Here is everything whose cost depends on what somebody typed. It runs in a process of its own
(`dispatch.reader.process`), so that no text can hold calls up; the answer is JSON there already, because writing it
costs time too.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Annotated, Literal

from typing_extensions import TypedDict

from dispatch.city.model import Priority
from dispatch.city.pack import CityPack
from dispatch.payloads import OneOf
from dispatch.places import finder
from dispatch.places.candidates import PlaceCandidate
from dispatch.triage.interpret import Span, TypeGuess, interpret
from dispatch.triage.routing import ProposedAgency, propose_agencies

#: Stretches of the text that are marked, and quotes of one guess: more than any sentence has, and than a screen shows.
MOST_SPANS, MOST_QUOTES = 300, 40
MOST_PLACES = 5


class Question(TypedDict):
    """A text to read: as a `line` that says what happened, or as what is typed into a place `field`."""

    read_as: Literal["line", "field"]
    text: str
    type_code: str | None  #: of a line: the type that the operator has chosen


class Places(TypedDict):
    """The places that were found, the likeliest first."""

    items: list[PlaceCandidate]
    next: None


class Interpretation(TypedDict):
    """What a typed line may mean; `agencies` by type code, `notices` about what could not be used.

    `harm` quotes what says that a body is hurt: medical help goes, and at least
    `harm_priority` is proposed, whatever the type.
    """

    types: list[TypeGuess]
    places: list[PlaceCandidate]
    danger: list[Span]
    spans: list[Span]
    harm: list[str]
    harm_priority: Priority | None
    notices: list[Annotated[str, OneOf(("link_without_coordinates",))]]
    agencies: dict[str, list[ProposedAgency]]


def read(question: Question, city: CityPack, places: finder.Places) -> bytes:
    """The answer as JSON: an Interpretation of a line, Places for a field."""
    answer = (
        _line(question["text"], question["type_code"], city, places)
        if question["read_as"] == "line"
        else _field(question["text"], places)
    )
    return json.dumps(answer, default=asdict, ensure_ascii=False, separators=(",", ":")).encode()


def _line(text: str, type_code: str | None, city: CityPack, places: finder.Places) -> Interpretation:
    understood = interpret(text, city, places)
    harm = understood.harm[:MOST_QUOTES]
    codes = [guess.code for guess in understood.types]
    if type_code is not None:
        codes.append(type_code)
    return {
        "types": [replace(guess, matched=guess.matched[:MOST_QUOTES]) for guess in understood.types],
        "places": understood.places,
        "danger": understood.danger[:MOST_SPANS],
        "spans": understood.spans[:MOST_SPANS],
        "harm": harm,
        "harm_priority": understood.harm_priority,
        "notices": understood.notices,
        "agencies": {code: list(propose_agencies(city.incident_types[code], text, city, harm)) for code in codes},
    }


def _field(text: str, places: finder.Places) -> Places:
    return {"items": places.search(text, limit=MOST_PLACES), "next": None}
