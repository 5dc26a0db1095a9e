"""A database that is gone for a moment costs no caller the ticket; one that is gone for longer is told in time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import exc, func, select
from sqlalchemy.engine import make_url

import dispatch.storage.writer
from bench.postgres_server import PostgresMissing, PostgresServer, throwaway_postgres
from dispatch.calls.incoming import IncomingCall, RegisteredCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import CALLERS_PATIENCE_S, CallPath, Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import StorageUnavailable
from dispatch.storage.journal import verify
from dispatch.storage.migrate import upgrade
from dispatch.storage.tables import Call
from tests.dispatch.together import at_once
from tests.steppable_clock import SteppableClock

GUARD_S = 3.0  #: how long the guard waits for an answer


def incoming(centre: Centre, linkedid: str) -> Callable[[], RegisteredCall]:
    """A call as the FastAGI server reports it."""
    return partial(CallPath(centre).run, register_call, call=IncomingCall("a", linkedid, ani="081298765001"))


def timed(job: Callable[[], Any]) -> tuple[Any, float]:
    """What it returned or raised, and after how many seconds."""
    began = time.monotonic()
    try:
        result = job()
    except StorageUnavailable as error:
        result = error
    return result, time.monotonic() - began


def calls_of(centre: Centre) -> int:
    with centre.read() as connection:
        assert verify(connection).broken is None
        return int(connection.execute(select(func.count()).select_from(Call)).scalar_one())


class Outage:
    """A database that refuses every new connection, and has cut the old ones."""

    def __init__(self, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
        self._connect, self._centre, self._patch = centre.engine.connect, centre, monkeypatch
        self.tries = 0

    def _refuse(self) -> Any:
        self.tries += 1
        raise exc.OperationalError(None, None, OSError("connection refused"), hide_parameters=True)

    def begin(self) -> None:
        self._centre.writer._disconnect()
        self._patch.setattr(self._centre.engine, "connect", self._refuse)

    def end(self) -> None:
        self._patch.setattr(self._centre.engine, "connect", self._connect)

    @contextmanager
    def until(self, true: Callable[[], object]) -> Iterator[None]:
        """Be away until the condition holds, seen from another thread."""
        self.begin()

        def watch() -> None:
            deadline = time.monotonic() + 10
            while not true() and time.monotonic() < deadline:
                time.sleep(0.005)
            self.end()

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        yield
        watching.join()


@pytest.fixture
def outage(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Outage:
    assert incoming(centre, "before")().created
    return Outage(centre, monkeypatch)


def test_calls_that_come_while_the_database_is_gone_for_a_moment_all_get_their_tickets(
    centre: Centre, outage: Outage
) -> None:
    with outage.until(lambda: outage.tries >= 5):
        answers = at_once(*(partial(timed, incoming(centre, f"{number}")) for number in range(20)))
    assert all(answer.created for answer, _ in answers)
    assert max(waited_s for _, waited_s in answers) < GUARD_S
    assert len({answer.ticket_number for answer, _ in answers}) == 20
    assert calls_of(centre) == 21
    assert centre.writer.healthy


def test_news_of_a_call_waits_as_well(centre: Centre, outage: Outage) -> None:
    with outage.until(lambda: outage.tries >= 3):
        told = CallPath(centre).run(call_ended, system_name="a", linkedid="before", cause="16", duration_s=3)
    assert told.changed


def test_whoever_has_no_patience_is_told_at_once_while_calls_wait(centre: Centre, outage: Outage) -> None:
    person: list[tuple[Any, float]] = []

    def touch() -> None:
        person.append(timed(centre.probe_storage))

    def both() -> None:
        while outage.tries < 2:
            time.sleep(0.005)
        touch()

    with outage.until(lambda: person):
        call, _ = at_once(incoming(centre, "1"), both)
    ((refused, waited_s),) = person
    assert isinstance(refused, StorageUnavailable)
    assert waited_s < 1
    assert call.created


def test_an_outage_beyond_the_guards_patience_is_told_before_it_ends(centre: Centre, outage: Outage) -> None:
    outage.begin()
    refused, waited_s = timed(incoming(centre, "1"))
    outage.end()
    assert isinstance(refused, StorageUnavailable)
    assert CALLERS_PATIENCE_S - 0.5 < waited_s < GUARD_S
    assert outage.tries < 40  # it is asked ten times a second, however many wait
    assert calls_of(centre) == 1
    assert incoming(centre, "1")().created


def test_however_many_calls_come_the_database_is_asked_ten_times_a_second(centre: Centre, outage: Outage) -> None:
    with outage.until(lambda: outage.tries >= 5):
        began = time.monotonic()
        at_once(*(incoming(centre, f"{line}") for line in range(30)))
        assert outage.tries <= (time.monotonic() - began) / dispatch.storage.writer.RETRY_S + 3


def test_more_than_can_be_kept_are_told_at_once(
    centre: Centre, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch.storage.writer, "PATIENT_LIMIT", 2)
    told: list[Any] = []

    def ring(number: int) -> None:
        told.append(timed(incoming(centre, str(number))))

    def late(number: int) -> None:
        while outage.tries < 3:  # those who were first wait already
            time.sleep(0.005)
        ring(number)

    with outage.until(lambda: len(told) >= 3):
        at_once(*(partial(ring if number < 3 else late, number) for number in range(5)))
    refused = [waited_s for answer, waited_s in told if isinstance(answer, StorageUnavailable)]
    assert len(refused) == 3
    assert max(refused) < 1
    assert calls_of(centre) == 3


def test_a_commit_whose_answer_was_lost_makes_no_second_ticket(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, lost = dispatch.storage.writer._commit, []

    def commit_and_lose_the_answer(connection: Any) -> None:
        commit(connection)
        if not lost:
            lost.append(True)
            raise exc.OperationalError(None, None, OSError("connection reset"), hide_parameters=True)

    monkeypatch.setattr(dispatch.storage.writer, "_commit", commit_and_lose_the_answer)
    answer = incoming(centre, "1")()
    assert lost
    assert not answer.created
    assert answer.ticket_number
    assert calls_of(centre) == 1


def test_a_node_that_stops_meanwhile_leaves_nobody_waiting(centre: Centre, outage: Outage) -> None:
    answered: list[Any] = []
    outage.begin()
    calling = threading.Thread(target=lambda: answered.append(timed(incoming(centre, "1"))), daemon=True)
    calling.start()
    while outage.tries < 2:
        time.sleep(0.005)
    centre.writer.close()
    calling.join(5)
    outage.end()
    ((refused, waited_s),) = answered
    assert isinstance(refused, StorageUnavailable)
    assert waited_s < 2


def test_a_lock_that_is_not_had_in_time_is_not_waited_for_twice(sqlite_centre: Centre) -> None:
    with sqlite_centre.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        refused, waited_s = timed(incoming(sqlite_centre, "1"))
    assert isinstance(refused, StorageUnavailable)
    assert waited_s < GUARD_S


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that may be broken."""
    try:
        with throwaway_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def test_postgresql_that_crashes_under_load_costs_no_ticket(
    own_server: PostgresServer, city: CityPack, clock: SteppableClock
) -> None:
    """As where the kernel kills one of its processes: all sessions end, and it recovers by itself."""
    with own_server.database("crashing") as url:
        upgrade(url)
        centre = open_centre(url, city, clock=clock)
        answers: list[tuple[Any, float]] = []
        crashed = threading.Event()

        def line(number: int) -> None:
            for call in range(200):
                answers.append(timed(incoming(centre, f"{number}.{call}")))
                if crashed.is_set() and centre.writer.healthy and call > 20:
                    return
                time.sleep(0.01)

        def crash() -> None:
            while len(answers) < 40:
                time.sleep(0.01)
            with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
                process = connection.info.backend_pid
                os.kill(process, signal.SIGKILL)
            while centre.writer.healthy:
                time.sleep(0.001)
            crashed.set()

        at_once(crash, *(partial(line, number) for number in range(4)))
        assert crashed.is_set()
        refused = [answer for answer, _ in answers if isinstance(answer, StorageUnavailable)]
        assert refused == []
        assert max(waited_s for _, waited_s in answers) < GUARD_S
        assert calls_of(centre) == len(answers)
        centre.close()


def test_postgresql_that_lets_nobody_in_for_a_moment_costs_no_ticket(
    own_server: PostgresServer, city: CityPack, clock: SteppableClock
) -> None:
    """As while it shuts down and starts again."""
    with own_server.database("away") as url:
        upgrade(url)
        name = str(make_url(url).database)
        centre = open_centre(url, city, clock=clock)
        assert incoming(centre, "before")().created

        def let_in(yes: bool) -> None:
            with psycopg.connect(own_server.url.replace("+psycopg", "", 1), autocommit=True) as admin:
                words = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
                admin.execute(words.format(sql.Identifier(name), sql.Literal(yes)))
                if not yes:
                    admin.execute(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
                    )

        def away() -> None:
            while centre.writer.statistics.failed_batches < 4:
                time.sleep(0.01)
            let_in(True)

        let_in(False)
        answers = at_once(away, *(partial(timed, incoming(centre, str(number))) for number in range(10)))[1:]
        assert all(answer.created for answer, _ in answers)
        assert calls_of(centre) == 11
        centre.close()
