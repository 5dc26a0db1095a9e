"""The tables. Rows that hold personal data are marked so; the journal holds none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# The partial indexes below serve only a query that says the same in the same literal words: SQLite cannot see that
# a bound parameter equals the literal. Open tickets and live calls are few among millions, so queries use these.
OPEN_TICKETS = text("tickets.state <> 'closed'")
LIVE_CALLS = text("calls.state IN ('ringing', 'answered')")

#: The journal refers to rows by id, so SQLite must never give an erased row's id to another.
NEVER_REUSED = {"sqlite_autoincrement": True}

#: SQLite only gives out its own row numbers to a column that is declared INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC before it is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the stored instant its time zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share: how constraints are named, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, str: Text, dict[str, Any]: JSON}


def table_of(model: type[Base]) -> Table:
    """Return a model's table: a statement built on it is cheaper than one on the model, which the call path needs."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


class User(Base):
    """A person who signs in. Personal data: username and display name."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    agency_code: Mapped[str | None] = mapped_column(String(24))
    language: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("(role = 'responder') = (agency_code IS NOT NULL)", name="responder_has_agency"),
        NEVER_REUSED,
    )


class WebSession(Base):
    """A signed-in browser; `token_hash` is the SHA-256 of what its cookie holds."""

    __tablename__ = "web_sessions"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SeatOccupancy(Base):
    """Who sits at which seat: at most one session per seat, the last to choose it."""

    __tablename__ = "seat_occupancies"
    seat: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("web_sessions.id"), index=True)
    since: Mapped[datetime]


class ApiToken(Base):
    """A program's bearer token; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """One try to sign in, kept to slow down guessing. Personal data: username and address."""

    __tablename__ = "sign_in_attempts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    succeeded: Mapped[bool]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "username", "at"), Index(None, "address", "at"))


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
    clock_kind: Mapped[str | None] = mapped_column(String(16))
    clock_started_at: Mapped[datetime | None]
    clock_due_at: Mapped[datetime | None]
    #: How many rows ticket_answers holds for it: the many tickets without any are read without looking there.
    answer_rows: Mapped[int] = mapped_column(server_default=text("0"))
    __table_args__ = (
        # Open tickets are few among many closed ones: this index keeps the console as fast on its millionth ticket.
        Index(
            "ix_tickets_open",
            "id",
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_tickets_closed_at", "closed_at"),
        NEVER_REUSED,
    )


class Call(Base):
    """One phone call, one Asterisk linkedid. Personal data: numbers, name and location."""

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
    __table_args__ = (
        UniqueConstraint("linkedid", "system_name"),
        Index("ix_calls_number", "number", "received_at"),
        Index(
            "ix_calls_live",
            "id",
            sqlite_where=text("state IN ('ringing', 'answered')"),
            postgresql_where=text("state IN ('ringing', 'answered')"),
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


class UserKeys(Base):
    """The keys that somebody has changed: command -> key; what is not named is as it comes."""

    __tablename__ = "user_keys"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    keys: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


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
