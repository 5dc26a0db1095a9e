"""Whatever somebody sends: the work of a request grows no faster than what was sent."""

from __future__ import annotations

from functools import partial

import pytest

from tests.app.house import House, Program
from tests.growth import grows_evenly, lines

FORMS = (
    *("numbers", "pairs", "numbers south", "degrees and quotes", "minus signs", "plus strings", "link of numbers"),
    *("tol and km", "rt rw", "not conscious", "wards glued", "all alphabets", "different words", "nested"),
)


def send(dewi: Program, number: str, what: str, text: str) -> int:
    """One request with `text` in it; returns its status."""
    query = {"query_string": {"q": text}}
    requests = {
        "interpret": lambda: dewi.post("/api/v1/interpret", {"text": text}),
        "places": lambda: dewi.get("/api/v1/places", **query),
        "geocode": lambda: dewi.get("/api/v1/places/geocode", query_string={"q": text, "sentence": "true"}),
        "similar": lambda: dewi.get(
            f"/api/v1/tickets/{number}/similar", query_string={"place": text, "lat": -6.12, "lon": 106.15}
        ),
        "draft": lambda: dewi.post(f"/api/v1/tickets/{number}/draft", {"words": text}),
    }
    return requests[what]().status_code


@pytest.mark.parametrize(
    ("what", "longest"), [("interpret", 2_000), ("places", 200), ("geocode", 200), ("similar", 300), ("draft", 10_000)]
)
def test_twice_as_much_is_twice_the_work(staffed: House, dewi: Program, what: str, longest: int) -> None:
    number, _ = staffed.call()
    dewi.post(f"/api/v1/tickets/{number}/claim")
    for form in FORMS:
        texts = [_typable(lines(length)[form]) for length in (longest // 2, longest)]
        assert send(dewi, number, what, texts[0]) == 200, form
        once, twice = (partial(send, dewi, number, what, text) for text in texts)
        assert grows_evenly(once, twice), f"{what}: {form}"


def _typable(text: str) -> str:
    """The text without the control characters that the API refuses."""
    return "".join(character for character in text if character >= " " or character in "\n\t")
