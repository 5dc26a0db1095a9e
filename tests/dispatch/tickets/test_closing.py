"""One place closes tickets and opens them again, so that no way of doing it forgets what the others do."""

from __future__ import annotations

import ast
from pathlib import Path

import dispatch

ROOMS = Path(dispatch.__file__).parent
OF_TICKETS = {"closed_at", "closing_note", "disposition"}
#: A callback has an end of its own, in a column of the same name.
OF_CALLBACKS = {("callbacks/changes.py", "closed_at")}


def written_by(path: Path) -> set[tuple[str, str]]:
    """The columns of a ticket's end that a module hands to a call by name."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    names = {keyword.arg for call in calls for keyword in call.keywords if keyword.arg in OF_TICKETS}
    return {(path.relative_to(ROOMS).as_posix(), name) for name in names if name is not None}


def test_nobody_but_closing_writes_how_a_ticket_ended() -> None:
    modules = [path for path in ROOMS.rglob("*.py") if path != ROOMS / "tickets/closing.py"]
    written = {one for path in modules for one in written_by(path)}
    assert written == OF_CALLBACKS
