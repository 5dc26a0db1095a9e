"""The journal, and what the writer and the migrations keep for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import Base


class JournalEntry(Base):
    """What happened, to what, by whom, when. Append-only, hash-chained, without personal data."""

    __tablename__ = "journal"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    assignment_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class HandledRequest(Base):
    """A request id that was carried out, with its answer, so that a repeated request changes nothing."""

    __tablename__ = "handled_requests"
    request_id: Mapped[str] = mapped_column(String(160), primary_key=True)
    command: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class StorageProbe(Base):
    """One row that is written to find out whether the database accepts writes again after a failure."""

    __tablename__ = "storage_probes"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class SchemaRevision(Base):
    """A migration that this database has had, and what it asks of the software; written by the migration itself.

    `oldest_software` is the revision that the oldest software which can run on it was made for; None where whatever ran
    before it runs after it too. `dispatch.storage.schema` reads it.
    """

    __tablename__ = "schema_revisions"
    revision: Mapped[str] = mapped_column(String(32), primary_key=True)
    oldest_software: Mapped[str | None] = mapped_column(String(32))


class Epoch(Base):
    """The identity of this database from a point of the journal on: a restored one begins a new epoch.

    What was planned in another epoch has perhaps been done already, in a future that this database does not know.
    """

    __tablename__ = "epochs"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  #: the highest counts
    epoch: Mapped[str] = mapped_column(String(32))
    since_seq: Mapped[int] = mapped_column(BigInteger)  #: it begins with the entry after this one
    began_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(16))  #: made, restored
