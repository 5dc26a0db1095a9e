"""Who is on duty when a browser test begins, and how far what they were sent has come; written beside the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests

from app.doubles.whatsapp import OnPhone, WhatsAppDouble
from tests.app.running_server import RunningServer, running_server
from tests.browser.passing_time import time_passes


class Telephones:
    """The telephones of whoever is on duty, behind a WhatsApp that tells the server what becomes of its messages."""

    def __init__(self) -> None:
        self.webhook = ""  #: where it tells; empty: nowhere
        self.whatsapp = WhatsAppDouble(token="token-of-ours", phone_id="1122", app_secret="s", tell=self._tell)

    def on(self, number: str) -> list[OnPhone]:
        """What lies on one of them, oldest first."""
        return [message for message in list(self.whatsapp.messages) if message.to == number]

    def texts(self, number: str) -> list[str]:
        """Their words."""
        return [message.text for message in self.on(number)]

    def _tell(self, body: bytes, headers: Mapping[str, str]) -> None:
        if self.webhook:
            told = requests.post(self.webhook, body, headers=dict(headers), timeout=10)
            assert told.status_code == 200, told.text


@contextmanager
def server_and_telephones(data: Path) -> Iterator[tuple[RunningServer, Telephones]]:
    """The demo with a WhatsApp whose messages arrive at once, and are answered by whoever holds the telephone."""
    telephones = Telephones()
    with _served(telephones.whatsapp, data) as server:
        telephones.webhook = f"{server.base}/hooks/whatsapp"
        yield server, telephones


@contextmanager
def server_with_whatsapp(data: Path) -> Iterator[RunningServer]:
    """The demo with a WhatsApp that takes every message and never tells of it again; Telegram is not set up."""
    with _served(Telephones().whatsapp, data) as server:
        yield server


@contextmanager
def _served(double: WhatsAppDouble, data: Path) -> Iterator[RunningServer]:
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
        self._server = server
        self._file = next(Path(server.environ["SIAGA_DATA"]).glob("*.db"))

    def add(self, agency: str, role: str, name: str, channel: str, username: str | None = None) -> str:
        """Somebody who is always on duty, reached by one channel; returns the address."""
        with self._connect() as connection, connection:
            cursor = connection.execute(
                "INSERT INTO contacts (agency_code, role, name, created_at, user_id)"
                " VALUES (?, ?, ?, ?, (SELECT id FROM users WHERE username = ?))",
                (agency, role, name, _now(), username),
            )
            contact = cursor.lastrowid or 0
            address = f"62812{contact:08d}"
            connection.execute(
                "INSERT INTO contact_channels (contact_id, channel, position, address, changed_at)"
                " VALUES (?, ?, 0, ?, ?)",
                (contact, channel, address, _now()),
            )
        return address

    def next_rung(self, agency: str) -> tuple[int, datetime] | None:
        """Which rung is the next one on the ladder of the agency's newest task, and when it is due."""
        with self._connect() as connection:
            row = connection.execute(
                "SELECT next_rung, next_at FROM ladders WHERE agency_code = ? AND subject LIKE 'assignment:%'"
                " AND ended_at IS NULL AND next_at IS NOT NULL ORDER BY id DESC LIMIT 1",
                (agency,),
            ).fetchone()
        return (row[0], datetime.fromisoformat(row[1]).replace(tzinfo=UTC)) if row else None

    def until_next_rung(self, agency: str) -> None:
        """Time passes until the next rung of the agency's newest task is due; whatever happened is as much older."""
        found = self.next_rung(agency)
        assert found is not None, f"nobody else is told of a task of {agency}"
        time_passes(self._server, max(0.0, (found[1] - datetime.now(UTC)).total_seconds()))

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
