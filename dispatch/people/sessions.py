"""Commands about the sessions of browsers: activity, ending idle ones, one's own list, a wall's screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from dispatch.city.policy import SignInPolicy
from dispatch.errors import NotFound, NotPermitted
from dispatch.people.commands import close_web_session, end_sessions, set_password
from dispatch.roles import CENTRE_ROLES, Actor, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import SeatOccupancy, User, WebSession
from dispatch.storage.transaction import Outcome, Transaction


def note_activity(tx: Transaction, *, actor: Actor, active_at: Mapping[int, datetime]) -> Outcome:
    """Keep when a person last did something in each of these sessions; an instant never goes back."""
    for session_id, at in sorted(active_at.items()):
        older = (WebSession.id == session_id) & (WebSession.active_at.is_(None) | (WebSession.active_at < at))
        tx.update(WebSession, older, active_at=at)
    return Outcome(bool(active_at))


def idle_session_ids(connection: Connection, policy: SignInPolicy, now: datetime) -> list[int]:
    """Sessions in which nobody has done anything for too long; those at a seat and on a wall may rest."""
    limits = {role: limit for role, limit in policy.idle_s.items() if limit}
    if not limits:
        return []
    statement = (
        select(WebSession.id, WebSession.active_at, User.role)
        .join(User, User.id == WebSession.user_id)
        .outerjoin(SeatOccupancy, SeatOccupancy.session_id == WebSession.id)
        .where(
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now,
            WebSession.wall.is_(False),
            SeatOccupancy.seat.is_(None),
            WebSession.active_at <= now - timedelta(seconds=min(limits.values())),
        )
    )
    return [row.id for row in connection.execute(statement) if is_idle(row.active_at, Role(row.role), policy, now)]


def is_idle(active_at: datetime | None, role: Role, policy: SignInPolicy, now: datetime) -> bool:
    """Whether a session of this role has been left alone for too long. None: from before this was counted."""
    limit = policy.idle_s.get(role, 0)
    return bool(limit) and active_at is not None and active_at + timedelta(seconds=limit) <= now


def end_idle_sessions(tx: Transaction, *, actor: Actor, grace_s: float) -> Outcome:
    """End the sessions that nobody uses; their screens and sockets are told like those that were signed out.

    `grace_s`: how late activity may be stored that another node has seen.
    """
    now = tx.now - timedelta(seconds=grace_s)
    return end_sessions(tx, actor, idle_session_ids(tx.connection, tx.city.policy.sign_in, now))


def end_own_session(tx: Transaction, *, actor: Actor, session_id: int) -> Outcome:
    """End one of one's own sessions. Raises NotFound for anybody else's."""
    own = (WebSession.id == session_id) & (WebSession.user_id == actor.user_id)
    if tx.connection.execute(select(WebSession.id).where(own)).first() is None:
        raise NotFound("session", session_id)
    return close_web_session(tx, actor=actor, session_id=session_id)


def change_own_password(tx: Transaction, *, actor: Actor, session_id: int, password_hash: str) -> Outcome:
    """Replace one's own password; every other session and every token of one's own ends, this session goes on."""
    assert actor.user_id is not None
    return set_password(tx, actor=actor, user_id=actor.user_id, password_hash=password_hash, keep_session_id=session_id)


def become_wall(tx: Transaction, *, actor: Actor, session_id: int) -> Outcome:
    """Let a session show the board alone from now on: a wall's screen, which never goes idle and gives no orders."""
    if actor.role not in CENTRE_ROLES:
        raise NotPermitted("become-wall", actor.role)
    own = (WebSession.id == session_id) & (WebSession.user_id == actor.user_id) & WebSession.wall.is_(False)
    if not tx.update(WebSession, own, wall=True):
        return Outcome(changed=False)
    return Outcome(True, seq=tx.record(JournalKind.SESSION_WALL, actor, session_id=session_id))
