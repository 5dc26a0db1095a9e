"""Reads a pack's CSV and TOML files and collects every problem in them instead of stopping at the first."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LIST_SEPARATOR = "|"


class Problems:
    """The list of what is wrong with a pack, each entry as "file:row:field: what is wrong, what to do"."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, file: str, row: int | str, field: str, words: str) -> None:
        """Note one problem; `row` is the line in the file as an editor counts it (or a table's name in TOML)."""
        self.found.append(f"{file}:{row}:{field}: {words}")


class Row:
    """One row of a CSV file whose typed readers note a problem and answer a harmless value when a field is bad."""

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
        return self.optional_number(field, required=True) or 0.0

    def optional_number(self, field: str, *, required: bool = False) -> float | None:
        """A decimal number with a point, or None where nothing is written."""
        written = self.text(field) if required else self.optional(field)
        if not written:
            return None
        try:
            value = float(written)
        except ValueError:
            self.problem(field, f"'{written}' is not a number; write digits with a decimal point, such as -6.12")
            return None
        if value != value or value in (float("inf"), float("-inf")):
            self.problem(field, f"'{written}' is not a finite number; write digits with a decimal point")
            return None
        return value

    def yes_no(self, field: str) -> bool:
        """`yes` or `no`."""
        written = self.text(field).lower()
        if written not in ("yes", "no", ""):
            self.problem(field, f"'{written}' is neither yes nor no; write one of them")
        return written == "yes"

    def one_of(self, field: str, allowed: Iterable[str], what: str) -> str:
        """A value that must be among `allowed`; `what` names the list it comes from."""
        value, choices = self.text(field), list(allowed)
        if value and value not in choices:
            shown = ", ".join(choices[:8]) + (", ..." if len(choices) > 8 else "")
            self.problem(field, f"'{value}' is not {what}; choose one of {shown}")
        return value


def read_text(path: Path, problems: Problems) -> str | None:
    """The file as UTF-8 (a byte order mark is allowed), or None with the problem noted."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.add(path.name, 0, "file", "is missing; add it to the pack (copy the one of city/serang and edit it)")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.add(path.name, line, "encoding", "is not UTF-8 here; save the file as UTF-8")
    except OSError as error:
        problems.add(path.name, 0, "file", f"cannot be read ({error.strerror}); check the path and its permissions")
    return None


def read_rows(
    folder: Path, file: str, columns: tuple[str, ...], problems: Problems, *, may_be_empty: bool = False
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
        if missing:
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


def read_toml(folder: Path, file: str, problems: Problems) -> dict[str, Any] | None:
    """The tables of a TOML file, or None with the problem noted."""
    written = read_text(folder / file, problems)
    if written is None:
        return None
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        problems.add(file, 0, "file", f"is not valid TOML ({error}); correct that place")
        return None


def keyed(rows: Iterable[Row], field: str = "code") -> list[tuple[str, Row]]:
    """The rows with their keys; a key that was used before is noted and its row left out."""
    first_lines: dict[str, int] = {}
    kept: list[tuple[str, Row]] = []
    for row in rows:
        key = row.text(field)
        if key in first_lines:
            row.problem(field, f"'{key}' stands in row {first_lines[key]} already; give each row its own")
            continue
        if key:
            first_lines[key] = row.line
            kept.append((key, row))
    return kept
