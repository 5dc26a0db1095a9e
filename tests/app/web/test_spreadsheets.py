"""CSV for spreadsheets: no cell is a formula, whichever separator the spreadsheet believes in."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.spreadsheets import csv_for_spreadsheets, guarded

BEGINS_A_FORMULA = re.compile(r"""[\s"']*[=+\-@\uff1d\uff0b\uff0d\uff20]""")
BREAKS = "\t\r\n\v\f\x00\x85\u2028\u2029"
NASTY = st.lists(
    st.one_of(
        st.sampled_from(
            ["=", "+", "-", "@", "\uff1d", "\uff0b", ";", ",", "|", ":", "\t", "\r", "\n", "\r\n", '"', "'", " "]
        ),
        st.sampled_from(["=1+1", "=HYPERLINK(A1)", "@SUM(1)", "+62812", "-6.12", "iseng", "\u00a0", "\u2028", "\x00"]),
        st.text(max_size=4),
    ),
    max_size=12,
).map("".join)


def cells_of(text: str, separator: str) -> list[str]:
    """All cells, as a spreadsheet with this separator reads the file."""
    read = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    return [cell for row in read for cell in row]


def is_formula(cell: str) -> bool:
    found = BEGINS_A_FORMULA.match(cell)
    return found is not None and "'" not in found[0]


@given(st.lists(st.tuples(NASTY, NASTY, NASTY), max_size=4))
def test_whatever_is_in_a_cell_no_separator_makes_a_formula_of_it(rows: list[tuple[str, str, str]]) -> None:
    columns = ("a", "b", "c")
    text = csv_for_spreadsheets(columns, [dict(zip(columns, row, strict=True)) for row in rows])
    for separator in ",;|:\t":
        assert [cell for cell in cells_of(text, separator) if is_formula(cell)] == []
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(read) == len(rows) + 1  # one line a row
    assert all(len(row) == 3 for row in read)


@given(st.text(alphabet=st.characters(exclude_characters=BREAKS + "=+-@\uff1d\uff0b\uff0d\uff20"), max_size=40))
def test_a_text_that_could_be_no_formula_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("iseng;=1+1", "iseng;'=1+1"),
        ("=1+1", "'=1+1"),
        ("\t=1+1", " '=1+1"),
        ("a\r\n=1", "a =1"),
        ("a, +62812", "a, '+62812"),
        ("081234567890", "081234567890"),
        ("2026-11-24 09:14", "2026-11-24 09:14"),
        ("tiga kali - iseng", "tiga kali - iseng"),
        ('x;"=1', "x;\"'=1"),
    ],
)
def test_what_is_written(cell: str, written: str) -> None:
    assert guarded(cell) == written


def test_every_cell_is_quoted() -> None:
    assert csv_for_spreadsheets(("nomor",), [{"nomor": "0812"}]) == '\ufeff"nomor"\r\n"0812"\r\n'
