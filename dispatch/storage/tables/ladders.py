"""Who is told when a clock is not stopped: the ladder of each running clock, the rungs that fired, whom they told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId

OPEN_LADDERS = text("ladders.ended_at IS NULL")


class Ladder(Base):
    """What happens while one clock runs: its rungs as the policy stood when the clock started, and how far it is.

    A rung is due at `started_at + after_s + shift_s`; `next_at` is the next one's, None once all have fired or the
    clock has stopped. A pause only adds to `shift_s`.
    """

    __tablename__ = "ladders"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(24))  #: whose clock: ticket:12, assignment:34, instruction:5
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(BigInteger)
    agency_code: Mapped[str | None] = mapped_column(String(24))  #: whose duty, chief and head its rungs mean
    clock_kind: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(BigInteger)  #: the journal number that started the clock
    epoch: Mapped[str] = mapped_column(String(32))  #: the database's identity then; another's rungs wait for a person
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    rungs: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    next_rung: Mapped[int]
    next_at: Mapped[datetime | None]
    shift_s: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    paused_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    pause_reason: Mapped[str | None] = mapped_column(String(40))
    delayed_by: Mapped[int | None] = mapped_column(BigInteger)  #: the leader's instruction that delayed a rung, once
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(16))  #: stopped, restarted, closed, dropped
    __table_args__ = (
        Index(
            "uq_ladders_open",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_ladders_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        NEVER_REUSED,
    )


class LadderStep(Base):
    """A rung that fired: once for each rung of a ladder, whoever did it and however often it was tried."""

    __tablename__ = "ladder_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladders.id"))
    rung: Mapped[int]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime]
    late: Mapped[bool]  #: fired so long after it was due that whoever is told is told so
    people: Mapped[int]  #: how many were on duty and had a channel
    hole: Mapped[bool]  #: nobody could be told, or no channel reached anybody
    office_code: Mapped[str | None] = mapped_column(String(24))  #: whose leader it told, where it told one
    __table_args__ = (
        UniqueConstraint("ladder_id", "rung", name="uq_ladder_steps_rung"),
        Index(
            "ix_ladder_steps_office",
            "office_code",
            "id",
            sqlite_where=text("office_code IS NOT NULL"),
            postgresql_where=text("office_code IS NOT NULL"),
        ),
        NEVER_REUSED,
    )


class Notice(Base):
    """What one person is to learn, by whichever channel gets through; its level only rises."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  #: NoticeKind
    ladder_id: Mapped[int | None] = mapped_column(ForeignKey("ladders.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("ladder_steps.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  #: of the centre, told on the screen
    role: Mapped[str] = mapped_column(String(12))  #: in which the person was told
    late: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]]  #: ids and codes that the words are made from
    created_at: Mapped[datetime]
    level: Mapped[str] = mapped_column(String(12))  #: Reach
    level_at: Mapped[datetime]
    channel: Mapped[str | None] = mapped_column(String(16))  #: that gave the level
    problem: Mapped[str | None] = mapped_column(String(40))
    next_channel_at: Mapped[datetime | None]  #: without the level that is needed by then the next channel is used
    ended_at: Mapped[datetime | None]  #: nobody needs it any more: answered, withdrawn, given up
    __table_args__ = (
        Index(
            "ix_notices_next_channel_at",
            "next_channel_at",
            sqlite_where=text("next_channel_at IS NOT NULL"),
            postgresql_where=text("next_channel_at IS NOT NULL"),
        ),
        NEVER_REUSED,
    )


class Instruction(Base):
    """A leader's follow-up on a ticket: words and a due time, which is a clock for the agency. Personal data: words."""

    __tablename__ = "instructions"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    agency_code: Mapped[str | None] = mapped_column(String(24))
    office_code: Mapped[str] = mapped_column(String(24))  #: the leader's office
    given_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    given_at: Mapped[datetime]
    words: Mapped[str]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_why: Mapped[str | None] = mapped_column(String(16))  #: answered, finished, closed
    __table_args__ = (NEVER_REUSED,)
