"""The history that was made on SQLite, brought into PostgreSQL as a restored backup would be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Table

from dispatch.storage.migrate import upgrade
from dispatch.storage.tables import Base


def copy_to_postgres(path: Path, url: str) -> None:
    """Fill the empty PostgreSQL database at `url` with all that the SQLite file holds, and let it count its rows.

    Values go as they lie in the file: PostgreSQL reads its instants (as UTC), JSON, 0 and 1 for what they are.
    """
    upgrade(url)
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
        psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as target,
    ):
        target.execute("SET TIME ZONE 'UTC'")
        # What is copied refers to rows that may come later.
        target.execute("SET session_replication_role = replica")
        for table in Base.metadata.tables.values():
            _copy(source, target, table)
        target.execute("VACUUM ANALYZE")


def _copy(source: sqlite3.Connection, target: psycopg.Connection, table: Table) -> None:
    columns = table.columns.keys()
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    names = ", ".join(f'"{name}"' for name in columns)
    with target.cursor() as cursor:
        with cursor.copy(into) as copy:
            for row in source.execute(f'SELECT {names} FROM "{table.name}"'):
                copy.write_row(row)
        if table.autoincrement_column is not None:
            count_on = "SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {} HAVING max(id) IS NOT NULL"
            cursor.execute(sql.SQL(count_on).format(sql.Identifier(table.name)), [table.name])
