"""Cost as it grows: intake and the first load of console and board with ever more closed tickets in the database."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, Target
from bench.history_copy import copy_to_postgres
from bench.intake import measure_intake
from bench.postgres_server import PostgresMissing, throwaway_postgres
from bench.real_server import ROOT, NotMeasurable, RealServer, real_server
from bench.ticket_history import make_history
from dispatch.city.pack import load_city
from dispatch.storage.migrate import newest_revision

SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 20_000)
#: A million tickets take minutes to make, so they are kept between runs.
KEPT = ROOT / "var" / "bench"
LOADS = 40
INTAKE_ROUNDS = 5
CALLERS_AT_ONCE = 50
#: The pages carry the snapshot that they start from.
PAGES = {
    "console load": ("operator1", "/console"),
    "board load": ("supervisor", "/board"),
}
SLOWER_AT_MOST = Target(1.3, of="ratio")
RATE_AT_LEAST = Target(1 / 1.3, at_least=True, of="ratio")


def measure_sqlite(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure every size on SQLite, the embedded default."""
    sizes = QUICK_SIZES if quick else SIZES
    with ExitStack() as stack:
        servers = {size: stack.enter_context(_on_sqlite(folder / str(size), size)) for size in sizes}
        return _measure("growth, SQLite", servers, quick=quick)


def measure_postgres(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure every size on a PostgreSQL of our own with its durability untouched."""
    sizes = QUICK_SIZES if quick else SIZES
    with ExitStack() as stack:
        try:
            postgres = stack.enter_context(throwaway_postgres(durable=True))
        except PostgresMissing as missing:
            raise NotMeasurable(str(missing)) from missing
        servers = {}
        for size in sizes:
            url = stack.enter_context(postgres.database(f"bench_{size}"))
            copy_to_postgres(_history(size), url)
            place = folder / str(size)
            place.mkdir()
            servers[size] = stack.enter_context(real_server(place, url))
        return _measure("growth, PostgreSQL", servers, quick=quick)


def _measure(part: str, servers: dict[int, RealServer], *, quick: bool) -> list[Figure]:
    """Hold every size against the smallest; the target is judged on the largest.

    All servers run side by side and are asked in turn, so that whatever else the machine does falls on all of them.
    """
    sizes = list(servers)
    # Pages first: the intake leaves its calls ringing, which no real centre would have on its screens.
    loads_ms = {page: _load_pages(servers, *what) for page, what in PAGES.items()}
    rates = _take_calls(servers, quick=quick)
    floor_name = f"with {sizes[0]:,}"
    smallest, largest = sizes[0], sizes[-1]
    figures = []
    for size in sizes:
        rate_target, load_target = (RATE_AT_LEAST, SLOWER_AT_MOST) if size == largest else (None, None)
        name = f"intake at {CALLERS_AT_ONCE} at once, {size:,} tickets"
        figures.append(Figure(part, name, rates[size], "/s", rates[smallest], floor_name, rate_target))
        figures += [
            Figure(part, f"{page}, {size:,} tickets", ms[size], "ms", ms[smallest], floor_name, load_target)
            for page, ms in loads_ms.items()
        ]
    return figures


@contextmanager
def _on_sqlite(place: Path, size: int) -> Iterator[RealServer]:
    place.mkdir()
    shutil.copyfile(_history(size), place / "siaga.db")
    with real_server(place) as server:
        yield server


def _load_pages(servers: dict[int, RealServer], username: str, address: str) -> dict[int, float]:
    """The median of many loads, in ms, for each size."""
    sessions = {size: server.sign_in(username) for size, server in servers.items()}
    durations: dict[int, list[float]] = {size: [] for size in servers}
    for _ in range(LOADS):
        for size, server in servers.items():
            began = time.perf_counter()
            answer = sessions[size].get(server.origin + address, timeout=30)
            durations[size].append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise NotMeasurable(f"{address} was answered {answer.status_code}")
    return {size: statistics.median(taken) for size, taken in durations.items()}


def _take_calls(servers: dict[int, RealServer], *, quick: bool) -> dict[int, float]:
    """The median of several runs, in sessions a second, for each size."""
    rates: dict[int, list[float]] = {size: [] for size in servers}
    for _ in range(1 if quick else INTAKE_ROUNDS):
        for size, server in servers.items():
            rates[size].append(measure_intake(server, CALLERS_AT_ONCE, quick=quick, runs=1).per_s)
    return {size: statistics.median(measured) for size, measured in rates.items()}


def _history(size: int) -> Path:
    """The kept database of this size, for this schema and this day; made when there is none.

    The board shows the last 24 hours, so one that was made on another day would have less to show.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"history-{newest_revision()}-{datetime.now(UTC):%Y%m%d}-{size}.db"
    if not path.exists():
        for outdated in KEPT.glob(f"history-*-{size}.*"):
            outdated.unlink()
        unfinished = path.with_suffix(".unfinished")
        make_history(unfinished, load_city(ROOT / "city" / "serang"), size)
        unfinished.rename(path)
    return path
