"""Durable intake: FastAGI sessions a second, call, ticket and journal committed before the answer."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select

from bench.commit_floor import CommitRate, postgres_commit_rate, sqlite_commit_rate
from bench.figures import Figure, Target
from bench.postgres_server import PostgresMissing, throwaway_postgres
from bench.real_server import ROOT, NotMeasurable, RealServer, real_server
from bench.slow_disk import EXTRA_MS, slow_disk_environment
from dispatch.storage.migrate import upgrade
from dispatch.storage.tables import Call

AT_ONCE = {1: 2000, 50: 8000, 500: 8000}  #: callers at once, and sessions in one run
RUNS = 3
FLOOR_S = 2.0
RATE_AT_LEAST = Target(0.8, at_least=True, of="ratio")
P99_AT_MOST = Target(60.0)
TARGETS_HOLD_AT = 50


@dataclass(frozen=True)
class Intake:
    """The medians of several runs."""

    per_s: float
    p50_ms: float
    p99_ms: float
    spread: float  #: fastest over slowest run


def measure_sqlite(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure on SQLite (WAL, synchronous=FULL), the embedded default."""
    floor = partial(sqlite_commit_rate, folder, FLOOR_S)
    figures = _measure("intake, SQLite", folder, None, floor, "raw insert+commit", quick=quick)
    return figures + _on_a_slow_disk(folder, quick=quick)


def _on_a_slow_disk(folder: Path, *, quick: bool) -> list[Figure]:
    """The same where each fsync takes longer. Without a target: it shows what group commit is for."""
    variables = slow_disk_environment(folder)
    if variables is None:
        return []
    place = folder / "slow-disk"
    place.mkdir()
    command = [sys.executable, "-m", "bench.commit_floor", str(place), str(FLOOR_S)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.PIPE, check=True)
    floor = CommitRate(**json.loads(done.stdout))
    with real_server(place, variables=variables) as server:
        intake = measure_intake(server, TARGETS_HOLD_AT, quick=quick)
    name = f"{TARGETS_HOLD_AT} at once, fsync +{EXTRA_MS} ms"
    return [
        Figure("intake, SQLite", f"{name}, sessions/s", intake.per_s, "/s", floor.per_s, "raw insert+commit"),
        Figure("intake, SQLite", f"{name}, p99", intake.p99_ms, "ms", floor.p99_ms, "raw insert+commit"),
    ]


def measure_postgres(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure on a PostgreSQL of our own with its durability untouched."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(throwaway_postgres(durable=True))
        except PostgresMissing as missing:
            raise NotMeasurable(str(missing)) from missing
        app_url = stack.enter_context(server.database("bench_app"))
        floor_url = stack.enter_context(server.database("bench_floor"))
        upgrade(floor_url)
        floor = partial(postgres_commit_rate, floor_url, FLOOR_S)
        return _measure("intake, PostgreSQL", folder, app_url, floor, "raw insert+commit", quick=quick)


def _measure(
    part: str, folder: Path, database_url: str | None, measure_floor: Any, floor_name: str, *, quick: bool
) -> list[Figure]:
    before: CommitRate = measure_floor()
    with real_server(folder, database_url) as server:
        results = {at_once: measure_intake(server, at_once, quick=quick) for at_once in AT_ONCE}
    after: CommitRate = measure_floor()
    floor_per_s, floor_ms = (before.per_s + after.per_s) / 2, (before.p99_ms + after.p99_ms) / 2
    figures = []
    for at_once, intake in results.items():
        judged = at_once == TARGETS_HOLD_AT
        name = f"{at_once} at once"
        note = f"fastest run over slowest {intake.spread:.2f}"
        rate_target, p99_target = (RATE_AT_LEAST, P99_AT_MOST) if judged else (None, None)
        figures += [
            Figure(part, f"{name}, sessions/s", intake.per_s, "/s", floor_per_s, floor_name, rate_target, note),
            Figure(part, f"{name}, p50", intake.p50_ms, "ms"),
            Figure(part, f"{name}, p99", intake.p99_ms, "ms", floor_ms, floor_name, p99_target),
        ]
    return figures


def measure_intake(server: RealServer, at_once: int, *, quick: bool, runs: int = RUNS) -> Intake:
    """Let a second process ring, and check that every session it counts is a call in the database."""
    sessions = AT_ONCE[at_once] // 8 if quick else AT_ONCE[at_once]
    with _every_session_stored(server, sessions * runs):
        results = [_load(server.agi_port, at_once, sessions) for _ in range(runs)]
    rates = [result["per_second"] for result in results]
    return Intake(
        statistics.median(rates),
        statistics.median(result["p50_ms"] for result in results),
        statistics.median(result["p99_ms"] for result in results),
        max(rates) / min(rates),
    )


def _load(agi_port: int, at_once: int, sessions: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "telephony.simulator", "load", "--port", str(agi_port)]
    command += ["--concurrency", str(at_once), "--sessions", str(sessions)]
    # The simulator names its calls by the second in which it starts: two runs in one second would be the same calls.
    time.sleep(1.1)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise NotMeasurable(f"the load failed: {done.stdout[-500:]}{done.stderr[-1500:]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    if result["failed"]:
        raise NotMeasurable(f"{result['failed']} of {sessions} sessions were given no ticket")
    return result


@contextmanager
def _every_session_stored(server: RealServer, sessions: int) -> Iterator[None]:
    engine = create_engine(server.database_url)
    try:
        before = _calls(engine)
        yield
        stored = _calls(engine) - before
        if stored != sessions:
            raise NotMeasurable(f"{sessions} sessions were answered, {stored} calls are in the database")
    finally:
        engine.dispose()


def _calls(engine: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(Call)).scalar_one())
