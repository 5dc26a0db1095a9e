"""Who is to be called back, and the attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId

OPEN_CALLBACKS = text("callbacks.closed_at IS NULL")


class Callback(Base):
    """A number to be called back: all its abandoned and dropped calls together. Personal data: number.

    At most one is open for a number; a call without a number has one of its own. Its tickets name it in `callback_id`.
    """

    __tablename__ = "callbacks"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(12))  #: of the newest call
    calls: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_outcome: Mapped[str | None] = mapped_column(String(16))
    last_attempt_at: Mapped[datetime | None]
    clock_started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  #: who is about to dial
    owner_since: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ending: Mapped[str | None] = mapped_column(String(16))
    through_ticket_id: Mapped[int | None] = mapped_column(BigInteger)  #: where the caller was reached or got through
    __table_args__ = (
        Index(
            "uq_callbacks_open_number",
            "number",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_callbacks_open_due",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        NEVER_REUSED,
    )


class CallbackAttempt(Base):
    """One time that an operator dialled a caller's number. Personal data: note."""

    __tablename__ = "callback_attempts"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None]
