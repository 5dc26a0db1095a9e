"""What is answered to a typed text: the reading of a line, and the places of a place field. Plain values, bounded.

Here is everything whose cost depends on what somebody typed. It runs in a process of its own
(`dispatch.reader.process`), so that no text can hold calls up; the answer is JSON there already, because writing it
costs time too.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Literal, TypedDict

from dispatch.city.pack import CityPack
from dispatch.places.finder import Places
from dispatch.triage.interpret import interpret
from dispatch.triage.routing import propose_agencies

#: Stretches of the text that are marked, and quotes of one guess: more than any sentence has, and than a screen shows.
MOST_SPANS, MOST_QUOTES = 300, 40
MOST_PLACES = 5


class Question(TypedDict):
    """A text to read: as a `line` that says what happened, or as what is typed into a place `field`."""

    read_as: Literal["line", "field"]
    text: str
    type_code: str | None  #: of a line: the type that the operator has chosen


def read(question: Question, city: CityPack, places: Places) -> bytes:
    """The answer as JSON."""
    answer = (
        _line(question["text"], question["type_code"], city, places)
        if question["read_as"] == "line"
        else _field(question["text"], places)
    )
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _line(text: str, type_code: str | None, city: CityPack, places: Places) -> dict[str, Any]:
    understood = asdict(interpret(text, city, places))
    for name in ("spans", "danger"):
        understood[name] = understood[name][:MOST_SPANS]
    understood["harm"] = understood["harm"][:MOST_QUOTES]
    for guess in understood["types"]:
        guess["matched"] = guess["matched"][:MOST_QUOTES]
    types, harm = city.incident_types, understood["harm"]
    codes = [guess["code"] for guess in understood["types"]]
    if type_code is not None:
        codes.append(type_code)
    understood["agencies"] = {
        code: [asdict(agency) for agency in propose_agencies(types[code], text, city, harm)] for code in codes
    }
    return understood


def _field(text: str, places: Places) -> dict[str, Any]:
    return {"items": [asdict(place) for place in places.search(text, limit=MOST_PLACES)], "next": None}
