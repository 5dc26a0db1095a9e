"""A shift at the centre, on both databases and on SQLite alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from bench.postgres_server import PostgresServer
from dispatch.centre import Centre
from dispatch.city.pack import CityPack
from dispatch.places.boundaries import BoundaryLayer
from dispatch.places.finder import Places
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Base, SchemaRevision
from dispatch.storage.transaction import Transaction
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock


@pytest.fixture(scope="session")
def _emptied_postgres(_postgres_server: PostgresServer, _postgres_template: str) -> Iterator[tuple[str, str]]:
    """The address of a database and what empties it: a third of the time of TRUNCATE, which makes every file anew."""
    with _postgres_server.database(f"siaga_test_{os.getpid()}_dispatch", _postgres_template) as url:
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            sequences = connection.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'").fetchall()
        emptied = [table.name for table in Base.metadata.sorted_tables if table.name != SchemaRevision.__tablename__]
        statements = [
            sql.SQL("SET lock_timeout = '5s'"),
            sql.SQL("SET session_replication_role = replica"),  # foreign keys ask nothing: everything goes
            *(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in emptied),
            *(sql.SQL("SELECT setval({}, 1, false)").format(sql.Literal(name)) for (name,) in sequences),
        ]
        yield url, sql.SQL("; ").join(statements).as_string()


@pytest.fixture
def postgres_url(_emptied_postgres: tuple[str, str]) -> str:
    """A migrated, empty PostgreSQL database; emptied for each test of this folder, which is faster than made anew."""
    url, emptying = _emptied_postgres
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(emptying)
    return url


@pytest.fixture(scope="session")
def _places_of_serang(city: CityPack) -> Places:
    return Places(city)


@pytest.fixture(autouse=True)
def _places_are_made_once(city: CityPack, _places_of_serang: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every centre of Kota Serang shares one index of its places, which takes longer to make than most tests here."""

    def made(of: CityPack, boundaries: BoundaryLayer | None = None) -> Places:
        return _places_of_serang if of is city and boundaries is None else Places(of, boundaries)

    monkeypatch.setattr("dispatch.centre.Places", made)


@pytest.fixture(autouse=True)
def _what_is_journalled_has_its_kinds_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test here does, the data of each entry are of the types that its kind names."""
    record = Transaction.record

    def checked(tx: Transaction, kind: JournalKind, *actor: Any, **told: Any) -> int:
        seq = record(tx, kind, *actor, **told)
        data = tx.head.pending[-1].data
        wrong = {field: value for field, value in data.items() if not isinstance(value, kind.shape[field])}
        assert not wrong, f"{kind}: {wrong}"
        return seq

    monkeypatch.setattr(Transaction, "record", checked)


@pytest.fixture
def shift(centre: Centre, clock: SteppableClock) -> Shift:
    """Two operators, a supervisor and four agencies on duty, on SQLite and on PostgreSQL."""
    return Shift.begin(centre, clock)


@pytest.fixture
def sqlite_shift(sqlite_centre: Centre, clock: SteppableClock) -> Shift:
    """The same on SQLite alone, for what does not depend on the database."""
    return Shift.begin(sqlite_centre, clock)
