"""How a database's schema stands to this software: whether it has to be migrated, and whether a newer one will do.

Migrations expand: they add tables, indexes, and columns that may be left out, so that the software of before goes on
running on the schema of after, and nodes can be upgraded one by one. A migration that takes something away names, as
`oldest_software`, the revision that the oldest software was made for which can still run on it. That is stored with
the migration (`schema_revisions`), because older software cannot read files that it does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select

from dispatch.storage.tables import SchemaRevision

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class Standing(Enum):
    """What a database's schema is to this software."""

    EMPTY = "empty"  #: there is none
    OLD = "old"  #: it has to be migrated first
    NEWEST = "newest"  #: the very one that this software was made for
    NEWER = "newer"  #: made for newer software, and this one can run on it
    TOO_NEW = "too_new"  #: made for newer software, or for another branch of it; this one cannot run on it


@dataclass(frozen=True, slots=True)
class Schema:
    """A database's schema, by its newest migration."""

    revision: str | None
    standing: Standing

    @property
    def serves(self) -> bool:
        """Whether this software can do its work on it."""
        return self.standing in (Standing.NEWEST, Standing.NEWER)


def alembic_config(database_url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    # ConfigParser would take a percent sign in a password for an interpolation.
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


@cache
def revisions() -> tuple[str, ...]:
    """All that this software knows, newest first."""
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return tuple(script.revision for script in scripts.walk_revisions())


def newest_revision() -> str:
    """Return the revision that this software was made for."""
    return revisions()[0]


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database has, None when it has no schema."""
    return MigrationContext.configure(connection).get_current_revision()


def schema_of(connection: Connection) -> Schema:
    """Read how the database's schema stands to this software."""
    revision = current_revision(connection)
    if revision is None:
        standing = Standing.EMPTY
    elif revision == newest_revision():
        standing = Standing.NEWEST
    elif revision in revisions():
        standing = Standing.OLD
    else:
        standing = Standing.NEWER if _can_run_on(connection, revision) else Standing.TOO_NEW
    return Schema(revision, standing)


def _can_run_on(connection: Connection, revision: str) -> bool:
    """Whether every migration that this software does not know has left room for it.

    The database must have come by this software's own schema, every migration must have said what it needs, and
    whatever a migration named as oldest must be known here: this software is then as new as that, or newer.
    """
    if not inspect(connection).has_table(SchemaRevision.__tablename__):
        return False
    rows = connection.execute(select(SchemaRevision.revision, SchemaRevision.oldest_software)).all()
    applied = {row.revision: row.oldest_software for row in rows}
    oldest = {named for named in applied.values() if named is not None}
    return revision in applied and newest_revision() in applied and oldest <= set(revisions())
