"""Typed texts are read outside of the node: too long ones are refused, people take turns, and nothing is left over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gevent
import pytest
from flask import Flask

from app import create_app
from app.load.fair_turns import Asker, TooBusy
from app.reading.readers import NotRead, Readers
from app.reading.stem import Stem
from app.services import services_of
from bench.nasty_lines import nasty_lines
from config import Settings
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.city.policy import ReadingPolicy
from dispatch.landmarks.commands import add_landmark
from dispatch.reader.readings import Question, read
from tests.app.house import House, Program
from tests.app.running_server import Browser, running_server, until
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock

LIMIT_S = 30.0
ROOT = Path(__file__).resolve().parents[3]
PATIENT = ReadingPolicy(readers=2, deadline_s=20.0, wait_s=20.0, waiting_per_user=3)
DEWI, RIZKI = Asker("dewi"), Asker("rizki")
LONG = nasty_lines(10_000)["numbers south"]


def line(text: str) -> Question:
    return Question(read_as="line", text=text, type_code=None)


def field(text: str) -> Question:
    return Question(read_as="field", text=text, type_code=None)


def eventually(true: Callable[[], object]) -> None:
    with gevent.Timeout(LIMIT_S):
        while not true():
            gevent.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True)
    return [int(one) for one in found.stdout.split()]


def made(centre: Centre, policy: ReadingPolicy = PATIENT) -> Readers:
    city = replace(centre.city, policy=replace(centre.city.policy, reading=policy))
    centre.city = city
    readers = Readers(centre, None)
    readers.start()
    return readers


@pytest.fixture(scope="module")
def shared(city: CityPack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """Readers for all tests that leave them as they are."""
    from dispatch.storage.migrate import upgrade

    url = f"sqlite:///{tmp_path_factory.mktemp('readers') / 'siaga.db'}"
    upgrade(url)
    centre = open_centre(url, city)
    readers = made(centre)
    yield readers
    readers.stop()
    centre.close()


def stem_of(readers: Readers) -> Stem:
    assert readers.stem is not None
    return readers.stem


def test_a_text_is_read_as_the_node_itself_would_read_it(shared: Readers, city: CityPack) -> None:
    from dispatch.places.finder import Places

    for question in (line("kebakaran di unyur dekat pasar rau, korban 2"), field("alun alun"), line("")):
        assert json.loads(shared.read(DEWI, question)) == json.loads(read(question, city, Places(city)))


def test_one_persons_texts_wait_for_each_other_and_for_nobody_else(shared: Readers) -> None:
    order: list[str] = []

    def ask(asker: Asker, text: str) -> None:
        shared.read(asker, line(text))
        order.append(str(asker.who))

    stubborn = [gevent.spawn(ask, DEWI, LONG) for _ in range(3)]
    gevent.sleep(0)
    other = gevent.spawn(ask, RIZKI, "pingsan di kaligandu")
    gevent.joinall([*stubborn, other], timeout=LIMIT_S, raise_error=True)
    assert order.index("rizki") < 2
    assert order.count("dewi") == 3


def test_who_has_too_many_texts_waiting_is_refused_and_others_are_not(shared: Readers) -> None:
    asked = [gevent.spawn(shared.read, DEWI, line(LONG)) for _ in range(1 + PATIENT.waiting_per_user)]
    gevent.sleep(0)
    with pytest.raises(TooBusy):
        shared.read(DEWI, line("satu lagi"))
    assert shared.read(RIZKI, line("pingsan di kaligandu"))
    gevent.joinall(asked, timeout=LIMIT_S, raise_error=True)


def test_readers_that_somebody_killed_are_replaced(shared: Readers) -> None:
    shared.read(DEWI, line("pingsan"))
    stem = stem_of(shared)
    for pid in (*children(stem.pid or 0), stem.pid or 0):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not stem.ready.is_set())
    assert json.loads(shared.read(DEWI, line("kebakaran di unyur")))["types"]


def test_a_text_that_takes_too_long_is_refused_and_the_next_one_is_read(sqlite_centre: Centre) -> None:
    readers = made(sqlite_centre, replace(PATIENT, deadline_s=0.02))
    try:
        readers._policy = PATIENT  # the first one must not fall over the time that a start takes
        readers.read(DEWI, line("pingsan"))
        readers._policy = replace(PATIENT, deadline_s=0.02)
        (reader,) = children(stem_of(readers).pid or 0)
        with pytest.raises(NotRead, match="reading_too_long"):
            readers.read(DEWI, line(LONG))
        eventually(lambda: not alive(reader))
        readers._policy = PATIENT
        assert json.loads(readers.read(DEWI, line("kebakaran di unyur")))["types"]
        assert readers.ends == {"read": 2, "reading_too_long": 1}
    finally:
        readers.stop()


def test_a_new_landmark_is_found_with_the_next_word(centre: Centre, clock: SteppableClock) -> None:
    dewi = Shift.begin(centre, clock).dewi
    readers = made(centre)
    try:
        assert json.loads(readers.read(DEWI, field("pos ronda melati 7")))["items"][:1] == []
        centre.run(add_landmark, actor=dewi, name="Pos Ronda Melati 7", lat=-6.1153, lon=106.1543)
        assert readers.refresh()
        assert json.loads(readers.read(DEWI, field("pos ronda melati 7")))["items"][0]["name"] == "Pos Ronda Melati 7"
    finally:
        readers.stop()


def test_nothing_is_left_over_when_a_node_stops(sqlite_centre: Centre) -> None:
    readers = made(sqlite_centre)
    readers.read(DEWI, line("pingsan"))
    pids = [stem_of(readers).pid or 0, *children(stem_of(readers).pid or 0)]
    assert len(pids) == 2
    readers.stop()
    eventually(lambda: not any(map(alive, pids)))


def test_nothing_is_left_over_when_a_node_is_killed(tmp_path: Path) -> None:
    with running_server(tmp_path / "siaga") as server:
        operator = Browser(server, "operator1", "1")
        until(lambda: operator.post("/api/v1/interpret", {"text": "kebakaran di unyur"}).status_code == 200)
        node = children(server.process.pid)
        stems = [stem for worker in node for stem in children(worker)]
        readers = [reader for stem in stems for reader in children(stem)]
        assert stems
        assert readers
        for pid in (server.process.pid, *node):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not any(map(alive, (*stems, *readers))))


@pytest.fixture
def without_readers(
    settings: Settings, sqlite_centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Flask, Readers]]:
    """An application whose readers cannot start."""
    city = sqlite_centre.city
    sqlite_centre.city = replace(city, policy=replace(city.policy, reading=replace(PATIENT, wait_s=0.1)))
    app = create_app(settings, sqlite_centre)
    readers = services_of(app).readers
    monkeypatch.setattr(sys, "executable", "/bin/false")
    readers.start()
    yield app, readers
    readers.stop()


def test_without_readers_calls_go_on_and_whoever_types_is_told(
    without_readers: tuple[Flask, Readers], staffed: House
) -> None:
    app, readers = without_readers
    house = House(app, staffed.centre, staffed.clock, staffed.user_ids)
    dewi: Program = house.program("dewi")
    for answer in (
        dewi.post("/api/v1/interpret", {"text": "kebakaran"}, headers={"Accept-Language": "id"}),
        dewi.get("/api/v1/places?q=unyur", headers={"Accept-Language": "id"}),
    ):
        assert answer.status_code == 503
        assert answer.get_json()["error"]["code"] == "reading_unavailable"
        assert "dengan tangan" in answer.get_json()["error"]["message"]
    assert not readers.ready
    number, _ = house.call()
    assert dewi.post(f"/api/v1/tickets/{number}/claim").status_code == 200
    assert "siaga_readers_ready 0.0" in app.test_client().get("/metrics").text
