"""The floor of durable intake: one row inserted and committed, again and again, with nothing but the driver.

The row goes into the product's own table `tickets`, in a migrated database of the same kind on the same disk.
`python -m bench.commit_floor FOLDER SECONDS` prints the rate on SQLite as JSON, for a process of its own environment.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from bench.figures import percentile
from dispatch.storage.migrate import upgrade

_COLUMNS = "(number, state, version, priority_by_hand, place_approximate, opened_at)"
_OPENED_AT = "2026-11-24 02:14:36.120000"


@dataclass(frozen=True)
class CommitRate:
    """What a single connection commits, one row at a time."""

    per_s: float
    p50_ms: float
    p99_ms: float


def sqlite_commit_rate(folder: Path, seconds: float) -> CommitRate:
    """Measure on a new SQLite file in this folder (WAL, synchronous=FULL, as the product sets it)."""
    path = folder / "commit-floor.db"
    upgrade(f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        statement = f"INSERT INTO tickets {_COLUMNS} VALUES (?, 'new', 1, 0, 0, ?)"

        def commit_one(number: str) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, (number, _OPENED_AT))
            connection.execute("COMMIT")

        return _rate(commit_one, seconds)
    finally:
        connection.close()


def postgres_commit_rate(url: str, seconds: float) -> CommitRate:
    """Measure on a migrated PostgreSQL database, in autocommit: one round trip for a row and its commit."""
    statement = f"INSERT INTO tickets {_COLUMNS} VALUES (%s, 'new', 1, false, false, %s)"
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:

        def commit_one(number: str) -> None:
            connection.execute(statement, (number, f"{_OPENED_AT}+00"))

        return _rate(commit_one, seconds)


def _rate(commit_one: Callable[[str], None], seconds: float) -> CommitRate:
    durations: list[float] = []
    series = f"{time.monotonic_ns():016x}"[-8:]  # so that a second measurement can go on in the same table
    begin = now = time.perf_counter()
    while now - begin < seconds:
        commit_one(f"{series}{len(durations):x}")
        after = time.perf_counter()
        durations.append(after - now)
        now = after
    return CommitRate(
        len(durations) / (now - begin), percentile(durations, 0.5) * 1000, percentile(durations, 0.99) * 1000
    )


if __name__ == "__main__":
    print(json.dumps(asdict(sqlite_commit_rate(Path(sys.argv[1]), float(sys.argv[2])))))
