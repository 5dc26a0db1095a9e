"""Reads a pack's CSV files, each row as a value of a dataclass whose fields say how a cell is read.

By hand, as a cell is only ever text: lists, `yes`, an empty cell and a number would each have to be told to a library.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from dispatch.city.fields import Text
from dispatch.city.files import Problems, no_member, read_text

T = TypeVar("T")
LIST_SEPARATOR = "|"


class Row:
    """One row of a CSV file whose typed readers note a problem and answer a harmless value when a field is bad."""

    __slots__ = ("fields", "file", "line", "problems")

    def __init__(self, file: str, line: int, fields: Mapping[str, str], problems: Problems) -> None:
        self.file, self.line, self.fields, self.problems = file, line, fields, problems

    def problem(self, field: str, words: str) -> None:
        """Note that `field` of this row is wrong."""
        self.problems.add(self.file, self.line, field, words)

    def optional(self, field: str) -> str:
        """The field without surrounding blanks, empty where nothing is written."""
        return self.fields.get(field, "").strip()

    def text(self, field: str) -> str:
        """The field, which must not be empty."""
        value = self.optional(field)
        if not value:
            self.problem(field, "is empty; write a value")
        return value

    def items(self, field: str) -> tuple[str, ...]:
        """A list separated by `|`, without blanks and empty items."""
        return tuple(item.strip() for item in self.optional(field).split(LIST_SEPARATOR) if item.strip())

    def number(self, field: str) -> float:
        """A decimal number with a point."""
        return self._number(field, self.text(field)) or 0.0

    def optional_number(self, field: str) -> float | None:
        """A decimal number with a point, or None where nothing is written."""
        return self._number(field, self.optional(field))

    def _number(self, field: str, written: str) -> float | None:
        if not written:
            return None
        try:
            value = float(written)
        except ValueError:
            self.problem(field, f"'{written}' is not a number; write digits with a decimal point, such as -6.12")
            return None
        if not isfinite(value):
            self.problem(field, f"'{written}' is not a finite number; write digits with a decimal point")
            return None
        return value

    def yes_no(self, field: str) -> bool:
        """`yes` or `no`."""
        written = self.text(field).lower()
        if written not in ("yes", "no", ""):
            self.problem(field, f"'{written}' is neither yes nor no; write one of them")
        return written == "yes"

    def member(self, field: str, kind: type[StrEnum]) -> StrEnum:
        """One of the members of `kind`."""
        return self._member(field, self.text(field), kind) or next(iter(kind))

    def optional_member(self, field: str, kind: type[StrEnum]) -> StrEnum | None:
        """One of the members of `kind`, or None where nothing is written."""
        return self._member(field, self.optional(field), kind)

    def _member(self, field: str, written: str, kind: type[StrEnum]) -> StrEnum | None:
        if written in list(kind):
            return kind(written)
        if written:
            self.problem(field, f"'{written}' {no_member(kind)}")
        return None


#: How a cell is read, by the type of its field; where it may be empty, by a type that takes that.
_CELLS: Mapping[Any, Callable[[Row, str], object]] = {
    Text: Row.text,
    str: Row.optional,
    str | None: lambda row, field: row.optional(field) or None,
    tuple[str, ...]: Row.items,
    bool: Row.yes_no,
    float: Row.number,
    float | None: Row.optional_number,
    int: lambda row, field: round(row.number(field)),
    int | None: lambda row, field: None if (value := row.optional_number(field)) is None else round(value),
}


def _cell(shape: Any) -> Callable[[Row, str], object]:
    if shape in _CELLS:
        return _CELLS[shape]
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return partial(Row.member, kind=shape)
    (kind,) = (option for option in get_args(shape) if option is not type(None))
    return partial(Row.optional_member, kind=kind)


class Line(Generic[T]):
    """A row of a CSV file as a value; with what is wrong in it noted, and something harmless in its place."""

    __slots__ = ("_row", "value")

    def __init__(self, row: Row, value: T) -> None:
        self._row, self.value = row, value

    @property
    def number(self) -> int:
        """The line in the file as an editor counts it."""
        return self._row.line

    def problem(self, field: str, words: str) -> None:
        """Note that `field` of this row is wrong."""
        self._row.problem(field, words)


class CsvFile(Generic[T]):
    """A CSV file of a pack and the shape of its rows: a dataclass with a field for each column."""

    def __init__(
        self,
        name: str,
        shape: type[T],
        *,
        may_lack: tuple[str, ...] = (),
        beside: tuple[str, ...] = (),
        may_be_empty: bool = False,
    ) -> None:
        """`may_lack` names columns that need not be there, `beside` such as must be there and are not read."""
        self.name, self._shape, self._may_be_empty = name, shape, may_be_empty
        self._cells = {field: _cell(kind) for field, kind in get_type_hints(shape, include_extras=True).items()}
        self._columns = tuple(name for name in (*self._cells, *beside) if name not in may_lack)

    def read(self, folder: Path, problems: Problems) -> list[Line[T]]:
        """The rows of the file in this pack, with all that is wrong with them noted."""
        rows = _read_rows(folder, self.name, self._columns, problems, may_be_empty=self._may_be_empty)
        return [Line(row, self._value(row)) for row in rows]

    def _value(self, row: Row) -> T:
        return self._shape(*[cell(row, field) for field, cell in self._cells.items()])


def keyed(lines: Iterable[Line[T]], field: str = "code") -> list[Line[T]]:
    """The rows that have a key of their own; a key that was used before is noted and its row left out."""
    first_lines: dict[str, int] = {}
    kept: list[Line[T]] = []
    for line in lines:
        key = getattr(line.value, field)
        if key in first_lines:
            line.problem(field, f"'{key}' stands in row {first_lines[key]} already; give each row its own")
        elif key:
            first_lines[key] = line.number
            kept.append(line)
    return kept


def _read_rows(
    folder: Path, file: str, columns: tuple[str, ...], problems: Problems, *, may_be_empty: bool
) -> list[Row]:
    """The rows of a CSV file that has at least `columns`; blank rows are passed over."""
    written = read_text(folder / file, problems)
    if written is None:
        return []
    reader = csv.reader(io.StringIO(written), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in columns if name not in header]
        for name in missing:
            problems.add(file, 1, name, f"column is missing; the first line must name {', '.join(columns)}")
        twice = sorted({name for name in header if name and header.count(name) > 1})
        for name in twice:
            problems.add(file, 1, name, "column stands twice; give each column a name of its own")
        if missing or twice:
            return []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                words = f"has {len(cells)} fields but the first line names {len(header)}; check commas and quotes"
                problems.add(file, reader.line_num, "row", words)
                continue
            rows.append(Row(file, reader.line_num, dict(zip(header, cells, strict=True)), problems))
    except csv.Error as error:
        problems.add(file, reader.line_num, "row", f"is not valid CSV ({error}); check the quotes")
    if not rows and not problems.found and not may_be_empty:
        problems.add(file, 1, "file", "has no rows; write at least one")
    return rows
