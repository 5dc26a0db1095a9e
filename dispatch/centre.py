"""One 112 centre: its city, its database, its writer, in one object that telephony and pages are handed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from dispatch.city.pack import CityPack
from dispatch.clock import Clock, SystemClock
from dispatch.landmarks.keeper import PlaceKeeper
from dispatch.places.boundaries import BoundaryLayer
from dispatch.places.finder import Places
from dispatch.roles import Actor
from dispatch.storage.engine import make_engine, reading
from dispatch.storage.journal import Entry
from dispatch.storage.tables import StorageProbe
from dispatch.storage.transaction import Command, OutcomeT, P, R, Transaction
from dispatch.storage.writer import Offload, Writer

log = logging.getLogger(__name__)

#: How long a caller's ticket may wait for a database that fails: the guard gives up after 3 s.
CALLERS_PATIENCE_S = 2.5


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

    def run(self, command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
        """Run a command and return its result once it is durable. Raises CommandRefused or StorageUnavailable."""
        return self.writer.run(command, *args, **arguments)

    def run_once(
        self, request_id: str | None, command: Command[P, OutcomeT], /, *args: P.args, **arguments: P.kwargs
    ) -> OutcomeT:
        """Do what `run` does, but if the same actor repeats the request, only give the first answer again.

        Without a `request_id` nothing can be known of a repeat. The command has to take an `actor`.
        """
        if request_id is None:
            return self.writer.run(command, *args, **arguments)
        actor = arguments["actor"]
        assert isinstance(actor, Actor)
        return self.writer.run_once(f"{actor.user_id}:{command.__name__}:{request_id}", command, *args, **arguments)

    def run_patiently(self, patience_s: float, command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
        """Do what `run` does, and outlast storage that fails for less than this; for a command that may come twice."""
        return self.writer.run_patiently(patience_s, command, *args, **arguments)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for queries. All that it is asked sees the database as it was at the first query."""
        with reading(self.engine) as connection:
            yield connection

    def probe_storage(self) -> bool:
        """Write one row to learn whether the database accepts writes again; StorageUnavailable if it does not."""
        return self.writer.run(_touch_probe)

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

    def run(self, command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
        """Run a command and return when it is durable. Raises CommandRefused or StorageUnavailable."""
        return self._centre.run_patiently(CALLERS_PATIENCE_S, command, *args, **arguments)


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


def _touch_probe(tx: Transaction) -> bool:
    tx.upsert(StorageProbe, {"id": 1}, at=tx.now)
    return True
