"""SQLite's log is moved into the database file although no commit does it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

import dispatch.storage.checkpoints
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from tests.steppable_clock import SteppableClock

LIMIT_S = 20.0


def in_the_file_alone(database: Path, folder: Path) -> list[str]:
    """The calls that are in the database file itself, without its log."""
    copy = folder / "without-its-log.db"
    shutil.copy(database, copy)
    connection = sqlite3.connect(copy)
    try:
        return [row[0] for row in connection.execute("SELECT linkedid FROM calls ORDER BY id")]
    except sqlite3.DatabaseError:
        return []  # copied while it was written
    finally:
        connection.close()


def test_what_was_committed_reaches_the_database_file_beside_the_commits(
    sqlite_url: str, city: CityPack, clock: SteppableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch.storage.checkpoints, "REST_S", 0.01)
    database = Path(make_url(sqlite_url).database or "")
    centre = open_centre(sqlite_url, city, clock=clock)
    reader = centre.engine.connect()  # while one is open, closing the others moves nothing
    try:
        for linkedid in ("1.1", "1.2"):
            centre.run(register_call, call=IncomingCall(system_name="a", linkedid=linkedid))
        deadline = time.monotonic() + LIMIT_S
        while in_the_file_alone(database, tmp_path) != ["1.1", "1.2"]:
            assert time.monotonic() < deadline
    finally:
        reader.close()
        centre.close()


def test_a_checkpoint_that_takes_long_holds_up_no_call(sqlite_url: str, city: CityPack, clock: SteppableClock) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def offload(work: Callable[[], None]) -> None:
        if threading.current_thread().name == "checkpoints":
            begun.set()
            assert may_end.wait(LIMIT_S)
        work()

    centre = open_centre(sqlite_url, city, clock=clock, offload=offload)
    centre.run(register_call, call=IncomingCall(system_name="a", linkedid="1.1"))
    assert begun.wait(LIMIT_S)
    assert centre.run(register_call, call=IncomingCall(system_name="a", linkedid="1.2")).created
    may_end.set()
    centre.close()


def test_the_log_is_begun_again_although_calls_never_cease(
    sqlite_url: str, city: CityPack, clock: SteppableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where no checkpoint runs beside the commits."""
    monkeypatch.setattr(dispatch.storage.checkpoints, "LONG_LOG_PAGES", 100)
    may_end = threading.Event()

    def offload(work: Callable[[], None]) -> None:
        if threading.current_thread().name == "checkpoints":
            assert may_end.wait(LIMIT_S)
        work()

    centre = open_centre(sqlite_url, city, clock=clock, offload=offload)
    for number in range(100):
        centre.run(register_call, call=IncomingCall(system_name="a", linkedid=str(number)))
    log = Path(f"{make_url(sqlite_url).database}-wal")
    assert log.stat().st_size < 200 * 4096
    may_end.set()
    centre.close()
