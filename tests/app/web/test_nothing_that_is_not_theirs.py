"""Leaders and other agencies' people try every route and read nothing that is not theirs, whatever they send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from app.api.operations import Operation
from app.api.routes import all_operations
from dispatch.ladders.firing import fire_due_rungs
from tests.app.api.test_duty import contact
from tests.app.house import House, Program

CALLER, WORDS = "081200000417", "rumah terbakar di Serang"
TELEPHONE, NAME = "081277770001", "Herman Damkar"
NASTY: tuple[Any, ...] = ("", "x" * 10_000, "\U0001f692" * 400, "a\0b", "\ud800", 2**70, 1.5, True, None, [], ["\0"])
NASTY += ("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "DAMKAR", "1")

#: The same for everybody, and nothing of a city's day.
_OF_NOBODY = ("static", "api.openapi", "readyz", "healthz")

_OF_FILES = ("take_record", "interpret_words")  #: their tests are their own: a record's lines, the reader's process


class Things:
    """One fire at DAMKAR, whose officer has a telephone; everything that a path can name of it."""

    def __init__(self, house: House) -> None:
        house_damkar, dewi = house.program("damkar"), house.program("dewi")
        self.contact = contact(house_damkar, NAME, TELEPHONE)
        self.channel = house_damkar.get("/api/v1/contacts").get_json()["items"][0]["channels"][0]["id"]
        given = {"contact_id": self.contact, "starts_local": "2026-11-25T07:00", "ends_local": "2026-11-25T15:00"}
        self.duty = house_damkar.post("/api/v1/duties", given).get_json()["duty_id"]
        self.number, ids = house.dispatched(dewi, "DAMKAR")
        self.assignment = ids["DAMKAR"]
        house.centre.run(fire_due_rungs, limit=20)

    def fill(self, rule: str) -> str:
        values = {
            "number": self.number,
            "assignment_id": self.assignment,
            "contact_id": self.contact,
            "channel_id": self.channel,
            "duty_id": self.duty,
            "agency": "DAMKAR",
        }
        return re.sub(r"<(?:[^:<>]*:)?(\w+)>", lambda found: str(values.get(found[1], 1)), rule)


def secrets(things: Things) -> tuple[str, ...]:
    return CALLER, CALLER[1:], WORDS, TELEPHONE, TELEPHONE[1:]


@pytest.mark.parametrize("who", ["sekda", "dishub"])
def test_every_page_and_every_read_shows_nothing_of_it(staffed: House, who: str) -> None:
    things = Things(staffed)
    program, browser = staffed.program(who), staffed.browser(who)
    hidden = [*secrets(things), *([NAME] if who == "dishub" else [])]
    asked = "since=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z"
    asked += "&starts_local=2026-11-25T07:00&ends_local=2026-11-25T15:00"
    queries = ("", "?agency=DAMKAR&agencies=DAMKAR&after=0&limit=50", f"?{asked}", f"?{asked}&agency=DAMKAR")
    for rule in staffed.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in _OF_NOBODY:
            continue
        for query, answer in product(queries, (program, browser)):
            said = answer.get(things.fill(rule.rule) + query)
            assert said.status_code < 500, rule.rule
            text = said.get_data(as_text=True)
            seen = [word for word in hidden if word in text]
            # Whatever is asked for by its number stands in the page's own address.
            if who == "dishub" and "<string:number>" not in rule.rule and things.number in text:
                seen.append(things.number)
            assert not seen, (rule.rule, query, said.status_code)


def bodies(operation: Operation) -> Iterator[dict[str, Any]]:
    """Bodies with each nasty value in each field."""
    fields = operation.body.model_json_schema().get("properties", {}) if operation.body is not None else {"x": {}}
    for value in NASTY:
        yield dict.fromkeys(fields, value)
        for field in fields:
            yield {**dict.fromkeys(fields, "x"), field: value}


@pytest.mark.parametrize("who", ["dishub", "ratna"])
def test_whatever_is_sent_is_refused_or_taken_and_never_breaks(staffed: House, who: str) -> None:
    things = Things(staffed)
    program: Program = staffed.program(who)
    hidden = secrets(things) if who == "dishub" else ()
    for operation in all_operations():
        if operation.method != "POST" or operation.name in _OF_FILES:
            continue
        for body in bodies(operation):
            said = program.client.post(
                f"/api/v1{things.fill(operation.path)}",
                data=json.dumps(body),
                headers=program.headers | {"Content-Type": "application/json"},
            )
            text = said.get_data(as_text=True)
            assert said.status_code < 500, (operation.name, body)
            assert not [word for word in hidden if word in text], (operation.name, body)
