"""SQLite's checkpoints, beside the commits as far as possible.

By itself SQLite moves its write-ahead log into the database file within every commit that makes the log pass 1,000
pages: whoever waits for that commit waits for all of it, several times longer than the others. A passive checkpoint on
a connection of its own stops nobody, but in a surge it never reaches the end of a log that grows meanwhile. So from
some length on a commit moves the little that is left, and the log is written from its beginning again: to overwrite it
costs a commit a third less than to let it grow.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

REST_S = 0.5  #: between two of them: a thousand calls at the most that one node takes
#: Length of the log, in pages of 4 KiB, from which a commit moves what is left.
LONG_LOG_PAGES = 4000
#: What the log's file is cut back to where a reader has kept it from being begun again, in bytes.
LOG_KEPT_BYTES = 64 * 1024 * 1024


def leave_checkpoints_to_others(connection: Connection) -> None:
    """Set up the connection that commits: its commits are to be commits and little else."""
    connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={LONG_LOG_PAGES}").close()
    connection.exec_driver_sql(f"PRAGMA journal_size_limit={LOG_KEPT_BYTES}").close()


class Checkpoints:
    """Runs them in a thread (under gevent: a greenlet) of its own, from the first commit until `close`."""

    def __init__(self, engine: Engine, offload: Callable[[Callable[[], None]], None]) -> None:
        """`offload` runs a blocking function elsewhere and returns when it is done."""
        self._engine = engine
        self._offload = offload
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def after_commit(self) -> None:
        """Say that there is something to move."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="checkpoints", daemon=True)
            self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """Finish the one under way."""
        if self._thread is not None:
            self._closing.set()
            self._wanted.set()
            self._thread.join()
            self._thread = None
            self._closing.clear()

    def _serve(self) -> None:
        while True:
            self._wanted.wait()
            if self._closing.is_set():
                return
            self._wanted.clear()
            try:
                self._offload(self._checkpoint)
            except SQLAlchemyError as error:
                # Nothing is lost: what was not moved stays in the log, and the next one moves it.
                log.warning("no checkpoint: %s", str(getattr(error, "orig", None) or error).split("\n", 1)[0][:200])
            self._closing.wait(REST_S)

    def _checkpoint(self) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()
