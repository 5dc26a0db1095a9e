"""Commands about people: users, their sessions, seats and tokens, and what they were refused.

Passwords and tokens come in hashed already; nothing that could be used to sign in is ever stored or journalled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from dispatch.errors import InvalidValue, NotFound, NotPermitted, RequirementMissing
from dispatch.people.browsers import leave_browsers
from dispatch.roles import OPERATOR_ROLES, Actor, Role, TokenScope
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import ApiToken, PushSubscription, SeatOccupancy, SignInAttempt, User, WebSession
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
#: A ticket's number, an id, or the name of a route.
_PUBLIC_KEY = re.compile(r"[0-9]{6}-[0-9]{3,8}|[0-9]{1,8}|[a-z_.]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreated(Outcome):
    """The new user."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSet(Outcome):
    """What a new password did."""

    tokens: int  #: how many tokens of the user ended with the old one


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(Outcome):
    """The new session."""

    session_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTaken(Outcome):
    """What sitting down did."""

    from_user_id: int | None = None  #: somebody else who sat there before


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCreated(Outcome):
    """The new token, by which it is revoked."""

    token_id: int


def create_user(
    tx: Transaction,
    *,
    actor: Actor,
    username: str,
    display_name: str,
    password_hash: str,
    role: str,
    agency_code: str | None = None,
) -> UserCreated:
    """Make a user. A responder needs an agency, nobody else may have one.

    Raises InvalidValue (`username` taken or of another form than lower-case letters, digits, dot, dash) or
    RequirementMissing.
    """
    if not _USERNAME.fullmatch(username):
        raise InvalidValue("username", "form")
    if tx.connection.execute(select(User.id).where(User.username == username)).first():
        raise InvalidValue("username", "taken")
    if role not in list(Role):
        raise InvalidValue("role", "unknown")
    if role == Role.RESPONDER and agency_code is None:
        raise RequirementMissing("agency_code")
    if role != Role.RESPONDER and agency_code is not None:
        raise InvalidValue("agency_code", "only_responders")
    if agency_code is not None and agency_code not in tx.city.agencies:
        raise InvalidValue("agency_code", "unknown")
    user_id = tx.insert(
        User,
        username=username,
        display_name=clean_line(display_name, 120) or username,
        password_hash=password_hash,
        role=role,
        agency_code=agency_code,
        created_at=tx.now,
    )
    seq = tx.record(JournalKind.USER_CREATED, actor, user_id=user_id, role=role, agency=agency_code)
    return UserCreated(True, seq=seq, user_id=user_id)


def set_password(
    tx: Transaction, *, actor: Actor, user_id: int, password_hash: str, keep_session_id: int | None = None
) -> PasswordSet:
    """Replace a user's password; the user's sessions end everywhere, and the tokens."""
    _require_user(tx, user_id)
    changed = {"password_hash": password_hash, "password_changed_at": tx.now}
    tx.update(User, User.id == user_id, **changed)
    seq = tx.record(JournalKind.USER_PASSWORD_CHANGED, actor, user_id=user_id)
    tokens = _revoke_tokens(tx, actor, user_id)
    seq = tokens[-1] if tokens else seq
    ended = revoke_web_sessions(tx, actor=actor, user_id=user_id, keep_session_id=keep_session_id)
    return PasswordSet(True, seq=ended.seq or seq, tokens=len(tokens))


def set_language(tx: Transaction, *, actor: Actor, user_id: int, language: str) -> Outcome:
    """Remember the language that a user reads the screens in (`id` or `en`)."""
    if language not in ("id", "en"):
        raise InvalidValue("language", "unknown")
    tx.update(User, User.id == user_id, language=language)
    return Outcome(True)


def deactivate_user(tx: Transaction, *, actor: Actor, user_id: int) -> Outcome:
    """Take a user's access away at once; what the user did stays in the journal."""
    _require_user(tx, user_id)
    deactivated = tx.update(User, User.id == user_id, User.deactivated_at.is_(None), deactivated_at=tx.now)
    if not deactivated:
        return Outcome(changed=False)
    _revoke_tokens(tx, actor, user_id)
    seq = tx.record(JournalKind.USER_DEACTIVATED, actor, user_id=user_id)
    return Outcome(True, seq=revoke_web_sessions(tx, actor=actor, user_id=user_id).seq or seq)


