"""Who is on duty when a browser test begins, and how far what they were sent has come; written beside the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.doubles.whatsapp import WhatsAppDouble
from tests.app.running_server import RunningServer, running_server


@contextmanager
def server_with_whatsapp(data: Path) -> Iterator[RunningServer]:
    """The demo with a WhatsApp that takes every message and never tells of it again; Telegram is not set up."""
    double = WhatsAppDouble(token="token-of-ours", phone_id="1122", app_secret="s", tell=lambda body, headers: None)
    double.start()
    names = {"URL": double.url, "PHONE_ID": "1122", "TOKEN": "token-of-ours", "APP_SECRET": "s", "VERIFY_TOKEN": "v"}
    try:
        with running_server(data, **{f"SIAGA_WHATSAPP_{name}": value for name, value in names.items()}) as server:
            yield server
    finally:
        double.stop()


class OnCall:
    """The contacts of the city, on the database of a running server (SQLite)."""

    def __init__(self, server: RunningServer) -> None:
        self._file = next(Path(server.environ["SIAGA_DATA"]).glob("*.db"))

    def add(self, agency: str, role: str, name: str, channel: str) -> None:
        """Somebody who is always on duty, reached by one channel."""
        with self._connect() as connection, connection:
            cursor = connection.execute(
                "INSERT INTO contacts (agency_code, role, name, created_at) VALUES (?, ?, ?, ?)",
                (agency, role, name, _now()),
            )
            contact = cursor.lastrowid or 0
            connection.execute(
                "INSERT INTO contact_channels (contact_id, channel, position, address, changed_at)"
                " VALUES (?, ?, 0, ?, ?)",
                (contact, channel, f"62812{contact:08d}", _now()),
            )

    def reached(self, agency: str, level: str) -> None:
        """Whatever the agency's duty officers were sent last has come so far; open pages are not told."""
        with self._connect() as connection, connection:
            changed = connection.execute(
                "UPDATE notices SET level = ?, level_at = ?, next_channel_at = NULL"
                " WHERE role = 'duty' AND assignment_id = (SELECT max(id) FROM assignments WHERE agency_code = ?)",
                (level, _now(), agency),
            )
            assert changed.rowcount, f"nobody on duty at {agency} was told anything"

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            yield connection


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
