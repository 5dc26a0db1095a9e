"""A node: what it has done before it takes calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import create_app
from app.serving import Node
from config import Settings
from dispatch.centre import Centre, open_centre
from dispatch.citypack import CityPack
from dispatch.interpret import interpret
from dispatch.learned_words import LearnedWords
from tests.app.conftest import CHEAP


@pytest.fixture
def fresh_centre(sqlite_url: str, city: CityPack) -> Iterator[Centre]:
    """A centre in whose city nobody has typed a line yet."""
    centre = open_centre(sqlite_url, replace(city))
    yield centre
    centre.close()


def test_no_typed_line_waits_for_the_citys_words_to_be_learned(
    settings: Settings, fresh_centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = False
    learned_while_serving: list[bool] = []
    learn = LearnedWords.__init__

    def note(words: LearnedWords, city: CityPack) -> None:
        learned_while_serving.append(serving)
        learn(words, city)

    monkeypatch.setattr(LearnedWords, "__init__", note)
    node = Node(create_app(replace(settings, agi_port=0), fresh_centre, hasher=CHEAP))
    node.start()
    serving = True
    try:
        interpret("kebakaran rumah", fresh_centre.city, fresh_centre.places)
    finally:
        node.stop()
    assert learned_while_serving == [False]
