"""A file of shifts: all of it or nothing, each mistake by row and field, twice the same as once."""

from __future__ import annotations

import pytest

from app.web.spreadsheets import csv_for_spreadsheets
from dispatch.errors import RosterFileWrong
from dispatch.roles import Actor
from dispatch.rosters.roster_file import COLUMNS, import_roster, read_roster_file, roster_rows
from dispatch.storage.tables import Duty
from tests.dispatch.duty.people import contact, rostered
from tests.dispatch.shift import CIPARE, Shift

GOOD = """agency,area,name,from,to,role
DAMKAR,,Herman,2026-11-25T07:00,2026-11-25T15:00,duty
DAMKAR,,Ujang,2026-11-25 15:00,2026-11-25 23:00,duty
KELURAHAN,36.73.01.1002,Lurah,2026-11-25 07.00,2026-11-26 07.00,
"""


def known(shift: Shift) -> None:
    contact(shift, "Herman")
    contact(shift, "Ujang")
    contact(shift, "Lurah", "KELURAHAN", area=CIPARE)


def take(shift: Shift, text: str, actor: Actor | None = None) -> tuple[int, int]:
    done = shift.run(import_roster, actor=actor or shift.ratna, lines=read_roster_file(text))
    return done.added, done.left_out


def problems(shift: Shift, text: str, actor: Actor | None = None) -> list[tuple[object, ...]]:
    with pytest.raises(RosterFileWrong) as refused:
        take(shift, text, actor)
    found = refused.value.details["problems"]
    assert isinstance(found, list)
    return [(one["row"], one["field"], one["problem"]) for one in found]


def test_a_file_is_taken_and_twice_is_once(shift: Shift) -> None:
    known(shift)
    assert take(shift, GOOD) == (3, 0)
    assert take(shift, GOOD) == (0, 3)
    assert [duty.starts_local for duty in shift.rows(Duty)] == [
        "2026-11-25T07:00",
        "2026-11-25T15:00",
        "2026-11-25T07:00",
    ]
    (entry,) = [entry for entry in shift.entries() if entry.kind == "duty.several_added"]
    assert entry.data == {"agencies": ["DAMKAR", "KELURAHAN"], "duties": 3, "by": "file"}


def test_one_mistake_and_nothing_is_taken(shift: Shift) -> None:
    known(shift)
    wrong = GOOD + (
        "DAMKAR,,Heman,2026-11-26T07:00,2026-11-26T15:00,duty\n"
        "DINASAPA,,Herman,2026-11-26T07:00,2026-11-26T15:00,duty\n"
        "DAMKAR,,Herman,26/11/2026 07:00,2026-11-26T15:00,duty\n"
        "DAMKAR,,Herman,2026-11-26T15:00,2026-11-26T07:00,duty\n"
        "DAMKAR,,Herman,2026-11-25T14:00,2026-11-25T16:00,duty\n"
        "DAMKAR,,Herman,2026-11-26T07:00,2026-11-26T15:00,boss\n"
        "\n"
        "DAMKAR,,,2026-11-26T07:00,2026-11-26T15:00,duty\n"
    )
    assert problems(shift, wrong) == [
        (5, "name", "unknown"),
        (6, "agency", "unknown"),
        (7, "from", "form"),
        (8, "to", "not_after"),
        (9, "from", "overlaps"),
        (10, "role", "unknown"),
        (12, "name", "empty"),
    ]
    assert shift.rows(Duty) == []


@pytest.mark.parametrize("text", ["", "agency;name\nDAMKAR;Herman\n", "x" * 100])
def test_a_file_without_the_columns_is_none(shift: Shift, text: str) -> None:
    assert all(row == 1 and problem == "missing" for row, _, problem in problems(shift, text))


def test_an_agency_imports_its_own_shifts_only(shift: Shift) -> None:
    known(shift)
    assert problems(shift, GOOD, shift.damkar) == [(4, "agency", "unknown")]
    own = "\n".join(GOOD.splitlines()[:3])
    assert take(shift, own, shift.damkar) == (2, 0)


def test_what_a_spreadsheet_saves_comes_back_the_same(shift: Shift) -> None:
    known(shift)
    nasty = contact(shift, '=HYPERLINK("x")')
    rostered(shift, nasty, "2026-11-27T07:00", "2026-11-27T15:00")
    take(shift, GOOD)
    with shift.centre.read() as connection:
        rows = roster_rows(connection, shift.ratna, None, "2026-11-24T00:00")
        assert len(roster_rows(connection, shift.damkar, None, "2026-11-24T00:00")) == 3
        assert roster_rows(connection, shift.dewi, None, "") == []
    text = csv_for_spreadsheets(COLUMNS, rows)
    assert "'=HYPERLINK" in text
    assert take(shift, text) == (0, 4)
    assert take(shift, text.replace('","', '";"')) == (0, 4)  # as Indonesian settings separate
