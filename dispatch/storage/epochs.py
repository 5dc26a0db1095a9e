"""The identity of a database: what was planned before it was brought back from a backup waits for a person.

A restored database does not know what was done after its copy was made: whom a ladder told, which messages went out.
So it begins a new epoch, by which ladders, deliveries and open pages see that they belong to another past.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from dispatch.storage.tables import Epoch

MADE, RESTORED = "made", "restored"


def read_epoch(connection: Connection) -> str | None:
    """The present epoch's name; None for a database in which nothing was ever written."""
    newest = select(Epoch.epoch).order_by(Epoch.id.desc()).limit(1)
    return connection.execute(newest).scalar()


def begin_epoch(connection: Connection, now: datetime, seq: int, why: str) -> str:
    """Begin a new epoch with the journal entry after `seq`, inside the writer's transaction; return its name."""
    newest = connection.execute(select(Epoch.id).order_by(Epoch.id.desc()).limit(1)).scalar()
    epoch = secrets.token_hex(8)
    row = {"id": (newest or 0) + 1, "epoch": epoch, "since_seq": seq, "began_at": now, "why": why}
    connection.execute(insert(Epoch), [row])
    return epoch


def settle_epoch(connection: Connection, now: datetime, seq: int, known: str | None, known_seq: int) -> str:
    """Say which epoch a batch belongs to, beginning one for a new database and for one that went back under our feet.

    `known` and `known_seq`: the epoch and the journal number that this process has seen last (None, 0: nothing yet).
    """
    stored = read_epoch(connection)
    if stored is None:
        return begin_epoch(connection, now, seq, MADE)
    if known is not None and stored == known and seq < known_seq:
        return begin_epoch(connection, now, seq, RESTORED)
    return stored
