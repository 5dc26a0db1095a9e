"""Commands about the database: schema, journal, backup."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.cli.running import NO_SCHEMA, run
from app.services import services
from dispatch.storage.engine import make_engine
from dispatch.storage.epochs import note_restored
from dispatch.storage.journal import verify
from dispatch.storage.migrate import MigrationRefused, upgrade
from dispatch.storage.schema import Standing

SERVICE_SETTINGS = Path("/etc/siaga112/env")  #: where docs/deployment.md puts a service's settings
LOAD_SETTINGS = f"Load the service's settings first: set -a; . {SERVICE_SETTINGS}; set +a"


@click.group("db", cls=AppGroup)
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
@click.option("--nodes-stopped", is_flag=True, help="No node runs: a step may take as long as it needs.")
def upgrade_schema(nodes_stopped: bool) -> None:
    """Bring the database to the newest schema, while nodes go on running; does nothing when it is there already."""
    settings = services().settings
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        schema = upgrade(
            settings.database_url,
            nodes_stopped=nodes_stopped,
            tell=lambda words: click.echo(words, err=True),
        )
    except MigrationRefused as refused:
        raise click.ClickException(f"The database was not upgraded: {refused}") from None
    except (SQLAlchemyError, OSError) as error:
        raise click.ClickException(f"The database cannot be upgraded: {getattr(error, 'orig', error)}") from None
    if schema.standing is Standing.NEWER:
        click.echo(f"The database has a newer schema ({schema.revision}), on which this version can run.")
    else:
        click.echo("The database has the newest schema.")


@click.group("journal", cls=AppGroup)
def journal() -> None:
    """The journal of everything that happened."""


@journal.command("verify")
def verify_journal() -> None:
    """Walk the chain of hashes; exit code 1 at the first broken link."""
    try:
        with services().centre.read() as connection:
            _report_chain(connection)
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None


@click.command("backup")
@click.argument("to_file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(to_file: Path) -> None:
    """Copy the SQLite database while everything runs, and verify the copy; PostgreSQL has pg_dump for this.

    1. Copy with SQLite's online backup into a new file beside the target, readable by its owner only.
    2. Check the copy's integrity and its journal.
    3. Only a copy that is sound gets the target's name.
    """
    engine = services().centre.engine
    shown = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name != "sqlite":
        raise click.ClickException(f"{shown} is PostgreSQL: use pg_dump.")
    source_file = Path(engine.url.database or "").resolve()
    _see_whose_it_is(source_file)
    if to_file.exists():
        raise click.ClickException(f"{to_file} exists already; name a new file.")
    unfinished = to_file.with_name(to_file.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        with closing(sqlite3.connect(source_file)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        _check_copy(unfinished)
        unfinished.rename(to_file)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise click.ClickException(f"No backup was made: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{source_file} was copied to {to_file}: {to_file.stat().st_size // 1024} kB")


@click.command("restored")
@with_appcontext
def restored() -> None:
    """Say that the database was brought back from a backup: what it had planned waits for a person.

    A node notices it by itself at its start, by the mark in its SIAGA_DATA. This is for a backup that was put into
    place where there is no such mark: on another machine, or with a new SIAGA_DATA.
    """
    if run(note_restored).changed:
        click.echo("A new epoch has begun. What waits now: flask --app wsgi ladders list-held")
    else:
        click.echo("That is known already, and since nothing was done. See: flask --app wsgi ladders list-held")


def _see_whose_it_is(source_file: Path) -> None:
    """Refuse what is likely not the database that is meant: a copy of another one looks as good as the right one."""
    named = [name for name in ("SIAGA_DATABASE_URL", "SIAGA_DATA") if os.environ.get(name, "").strip()]
    if not source_file.exists():
        raise click.ClickException(f"There is no database at {source_file}. {LOAD_SETTINGS}")
    if named:
        return
    if SERVICE_SETTINGS.exists():
        raise click.ClickException(
            f"Neither SIAGA_DATA nor SIAGA_DATABASE_URL is set, so this would copy {source_file}; but this machine has "
            f"a service. {LOAD_SETTINGS}"
        )
    click.echo(f"Neither SIAGA_DATA nor SIAGA_DATABASE_URL is set; this copies {source_file}.", err=True)


def _check_copy(path: Path) -> None:
    engine = make_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            if found != "ok":
                raise click.ClickException(f"The copy is damaged: {found}")
            _report_chain(connection)
            # Back to one file, so that the copy can be moved without its -wal and -shm.
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    finally:
        engine.dispose()


def _report_chain(connection: Connection) -> None:
    found = verify(connection)
    if found.broken is not None:
        click.echo(f"broken at entry {found.broken.seq}: {found.broken.problem}", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"journal: {found.entries} entries, unbroken, head {found.head_hash}")
