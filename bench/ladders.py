"""Ladders under load: a thousand rungs due in the same second among ten thousand clocks, and what idle clocks cost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from sqlalchemy import Engine, func, select

from bench.figures import Figure, Target
from bench.intake import Intake, measure_intake
from bench.postgres_server import PostgresMissing, throwaway_postgres
from bench.real_server import ROOT, NotMeasurable, RealServer, real_server
from bench.running_clocks import let_come_due, make_clocks, make_people
from dispatch.centre import open_centre
from dispatch.city.pack import load_city
from dispatch.storage.engine import make_engine
from dispatch.storage.migrate import upgrade
from dispatch.storage.tables import LadderStep

CLOCKS, DUE = 10_000, 1_000
IDLE_CLOCKS, QUICK_IDLE_CLOCKS = 100_000, 10_000
IDLE_S, QUICK_IDLE_S = 130.0, 70.0  #: at least one audit falls into it, of two each minute
AT_ONCE = 50  #: callers
LEAD_S = 3.0  #: from choosing what is due to the instant
GIVEN_UP_S = 60.0
FIRED_WITHIN = Target(5.0)
IDLE_AT_MOST = Target(2.0)
CALLS_AT_LEAST = Target(0.8, at_least=True, of="ratio")
_TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class _Place:
    """Where one kind of database is measured."""

    part: str
    folder: Path
    database_url: Callable[[str], str]


def measure_sqlite(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure on SQLite, the embedded default."""

    def database_url(name: str) -> str:
        (folder / name).mkdir()
        return f"sqlite:///{folder / name / 'siaga.db'}"

    return _measure(_Place("ladders, SQLite", folder, database_url), quick=quick)


def measure_postgres(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure on a PostgreSQL of our own with its durability untouched."""
    with ExitStack() as stack:
        try:
            postgres = stack.enter_context(throwaway_postgres(durable=True))
        except PostgresMissing as missing:
            raise NotMeasurable(str(missing)) from missing

        def database_url(name: str) -> str:
            (folder / name).mkdir()
            return str(stack.enter_context(postgres.database(f"bench_{name}")))

        return _measure(_Place("ladders, PostgreSQL", folder, database_url), quick=quick)


def _measure(place: _Place, *, quick: bool) -> list[Figure]:
    return [*_all_at_once(place, quick=quick), *_idle(place, quick=quick)]


def _all_at_once(place: _Place, *, quick: bool) -> list[Figure]:
    """Let a thousand rungs come due in one instant, alone and while callers come; callers alone are the floor."""
    with _server_with(place, "busy", CLOCKS) as server, _opened(server.database_url) as engine:
        alone = _fire(engine)
        calls = measure_intake(server, AT_ONCE, quick=quick, runs=2)
        both, beside = _fire_beside_callers(engine, server, quick=quick)
    part, name = place.part, f"{DUE:,} of {CLOCKS:,} clocks due at once"
    return [
        Figure(part, f"{name}, all fired after", alone, "s", target=FIRED_WITHIN),
        Figure(part, f"{name} while {AT_ONCE} callers come, all fired after", both, "s", target=FIRED_WITHIN),
        Figure(
            part,
            f"{AT_ONCE} callers while rungs fire, sessions/s",
            beside.per_s,
            "/s",
            calls.per_s,
            "callers alone",
            CALLS_AT_LEAST,
        ),
        Figure(part, f"{AT_ONCE} callers while rungs fire, p99", beside.p99_ms, "ms", calls.p99_ms, "callers alone"),
    ]


def _fire(engine: Engine) -> float:
    """From the instant at which they are due to the last that has fired, each exactly once, in seconds."""
    due_at = datetime.now(UTC) + timedelta(seconds=LEAD_S)
    ids = let_come_due(engine, DUE, due_at)
    first, last = ids[0], ids[-1]
    of_these = select(func.count(), func.max(LadderStep.fired_at)).where(
        LadderStep.rung == 0, LadderStep.ladder_id.between(first, last), LadderStep.fired_at >= due_at
    )
    given_up_at = time.monotonic() + LEAD_S + GIVEN_UP_S
    while time.monotonic() < given_up_at:
        with engine.connect() as connection:
            fired, last_at = connection.execute(of_these).one()
        if fired == DUE and last_at is not None:
            return float((last_at - due_at).total_seconds())
        time.sleep(0.2)
    raise NotMeasurable(f"{fired} of {DUE} rungs have fired after {GIVEN_UP_S:.0f} s")


def _fire_beside_callers(engine: Engine, server: RealServer, *, quick: bool) -> tuple[float, Intake]:
    took: list[float] = []
    failures: list[NotMeasurable] = []

    def fire() -> None:
        try:
            took.append(_fire(engine))
        except NotMeasurable as failure:
            failures.append(failure)

    firing = Thread(target=fire)
    firing.start()
    time.sleep(LEAD_S - 1.0)
    beside = measure_intake(server, AT_ONCE, quick=quick, runs=1)
    firing.join()
    if failures:
        raise failures[0]
    return took[0], beside


def _idle(place: _Place, *, quick: bool) -> list[Figure]:
    """What the node's processes use while nothing happens but that clocks run and are audited."""
    clocks, lasts_s = (QUICK_IDLE_CLOCKS, QUICK_IDLE_S) if quick else (IDLE_CLOCKS, IDLE_S)
    shares = {}
    for count, name in ((0, "empty"), (clocks, "idle")):
        with _server_with(place, name, count) as server:
            time.sleep(15.0)  # its start, and the first audit
            before = _processor_s(server)
            time.sleep(lasts_s)
            shares[name] = (_processor_s(server) - before) / lasts_s * 100
    added = max(0.0, shares["idle"] - shares["empty"])
    figure = f"{clocks:,} open clocks idle, share of one core that they add"
    note = f"{shares['idle']:.2f} % with them, {shares['empty']:.2f} % without, over {lasts_s:.0f} s"
    return [Figure(place.part, figure, added, "%", target=IDLE_AT_MOST, note=note)]


def _processor_s(server: RealServer) -> float:
    """Processor time of the node's processes so far, in seconds."""
    used = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            environment = (path.parent / "environ").read_bytes()
            fields = path.read_text("ascii").rpartition(")")[2].split()
        except OSError:
            continue
        if f"SIAGA_HTTP_PORT={server.http_port}\0".encode() in environment + b"\0":
            used += int(fields[11]) + int(fields[12])
    return used / _TICKS_S


@contextmanager
def _server_with(place: _Place, name: str, clocks: int) -> Iterator[RealServer]:
    url = place.database_url(name)
    upgrade(url)
    with closing(open_centre(url, load_city(ROOT / "city" / "serang"))) as centre:
        make_people(centre)
        make_clocks(centre, clocks)
    with real_server(place.folder / name, url) as server:
        yield server


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