def open_web_session(
    tx: Transaction, *, actor: Actor, token_hash: str, expires_at: datetime, device: str = "", address: str = ""
) -> SessionOpened:
    """Record that a browser (in words, from a network) signed in."""
    session_id = tx.insert(
        WebSession,
        token_hash=token_hash,
        user_id=actor.user_id,
        created_at=tx.now,
        expires_at=expires_at,
        active_at=tx.now,
        device=clean_line(device, 80) or None,
        address=clean_line(address, 64) or None,
        last_seen_at=tx.now,
    )
    seq = tx.record(JournalKind.SESSION_OPENED, actor, session_id=session_id)
    return SessionOpened(True, seq=seq, session_id=session_id)


def close_web_session(tx: Transaction, *, actor: Actor, session_id: int) -> Outcome:
    """Sign one browser out and free its seat; it rings for this person no more."""
    leave_browsers(tx, PushSubscription.session_id == session_id)
    return _revoke(tx, actor, JournalKind.SESSION_CLOSED, [session_id])


def revoke_web_sessions(tx: Transaction, *, actor: Actor, user_id: int, keep_session_id: int | None = None) -> Outcome:
    """Sign a user out of every browser, or of every other one; they ring for this user no more."""
    others = PushSubscription.session_id.is_(None) | (PushSubscription.session_id != (keep_session_id or 0))
    leave_browsers(tx, (PushSubscription.user_id == user_id) & others)
    every = select(WebSession.id).where(WebSession.user_id == user_id, WebSession.revoked_at.is_(None))
    found = [session_id for session_id in tx.connection.execute(every).scalars() if session_id != keep_session_id]
    return end_sessions(tx, actor, found)


def end_sessions(tx: Transaction, actor: Actor, session_ids: list[int]) -> Outcome:
    """End these sessions and free their seats; those that are over already stay as they are."""
    return _revoke(tx, actor, JournalKind.SESSION_REVOKED, session_ids)


def note_presence(tx: Transaction, *, session_ids: Sequence[int]) -> Outcome:
    """Note that these browsers are there at this moment; those that were signed out stay so."""
    there = WebSession.id.in_(session_ids), WebSession.revoked_at.is_(None)
    noted = tx.update(WebSession, *there, last_seen_at=tx.now)
    return Outcome(changed=bool(noted))


def take_seat(tx: Transaction, *, actor: Actor, session_id: int, seat: str) -> SeatTaken:
    """Sit down: calls that the seat's extension answers are this user's from now on.

    A seat has one user and a user one seat; whoever sat there before loses it. Raises
    NotPermitted for whoever does not work tickets: a call answered there would make them a ticket's owner.
    """
    if actor.role not in OPERATOR_ROLES:
        raise NotPermitted("take-seat", actor.role)
    if seat not in tx.city.seats:
        raise InvalidValue("seat", "unknown")
    own = (WebSession.id == session_id) & (WebSession.user_id == actor.user_id) & WebSession.revoked_at.is_(None)
    if tx.connection.execute(select(WebSession.id).where(own)).first() is None:
        raise NotFound("session", session_id)
    before = tx.connection.execute(
        select(SeatOccupancy.user_id, SeatOccupancy.session_id).where(SeatOccupancy.seat == seat)
    ).first()
    if before is not None and before.session_id == session_id:
        return SeatTaken(changed=False)
    tx.delete(SeatOccupancy, (SeatOccupancy.seat == seat) | (SeatOccupancy.user_id == actor.user_id))
    tx.insert_rows(SeatOccupancy, [{"seat": seat, "user_id": actor.user_id, "session_id": session_id, "since": tx.now}])
    from_user_id = before.user_id if before is not None and before.user_id != actor.user_id else None
    seq = tx.record(JournalKind.SEAT_TAKEN, actor, seat=seat, from_user_id=from_user_id)
    return SeatTaken(True, seq=seq, from_user_id=from_user_id)


def create_api_token(
    tx: Transaction,
    *,
    actor: Actor,
    user_id: int,
    token_hash: str,
    scope: str = TokenScope.ALL,
    expires_at: datetime | None = None,
) -> TokenCreated:
    """Record a program's token for a user.

    It ends at `expires_at`, with the user's password, or with the user. Raises InvalidValue for an unknown scope, and
    for a user who is deactivated.
    """
    if scope not in list(TokenScope):
        raise InvalidValue("scope", "unknown")
    row = tx.connection.execute(select(User.deactivated_at).where(User.id == user_id)).first()
    if row is None:
        raise NotFound("user", user_id)
    if row.deactivated_at is not None:
        raise InvalidValue("username", "deactivated")
    token_id = tx.insert(
        ApiToken, token_hash=token_hash, user_id=user_id, created_at=tx.now, scope=scope, expires_at=expires_at
    )
    narrow: dict[str, Any] = {} if scope == TokenScope.ALL else {"scope": str(scope)}
    seq = tx.record(JournalKind.TOKEN_CREATED, actor, token_id=token_id, user_id=user_id, **narrow)
    return TokenCreated(True, seq=seq, token_id=token_id)


