"""Users, their sessions, seats, tokens, tries to sign in, second factors and keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId


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


class UserKeys(Base):
    """The keys that somebody has changed: command -> key; what is not named is as it comes."""

    __tablename__ = "user_keys"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    keys: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
