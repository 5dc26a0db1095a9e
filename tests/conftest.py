"""What all tests share: databases, the city, a centre with a clock that stands still, and no way out of the machine."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bench.postgres_server import PostgresMissing, PostgresServer, database_name, throwaway_postgres
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack, load_city
from dispatch.storage.migrate import upgrade
from tests.scheduling import ServedFilesTogether, is_long, shares_a_server
from tests.steppable_clock import SteppableClock

ROOT = Path(__file__).resolve().parent.parent
NOTHING_MAY_BE_SKIPPED = os.environ.get("SIAGA_REQUIRE_REAL") == "1"
OTHER_POSTGRES = "SIAGA_TEST_POSTGRES_URL"
#: Where Linux keeps files in memory. A container may have little of it; a run needs half a gigabyte.
MEMORY, ROOM_IN_MEMORY = Path("/dev/shm"), 3 << 30
_numbers = count(1)
# How long an example takes on a busy machine says nothing.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """What `--dist loadgroup` means here."""
    return ServedFilesTogether(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """With SIAGA_REQUIRE_REAL=1 a test that was skipped has failed."""
    return _skipped_is_failed((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """The same for a whole module that was skipped."""
    return _skipped_is_failed((yield))


def _skipped_is_failed(report: Any) -> Any:
    if NOTHING_MAY_BE_SKIPPED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"SIAGA_REQUIRE_REAL=1 and this was skipped: {report.longrepr[2]}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Refuse every address but this machine's, for whatever runs in the test process; keep databases in memory."""
    sys.addaudithook(_only_loopback)
    if "PYTEST_XDIST_WORKER" not in os.environ and "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)  # workers and servers inherit it
        tempfile.tempdir = None  # what was found before is forgotten


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free > ROOM_IN_MEMORY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long first: what begins last is waited for."""
    tests_in = Counter(item.path for item in items)

    def begins(item: pytest.Item) -> tuple[int, int]:
        if item.get_closest_marker("long") is not None:
            return 0, 0
        if item.get_closest_marker("real") is not None and shares_a_server(item.path):
            return 1, -tests_in[item.path]  # all of them on one worker
        return (2 if is_long(item.path) else 3), 0

    items.sort(key=begins)


def pytest_collection_finish() -> None:
    """Half of what a run holds are the tests themselves: looking through them again and again takes a tenth of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # as in the server, app/gunicorn_settings.py


def pytest_sessionfinish() -> None:
    """What was left over and complains when it goes is found by looking once; pytest would look five times."""
    gc.collect()
    gc.freeze()


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not host or host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified:
            return
    except ValueError:
        pass
    raise PermissionError(f"tests reach nothing outside this machine, not {host!r}")


@pytest.fixture(scope="session")
def city() -> CityPack:
    """The pack of Kota Serang, read once."""
    return load_city(ROOT / "city" / "serang")


@pytest.fixture
def clock() -> SteppableClock:
    """The clock of `centre`; `clock.step(60)` lets a minute pass."""
    return SteppableClock()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "siaga.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    path = tmp_path / "siaga.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[PostgresServer]:
    other = os.environ.get(OTHER_POSTGRES)
    if other:
        yield PostgresServer(other.replace("postgresql://", "postgresql+psycopg://", 1))
        return
    with ExitStack() as stack:
        try:
            server = stack.enter_context(throwaway_postgres())
        except PostgresMissing as missing:
            pytest.skip(str(missing))
        yield server


@pytest.fixture(scope="session")
def _postgres_template(_postgres_server: PostgresServer) -> Iterator[str]:
    with _postgres_server.database(_new_name()) as url:
        upgrade(url)
        yield database_name(url)


@pytest.fixture
def postgres_url(_postgres_server: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    with _postgres_server.database(_new_name(), _postgres_template) as url:
        yield url


@pytest.fixture
def _empty_postgres_url(_postgres_server: PostgresServer) -> Iterator[str]:
    with _postgres_server.database(_new_name()) as url:
        yield url


def _new_name() -> str:
    """A database name that no other test process uses."""
    return f"siaga_test_{os.getpid()}_{next(_numbers)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, for what concerns migrations, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("_empty_postgres_url"))


@pytest.fixture
def centre(database_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """A centre of Kota Serang on an empty database, on SQLite and on PostgreSQL, whose clock stands still."""
    opened = open_centre(database_url, city, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_centre(sqlite_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """The same on SQLite alone, for what does not depend on the database."""
    opened = open_centre(sqlite_url, city, clock=clock)
    yield opened
    opened.close()
