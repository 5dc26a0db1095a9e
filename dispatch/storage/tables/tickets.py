"""Tickets, their assignments, and what is noted, answered and typed for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId

# The partial indexes below serve only a query that says the same in the same literal words: SQLite cannot see that
# a bound parameter equals the literal. Open tickets and live calls are few among millions, so queries use these.
OPEN_TICKETS = text("tickets.state <> 'closed'")


class Counter(Base):
    """A running number, for instance `ticket:261124` for the tickets of that day."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


class Ticket(Base):
    """What is worked until it is closed. Personal data: words, place and closing note.

    At most one clock runs on the ticket itself (`clock_kind`, `clock_due_at`); live assignments have their own.
    """

    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    classification: Mapped[str | None] = mapped_column(String(16))
    type_code: Mapped[str | None] = mapped_column(String(64))
    priority: Mapped[str | None] = mapped_column(String(2))
    priority_by_hand: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str | None]
    place_text: Mapped[str | None]
    kelurahan_code: Mapped[str | None] = mapped_column(String(16))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    place_source: Mapped[str | None] = mapped_column(String(16))
    place_approximate: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    claimed_at: Mapped[datetime | None]
    first_dispatched_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    disposition: Mapped[str | None] = mapped_column(String(24))
    closing_note: Mapped[str | None]
    #: The ticket this one was attached to; its calls and words stay with it, so that each caller's remain told apart.
    #: No foreign key, here and below: SQLite could add one to a table in use only by copying it.
    duplicate_of_id: Mapped[int | None] = mapped_column(BigId)
    #: The end of that chain: the ticket of the event itself. None: this ticket is nobody's duplicate.
    incident_id: Mapped[int | None] = mapped_column(BigId)
    attached_at: Mapped[datetime | None]
    joined_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))  #: tickets whose incident this is
    last_joined_at: Mapped[datetime | None]
    clock_kind: Mapped[str | None] = mapped_column(String(16))
    clock_started_at: Mapped[datetime | None]
    clock_due_at: Mapped[datetime | None]
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callbacks.id"))
    #: How many rows ticket_answers holds for it: the many tickets without any are read without looking there.
    answer_rows: Mapped[int] = mapped_column(server_default=text("0"))
    #: Taken by hand while its telephone rings: if nobody has picked up by then, it waits for everybody again.
    pickup_due_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_tickets_callback_id",
            "callback_id",
            sqlite_where=text("callback_id IS NOT NULL"),
            postgresql_where=text("callback_id IS NOT NULL"),
        ),
        # Open tickets are few among many closed ones: this index keeps the console as fast on its millionth ticket.
        Index(
            "ix_tickets_open",
            "id",
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(
            "ix_tickets_closed_at",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_tickets_incident",
            "incident_id",
            sqlite_where=text("incident_id IS NOT NULL"),
            postgresql_where=text("incident_id IS NOT NULL"),
        ),
        Index(
            "ix_tickets_pickup_due",
            "pickup_due_at",
            sqlite_where=text("pickup_due_at IS NOT NULL"),
            postgresql_where=text("pickup_due_at IS NOT NULL"),
        ),
        NEVER_REUSED,
    )


class Assignment(Base):
    """A ticket given to one agency; it stays `sent` until that agency answers. Personal data: note."""

    __tablename__ = "assignments"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    agency_code: Mapped[str] = mapped_column(String(24))
    role: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(16))
    reason_code: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None]
    sent_seq: Mapped[int] = mapped_column(BigInteger)  #: journal number of the dispatch: the agency sees from here on
    #: Journal number with which the agency was out of it (declined, called off): it sees nothing after it.
    ended_seq: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    acknowledged_at: Mapped[datetime | None]
    en_route_at: Mapped[datetime | None]
    on_scene_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    clock_kind: Mapped[str | None] = mapped_column(String(16))
    clock_started_at: Mapped[datetime | None]
    clock_due_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_assignments_agency", "agency_code", "id"),
        Index(
            "uq_assignments_live",
            "ticket_id",
            "agency_code",
            unique=True,
            sqlite_where=text("clock_kind IS NOT NULL"),
            postgresql_where=text("clock_kind IS NOT NULL"),
        ),
        NEVER_REUSED,
    )


class KeptView(Base):
    """A ticket as an agency saw it when it declined or was called off: it sees this and no more. Personal: view."""

    __tablename__ = "kept_views"
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    agency_code: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))  #: the ticket's then, by which the agency's lists are cut
    view: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_kept_views_agency", "agency_code", "at"),)


class TicketNote(Base):
    """Free text that belongs to a ticket's history and that the journal refers to by id. Personal data: text."""

    __tablename__ = "ticket_notes"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  #: words, take_over, reopen, close, decline, clear, draft
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TicketAnswer(Base):
    """An answer to a question of a card; the newest of a question counts, earlier ones stay. Personal data: value."""

    __tablename__ = "ticket_answers"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    card_code: Mapped[str] = mapped_column(String(40))
    question_code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    value: Mapped[str]  #: yes, no, skipped, a choice's code, digits, or text as typed
    amount: Mapped[int | None]
    tells: Mapped[str]  #: what the pack called the answer then, should a later pack drop the question
    answered_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TicketDraft(Base):
    """What somebody has typed and chosen for a ticket and not sent yet. Personal data: words, choices."""

    __tablename__ = "ticket_drafts"
    __table_args__ = (UniqueConstraint("ticket_id", "user_id"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int]
    words: Mapped[str]
    choices: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
