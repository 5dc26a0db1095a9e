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
    false,
    select,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# The partial indexes below serve only a query that says the same in the same literal words: SQLite cannot see that
# a bound parameter equals the literal. Open tickets and live calls are few among millions, so queries use these.
OPEN_TICKETS = text("tickets.state <> 'closed'")
LIVE_CALLS = text("calls.state IN ('ringing', 'answered')")
LIVE_FLAGS = text("number_flags.kind = 'block' AND number_flags.state IN ('proposed', 'approved')")

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
    password_changed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("(role = 'responder') = (agency_code IS NOT NULL)", name="responder_has_agency"),
        NEVER_REUSED,
    )


class WebSession(Base):
    """A signed-in browser; `token_hash` is the SHA-256 of what its cookie holds. Personal data: address."""

    __tablename__ = "web_sessions"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    active_at: Mapped[datetime | None]  #: when a person last did something in it, give or take a minute
    wall: Mapped[bool] = mapped_column(default=False, server_default=false())  #: a wall's screen: shows the board only
    device: Mapped[str | None] = mapped_column(String(80))  #: browser and system, such as `Firefox, Windows`
    address: Mapped[str | None] = mapped_column(String(64))  #: the network it signed in from
    last_seen_at: Mapped[datetime | None]  #: last request or live socket; None: by a release that did not note it


class SeatOccupancy(Base):
    """Who sits at which seat: at most one session per seat, the last to choose it."""

    __tablename__ = "seat_occupancies"
    seat: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("web_sessions.id"), index=True)
    since: Mapped[datetime]


class ApiToken(Base):
    """A program's bearer token; only its SHA-256 is kept. `scope` is one of roles.TokenScope."""

    __tablename__ = "api_tokens"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    scope: Mapped[str] = mapped_column(String(32), default="all", server_default="all")
    expires_at: Mapped[datetime | None]  #: None: until it is revoked


class SignInAttempt(Base):
    """One try to sign in, kept to slow down guessing. Personal data: username and address.

    A name that no user has stands here as a keyed hash: people type their password into the wrong field.
    """

    __tablename__ = "sign_in_attempts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    succeeded: Mapped[bool]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(8), default="password", server_default="password")  #: or `code`
    device: Mapped[str | None] = mapped_column(String(32))  #: the known browser it came from, None for a stranger's
    __table_args__ = (Index(None, "username", "at"), Index(None, "address", "at"), Index(None, "at"))


class SecondFactor(Base):
    """A user's authenticator; the secret is sealed with a key made from the installation's own."""

    __tablename__ = "second_factors"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str]
    enrolled_at: Mapped[datetime]
    last_step: Mapped[int] = mapped_column(BigInteger)  #: of the newest code that was taken; none is taken twice


class RecoveryCode(Base):
    """A code that stands in for the authenticator once; only its SHA-256 is kept."""

    __tablename__ = "recovery_codes"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Counter(Base):
    """A running number, for instance `ticket:261124` for the tickets of that day."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


class ExchangeStart(Base):
    """When an exchange last started, by its own word."""

    __tablename__ = "exchange_starts"
    system_name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime]


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


class SchemaRevision(Base):
    """A migration that this database has had, and what it asks of the software; written by the migration itself.

    `oldest_software` is the revision that the oldest software which can run on it was made for; None where whatever ran
    before it runs after it too. `dispatch.storage.schema` reads it.
    """

    __tablename__ = "schema_revisions"
    revision: Mapped[str] = mapped_column(String(32), primary_key=True)
    oldest_software: Mapped[str | None] = mapped_column(String(32))


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


class OwnLandmark(Base):
    """A place that the centre's people have named themselves; it is found by search until it is retired."""

    __tablename__ = "landmarks"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    other_names: Mapped[list[str]] = mapped_column(JSON)
    kelurahan_code: Mapped[str] = mapped_column(String(16))
    lat: Mapped[float]
    lon: Mapped[float]
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class PlaceImport(Base):
    """One reading of an OpenStreetMap extract; the newest that is published and not cleared is searched."""

    __tablename__ = "place_imports"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    counts: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class ImportedPlace(Base):
    """A named place of an import; public geography, no personal data."""

    __tablename__ = "imported_places"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("place_imports.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    other_names: Mapped[list[str]] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(String(12))
    kelurahan_code: Mapped[str] = mapped_column(String(16))
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_m: Mapped[int]
