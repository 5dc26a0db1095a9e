"""A signed-in person, and whom a session's cookie or a program's token stands for.

Both secrets are random; the database holds only their SHA-256, and is asked on every request, so that ending a session
or revoking a token works at once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from app.load.fair_turns import Asker
from dispatch.roles import CENTRE_ROLES, Actor, ActorKind, Role, TokenScope
from dispatch.storage.tables import ApiToken, SeatOccupancy, User, WebSession

#: When a session ends unless somebody does something in it: (session, newest activity known to the database, role).
IdleEnd = Callable[[int, datetime | None, str], datetime | None]


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer."""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, or the program that acts for one."""

    user_id: int
    username: str
    display_name: str
    role: Role
    agency_code: str | None
    language: str | None
    seat: str | None
    session_id: int | None  #: None for a bearer token
    token_id: int | None  #: None for a browser
    expires_at: datetime | None  #: when the session or the token ends; None for a token that lasts until it is revoked
    scope: TokenScope = TokenScope.ALL  #: what the token is good for
    idle_at: datetime | None = None  #: when the session ends unless somebody does something; None: not by that
    wall: bool = False  #: a wall's screen: shows the board alone

    @property
    def actor(self) -> Actor:
        """This person as commands name whoever gives them."""
        return Actor(
            ActorKind.USER,
            user_id=self.user_id,
            name=self.display_name,
            role=self.role,
            agency_code=self.agency_code,
            seat=self.seat,
        )

    @property
    def asker(self) -> Asker:
        """The person's line where turns are taken; several browsers and programs of one person share it."""
        return Asker(self.user_id, self.role not in CENTRE_ROLES)


def person_by_session(connection: Connection, token: str, now: datetime, idle_end: IdleEnd) -> Person | None:
    """The person whose running session this cookie stands for."""
    statement = (
        _people()
        .add_columns(
            WebSession.id.label("session_id"),
            WebSession.expires_at,
            WebSession.active_at,
            WebSession.wall,
            SeatOccupancy.seat,
        )
        .join(WebSession, WebSession.user_id == User.id)
        .outerjoin(SeatOccupancy, SeatOccupancy.session_id == WebSession.id)
        .where(WebSession.token_hash == hash_token(token), WebSession.revoked_at.is_(None), WebSession.expires_at > now)
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    idle_at = None if row.wall or row.seat else idle_end(row.session_id, row.active_at, row.role)
    if idle_at is not None and idle_at <= now:
        return None
    return _person(
        row, session_id=row.session_id, seat=row.seat, expires_at=row.expires_at, idle_at=idle_at, wall=row.wall
    )


def person_by_token(connection: Connection, token: str, now: datetime) -> Person | None:
    """The person for whom a program with this bearer token acts."""
    in_time = ApiToken.expires_at.is_(None) | (ApiToken.expires_at > now)
    known = ApiToken.token_hash.in_((hash_token(token), hash_scoped_token(token)))
    statement = (
        _people()
        .add_columns(ApiToken.id.label("token_id"), ApiToken.scope, ApiToken.expires_at)
        .join(ApiToken, ApiToken.user_id == User.id)
        .where(known, ApiToken.revoked_at.is_(None), in_time)
    )
    row = connection.execute(statement).first()
    if row is None or row.scope not in list(TokenScope):
        return None  # A scope that only a newer release knows opens nothing here.
    return _person(row, token_id=row.token_id, expires_at=row.expires_at, scope=TokenScope(row.scope))


def _people() -> Any:
    return select(User.id, User.username, User.display_name, User.role, User.agency_code, User.language).where(
        User.deactivated_at.is_(None)
    )


def _person(
    row: Row[Any],
    *,
    session_id: int | None = None,
    token_id: int | None = None,
    seat: str | None = None,
    expires_at: datetime | None = None,
    scope: TokenScope = TokenScope.ALL,
    idle_at: datetime | None = None,
    wall: bool = False,
) -> Person:
    return Person(
        user_id=row.id,
        username=row.username,
        display_name=row.display_name,
        role=Role(row.role),
        agency_code=row.agency_code,
        language=row.language,
        seat=seat,
        session_id=session_id,
        token_id=token_id,
        expires_at=expires_at,
        scope=scope,
        idle_at=idle_at,
        wall=wall,
    )


def new_token() -> str:
    """A token that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What the database keeps of a token. It is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_scoped_token(token: str) -> str:
    """What the database keeps of a token with a narrow scope: a release that knows no scopes must not find it."""
    return hash_token(f"scoped {token}")
