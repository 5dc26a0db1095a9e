"""What a migration may cost the nodes that run meanwhile, on PostgreSQL; migrations/env.py and the migrations use this.

A writer holds locks on the tables that it writes, and so does a migration; each waiting for the other's is a deadlock,
and whichever loses, callers wait. So a migration first takes the writer's own lock: writers wait in front of it,
bounded by their own limits, and hold nothing. What it does then has to be short, and the time for it is limited here:
the step is taken back where it is not, and tried again (`dispatch.storage.migrate`).

Those who only read take no such lock. A migration waits for them for a moment only, because whoever comes after it
waits behind it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, permutations
from typing import Any

from alembic import op
from sqlalchemy import Connection, event, inspect
from sqlalchemy.exc import DBAPIError

from dispatch.storage.engine import make_engine
from dispatch.storage.prepared import carry_out
from dispatch.storage.writer import ADVISORY_LOCK

#: "The right to migrate" among the nodes of one centre; older versions take the same.
MIGRATING_LOCK = 112112
TURN_S = 60.0  #: how long a node waits for another one that migrates, which may build an index
#: How long a step may hold the right to write: callers' tickets wait for it, for 3 s at the guard.
STEP_S = 1.5
#: How long it waits for those who read a table, who then wait for it: less than the second after which PostgreSQL
#: looks for deadlocks, and might end the reader instead.
READERS_MS = 400
#: How long it tries to have several tables at once, for how long each time, and how long the readers get in between.
TOGETHER_S, TOGETHER_MS, TOGETHER_REST_S = 0.8, 60, 0.02
WRITER_MS = 3000  #: how long it waits for the right to write, as another writer would
STOPPED_MS = 30_000  #: both, where no node runs

_CHANGE = re.compile(r"\s*(?:ALTER|DROP)\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?\"?(\w+)", re.IGNORECASE)


class StepTooLong(Exception):
    """A migration holds the right to write longer than the nodes can wait."""


class AnotherMigrates(Exception):
    """Another node is migrating, and has been for long."""


def take_turn(connection: Connection) -> None:
    """Wait until nobody else migrates; the turn ends with the connection. Raises AnotherMigrates.

    It asks again and again instead of waiting for the lock: a statement that waits would itself be waited for by an
    index that is built concurrently.
    """
    deadline = time.monotonic() + TURN_S
    connection.execution_options(isolation_level="AUTOCOMMIT")
    while not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({MIGRATING_LOCK})").scalar():
        if time.monotonic() > deadline:
            raise AnotherMigrates
        time.sleep(0.1)
    connection.commit()
    connection.execution_options(isolation_level="READ COMMITTED")


def bound_steps(connection: Connection, *, bounded: bool, wanted: list[str]) -> None:
    """Have every transaction of this connection begin with the writer's lock and keep to its time.

    `wanted` learns which tables the migrations change; whoever tries again after a lock was not had gives it back, and
    they are then locked first, all or none. A reader that holds one table and asks for the next would otherwise meet a
    migration that holds that one and asks for the first, again and again where readers never end.
    """
    deadline = 0.0
    tables = set(inspect(connection).get_table_names())
    first = [name for name in wanted if name in tables]
    connection.commit()

    @event.listens_for(connection, "begin")
    def _begin(begun: Connection) -> None:
        nonlocal deadline
        if _commits_by_itself(begun):
            # An index is built beside the writers, and takes its time.
            begun.exec_driver_sql("SET lock_timeout = 0; SET statement_timeout = 0")
            return
        deadline = 0.0
        writer_ms, readers_ms = (WRITER_MS, READERS_MS) if bounded else (STOPPED_MS, STOPPED_MS)
        begun.exec_driver_sql(
            f"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {writer_ms};"
            f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK});"
        )
        if first and bounded:
            _lock_together(begun, first)
        begun.exec_driver_sql(f"SET LOCAL lock_timeout = {readers_ms}")
        deadline = time.monotonic() + STEP_S

    @event.listens_for(connection, "before_cursor_execute")
    def _limit(begun: Connection, cursor: Any, statement: str, *_: Any) -> None:
        wanted.extend(name for name in _changed_by(statement) if name in tables and name not in wanted)
        if bounded and deadline and not _commits_by_itself(begun):
            left_ms = int((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                raise StepTooLong
            cursor.execute(f"SET LOCAL statement_timeout = {left_ms}")


def _changed_by(statement: str) -> list[str]:
    found = _CHANGE.match(statement)
    return [found[1]] if found else []


def _lock_together(connection: Connection, tables: list[str]) -> None:
    """Have all of these tables at once; where one is not free, let all of them go for a moment and try again.

    Each time in another order: readers who hold one table and ask for the next let a migration in that asks in their
    order, because whoever comes after it waits at the first table, and meet one that asks the other way round for ever.
    """
    quoted = map(connection.dialect.identifier_preparer.quote, tables)
    orders = cycle(permutations(quoted))
    # By the driver itself: SQLAlchemy would end the transaction at the first error.
    until = time.monotonic() + TOGETHER_S
    while True:
        carry_out(connection, f"SET LOCAL lock_timeout = {TOGETHER_MS}; SAVEPOINT together")
        try:
            carry_out(connection, f"LOCK TABLE {', '.join(next(orders))} IN ACCESS EXCLUSIVE MODE")
            return
        except DBAPIError:
            if time.monotonic() > until:
                raise
            carry_out(connection, "ROLLBACK TO SAVEPOINT together")
            time.sleep(TOGETHER_REST_S)


def _commits_by_itself(connection: Connection) -> bool:
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


@contextmanager
def beside_the_writers() -> Iterator[None]:
    """In a migration: commit what it did so far, and let what stands in the block take its time, without any lock.

    For indexes of large tables and the like. The migration is not over then, and may be cut short: it has to be such
    that it can be run again from its beginning.
    """
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            yield
    else:
        yield


def create_index_beside(name: str, table: str, columns: list[Any], **options: Any) -> None:
    """In a migration: create an index while nodes write into the table; an unfinished one of before is replaced."""
    with beside_the_writers():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)


def sqlstate_of(error: BaseException) -> str | None:
    """PostgreSQL's code of an error, None where it has none."""
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def long_readers(database_url: str) -> list[str]:
    """Whose transactions have been open for a second or longer, in words."""
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT pid, usename, application_name, extract(epoch FROM now() - xact_start)::int"
                " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND xact_start < now() - interval '1 s' ORDER BY xact_start LIMIT 5"
            ).all()
    finally:
        engine.dispose()
    return [f"process {pid} of {user} ({program or 'no name'}), for {age_s} s" for pid, user, program, age_s in rows]
