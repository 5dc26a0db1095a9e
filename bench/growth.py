"""Cost as it grows: intake and the first load of console and board with ever more closed tickets in the database."""

from __future__ import annotations

import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, Target
from bench.intake import measure_intake
from bench.real_server import ROOT, NotMeasurable, RealServer, real_server
from bench.ticket_history import make_history
from dispatch.citypack import load_city
from dispatch.migrate import newest_revision

PART = "growth"
SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 20_000)
#: A million tickets take minutes to make, so they are kept between runs.
KEPT = ROOT / "var" / "bench"
LOADS = 40
INTAKE_RUNS = 5
CALLERS_AT_ONCE = 50
#: What a page asks for before it can be worked with.
PAGES = {
    "console load": ("operator1", ("/console", "/api/v1/snapshot")),
    "board load": ("supervisor", ("/board", "/api/v1/board")),
}
SLOWER_AT_MOST = Target(1.3, of="ratio")
RATE_AT_LEAST = Target(1 / 1.3, at_least=True, of="ratio")


@dataclass(frozen=True)
class _Cost:
    intake_per_s: float
    load_ms: dict[str, float]


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure every size and hold it against the smallest; the target is judged on the largest."""
    sizes = QUICK_SIZES if quick else SIZES
    costs = {size: _cost(folder, size, quick=quick) for size in sizes}
    smallest, largest = costs[sizes[0]], sizes[-1]
    floor_name = f"with {sizes[0]:,}"
    figures = []
    for size, cost in costs.items():
        judged = size == largest
        figures.append(
            Figure(
                PART,
                f"intake at {CALLERS_AT_ONCE} at once, {size:,} tickets",
                cost.intake_per_s,
                "/s",
                smallest.intake_per_s,
                floor_name,
                RATE_AT_LEAST if judged else None,
            )
        )
        figures += [
            Figure(
                PART,
                f"{page}, {size:,} tickets",
                cost.load_ms[page],
                "ms",
                smallest.load_ms[page],
                floor_name,
                SLOWER_AT_MOST if judged else None,
            )
            for page in PAGES
        ]
    return figures


def _cost(folder: Path, size: int, *, quick: bool) -> _Cost:
    place = folder / f"{size}"
    place.mkdir()
    shutil.copyfile(_history(size), place / "siaga.db")
    try:
        with real_server(place) as server:
            # Pages first: the intake leaves its calls ringing, which no real centre would have on its screens.
            load_ms = {page: _load_ms(server, *what) for page, what in PAGES.items()}
            runs = 1 if quick else INTAKE_RUNS
            return _Cost(measure_intake(server, CALLERS_AT_ONCE, quick=quick, runs=runs).per_s, load_ms)
    finally:
        shutil.rmtree(place)


def _history(size: int) -> Path:
    """The kept database of this size, for this schema; made when there is none."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"history-{newest_revision()}-{size}.db"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        for left in KEPT.glob(f"{unfinished.name}*"):
            left.unlink()
        make_history(unfinished, load_city(ROOT / "city" / "serang"), size)
        unfinished.rename(path)
    return path


def _load_ms(server: RealServer, username: str, addresses: tuple[str, ...]) -> float:
    session = server.sign_in(username)
    durations = []
    for _ in range(LOADS):
        began = time.perf_counter()
        for address in addresses:
            answer = session.get(server.origin + address, timeout=30)
            if answer.status_code != 200:
                raise NotMeasurable(f"{address} was answered {answer.status_code}")
        durations.append((time.perf_counter() - began) * 1000)
    return statistics.median(durations)
