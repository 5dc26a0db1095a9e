"""Calls, the starts of exchanges, and notes about callers' numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, select, text, true
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId
from dispatch.storage.tables.tickets import Ticket

LIVE_CALLS = text("calls.state IN ('ringing', 'answered')")


class ExchangeStart(Base):
    """When an exchange last started, by its own word."""

    __tablename__ = "exchange_starts"
    system_name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime]


class Call(Base):
    """One phone call. Personal data: numbers, name and location.

    `linkedid` is Asterisk's as long as no later call of the same system came with the same one; then this row's is made
    another, and `told_linkedid` holds what it was called.
    """

    __tablename__ = "calls"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    system_name: Mapped[str] = mapped_column(String(80))
    linkedid: Mapped[str] = mapped_column(String(150))
    channel: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    number: Mapped[str | None] = mapped_column(String(32))
    number_as_sent: Mapped[str] = mapped_column(String(300))
    presentation: Mapped[str] = mapped_column(String(40))
    caller_name: Mapped[str] = mapped_column(String(200))
    dnid: Mapped[str] = mapped_column(String(40))
    prank_count: Mapped[int] = mapped_column(default=0)
    treatment: Mapped[str] = mapped_column(String(12))
    queue_priority: Mapped[int]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    uncertainty_m: Mapped[float | None]
    location_shape: Mapped[str | None] = mapped_column(String(24))
    location_method: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    seat: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
    hangup_cause: Mapped[str | None] = mapped_column(String(40))
    duration_s: Mapped[int | None]
    gate_result: Mapped[str | None] = mapped_column(String(12))  #: passed, failed, left, unheard; None: was not there
    gate_at: Mapped[datetime | None]
    told_linkedid: Mapped[str | None] = mapped_column(String(150))
    #: Whether `incoming` was told; until then the row knows what an answer or an end tells of a call, and no number.
    announced: Mapped[bool] = mapped_column(server_default=true())
    late: Mapped[bool] = mapped_column(server_default=false())  #: told long after it came
    timed_by: Mapped[str | None] = mapped_column(
        String(8)
    )  #: where received_at is from: dispatch.tickets.call_times.TimedBy
    telephones: Mapped[int | None]  #: how many could have rung when it came, as far as the dialplan knew
    answer_guessed: Mapped[bool] = mapped_column(server_default=false())  #: answered_at was not told, only the answer
    seat_at: Mapped[datetime | None]  #: when `seat` picked up: later than answered_at after a transfer
    ended_how: Mapped[str | None] = mapped_column(String(10))  #: dispatch.tickets.lifecycle.EndedHow; None: told
    cut_off: Mapped[bool] = mapped_column(server_default=false())
    __table_args__ = (
        UniqueConstraint("linkedid", "system_name"),
        Index(
            "ix_calls_told_linkedid",
            "told_linkedid",
            sqlite_where=text("told_linkedid IS NOT NULL"),
            postgresql_where=text("told_linkedid IS NOT NULL"),
        ),
        Index("ix_calls_number", "number", "received_at"),
        Index(
            "ix_calls_live",
            "id",
            sqlite_where=text("state IN ('ringing', 'answered')"),
            postgresql_where=text("state IN ('ringing', 'answered')"),
        ),
        NEVER_REUSED,
    )


#: Whether a ticket's caller was cut off because the exchange stopped.
CUT_OFF_BY_RESTART = (
    select(Call.id).where(Call.ticket_id == Ticket.id, Call.ended_how == "restart").correlate(Ticket).exists()
)


class CallerNote(Base):
    """What the centre knows of a number: a name or a remark. Personal data: number and text.

    Removing one deletes the row: the journal knows only its id.
    """

    __tablename__ = "caller_notes"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))  #: name, note
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    edited_at: Mapped[datetime | None]
    edited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    __table_args__ = (Index("ix_caller_notes_number", "number", "id"), NEVER_REUSED)
