"""Who can be told: people of agencies and offices, how each is reached, and who is on duty when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId


class Contact(Base):
    """A person whom ladders may tell, with or without a sign-in. Personal data: name."""

    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(24))
    area_code: Mapped[str | None] = mapped_column(String(16))  #: where there are many such offices: which one
    role: Mapped[str] = mapped_column(String(12))  #: LadderRole
    name: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_contacts_agency", "agency_code", "role"), NEVER_REUSED)


class ContactChannel(Base):
    """One way to reach a contact, in the order of `position`. Personal data: address, provider_user."""

    __tablename__ = "contact_channels"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    address: Mapped[str]
    #: What the carrier calls this person besides (WhatsApp's business-scoped id, Telegram's chat).
    provider_user: Mapped[str | None] = mapped_column(String(80))
    changed_at: Mapped[datetime]  #: a new address has to be tested anew
    test_code: Mapped[str | None] = mapped_column(String(16))  #: what a test that is under way asks to be answered with
    test_sent_at: Mapped[datetime | None]
    tested_at: Mapped[datetime | None]  #: the last test that was answered
    window_until: Mapped[datetime | None]  #: WhatsApp: free text and buttons may be sent until then
    next_send_at: Mapped[datetime | None]  #: a carrier takes one person's messages only so fast
    problem: Mapped[str | None] = mapped_column(String(40))  #: code of why the last message did not arrive
    problem_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_contact_channels_address", "channel", "address"), NEVER_REUSED)


class PushSubscription(Base):
    """A browser that a user lets us wake; one that was left has no endpoint. Personal data: endpoint and keys."""

    __tablename__ = "push_subscriptions"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    #: In which the user last had our page open there: signing out there ends it, a session that runs out does not.
    session_id: Mapped[int | None] = mapped_column(ForeignKey("web_sessions.id"), index=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    test_sent_at: Mapped[datetime | None]
    receipt_at: Mapped[datetime | None]  #: when its own worker last said that a message had come
    gone_at: Mapped[datetime | None]
    __table_args__ = (NEVER_REUSED,)


class Duty(Base):
    """A shift of one contact, kept as the city's wall says and as the instants that this means.

    One that was swapped away is removed, and the new one names it.
    """

    __tablename__ = "duties"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    starts_local: Mapped[str] = mapped_column(String(16))  #: 2026-11-25T07:00, in `zone`
    ends_local: Mapped[str] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]  #: when the contact was asked to say SIAP
    checked_in_at: Mapped[datetime | None]
    checked_in_by: Mapped[str | None] = mapped_column(String(16))  #: page, whatsapp, telegram, centre
    swapped_from_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    __table_args__ = (
        Index(
            "ix_duties_ends_at",
            "ends_at",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        NEVER_REUSED,
    )
