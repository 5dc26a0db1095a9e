"""Templates can be read: their lines are as long as the code's at most."""

from __future__ import annotations

from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
MOST_COLUMNS = 120
A_DRAWING = 'href="data:image/svg+xml,'  # an address has no place to be broken at


@pytest.mark.parametrize("name", sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")))
def test_no_line_of_a_template_is_longer_than_the_codes(name: str) -> None:
    lines = enumerate((TEMPLATES / name).read_text(encoding="utf-8").splitlines(), 1)
    long = {number: line for number, line in lines if len(line) > MOST_COLUMNS}
    assert [number for number, line in long.items() if not line.strip().startswith(A_DRAWING)] == []
