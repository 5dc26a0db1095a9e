"""Long reads: one for all who want the same, fresh for whoever asks later, and never in the loop's way."""

from __future__ import annotations

import threading

import gevent
import pytest

from app.services import services_of
from app.shared_reads import SharedReads
from dispatch.roles import Role
from dispatch.snapshot import snapshot
from tests.app.house import House


@pytest.fixture
def reads() -> SharedReads:
    return SharedReads()


def test_all_who_ask_while_a_read_is_under_way_share_the_next_one(reads: SharedReads) -> None:
    go_on, begun = threading.Event(), []

    def read() -> int:
        begun.append(len(begun) + 1)
        go_on.wait(5)
        return begun[-1]

    first = gevent.spawn(reads.shared, "snapshot", read)
    while not begun:
        gevent.sleep(0.001)
    others = [gevent.spawn(reads.shared, "snapshot", read) for _ in range(100)]
    gevent.sleep(0)
    go_on.set()
    gevent.joinall([first, *others], timeout=5)
    assert first.value == 1
    assert {other.value for other in others} == {2}
    assert begun == [1, 2]


def test_whoever_asks_after_a_change_never_gets_what_was_read_before_it(reads: SharedReads) -> None:
    state = ["old"]
    assert reads.shared("state", lambda: state[0]) == "old"
    state[0] = "new"
    assert reads.shared("state", lambda: state[0]) == "new"


def test_a_read_that_fails_fails_for_all_who_wait_and_the_next_one_is_tried(reads: SharedReads) -> None:
    def broken() -> None:
        raise OSError("disk I/O error")

    waiting = [gevent.spawn(reads.shared, "snapshot", broken) for _ in range(3)]
    gevent.joinall(waiting, timeout=5)
    assert all(isinstance(one.exception, OSError) for one in waiting)
    assert reads.shared("snapshot", lambda: "fine") == "fine"


def test_nothing_is_kept_of_what_nobody_waits_for(reads: SharedReads) -> None:
    for number in range(50):
        reads.shared(("resume", number), lambda: None)
    assert (reads._awaited, reads._turns) == ({}, {})


def test_the_loop_goes_on_while_a_read_is_under_way(reads: SharedReads) -> None:
    go_on = threading.Event()
    reading = gevent.spawn(reads.alone, lambda: go_on.wait(5))
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
