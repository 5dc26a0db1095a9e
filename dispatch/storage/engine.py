"""Connections to the database: SQLite's durable ones, PostgreSQL's with limits, and reading one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

#: How long SQLite waits for another process's lock, in ms: less than the 3 s that the call path's guard allows.
SQLITE_BUSY_MS = 2000
CONNECT_TIMEOUT_S = 3  #: a server that does not even answer holds the writer no longer than that guard allows
#: libpq's limits, unless the address of the database names its own. Where the network to the server is cut, a statement
#: fails after about 6 s; by itself the system would hope for a quarter of an hour, and every page would hang with it.
POSTGRESQL_WAITS = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "tcp_user_timeout": 5000,  # ms
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for queries, all of which see one moment."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # The driver begins nothing for a query by itself, and each would see its own moment.
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def make_engine(database_url: str) -> Engine:
    """Make an engine whose SQLite connections are durable (WAL, synchronous=FULL) and check foreign keys.

    Its errors never quote the values of a statement: they are logged, and a caller's number may be among them.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    waits = {name: value for name, value in POSTGRESQL_WAITS.items() if name not in url.query}
    return create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        pool_timeout=CONNECT_TIMEOUT_S,
        connect_args=waits,
        hide_parameters=True,
    )


def make_no_file(engine: Engine) -> None:
    """Let this SQLite engine open its file and never make one: whoever migrates has made it."""

    @event.listens_for(engine, "do_connect")
    def _look(dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        if not Path(engine.url.database or "").exists():
            raise dialect.loaded_dbapi.OperationalError(f"there is no database at {engine.url.database}")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={SQLITE_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
