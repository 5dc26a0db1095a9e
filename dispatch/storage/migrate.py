"""Brings a database to the newest schema with Alembic, without stopping the nodes that run on it.

On PostgreSQL each migration is a transaction of its own, which holds the right to write
(`dispatch.storage.migration_steps`) and so waits for no writer that waits for it. Where a lock is not had in time,
because somebody reads for long, the migration is taken back and tried again, and the nodes go on meanwhile. On SQLite
all of it is one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from alembic import command
from sqlalchemy.exc import DBAPIError

from dispatch.storage.engine import make_engine
from dispatch.storage.migration_steps import AnotherMigrates, StepTooLong, long_readers, sqlstate_of
from dispatch.storage.schema import (
    MIGRATIONS,
    Schema,
    Standing,
    alembic_config,
    current_revision,
    newest_revision,
    schema_of,
)

__all__ = [
    "MIGRATIONS",
    "MigrationRefused",
    "current_revision",
    "migrate_at_start",
    "newest_revision",
    "upgrade",
]

PATIENCE_S = 60.0  #: how long migrations that do not get their locks are tried again
LONGEST_REST_S = 2.0  #: between two tries: time for the nodes to catch up

Tell = Callable[[str], None]


class MigrationRefused(Exception):
    """Why the database was not brought to the newest schema, and what to do about it; what was done so far stands."""


def upgrade(database_url: str, *, nodes_stopped: bool = False, tell: Tell = lambda words: None) -> Schema:
    """Bring the database to the newest schema, and return how it stands; does nothing when it is there already.

    While nodes run each step is bounded, so that no caller's ticket is lost to it; `nodes_stopped` lifts the bounds,
    for a step that takes longer than they allow. Raises MigrationRefused, or SQLAlchemyError.
    """
    began, rest_s = time.monotonic(), 0.1
    wanted: list[str] = []  #: what the migrations change, as far as they came
    while True:
        found = read_schema(database_url)
        if found.standing is Standing.TOO_NEW:
            raise MigrationRefused(
                f"it was made by a newer version of Siaga 112 ({found.revision}); update the software"
            )
        if found.serves:
            return found
        config = alembic_config(database_url)
        config.attributes["bounded"] = not nodes_stopped and found.standing is not Standing.EMPTY
        config.attributes["wanted"] = wanted
        try:
            command.upgrade(config, "head")
        except (DBAPIError, StepTooLong, AnotherMigrates) as error:
            reason = _why_later(error)
            if reason is None:
                raise
            if time.monotonic() - began > PATIENCE_S:
                raise MigrationRefused(_what_to_do(reason, database_url)) from error
            tell(f"{reason}; trying again")
            time.sleep(rest_s)
            rest_s = min(2 * rest_s, LONGEST_REST_S)


def migrate_at_start(database_url: str) -> Schema:
    """What a node does before it starts: migrate SQLite and an empty database, and see whether any other will do.

    An older PostgreSQL database may have other nodes on it, and is left to `flask --app wsgi db upgrade`.
    Raises MigrationRefused, or SQLAlchemyError.
    """
    found = read_schema(database_url)
    if found.standing is Standing.OLD and not database_url.startswith("sqlite"):
        raise MigrationRefused(
            f"it has schema {found.revision} and this version needs {newest_revision()}; other nodes may go on running "
            "while you run: flask --app wsgi db upgrade"
        )
    return found if found.serves else upgrade(database_url)


def read_schema(database_url: str) -> Schema:
    """Read how a database stands to this software. Raises SQLAlchemyError."""
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            return schema_of(connection)
    finally:
        engine.dispose()


def _why_later(error: Exception) -> str | None:
    """Why it may work later; None where it will not."""
    if isinstance(error, AnotherMigrates):
        return "another node is migrating this database"
    if isinstance(error, StepTooLong):
        return "a step took longer than running nodes may wait"
    match sqlstate_of(error):
        case "57014":  # stopped at its limit
            return "a step took longer than running nodes may wait"
        case "55P03" | "40P01":  # not had in time, or a deadlock
            return "somebody reads the tables, and a lock was not had in time"
    return None


def _what_to_do(reason: str, database_url: str) -> str:
    words = f"{reason}, again and again for {PATIENCE_S:.0f} s"
    if "step" in reason:
        return f"{words}: stop all nodes, run flask --app wsgi db upgrade --nodes-stopped, and start them"
    readers = long_readers(database_url)
    return f"{words}: run it again when they are done. " + ("They are: " + "; ".join(readers) if readers else "")
