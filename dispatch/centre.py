"""One 112 centre: its city, its database, its writer, in one object that telephony and pages are handed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url

from dispatch.boundaries import BoundaryLayer
from dispatch.city.pack import CityPack
from dispatch.clock import Clock, SystemClock
from dispatch.journal import Entry
from dispatch.place_keeper import PlaceKeeper
from dispatch.places import Places
from dispatch.roles import Actor
from dispatch.tables import StorageProbe
from dispatch.transaction import Command, Transaction
from dispatch.writer import Offload, Writer

log = logging.getLogger(__name__)

#: How long SQLite waits for another process's lock, in ms: less than the 3 s that the call path's guard allows.
SQLITE_BUSY_MS = 2000
#: How long a caller's ticket may wait for a database that fails: the guard gives up after 3 s.
CALLERS_PATIENCE_S = 2.5
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


class Centre:
    """What the rest of the house works with: `run` for commands, `read` for queries."""

    def __init__(
        self,
        engine: Engine,
        city: CityPack,
        places: Places,
        clock: Clock,
        offload: Offload | None,
        places_offload: Offload | None = None,
        demand_durability: bool = False,
    ) -> None:
        self.engine = engine
        self.city = city
        self.places = places
        self.clock = clock
        #: Called after each commit of this node that wrote journal entries, with these; must not block.
        self.journal_followers: list[Callable[[Sequence[Entry]], None]] = []
        #: Brings own landmarks and the imported extract into `places`; nothing is read before its first `refresh`.
        self.place_keeper = PlaceKeeper(self, places_offload)
        self.writer = Writer(
            engine,
            city,
            places,
            clock,
            offload=offload,
            after_commit=self._tell,
            demand_durability=demand_durability,
        )

    def run(
        self, command: Command, /, *, request_id: str | None = None, patience_s: float = 0.0, **arguments: Any
    ) -> Any:
        """Run a command of dispatch.commands and return its result once it is durable.

        A `request_id` is scoped to its actor. With `patience_s` a command that may come twice outlasts storage that
        fails for less than that. Raises CommandRefused or StorageUnavailable.
        """
        if request_id is not None:
            actor: Actor = arguments["actor"]
            request_id = f"{actor.user_id}:{command.__name__}:{request_id}"
        return self.writer.run(command, request_id=request_id, patience_s=patience_s, **arguments)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for queries. All that it is asked sees the database as it was at the first query."""
        with reading(self.engine) as connection:
            yield connection

    def probe_storage(self) -> bool:
        """Write one row to learn whether the database accepts writes again; StorageUnavailable if it does not."""
        return bool(self.writer.run(_touch_probe))

    def close(self) -> None:
        """Close all connections."""
        self.writer.close()
        self.engine.dispose()

    def _tell(self, entries: Sequence[Entry]) -> None:
        for follow in self.journal_followers:
            try:
                follow(entries)
            except Exception:
                # The command is durable and its caller answered; a follower's trouble must not end the writer.
                log.exception("a follower of the journal could not be told")


class CallPath:
    """The centre as the exchange reaches it: a short outage of the database costs no caller the ticket.

    What the exchange tells may come twice, so it is tried again for as long as the guard waits for an answer anyway.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def run(self, command: Command, /, **arguments: Any) -> Any:
        """Run a command and return when it is durable. Raises CommandRefused or StorageUnavailable."""
        return self._centre.run(command, patience_s=CALLERS_PATIENCE_S, **arguments)


def open_centre(
    database_url: str,
    city: CityPack,
    *,
    boundaries: BoundaryLayer | None = None,
    clock: Clock | None = None,
    offload: Offload | None = None,
    demand_durability: bool = False,
) -> Centre:
    """Open a migrated database for this city.

    `offload` is used for SQLite, whose commits block the thread, and for indexing thousands of place names. With
    `demand_durability` nothing is written where a commit may be lost; an installation that starts asks for it.
    """
    engine = make_engine(database_url)
    uses_thread = offload if engine.dialect.name == "sqlite" else None
    return Centre(
        engine, city, Places(city, boundaries), clock or SystemClock(), uses_thread, offload, demand_durability
    )


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


def _touch_probe(tx: Transaction) -> bool:
    make_insert = sqlite_insert if tx.connection.dialect.name == "sqlite" else postgresql_insert
    tx.connection.execute(
        make_insert(StorageProbe)
        .values(id=1, at=tx.now)
        .on_conflict_do_update(index_elements=[StorageProbe.id], set_={"at": tx.now})
    )
    return True
