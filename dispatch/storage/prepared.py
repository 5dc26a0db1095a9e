"""Statements of the call path: written with SQLAlchemy, compiled once per kind of database, run by the driver.

Executing a statement through SQLAlchemy costs more than SQLite needs to carry it out (`make bench`, durable intake),
and every call waits for seven of them. Only what runs for each call is worth this; all else uses Connection.execute.
Errors are SQLAlchemy's all the same, and they name no values: a caller's number may be among them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import (
    JSON,
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    exc,
    func,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.sql.compiler import SQLCompiler

#: One statement for all databases, or one for each by the name of its dialect.
Statements = ClauseElement | Mapping[str, ClauseElement]


class PreparedQuery:
    """A query, or a single change, whose rows come as plain tuples."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Carry it out and return all rows. Raises SQLAlchemy's DBAPIError."""
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        return compiled.results(carry_out(connection, compiled.text, compiled.values(parameters)))

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._statements if isinstance(self._statements, ClauseElement) else self._statements[dialect.name]
        compiled = self._compiled[dialect.name] = _Compiled(statement, dialect)
        return compiled


class PreparedInsert:
    """Inserts many rows of one table with one statement. A row has a value for each of `columns`, in their order."""

    def __init__(self, table: Table, columns: Iterable[str] | None = None) -> None:
        """`columns` are all of the table's by default."""
        self._table = table
        self._columns = tuple(table.columns.keys() if columns is None else columns)
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert them. Raises SQLAlchemy's DBAPIError."""
        self._insert(connection, rows)

    def ids(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> Sequence[int]:
        """Insert them and return their ids, in the same order. Raises SQLAlchemy's DBAPIError.

        For tables with a key that counts up, inside a transaction that no other writer can be in at the same time.
        """
        returned = self._insert(connection, rows)
        if connection.dialect.name == "sqlite":
            # SQLite numbers the rows of one connection that holds the write lock one after the other.
            ((last,),) = carry_out(connection, "SELECT last_insert_rowid()")
            return range(last - len(rows) + 1, last + 1)
        return sorted(key for (key,) in returned)

    def _insert(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        if connection.dialect.name == "sqlite":
            return carry_out(connection, compiled.text, [compiled.translated(row) for row in rows], many=True)
        document = _as_json([dict(zip(self._columns, row, strict=True)) for row in rows])
        return carry_out(connection, compiled.text, {"rows": document})

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = _Compiled(self._table.insert(), dialect, self._columns)
        if not_named := set(compiled.names) - set(self._columns):
            # SQLAlchemy fills in what has a default in Python when it executes a statement; nobody does here.
            raise ValueError(f"{self._table.name}: columns with a default have to be named: {', '.join(not_named)}")
        if compiled.names != self._columns:
            raise ValueError(f"{self._table.name}: the columns have to stand as in the table: {compiled.names}")
        if dialect.name != "sqlite":
            compiled.text = self._from_json(dialect)
        self._compiled[dialect.name] = compiled
        return compiled

    def _from_json(self, dialect: Dialect) -> str:
        """PostgreSQL's statement: all rows as one JSON document, so that its text is the same for any number of them.

        The driver takes twice as long for an array per column. Keys are given in the order of the rows: a sequence
        counts up, and INSERT takes what SELECT has sorted.
        """
        quote = dialect.identifier_preparer.quote
        names = ", ".join(map(quote, self._columns))
        typed = ", ".join(f"{quote(name)} {self._table.columns[name].type.compile(dialect)}" for name in self._columns)
        keys = ", ".join(quote(column.name) for column in self._table.primary_key)
        into, read = quote(self._table.name), f"json_to_recordset(%(rows)s::json) AS ({typed})"
        # Every name is the table's own.
        return (
            f"INSERT INTO {into} ({names}) SELECT {names} "  # noqa: S608
            f"FROM ROWS FROM ({read}) WITH ORDINALITY AS rows ({names}, place) ORDER BY place RETURNING {keys}"
        )


@lru_cache(maxsize=16)  # a batch has one instant for all, and few others that follow from it
def _instant_text(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise ValueError(f"{type(value).__name__} cannot be stored: an instant needs a time zone")


_as_json = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=_instant_text).encode


class _TextList(TypeDecorator[Sequence[str]]):
    """A list of texts as a JSON array: the text of a statement is then one for any length, on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        """Put it as JSON."""
        return _as_json(value)


def among(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """The condition that a text column is in the list given as parameter `name`."""
    each = select(each_of(name, dialect))
    if dialect == "sqlite":
        return cast("ColumnElement[bool]", column.in_(each))
    # As an array PostgreSQL looks up each by the column's index; a subquery it may join as it thinks best.
    return cast("ColumnElement[bool]", column == func.any(func.array(each.scalar_subquery())))


def each_of(name: str, dialect: str) -> ColumnElement[str]:
    """Each text of the list given as parameter `name`, a row for each; for a query's FROM."""
    values = bindparam(name, type_=_TextList())
    if dialect == "sqlite":
        listed = func.json_each(values).table_valued("value")
    else:
        listed = func.json_array_elements_text(cast_to(values, JSON)).table_valued("value").render_derived()
    return cast("ColumnElement[str]", listed.c.value)


class _Compiled:
    """A statement's text for one kind of database, and how its values are put for the driver."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, columns: Sequence[str] | None = None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self.names = tuple(compiled.positiontup or compiled.binds)
        self._positional = compiled.positional
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._take = itemgetter(*self.names) if len(self.names) > 1 else self._take_few
        processors = (compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self.names)
        self._translated = [(place, remembering(process)) for place, process in enumerate(processors) if process]
        returned = (column.type.dialect_impl(dialect) for column in getattr(statement, "exported_columns", ()))
        readers = (type_.result_processor(dialect, None) for type_ in returned)
        self._readers = [(place, read) for place, read in enumerate(readers) if read]

    def values(self, row: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        """One row's values, as the driver takes them."""
        values = self.translated(self._take({**self._constants, **row} if self._constants else row))
        return values if self._positional else dict(zip(self.names, values, strict=True))

    def translated(self, row: Sequence[Any]) -> Sequence[Any]:
        """Values in the statement's order, with what the driver does not know of itself put as it takes it."""
        if not self._translated:
            return row
        values = list(row)
        for place, process in self._translated:
            values[place] = process(values[place])
        return values

    def results(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows with what the driver does not know of itself, such as instants, put back."""
        if not self._readers:
            return rows
        whole = [list(row) for row in rows]
        for row in whole:
            for place, read in self._readers:
                row[place] = read(row[place])
        return [tuple(row) for row in whole]

    def _take_few(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.names)


def remembering(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`process`, but a value that comes again right away is processed only once: a batch has one instant for all."""
    newest: tuple[Any, Any] = (object(), None)

    def translate(value: Any) -> Any:
        nonlocal newest
        seen, translated = newest
        if value is not seen:
            translated = process(value)
            newest = value, translated
        return translated

    return translate


def carry_out(connection: Connection, text: str, values: Any = (), *, many: bool = False) -> list[tuple[Any, ...]]:
    """Have the driver carry out a statement, or with `many` one for each of `values`, and return its rows.

    PostgreSQL takes several without values at once, with a semicolon between them; the rows are then the last one's.
    Raises SQLAlchemy's DBAPIError.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    cursor = driver.cursor()
    try:
        if many:
            cursor.executemany(text, values)
            return []
        cursor.execute(text, values)
        return _last_rows(cursor) if connection.dialect.name == "postgresql" else cast("list[Any]", cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        dialect = connection.dialect
        lost = dialect.is_disconnect(error, driver, cursor)
        base = dialect.loaded_dbapi.Error
        raise exc.DBAPIError.instance(
            None, None, error, base, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        ) from error
    finally:
        cursor.close()


def _last_rows(cursor: Any) -> list[tuple[Any, ...]]:
    while cursor.nextset():
        pass
    # Asking for the cursor's description, as the DB-API has it, would make an object for each column.
    has_rows = cursor.pgresult is not None and cursor.pgresult.nfields
    return cast("list[tuple[Any, ...]]", cursor.fetchall()) if has_rows else []
