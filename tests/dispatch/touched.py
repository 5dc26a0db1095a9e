"""Which tables have been written to, told by the database itself: reading all of them after each step takes long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, text

from dispatch.storage.tables import Base

_EVENTS = ("INSERT", "UPDATE", "DELETE")


class TouchedTables:
    """Notes by triggers into which tables was written; what is rolled back leaves no note."""

    def __init__(self, engine: Engine) -> None:
        self._seen = 0
        sqlite = engine.dialect.name == "sqlite"
        with engine.begin() as connection:
            key = "integer primary key" if sqlite else "bigserial primary key"
            connection.execute(text(f"CREATE TABLE touched (id {key}, name text NOT NULL)"))
            for statement in _sqlite_triggers() if sqlite else _postgresql_triggers():
                connection.execute(text(statement))

    def since_last_time(self, connection: Connection) -> set[str]:
        """The tables that were written to since this was asked before."""
        notes = connection.execute(text("SELECT id, name FROM touched WHERE id > :seen"), {"seen": self._seen}).all()
        self._seen = max((note.id for note in notes), default=self._seen)
        return {note.name for note in notes}


def _tables() -> Iterable[Any]:
    return Base.metadata.sorted_tables


def _sqlite_triggers() -> Iterable[str]:
    return (
        f"CREATE TRIGGER touched_{table.name}_{event} AFTER {event} ON {table.name} "
        f"BEGIN INSERT INTO touched (name) VALUES ('{table.name}'); END"
        for table in _tables()
        for event in _EVENTS
    )


def _postgresql_triggers() -> Iterable[str]:
    yield (
        "CREATE FUNCTION note_touched() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO touched (name) VALUES (TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for table in _tables():
        yield (
            f"CREATE TRIGGER touched AFTER {' OR '.join((*_EVENTS, 'TRUNCATE'))} ON {table.name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_touched()"
        )
