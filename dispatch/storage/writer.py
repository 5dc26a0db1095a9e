"""The writer: the only place that commits.

Group commit: callers put their command into a queue and wait; one thread (under gevent's monkey patching: one greenlet)
takes every command that waits, runs them as one batch and commits once. What blocks (SQLite's fsync, the wait for
another process's lock) is handed to a thread pool; the statements themselves are not, because a second thread that
fights with the loop for the interpreter costs more than they do. A caller that gives up waiting harms nobody.

A batch goes like this:

1. Open a transaction that no other writer can be in at the same time (SQLite: BEGIN IMMEDIATE; PostgreSQL: one advisory
   lock, bounded by time limits so that a frozen node stops the others for no more than 3 s).
2. Read the journal's newest number and hash, and the epoch (PostgreSQL: with 1, in one trip to the server and back).
   A journal that does not go on from where this process has seen it last was restored: a new epoch begins.
3. Run all commands, hoping that none fails; those of one kind that wait together run as one where they can. If one
   fails, roll back, start again at 1 and run each inside a savepoint: it is then rolled back alone, its journal entries
   with it, and takes no other with it. (Savepoints for all would cost the call path more than its own statements.)
4. Write all journal entries with one statement, and commit.
5. Only now answer the callers, and wake whoever follows the journal.

If 1, 2 or 4 fails, nothing of the batch is written and every caller gets StorageUnavailable, except whoever came with
patience: such a command waits here and is tried again with whatever comes, as long as it may still succeed in time.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, exc

from dispatch.city.pack import CityPack
from dispatch.clock import Clock
from dispatch.errors import StorageUnavailable
from dispatch.places.finder import Places
from dispatch.storage.checkpoints import Checkpoints, leave_checkpoints_to_others
from dispatch.storage.durability import SYNCHRONOUS_COMMIT, UnsafeStorage, demand_of_connection
from dispatch.storage.epochs import Mark, read_epoch, settle_epoch
from dispatch.storage.handled_requests import run_once
from dispatch.storage.journal import Entry, JournalHead, as_head
from dispatch.storage.prepared import carry_out
from dispatch.storage.transaction import Command, OutcomeT, P, R, Transaction, many_of

log = logging.getLogger(__name__)

Offload = Callable[[Callable[[], None]], None]

#: Any constant will do; it is the name of "the right to write" among the nodes of one centre.
ADVISORY_LOCK = 112
BATCH_LIMIT = 500
#: A batch that takes longer hangs, for instance on a database server that stands still: time for an alarm.
HANGING = timedelta(seconds=5)

#: What waits for storage that fails is tried again after this, and is no more than so many commands.
RETRY_S = 0.1
PATIENT_LIMIT = 2000

#: The journal's newest number and hash, and the present epoch; no row of an empty journal.
_HEAD = "SELECT seq, hash, (SELECT epoch FROM epochs ORDER BY id DESC LIMIT 1) FROM journal ORDER BY seq DESC LIMIT 1"
_BEGIN_SQLITE = "BEGIN IMMEDIATE"
#: With the head, read as soon as nobody else can write any more.
_BEGIN_POSTGRESQL = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({ADVISORY_LOCK}); {_HEAD}"
#: How the writer's connection to PostgreSQL is set up.
_POSTGRESQL_SETTINGS = (
    "SET lock_timeout = '3s';"
    "SET statement_timeout = '3s';"
    # Sooner than the others' patience ends: whoever waits behind a frozen node still gets its turn.
    "SET idle_in_transaction_session_timeout = '2s';"
    # The writer finds its rows by key. Left to itself PostgreSQL plans a repeated statement once, while a new centre's
    # tables are all but empty, to read them from end to end, and goes on so for thousands of calls.
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    # With those off, what has to read a table whole looks so dear that PostgreSQL compiles it first: 85 ms each time.
    "SET jit = off;" + SYNCHRONOUS_COMMIT
)
#: Errors of the storage, not of the command: full disk, lock not had in time, connection gone or not to be had.
_STORAGE_ERRORS = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.TimeoutError,
    OSError,
    UnsafeStorage,
)


@dataclass(slots=True)
class _Waiting:
    """A command that waits, or its answer."""

    command: Callable[..., Any]
    args: Sequence[Any]
    arguments: Mapping[str, Any]
    request_id: str | None = None
    until: float = 0.0  #: as long as it is worth to try again, by time.monotonic; 0: once
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class WriterStatistics:
    """What the writer has done since it was made, for /metrics."""

    batches: int = 0
    commands: int = 0
    failed_batches: int = 0
    largest_batch: int = 0


class Writer:
    """Runs commands durably, many to a commit. `run` may be called from any thread or greenlet."""

    def __init__(
        self,
        engine: Engine,
        city: CityPack,
        places: Places,
        clock: Clock,
        *,
        offload: Offload | None = None,
        after_commit: Callable[[Sequence[Entry]], None] = lambda entries: None,
        demand_durability: bool = False,
    ) -> None:
        """`offload` runs a blocking function elsewhere and returns when it is done (gevent's thread pool).

        `after_commit` is told what a batch wrote into the journal. With `demand_durability` nothing is written on a
        connection whose commits may be lost (`dispatch.storage.durability`).
        """
        self._engine = engine
        self._city = city
        self._places = places
        self._clock = clock
        self._offload = offload or _run_here
        self._checkpoints = Checkpoints(engine, self._offload) if engine.dialect.name == "sqlite" else None
        self._after_commit = after_commit
        self._demand_durability = demand_durability
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._patient: list[_Waiting] = []  #: what failed with the storage, and is tried again
        self._connection: Connection | None = None
        self._known: Mark | None = None  #: the journal's end as this process has seen it last
        self._is_remembered = False  #: it was seen by an earlier process: the database may be another by now
        self._busy_timeout_ms = 0  #: how long SQLite waits for another process's lock, as the engine has set it
        self.statistics = WriterStatistics()
        self._failing_since: datetime | None = None
        self._batch_began: datetime | None = None
        self.last_error: str | None = None

    @property
    def known(self) -> Mark | None:
        """The journal's end as of the last batch; None before the first."""
        return None if self._is_remembered else self._known

    def remember(self, mark: Mark) -> None:
        """Say, before the first batch, what an earlier process has seen; a database behind that was restored."""
        self._known, self._is_remembered = mark, True

    @property
    def healthy(self) -> bool:
        """Whether the last batch could be committed."""
        return self.failing_since is None

    @property
    def failing_since(self) -> datetime | None:
        """Since when nothing can be made durable: the last batch failed, or the present one hangs; else None."""
        if self._failing_since is not None:
            return self._failing_since
        began = self._batch_began
        return began if began is not None and self._clock.now() - began > HANGING else None

    def run(self, command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
        """Run `command(tx, **arguments)` and return its result once it is durable.

        Raises CommandRefused as the command does, or StorageUnavailable.
        """
        result: R = self._result_of(_Waiting(command, args, arguments))
        return result

    def run_once(
        self, request_id: str, command: Command[P, OutcomeT], /, *args: P.args, **arguments: P.kwargs
    ) -> OutcomeT:
        """Do what `run` does, once per `request_id`: a repeat returns the first answer and changes nothing.

        There is one `request_id` per intended action and actor.
        """
        result: OutcomeT = self._result_of(_Waiting(command, args, arguments, request_id))
        return result

    def run_patiently(self, patience_s: float, command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
        """Do what `run` does, and try again for as long while the storage fails; for commands that may come twice."""
        result: R = self._result_of(_Waiting(command, args, arguments, until=time.monotonic() + patience_s))
        return result

    def _result_of(self, mine: _Waiting) -> Any:
        self._queue.put(mine)
        if self._thread is None:
            self._start()
        mine.done.wait()
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is None and not self._queue.empty():
                self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._take_waiting()
            if not batch:
                continue
            entries: Sequence[Entry] = ()
            self._batch_began = self._clock.now()
            try:
                entries = self._run_batch(batch)
            except Exception as error:
                log.exception("the writer could not run a batch")
                _fail(batch, error)
            self._batch_began = None
            if stopping and self._patient:
                _fail(self._patient, StorageUnavailable(self.last_error or "the node stops"))
                self._patient = []
            kept = {id(waiting) for waiting in self._patient}
            for waiting in batch:
                if id(waiting) not in kept:
                    waiting.done.set()
            if entries:
                self._after_commit(entries)
                if self._checkpoints is not None:
                    self._checkpoints.after_commit()

    def _take_waiting(self) -> tuple[list[_Waiting], bool]:
        """Wait for the first command, then take all that are there; the flag says that the writer was closed."""
        if self._patient:
            return self._take_what_waits_for_storage()
        batch: list[_Waiting] = []
        item = self._queue.get()
        # Let whoever is ready by now come along: under gevent the sessions whose words have arrived meanwhile.
        time.sleep(0)
        while item is not None:
            batch.append(item)
            if len(batch) >= BATCH_LIMIT or self._queue.empty():
                return batch, False
            item = self._queue.get()
        return batch, True

    def _take_what_waits_for_storage(self) -> tuple[list[_Waiting], bool]:
        """What is tried again, and what comes until then; who has no patience is tried, and answered, at once.

        So is who comes when as many wait as may: the next try keeps the first of them and tells the others.
        """
        batch, self._patient = self._patient, []
        again_at = time.monotonic() + RETRY_S
        while (left_s := again_at - time.monotonic()) > 0:
            try:
                item = self._queue.get(timeout=left_s)
            except queue.Empty:
                break
            if item is None:
                return batch, True
            batch.append(item)
            if not item.until:
                break
        return batch, False

    def _run_batch(self, batch: list[_Waiting]) -> Sequence[Entry]:
        began = time.monotonic()
        try:
            try:
                entries = self._attempt(batch, self._run_together)
            except _STORAGE_ERRORS:
                raise
            except Exception:  # noqa: BLE001
                # A refusal or a bug in a command. Which one, and its words, the isolated run tells its caller.
                self._connect().exec_driver_sql("ROLLBACK")
                entries = self._attempt(batch, self._run_isolated)
        except _STORAGE_ERRORS as error:
            self._storage_failed(batch, error, time.monotonic() - began)
            return ()
        except BaseException:
            self._disconnect()
            raise
        if self._failing_since is not None:
            log.warning("storage accepts writes again")
        self._failing_since = self.last_error = None
        self.statistics.batches += 1
        self.statistics.commands += len(batch)
        self.statistics.largest_batch = max(self.statistics.largest_batch, len(batch))
        return entries

    def _attempt(self, batch: list[_Waiting], run: Callable[[Transaction, list[_Waiting]], None]) -> Sequence[Entry]:
        connection, head, epoch = self._begin()
        tx = Transaction(connection, self._clock.now(), self._city, self._places, head, epoch or "")
        restored = (epoch is None or not self._goes_on(head, epoch)) and settle_epoch(tx, epoch, self._known)
        run(tx, batch)
        entries = head.flush(connection)
        self._offload(lambda: _commit(connection))
        if restored:
            log.warning("the database was brought back from a backup: what it had planned waits for a person")
        self._known, self._is_remembered = Mark(tx.epoch, head.seq, head.hash), False
        return entries

    def _goes_on(self, head: JournalHead, epoch: str) -> bool:
        """Whether the journal goes on from where it was seen last, as far as can be told without asking for more."""
        known = self._known
        if known is None:
            return True
        same = head.hash == known.hash if head.seq == known.seq else head.seq > known.seq
        return same and epoch == known.epoch and not self._is_remembered

    def _run_together(self, tx: Transaction, batch: list[_Waiting]) -> None:
        for (command, alone), group in groupby(batch, lambda w: (w.command, bool(w.request_id or w.args))):
            together = list(group)
            many = many_of(command)
            if many is None or alone:
                for waiting in together:
                    waiting.result = self._answer(tx, waiting)
                continue
            for waiting, result in zip(together, many(tx, [w.arguments for w in together]), strict=True):
                waiting.result = result

    def _run_isolated(self, tx: Transaction, batch: list[_Waiting]) -> None:
        for waiting in batch:
            mark = tx.head.mark()
            tx.connection.exec_driver_sql("SAVEPOINT command")
            try:
                waiting.result = self._answer(tx, waiting)
            except _STORAGE_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001
                tx.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT command")
                tx.head.take_back(mark)
                waiting.result, waiting.error = None, error
            tx.connection.exec_driver_sql("RELEASE SAVEPOINT command")

    def _answer(self, tx: Transaction, waiting: _Waiting) -> Any:
        if waiting.request_id is None:
            return waiting.command(tx, *waiting.args, **waiting.arguments)
        return run_once(tx, waiting.request_id, waiting.command, waiting.args, waiting.arguments)

    def _storage_failed(self, batch: list[_Waiting], error: BaseException, took_s: float) -> None:
        self._disconnect()
        # Only the driver's own words: SQLAlchemy's text would carry the parameters, and with them the caller.
        self.last_error = str(getattr(error, "orig", None) or error).split("\n", 1)[0][:200]
        self.statistics.failed_batches += 1
        if self._failing_since is None:
            self._failing_since = self._clock.now()
            log.error("storage refuses writes: %s", self.last_error)
        # Whoever could not be answered in time any more, if the next try took as long as this one, is told now.
        enough = time.monotonic() + RETRY_S + took_s
        self._patient = [waiting for waiting in batch if waiting.until > enough][:PATIENT_LIMIT]
        kept = {id(waiting) for waiting in self._patient}
        _fail([waiting for waiting in batch if id(waiting) not in kept], StorageUnavailable(self.last_error))
        for waiting in self._patient:
            waiting.result = waiting.error = None

    def _begin(self) -> tuple[Connection, JournalHead, str | None]:
        connection = self._connect()
        if connection.dialect.name == "sqlite":
            try:
                carry_out(connection, _BEGIN_SQLITE)
            except exc.DBAPIError as error:
                if not _is_locked(error):
                    raise
                self._offload(lambda: self._begin_patiently(connection))
            return connection, *_head(connection, carry_out(connection, _HEAD))
        try:
            return connection, *_head(connection, carry_out(connection, _BEGIN_POSTGRESQL))
        except exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # The server was restarted while nothing was written: no command has begun, a new connection will do.
        self._disconnect()
        connection = self._connect()
        return connection, *_head(connection, carry_out(connection, _BEGIN_POSTGRESQL))

    def _begin_patiently(self, connection: Connection) -> None:
        """Another process writes into the SQLite file: wait for it as long as its engine says."""
        connection.exec_driver_sql(f"PRAGMA busy_timeout={self._busy_timeout_ms}")
        try:
            connection.exec_driver_sql(_BEGIN_SQLITE)
        finally:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")

    def _connect(self) -> Connection:
        if self._connection is None:
            # Autocommit hands BEGIN, SAVEPOINT and COMMIT to this module alone.
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.dialect.name == "sqlite":
                # Whoever has to wait for a lock does so in `_begin_patiently`, where it holds up nobody else.
                self._busy_timeout_ms = int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
                leave_checkpoints_to_others(connection)
            else:
                connection.exec_driver_sql(_POSTGRESQL_SETTINGS)
            self._connection = connection
            if self._demand_durability:
                demand_of_connection(connection)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Closing the raw connection rolls back whatever it had begun.
            connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Finish the commands that wait, then give the writer's connection back."""
        with self._start_lock:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
                self._thread = None
            if self._checkpoints is not None:
                self._checkpoints.close()
            self._offload(self._disconnect)
        # Whoever came meanwhile may have seen a thread that took no more: a new one serves them.
        self._start()


def _head(connection: Connection, rows: Sequence[Sequence[Any]]) -> tuple[JournalHead, str | None]:
    """Take the rows of _HEAD for what they are."""
    epoch = rows[0][2] if rows else read_epoch(connection)
    return as_head([row[:2] for row in rows]), epoch


def _run_here(function: Callable[[], None]) -> None:
    function()


def _commit(connection: Connection) -> None:
    carry_out(connection, "COMMIT")


def _is_locked(error: exc.DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def _fail(batch: list[_Waiting], error: BaseException) -> None:
    for waiting in batch:
        waiting.result, waiting.error = None, error
