"""CSV that a spreadsheet opens without taking a cell for a formula, whatever separator it believes in.

A spreadsheet with Indonesian settings separates at semicolons, also within what was quoted for commas: `iseng;=1+1` is
two cells to it, the second a formula. So every cell is quoted, nothing that separates stands in one unguarded, and
wherever a cell could begin a formula has an apostrophe in front, by which spreadsheets know a text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

_BREAKS = re.compile(r"[\t\r\n\v\f\x00\x85\u2028\u2029]+")
#: What begins a formula, full-width signs among it, at the beginning or behind what some reader takes for a separator.
_FORMULA = re.compile(r"""(^|[;,|:])([\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")
_BYTE_ORDER_MARK = "\ufeff"  #: tells spreadsheets that this is UTF-8


def guarded(cell: str) -> str:
    """The cell's text on one line, with an apostrophe wherever a formula could begin."""
    return _FORMULA.sub(r"\1\2'", _BREAKS.sub(" ", cell))


def csv_for_spreadsheets(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as CSV with a line of headings; the only way in which a table leaves this product."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([guarded(name) for name in columns])
    for row in rows:
        writer.writerow([guarded(row[name]) for name in columns])
    return _BYTE_ORDER_MARK + text.getvalue()
