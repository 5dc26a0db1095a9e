"""A node: what it has done before it takes calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import gevent
import pytest

from app import create_app
from app.load.fair_turns import Asker
from app.node.serving import Node
from app.reading.readers import NotRead, Readers
from app.services import services_of
from config import Settings
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.reader.readings import Question
from dispatch.triage.learned_words import LearnedWords
from tests.app.conftest import CHEAP


@pytest.fixture
def fresh_centre(sqlite_url: str, city: CityPack) -> Iterator[Centre]:
    """A centre in whose city nobody has typed a line yet."""
    centre = open_centre(sqlite_url, replace(city))
    yield centre
    centre.close()


def test_no_typed_line_waits_for_the_citys_words_to_be_learned_in_the_loop(
    settings: Settings, fresh_centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned_here: list[CityPack] = []
    monkeypatch.setattr(LearnedWords, "__init__", lambda _words, city: learned_here.append(city))
    app = create_app(replace(settings, agi_port=0), fresh_centre, hasher=CHEAP)
    node = Node(app)
    node.start()
    try:
        answer = _read(services_of(app).readers, "kebakaran rumah")
    finally:
        node.stop()
    assert b"kebakaran" in answer
    assert learned_here == []


def _read(readers: Readers, text: str) -> bytes:
    """The answer; on a busy machine the first one may come before its reader does."""
    with gevent.Timeout(60):
        while True:
            try:
                return readers.read(Asker("dewi"), Question(read_as="line", text=text, type_code=None))
            except NotRead:
                gevent.sleep(0.1)
