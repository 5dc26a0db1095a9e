"""Time that passes at once: whatever a running server's database (SQLite) knows of its work becomes so much older."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from dispatch.storage.tables.base import Base, UtcDateTime
from tests.app.running_server import RunningServer

#: What grows older. Never the journal: its past is what tells one database from another.
AGEING = (
    "calls",
    "tickets",
    "assignments",
    "ladders",
    "ladder_steps",
    "notices",
    "notice_deliveries",
    "delivery_attempts",
    "instructions",
)


def time_passes(server: RunningServer, seconds: float) -> None:
    """All of it in one transaction, so that no clock parts from its ladder."""
    by = f"-{seconds:.3f} seconds"
    file = next(Path(server.environ["SIAGA_DATA"]).glob("*.db"))
    with closing(sqlite3.connect(file, timeout=20)) as database, database:
        for name in AGEING:
            columns = [one.name for one in Base.metadata.tables[name].columns if isinstance(one.type, UtcDateTime)]
            older = ", ".join(f"{one} = strftime('%Y-%m-%d %H:%M:%f', {one}, :by) || '000'" for one in columns)
            database.execute(f"UPDATE {name} SET {older}", {"by": by})
