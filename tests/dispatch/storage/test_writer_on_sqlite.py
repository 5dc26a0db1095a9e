"""The writer where SQLite fails it: locked, standing still, a full disk, gone."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import StorageUnavailable
from dispatch.places.finder import Places
from dispatch.storage.engine import SQLITE_BUSY_MS
from dispatch.storage.transaction import Transaction
from tests.dispatch.storage.writing import CALL_PATH_LIMIT_S, CALLER, assert_whole, linkedids, registration
from tests.dispatch.together import at_once
from tests.steppable_clock import SteppableClock


@pytest.fixture
def impatient_centre(
    sqlite_url: str, city: CityPack, clock: SteppableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    """Waits 0.2 s for another process's lock instead of 2 s."""
    monkeypatch.setattr("dispatch.storage.engine.SQLITE_BUSY_MS", 200)
    opened = open_centre(sqlite_url, city, clock=clock)
    yield opened
    opened.close()


def test_a_locked_database_is_waited_for_less_long_than_the_call_path_allows() -> None:
    assert SQLITE_BUSY_MS / 1000 < CALL_PATH_LIMIT_S


def test_a_database_that_stands_still_is_a_failure_too_and_lasts_until_it_moves(
    sqlite_centre: Centre, clock: SteppableClock
) -> None:
    centre, entered, moves = sqlite_centre, threading.Event(), threading.Event()

    def stand_still(_tx: Transaction) -> None:
        entered.set()
        assert moves.wait(10)

    began = clock.now()
    waiting = threading.Thread(target=centre.run, args=(stand_still,))
    waiting.start()
    assert entered.wait(10)
    clock.step(4)
    assert centre.writer.healthy
    clock.step(2)
    assert (centre.writer.healthy, centre.writer.failing_since) == (False, began)
    moves.set()
    waiting.join(10)
    assert centre.writer.healthy


def test_a_locked_database_is_reported_and_writes_go_on_when_it_is_free(
    impatient_centre: Centre, sqlite_url: str, clock: SteppableClock, caplog: pytest.LogCaptureFixture
) -> None:
    centre = impatient_centre
    caplog.set_level(logging.INFO)
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    answers = in_one_batch_while_locked(centre)
    assert time.monotonic() - began < CALL_PATH_LIMIT_S
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 3
    assert not centre.writer.healthy
    assert centre.writer.failing_since == clock.now()
    assert centre.writer.last_error == "database is locked"
    assert centre.writer.statistics.failed_batches >= 1
    with pytest.raises(StorageUnavailable):
        centre.probe_storage()

    other.execute("ROLLBACK")
    other.close()
    assert centre.probe_storage()
    assert centre.writer.healthy
    assert centre.writer.last_error is None
    assert registration(centre, "later")().created
    assert linkedids(centre) == ["later"]
    assert_whole(centre, entries=1)
    assert CALLER not in caplog.text


def test_the_wait_for_another_process_is_handed_off_so_that_the_loop_goes_on(
    sqlite_url: str, city: CityPack, clock: SteppableClock
) -> None:
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def hand_off(work: Callable[[], None]) -> None:
        # A writer that waited on its own would be refused before it ever got here: nobody else ends the lock.
        if other.in_transaction:
            other.execute("ROLLBACK")
        work()

    centre = open_centre(sqlite_url, city, clock=clock, offload=hand_off)
    assert registration(centre, "first")().created
    assert linkedids(centre) == ["first"]
    assert not other.in_transaction
    centre.close()
    other.close()


def in_one_batch_while_locked(centre: Centre) -> list[Any]:
    return at_once(*(registration(centre, str(i), caller_name="Budi") for i in range(3)))


def test_a_full_disk_refuses_calls_and_leaves_nothing_half_written(
    sqlite_centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    centre = sqlite_centre
    pages = {"most": 90}
    event.listen(
        centre.engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages['most']}").close(),
    )
    answered, refused = [], None
    for number in range(1000):
        try:
            registration(centre, str(number), channel="x" * 200)()
        except StorageUnavailable as error:
            refused = error
            break
        answered.append(str(number))
    assert refused is not None
    assert answered
    assert "full" in str(refused)
    assert centre.writer.last_error == str(refused)
    assert linkedids(centre) == answered
    assert_whole(centre, entries=len(answered))
    assert CALLER not in caplog.text + str(refused)

    pages["most"] = 2**30
    centre.engine.dispose()  # also the connections that tests read through had the limit
    assert centre.probe_storage()
    assert registration(centre, "there is room again")().created
    assert_whole(centre, entries=len(answered) + 1)


def test_a_database_that_went_away_is_reported_and_found_again(sqlite_url: str, city: CityPack, tmp_path: Path) -> None:
    folder = tmp_path / "mounted"
    missing = open_centre(f"sqlite:///{folder / 'siaga.db'}", city)
    try:
        with pytest.raises(StorageUnavailable):
            registration(missing, "1")()
        assert not missing.writer.healthy
        folder.mkdir()
        Path(make_url(sqlite_url).database or "").rename(folder / "siaga.db")
        assert missing.probe_storage()
        assert registration(missing, "1")().created
    finally:
        missing.close()


def test_a_node_that_has_no_connection_left_says_so(sqlite_url: str, city: CityPack, clock: SteppableClock) -> None:
    engine = create_engine(sqlite_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    centre = Centre(engine, city, Places(city), clock, None)
    with engine.connect():
        with pytest.raises(StorageUnavailable):
            registration(centre, "1")()
        assert not centre.writer.healthy
    assert registration(centre, "1")().created
    centre.close()
