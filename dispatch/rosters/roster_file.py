"""Reads and writes rosters as CSV, as spreadsheets do: columns agency, area, name, from, to, role; wall times.

`import_roster` takes all of a file or nothing. Taken twice, it changes nothing the second time.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from dispatch.duty.rights import may_edit
from dispatch.duty.wall_times import WallShift, wall_shift
from dispatch.errors import InvalidValue, RosterFileWrong
from dispatch.roles import Actor, LadderRole
from dispatch.rosters.changes import DutiesAdded
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Contact, Duty
from dispatch.storage.transaction import Transaction

COLUMNS = ("agency", "area", "name", "from", "to", "role")
#: Shifts in one file: the writer's turn is also the calls' turn.
LIMIT = 5_000
PROBLEMS_SHOWN = 50
_GUARD = re.compile(r"'(?=[=+\-@])")
_FIELDS = {"starts_local": "from", "ends_local": "to"}


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A row of the file, counted as spreadsheets count: the headings are row 1."""

    row: int
    agency: str
    area: str
    name: str
    starts: str
    ends: str
    role: str


def read_roster_file(text: str) -> tuple[RosterLine, ...]:
    """The rows of a file, with whichever separator a spreadsheet has put. Raises RosterFileWrong."""
    text = text.removeprefix("\ufeff")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise RosterFileWrong([{"row": 1, "field": "file", "problem": "form"}]) from None
    names = [cell.strip().lower() for cell in found[0]] if found else []
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise RosterFileWrong({"row": 1, "field": column, "problem": "missing"} for column in missing)
    if len(found) > LIMIT + 1:
        raise RosterFileWrong([{"row": LIMIT + 2, "field": "file", "problem": "too_long"}])
    read = []
    for number, cells in enumerate(found[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        read.append(RosterLine(number, *(_cell(cells, names.index(column)) for column in COLUMNS)))
    return tuple(read)


def _cell(cells: list[str], index: int) -> str:
    """A cell's text, without the apostrophe by which a spreadsheet knows that it is no formula."""
    return _GUARD.sub("", cells[index].strip()) if index < len(cells) else ""


def import_roster(tx: Transaction, *, actor: Actor, lines: Iterable[RosterLine]) -> DutiesAdded:
    """Give all the shifts of a file to people who are known already: all of them or, with RosterFileWrong, none."""
    lines = tuple(lines)
    people = _people(tx.connection)
    present = _present(tx.connection, min((line.starts for line in lines), default=""))
    problems: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    agencies: set[str] = set()
    for line in lines:
        try:
            contact_id = _contact_of(tx, actor, line, people)
            shift = wall_shift(line.starts, line.ends, tx.city.timezone)
            if _is_there(contact_id, shift, present):
                continue
        except InvalidValue as wrong:
            field = str(wrong.details["field"])
            problems.append({"row": line.row, "field": _FIELDS.get(field, field), "problem": wrong.details["problem"]})
            continue
        present.setdefault(contact_id, []).append((shift.starts_local, shift.ends_local))
        agencies.add(line.agency)
        rows.append({"contact_id": contact_id, "created_at": tx.now, "created_by": actor.user_id, **shift.columns})
    if problems:
        raise RosterFileWrong(problems[:PROBLEMS_SHOWN])
    tx.insert_rows(Duty, rows)
    if not rows:
        return DutiesAdded(False, left_out=len(lines))
    seq = tx.record(JournalKind.DUTIES_ADDED, actor, agencies=sorted(agencies), duties=len(rows), by="file")
    return DutiesAdded(True, seq=seq, added=len(rows), left_out=len(lines) - len(rows))


def roster_rows(connection: Connection, actor: Actor, agency_code: str | None, since: str) -> list[Mapping[str, str]]:
    """The shifts that end after a wall time, as rows of the file; of one agency, or of all that the actor may edit."""
    statement = (
        select(Contact.agency_code, Contact.area_code, Contact.name, Duty.starts_local, Duty.ends_local, Contact.role)
        .join(Contact, Contact.id == Duty.contact_id)
        .where(Duty.removed_at.is_(None), Contact.removed_at.is_(None), Duty.ends_local > since)
        .order_by(Contact.agency_code, Duty.starts_local, Duty.id)
    )
    if agency_code is not None:
        statement = statement.where(Contact.agency_code == agency_code)
    return [
        {
            "agency": row.agency_code,
            "area": row.area_code or "",
            "name": row.name,
            "from": row.starts_local,
            "to": row.ends_local,
            "role": row.role,
        }
        for row in connection.execute(statement)
        if may_edit(actor, row.agency_code)
    ]


_Person = tuple[str, str | None, str, str]


def _people(connection: Connection) -> dict[_Person, int]:
    rows = connection.execute(
        select(Contact.id, Contact.agency_code, Contact.area_code, Contact.role, Contact.name).where(
            Contact.removed_at.is_(None)
        )
    )
    return {(row.agency_code, row.area_code, row.role, row.name): row.id for row in rows}


def _present(connection: Connection, since: str) -> dict[int, list[tuple[str, str]]]:
    """Everybody's shifts that are not over by then, by the wall."""
    found: dict[int, list[tuple[str, str]]] = {}
    rows = connection.execute(
        select(Duty.contact_id, Duty.starts_local, Duty.ends_local).where(
            Duty.removed_at.is_(None), Duty.ends_local >= since
        )
    )
    for row in rows:
        found.setdefault(row.contact_id, []).append((row.starts_local, row.ends_local))
    return found


def _contact_of(tx: Transaction, actor: Actor, line: RosterLine, people: Mapping[_Person, int]) -> int:
    """Whose shift it is. Raises InvalidValue for `agency`, `role` or `name`."""
    if line.agency not in tx.city.agencies or not may_edit(actor, line.agency):
        raise InvalidValue("agency", "unknown")
    role = line.role or LadderRole.DUTY.value
    if role not in list(LadderRole):
        raise InvalidValue("role", "unknown")
    contact_id = people.get((line.agency, line.area or None, role, line.name))
    if contact_id is None:
        raise InvalidValue("name", "unknown" if line.name else "empty")
    return contact_id


def _is_there(contact_id: int, shift: WallShift, present: Mapping[int, list[tuple[str, str]]]) -> bool:
    """Whether the contact has this very shift. Raises InvalidValue where it has another one at that time."""
    for starts, ends in present.get(contact_id, ()):
        if (starts, ends) == (shift.starts_local, shift.ends_local):
            return True
        if shift.overlaps(starts, ends):
            raise InvalidValue("starts_local", "overlaps")
    return False
