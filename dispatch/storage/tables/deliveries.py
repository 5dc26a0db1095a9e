"""Messages that wait to go out, what came of each attempt, and what carriers tell us."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
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
    epoch: Mapped[str | None] = mapped_column(String(32))  #: of the database; what came back with a backup is not sent
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


class NoticeDelivery(Base):
    """A notice on its way by one channel to one address; it holds neither address nor words, which are looked up anew
    at each attempt. It is tried until `deadline`, however often.
    """

    __tablename__ = "notice_deliveries"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), unique=True)  #: goes with every attempt, as the carrier's own
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))  #: which port carries it
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    contact_channel_id: Mapped[int | None] = mapped_column(ForeignKey("contact_channels.id"))
    push_subscription_id: Mapped[int | None] = mapped_column(ForeignKey("push_subscriptions.id"))
    inbound_event_id: Mapped[int | None] = mapped_column(BigInteger)  #: an answer to somebody whom we do not know
    dedupe_key: Mapped[str] = mapped_column(String(60), unique=True)  #: one for each notice and address
    epoch: Mapped[str] = mapped_column(String(32))  #: of the database; another's wait for a person
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    deadline: Mapped[datetime]  #: nobody wants it after this
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(40))  #: code of the newest failure
    uncertain: Mapped[bool] = mapped_column(default=False)  #: an attempt ended unknown: possibly sent twice
    carried_by: Mapped[int | None] = mapped_column(BigInteger)  #: the delivery whose message says this one's too
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  #: accepted, refused, withdrawn or too late: not tried any more
    outcome: Mapped[str | None] = mapped_column(String(12))  #: accepted, failed, withdrawn, expired
    __table_args__ = (
        Index(
            "ix_notice_deliveries_due_at",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        NEVER_REUSED,
    )


WAITING_NOTICE_DELIVERIES = text("notice_deliveries.ended_at IS NULL")


class DeliveryAttempt(Base):
    """One try to hand a notice to its carrier, and what the carrier told of it afterwards."""

    __tablename__ = "delivery_attempts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("notice_deliveries.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))  #: Attempt; None: under way, or its worker died
    problem: Mapped[str | None] = mapped_column(String(40))
    provider_id: Mapped[str | None] = mapped_column(String(200))  #: the carrier's own name for the message
    level: Mapped[str | None] = mapped_column(String(12))  #: the highest that the carrier has told, or `failed`
    level_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_delivery_attempts_provider", "channel", "provider_id"), NEVER_REUSED)


class InboundEvent(Base):
    """What a carrier told us, as it came: stored and answered at once, understood later.

    Personal data: body and sender; both are erased once they are kept long enough.
    """

    __tablename__ = "inbound_events"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(200))  #: the carrier's name for it, so that a repeat is one
    body: Mapped[str | None]  #: JSON
    sender: Mapped[str | None] = mapped_column(String(80))  #: of a message: who wrote it, as the carrier says
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (
        UniqueConstraint("channel", "event_id", name="uq_inbound_events_event"),
        Index("ix_inbound_events_sender", "channel", "sender"),
        Index(
            "ix_inbound_events_waiting",
            "id",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
        NEVER_REUSED,
    )


WAITING_EVENTS = text("inbound_events.handled_at IS NULL")
