"""Long reads: one for all who want the same, fresh for whoever asks later, and never in the loop's way."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import gevent
import pytest

from app.load.fair_turns import Asker, TooBusy
from app.load.shared_reads import Dropped, ReadLine, SharedReads
from app.services import services_of
from dispatch.city.policy import LoadPolicy
from dispatch.roles import Role
from tests.app.house import House
from tests.dispatch.snapshots import snapshot

DEWI, DAMKAR = Asker("dewi"), Asker("damkar", of_an_agency=True)
LOAD = LoadPolicy(
    read_wait_s=5, reads_waiting_per_user=8, requests_at_once=4, requests_waiting=40, refusals_per_minute=6
)


@pytest.fixture
def reads() -> SharedReads:
    return SharedReads(LOAD)


def test_all_who_ask_while_a_read_is_under_way_share_the_next_one(reads: SharedReads) -> None:
    go_on, begun = threading.Event(), []

    def read() -> int:
        begun.append(len(begun) + 1)
        go_on.wait(5)
        return begun[-1]

    first = gevent.spawn(reads.shared, DEWI, "snapshot", read)
    while not begun:
        gevent.sleep(0.001)
    others = [gevent.spawn(reads.shared, Asker(number % 30), "snapshot", read) for number in range(100)]
    gevent.sleep(0)
    go_on.set()
    gevent.joinall([first, *others], timeout=5)
    assert first.value == 1
    assert {other.value for other in others} == {2}
    assert begun == [1, 2]


def test_whoever_asks_after_a_change_never_gets_what_was_read_before_it(reads: SharedReads) -> None:
    state = ["old"]
    assert reads.shared(DEWI, "state", lambda: state[0]) == "old"
    state[0] = "new"
    assert reads.shared(DEWI, "state", lambda: state[0]) == "new"


def test_a_read_that_fails_fails_for_all_who_wait_and_the_next_one_is_tried(reads: SharedReads) -> None:
    def broken() -> None:
        raise OSError("disk I/O error")

    waiting = [gevent.spawn(reads.shared, DEWI, "snapshot", broken) for _ in range(3)]
    gevent.joinall(waiting, timeout=5)
    assert all(isinstance(one.exception, OSError) for one in waiting)
    assert reads.shared(DEWI, "snapshot", lambda: "fine") == "fine"


def test_nothing_is_kept_of_what_nobody_waits_for(reads: SharedReads) -> None:
    for number in range(50):
        reads.shared(DEWI, ("resume", number), lambda: None)
    assert (reads._awaited, reads.turns.in_line, reads.turns.under_way) == ({}, 0, 0)


def test_the_loop_goes_on_while_a_read_is_under_way(reads: SharedReads) -> None:
    go_on = threading.Event()
    reading = gevent.spawn(reads.alone, DEWI, lambda: go_on.wait(5))
    gevent.sleep(0)
    go_on.set()  # only reached because the read does not hold the loop
    assert reading.get(timeout=5) is True


def test_a_shared_snapshot_is_what_each_person_would_have_read_alone(staffed: House) -> None:
    staffed.dispatched(staffed.program("dewi"), "DAMKAR")
    people = {
        "dewi": staffed.actor("dewi", Role.CALL_TAKER),
        "ratna": staffed.actor("ratna", Role.SUPERVISOR),
        "damkar": staffed.actor("damkar", Role.RESPONDER, "DAMKAR"),
        "dishub": staffed.actor("dishub", Role.RESPONDER, "DISHUB"),
    }
    programs = {username: staffed.program(username) for username in people}
    for username, actor in people.items():
        assert programs[username].get("/api/v1/snapshot").get_json() == snapshot(staffed.centre, actor)
    assert services_of(staffed.app).reads._awaited == {}


class Held:
    """A read that lasts until the test lets it go on, and says in which order reads were begun."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun: list[str] = []

    def read(self, name: str) -> str:
        self.begun.append(name)
        self.go_on.wait(5)
        return name


def _until_begun(held: Held, count: int) -> None:
    with gevent.Timeout(5):
        while len(held.begun) < count:
            gevent.sleep(0.001)


