"""Links by which callers share their position, and what came by them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId


class LocationLink(Base):
    """A one-time link by which a caller's telephone shares its position; only hashes of its secrets are kept."""

    __tablename__ = "location_links"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))  #: None: read out or copied
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]  #: for the consent
    opened_at: Mapped[datetime | None]
    device_hash: Mapped[str | None] = mapped_column(String(64))  #: of the secret of the telephone that consented
    consented_at: Mapped[datetime | None]
    live_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(12))  #: phone, operator, replaced
    last_sequence: Mapped[int] = mapped_column(default=0)
    last_report_at: Mapped[datetime | None]
    told_report_id: Mapped[int | None] = mapped_column(BigInteger)  #: the newest report that the journal tells of


class LocationReport(Base):
    """Where a caller's telephone was. Personal data: all of it."""

    __tablename__ = "location_reports"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("location_links.id"), index=True)
    source: Mapped[str] = mapped_column(String(12))  #: link
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_m: Mapped[float]
    measured_at: Mapped[datetime]
    received_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        Index("ix_location_reports_received_at", "received_at"),
        NEVER_REUSED,
    )