def revoke_api_token(tx: Transaction, *, actor: Actor, token_id: int) -> Outcome:
    """Make a token useless from now on."""
    revoked = tx.update(ApiToken, ApiToken.id == token_id, ApiToken.revoked_at.is_(None), revoked_at=tx.now)
    if not revoked:
        raise NotFound("token", token_id)
    return Outcome(True, seq=tx.record(JournalKind.TOKEN_REVOKED, actor, token_id=token_id))


def record_sign_in_attempt(
    tx: Transaction,
    *,
    username: str,
    address: str,
    succeeded: bool,
    kind: str = "password",
    device: str | None = None,
) -> Outcome:
    """Keep a try to sign in for as long as the policy says, by which guessing is slowed down; erase all older ones.

    `username` is one that a user has, or a keyed hash: what is typed there may be a password.
    """
    kept_from = tx.now - timedelta(hours=tx.city.policy.sign_in.attempts_kept_hours)
    tx.delete(SignInAttempt, SignInAttempt.at < kept_from)
    tx.insert(
        SignInAttempt,
        username=clean_line(username, 64),
        address=clean_line(address, 64),
        succeeded=succeeded,
        at=tx.now,
        kind=kind,
        device=device,
    )
    return Outcome(True)


def record_refusal(tx: Transaction, *, actor: Actor, entity: str, key: str, via: str) -> Outcome:
    """Record that somebody asked for what is not theirs: `entity` and its public `key`, `via` page, api or socket.

    A key that looks like none of ours is left out: an address may hold anything, a caller's number too.
    """
    known = key if _PUBLIC_KEY.fullmatch(key) else None
    seq = tx.record(JournalKind.ACCESS_REFUSED, actor, entity=clean_line(entity, 20), key=known, via=via)
    return Outcome(True, seq=seq)


def record_refusals_left_out(tx: Transaction, *, actor: Actor, count: int) -> Outcome:
    """Record how many further refusals of somebody within a minute were not written down one by one."""
    return Outcome(True, seq=tx.record(JournalKind.ACCESS_REFUSALS_LEFT_OUT, actor, count=count))


def _revoke_tokens(tx: Transaction, actor: Actor, user_id: int) -> list[int]:
    """End a user's tokens; returns the journal numbers, one for each, by which their sockets are cut."""
    live = select(ApiToken.id).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    token_ids = list(tx.connection.execute(live.order_by(ApiToken.id)).scalars())
    tx.update(ApiToken, ApiToken.id.in_(token_ids), revoked_at=tx.now)
    return [tx.record(JournalKind.TOKEN_REVOKED, actor, token_id=token_id) for token_id in token_ids]


def _require_user(tx: Transaction, user_id: int) -> None:
    if tx.connection.execute(select(User.id).where(User.id == user_id)).first() is None:
        raise NotFound("user", user_id)


def _revoke(tx: Transaction, actor: Actor, kind: JournalKind, session_ids: list[int]) -> Outcome:
    live = select(WebSession.id).where(WebSession.id.in_(session_ids), WebSession.revoked_at.is_(None))
    session_ids = list(tx.connection.execute(live.order_by(WebSession.id)).scalars())
    if not session_ids:
        return Outcome(changed=False)
    tx.update(WebSession, WebSession.id.in_(session_ids), revoked_at=tx.now)
    theirs = SeatOccupancy.session_id.in_(session_ids)
    seats = tx.connection.execute(select(SeatOccupancy.seat).where(theirs)).scalars().all()
    tx.delete(SeatOccupancy, theirs)
    for seat in sorted(seats):
        # Its own entry: who signed out is for the supervisors, an empty seat is for every colleague.
        tx.record(JournalKind.SEAT_LEFT, actor, seat=seat)
    seq = tx.record(kind, actor, session_ids=session_ids)
    return Outcome(True, seq=seq)