def test_a_responders_flood_delays_neither_another_agencys_page_nor_the_centres() -> None:
    reads, held = SharedReads(replace(LOAD, reads_waiting_per_user=1000)), Held()
    flood = [gevent.spawn(reads.alone, DAMKAR, partial(held.read, "flood")) for _ in range(600)]
    _until_begun(held, 1)
    polri = gevent.spawn(reads.alone, Asker("polri", of_an_agency=True), partial(held.read, "polri"))
    dewi = gevent.spawn(reads.shared, DEWI, "callbacks", partial(held.read, "dewi"))
    _until_begun(held, 2)
    held.go_on.set()
    gevent.joinall([polri, dewi], timeout=5)
    assert held.begun[:2] == ["flood", "dewi"]
    assert held.begun.index("polri") <= 3
    gevent.killall(flood)


def test_whoever_has_too_many_questions_waiting_is_refused_and_nobody_else(reads: SharedReads) -> None:
    held = Held()
    under_way = [gevent.spawn(reads.alone, DAMKAR, partial(held.read, "damkar")) for _ in range(9)]
    gevent.sleep(0)
    with pytest.raises(TooBusy):
        reads.alone(DAMKAR, partial(held.read, "one too many"))
    held.go_on.set()
    assert reads.alone(DEWI, lambda: "fine") == "fine"
    gevent.joinall(under_way, timeout=5)
    assert [one.value for one in under_way] == ["damkar"] * 9


def test_many_screens_of_one_person_that_want_the_same_take_one_place_in_the_line(reads: SharedReads) -> None:
    held = Held()
    first = gevent.spawn(reads.alone, DAMKAR, partial(held.read, "first"))
    screens = [gevent.spawn(reads.shared, DAMKAR, "snapshot", partial(held.read, "same")) for _ in range(30)]
    _until_begun(held, 1)
    assert reads.turns.in_line == 1
    held.go_on.set()
    gevent.joinall([first, *screens], timeout=5)
    assert held.begun == ["first", "same"]


def test_a_shared_read_begins_at_the_turn_of_whoever_of_those_who_want_it_comes_first(reads: SharedReads) -> None:
    held = Held()
    polri = Asker("polri", of_an_agency=True)
    flood = [gevent.spawn(reads.shared, DAMKAR, number, partial(held.read, str(number))) for number in range(9)]
    _until_begun(held, 1)
    wants_the_last = gevent.spawn(reads.shared, polri, 8, partial(held.read, "8"))
    gevent.sleep(0)
    held.go_on.set()
    assert wants_the_last.get(timeout=5) == "8"
    gevent.joinall(flood, timeout=5)
    assert held.begun.index("8") == 1
    assert sorted(held.begun) == sorted(str(number) for number in range(9))


def test_a_turn_that_does_not_come_in_time_is_refused_and_one_that_has_come_is_waited_for() -> None:
    reads, held = SharedReads(replace(LOAD, read_wait_s=0.05)), Held()
    slow = gevent.spawn(reads.alone, DAMKAR, partial(held.read, "slow"))
    _until_begun(held, 1)
    with pytest.raises(TooBusy):
        reads.alone(DAMKAR, partial(held.read, "never"))
    held.go_on.set()
    assert slow.get(timeout=5) == "slow"
    assert (held.begun, reads._awaited, reads.turns.in_line) == (["slow"], {}, 0)


def test_what_a_connection_asked_for_is_not_done_once_it_has_gone(reads: SharedReads) -> None:
    held, line = Held(), ReadLine()
    first = gevent.spawn(reads.alone, DAMKAR, partial(held.read, "first"))
    _until_begun(held, 1)
    asked = [gevent.spawn(reads.shared, DAMKAR, n, partial(held.read, "late"), line) for n in range(5)]
    gevent.sleep(0)
    assert (len(line), reads.turns.in_line) == (5, 5)
    line.end()
    gevent.joinall(asked, timeout=5)
    assert all(isinstance(one.exception, Dropped) for one in asked)
    held.go_on.set()
    first.join(timeout=5)
    assert (held.begun, reads._awaited, reads.turns.in_line) == (["first"], {}, 0)
