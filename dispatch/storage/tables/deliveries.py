"""Messages that wait to go out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId


class Delivery(Base):
    """A message to somebody outside, until whoever carries it has accepted it. Personal data: recipient and body.

    `message_id` goes with every attempt, so that a receiver can drop what comes twice. The body is erased as soon as
    the message is accepted or given up: it may hold a secret link.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(24))  #: what it is about: location_link
    channel: Mapped[str] = mapped_column(String(16))  #: which port carries it: sms
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    recipient: Mapped[str | None] = mapped_column(String(200))
    body: Mapped[str | None]
    created_at: Mapped[datetime]
    scheduled_for: Mapped[datetime]
    expires_at: Mapped[datetime | None]  #: nobody wants it after this
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(40))  #: code of the newest failure
    accepted_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_deliveries_waiting",
            "scheduled_for",
            sqlite_where=text("accepted_at IS NULL AND failed_at IS NULL"),
            postgresql_where=text("accepted_at IS NULL AND failed_at IS NULL"),
        ),
        Index("ix_deliveries_created_at", "created_at"),
        NEVER_REUSED,
    )


WAITING_DELIVERIES = text("deliveries.accepted_at IS NULL AND deliveries.failed_at IS NULL")
