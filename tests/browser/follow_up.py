"""What a story of follow-up needs besides hands and eyes: people with telephones, and days that pass at once."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import SECRET_KEY_FILE
from dispatch.links.task_links import link_for
from tests.app.running_server import RunningServer, until

_FORM = "%Y-%m-%d %H:%M:%S.%f"


class FollowUp:
    """The database of a running server, beside its own commands."""

    def __init__(self, server: RunningServer) -> None:
        self._data = Path(server.environ["SIAGA_DATA"])

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._data / "siaga.db", timeout=10)

    def contact(self, agency: str, role: str, name: str, username: str | None = None) -> int:
        """Somebody whom ladders may tell, by a telephone that nobody has."""
        now = datetime(2026, 11, 1, tzinfo=UTC).strftime(_FORM)
        with self._open() as database:
            user = database.execute("SELECT id FROM users WHERE username = ?", (username,)).fetchone()
            contact = database.execute(
                "INSERT INTO contacts (agency_code, role, name, created_at, user_id) VALUES (?, ?, ?, ?, ?)",
                (agency, role, name, now, user[0] if user else None),
            ).lastrowid
            database.execute(
                "INSERT INTO contact_channels (contact_id, channel, position, address, changed_at)"
                " VALUES (?, 'whatsapp', 0, ?, ?)",
                (contact, f"62812000{contact:05d}", now),
            )
        return int(contact or 0)

    def link(self, assignment: int, contact: int) -> str:
        """The path of the link that this person's message carries, once it was written."""
        key = (self._data / SECRET_KEY_FILE).read_text(encoding="utf-8").strip()

        def notice() -> int | None:
            with self._open() as database:
                row = database.execute(
                    "SELECT id FROM notices WHERE assignment_id = ? AND contact_id = ?", (assignment, contact)
                ).fetchone()
            return row[0] if row else None

        return link_for(key, until(notice), contact)

    def days_pass(self, assignment: int, days: int) -> None:
        """The agency has been silent for days: its clock and ladder began so long ago."""
        moved = {"ladders": ("started_at", "due_at", "next_at"), "assignments": ("clock_started_at", "clock_due_at")}
        where = {"ladders": "assignment_id = ? AND ended_at IS NULL", "assignments": "id = ?"}
        with self._open() as database:
            for table, columns in moved.items():
                row = database.execute(
                    f"SELECT {', '.join(columns)} FROM {table} WHERE {where[table]}", (assignment,)
                ).fetchone()
                earlier = [
                    (datetime.fromisoformat(at) - timedelta(days=days)).strftime(_FORM) if at else None for at in row
                ]
                changes = ", ".join(f"{column} = ?" for column in columns)
                database.execute(f"UPDATE {table} SET {changes} WHERE {where[table]}", (*earlier, assignment))
