"""Numbers that call in jest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId

LIVE_FLAGS = text("number_flags.kind = 'block' AND number_flags.state IN ('proposed', 'approved')")


class NumberFlag(Base):
    """A block that was proposed for a number, and what a supervisor decided. Personal data: number and reasons.

    `evidence` holds the ids of the tickets that counted when it was proposed, `prank_count` how many calls that was. A
    block that has run out stays `approved`: whether it holds is decided by `expires_at` alone.
    """

    __tablename__ = "number_flags"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    prank_count: Mapped[int]
    evidence: Mapped[list[int]] = mapped_column(JSON)
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    lift_reason: Mapped[str | None]
    __table_args__ = (
        Index("ix_number_flags_number", "number", "kind"),
        Index(
            "uq_number_flags_proposed",
            "number",
            "kind",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        # The call path looks here: the few numbers that somebody has to decide on, or has blocked.
        Index(
            "ix_number_flags_live",
            "number",
            sqlite_where=text("kind = 'block' AND state IN ('proposed', 'approved')"),
            postgresql_where=text("kind = 'block' AND state IN ('proposed', 'approved')"),
        ),
        NEVER_REUSED,
    )
