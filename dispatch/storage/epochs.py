"""The identity of a database: what was planned before it was brought back from a backup waits for a person.

A restored database does not know what was done after its copy was made: whom a ladder told, which messages went out.
So it begins a new epoch, by which ladders, deliveries and open pages see that they belong to another past. Whoever has
seen a place of the journal (a writer its last commit, a node the mark that it keeps outside of the database) knows a
database that went back by that place: it is gone, or another entry stands there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Epoch, JournalEntry
from dispatch.storage.transaction import Outcome, Transaction

MADE, RESTORED = "made", "restored"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place of a journal that somebody has seen: the entry `seq` of an epoch, and its hash; 0 is its beginning."""

    epoch: str
    seq: int
    hash: str
    origin: str | None = None  #: hash of the journal's first entry, by which it is known; None: surely this journal


def read_epoch(connection: Connection) -> str | None:
    """The present epoch's name; None for a database in which nothing was ever written."""
    newest = select(Epoch.epoch).order_by(Epoch.id.desc()).limit(1)
    return connection.execute(newest).scalar()


def read_start(connection: Connection) -> tuple[str, int] | None:
    """The present epoch's name, and the journal number after which it began."""
    row = connection.execute(select(Epoch.epoch, Epoch.since_seq).order_by(Epoch.id.desc()).limit(1)).first()
    return (row.epoch, row.since_seq) if row is not None else None


def read_restored_at(connection: Connection) -> datetime | None:
    """When the database was brought back from a backup, as far as it knows; None where it never was."""
    newest = select(Epoch.began_at, Epoch.why).order_by(Epoch.id.desc()).limit(1)
    row = connection.execute(newest).first()
    return row.began_at if row is not None and row.why == RESTORED else None


def read_origin(connection: Connection) -> str | None:
    """The hash of the journal's first entry, by which a journal is told from another one's; None: it is empty."""
    return _hash_at(connection, 1)


def settle_epoch(tx: Transaction, stored: str | None, known: Mark | None) -> bool:
    """Give a batch its epoch, beginning one for a new database and for one that went back; return whether it did.

    `stored`: the newest that the database names; `known`: a place of the journal that this process knows of.
    """
    if known is not None and went_back(tx.connection, known):
        begin_after_restore(tx)
        return True
    if stored is None:
        _begin(tx, MADE)
    else:
        tx.epoch = stored
    return False


def went_back(connection: Connection, mark: Mark) -> bool:
    """Whether the journal does not have the place that was seen, and nobody has noticed that yet.

    Another database's mark says nothing. Nor does one of an epoch that was ended by a restore to before that place:
    whoever has begun the following epoch has noticed, and a node that was down meanwhile comes with such a mark.
    """
    if mark.origin is not None and _hash_at(connection, 1) != mark.origin:
        return False
    epochs = connection.execute(select(Epoch.epoch, Epoch.since_seq).order_by(Epoch.id)).all()
    names = [row.epoch for row in epochs]
    if mark.epoch not in names:
        return True
    following = epochs[names.index(mark.epoch) + 1 :]
    if following and mark.seq > following[0].since_seq:
        return False
    return mark.seq > 0 and _hash_at(connection, mark.seq) != mark.hash


def begin_after_restore(tx: Transaction) -> None:
    """Begin a new epoch: what was planned in the one before waits for a person from now on."""
    _begin(tx, RESTORED)
    tx.record(JournalKind.DATABASE_RESTORED, Actor.system(), epoch=tx.epoch)


def note_restored(tx: Transaction) -> Outcome:
    """Begin a new epoch because somebody says so; where one has just begun and nothing was done since, that is it."""
    newest = tx.connection.execute(select(Epoch.why, Epoch.since_seq).order_by(Epoch.id.desc()).limit(1)).first()
    if newest is not None and newest.why == RESTORED and tx.head.seq <= newest.since_seq + 1:
        return Outcome(changed=False)
    begin_after_restore(tx)
    return Outcome(changed=True, seq=tx.head.seq)


def _begin(tx: Transaction, why: str) -> None:
    """Begin an epoch with the entry after the journal's newest."""
    newest = tx.connection.execute(select(Epoch.id).order_by(Epoch.id.desc()).limit(1)).scalar()
    tx.epoch = secrets.token_hex(8)
    row = {"id": (newest or 0) + 1, "epoch": tx.epoch, "since_seq": tx.head.seq, "began_at": tx.now, "why": why}
    tx.connection.execute(insert(Epoch), [row])


def _hash_at(connection: Connection, seq: int) -> str | None:
    return connection.execute(select(JournalEntry.hash).where(JournalEntry.seq == seq)).scalar()
