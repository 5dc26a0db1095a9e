"""Brings a database to the newest schema with Alembic, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    # ConfigParser would take a percent sign in a password for an interpolation.
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def upgrade(database_url: str) -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    command.upgrade(_config(database_url), "head")


def newest_revision() -> str | None:
    """Return the revision that this software expects."""
    return ScriptDirectory.from_config(_config("sqlite://")).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database has, None when it has no schema."""
    return MigrationContext.configure(connection).get_current_revision()
