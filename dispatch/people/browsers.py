"""Commands about browsers that ring by push for their user while our page is closed.

A browser rings for whoever last had our page open there. What is left has neither endpoint nor keys any more, only its
row: deliveries name it. One that its push service calls gone keeps its endpoint, so that the page which still believes
in it learns that it has to subscribe anew.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, func, select

from dispatch.clock import to_iso_if_any
from dispatch.errors import InvalidValue, NotPermitted
from dispatch.roles import Actor, Role
from dispatch.storage.rows import PushSubscriptionRow
from dispatch.storage.tables import Contact, PushSubscription
from dispatch.storage.transaction import Outcome, Transaction

BROWSERS_LIMIT = 8  #: of one user; the one that has been silent for longest makes room
ENDPOINT_LIMIT = 1000
#: A user's browser rings only for those whom ladders tell and who have a page for it.
MAY_BE_WOKEN = frozenset({Role.RESPONDER, Role.SUPERVISOR, Role.LEADER})
_KEY_BYTES, _AUTH_BYTES = 65, 16  #: a point of P-256, uncompressed; RFC 8291
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserKept(Outcome):
    """`gone`: the push service has given this endpoint up, and only a new subscription helps."""

    state: Literal["on", "gone"]
    subscription_id: int | None = None
    receipt_at: str | None = None  #: when its own worker last told that a message had come


def keep_browser(
    tx: Transaction,
    *,
    actor: Actor,
    session_id: int | None,
    endpoint: str,
    p256dh: str,
    auth: str,
    replaces: str | None = None,
) -> BrowserKept:
    """Wake this browser from now on for whoever is signed in there, and nobody who was before.

    `replaces`: the endpoint that the browser had until now. The same again changes nothing. Raises NotPermitted, or
    InvalidValue (`endpoint`, `p256dh`, `auth`).
    """
    user_id = _user_who_may(actor, "wake-browser")
    _check(endpoint, p256dh, auth)
    if replaces is not None and replaces != endpoint:
        leave_browsers(tx, (PushSubscription.endpoint == replaces) & (PushSubscription.user_id == user_id))
    row = _by_endpoint(tx, endpoint)
    keys = {"p256dh": p256dh, "auth": auth}
    if row is not None:
        if row.gone_at is not None:
            return BrowserKept(False, state="gone")
        if row.user_id == user_id:
            same = (row.session_id, row.p256dh, row.auth) == (session_id, p256dh, auth)
            if not same:
                tx.update(PushSubscription, PushSubscription.id == row.id, session_id=session_id, **keys)
            return BrowserKept(not same, state="on", subscription_id=row.id, receipt_at=to_iso_if_any(row.receipt_at))
        if (row.p256dh, row.auth) != (p256dh, auth):
            raise InvalidValue("endpoint", "taken")  # nobody takes a browser over who does not have it
        leave_browsers(tx, PushSubscription.id == row.id)
    subscription_id = tx.insert(
        PushSubscription, user_id=user_id, session_id=session_id, endpoint=endpoint, created_at=tx.now, **keys
    )
    _make_room(tx, user_id)
    return BrowserKept(True, state="on", subscription_id=subscription_id)


def is_listed(connection: Connection, user_id: int) -> bool:
    """Whether ladders know this user as a contact; nobody else's browser is ever woken by one."""
    known = select(Contact.id).where(Contact.user_id == user_id, Contact.removed_at.is_(None))
    return connection.execute(known.limit(1)).first() is not None


def forget_browser(tx: Transaction, *, actor: Actor, endpoint: str) -> Outcome:
    """Wake this browser no more; for one that is not this user's, nothing happens."""
    own = (PushSubscription.endpoint == endpoint) & (PushSubscription.user_id == actor.user_id)
    return Outcome(bool(leave_browsers(tx, own)))


def leave_browsers(tx: Transaction, which: ColumnElement[bool]) -> int:
    """Wake these browsers no more, and forget how they were reached; return how many there were."""
    rows = tx.connection.execute(
        select(PushSubscription.id, PushSubscription.gone_at).where(which, PushSubscription.auth != "")
    ).all()
    for row in rows:
        nothing = {"endpoint": f"left:{row.id}", "p256dh": "", "auth": ""}
        gone_at = row.gone_at or tx.now
        tx.update(PushSubscription, PushSubscription.id == row.id, gone_at=gone_at, session_id=None, **nothing)
    return len(rows)


def own_browser(tx: Transaction, actor: Actor, endpoint: str) -> PushSubscriptionRow | None:
    """This user's browser of this endpoint, if it rings."""
    row = _by_endpoint(tx, endpoint)
    return row if row is not None and row.user_id == actor.user_id and row.gone_at is None else None


def _by_endpoint(tx: Transaction, endpoint: str) -> PushSubscriptionRow | None:
    found = select(PushSubscription.__table__).where(PushSubscription.endpoint == endpoint)
    row = tx.connection.execute(found).first()
    return PushSubscriptionRow.from_row(row) if row is not None else None


def _user_who_may(actor: Actor, command: str) -> int:
    if actor.user_id is None or actor.role not in MAY_BE_WOKEN:
        raise NotPermitted(command, actor.role)
    return actor.user_id


def _make_room(tx: Transaction, user_id: int) -> None:
    last_heard = func.coalesce(PushSubscription.receipt_at, PushSubscription.created_at)
    ringing = (
        select(PushSubscription.id)
        .where(PushSubscription.user_id == user_id, PushSubscription.gone_at.is_(None))
        .order_by(last_heard.desc(), PushSubscription.id.desc())
    )
    too_many = list(tx.connection.execute(ringing.offset(BROWSERS_LIMIT)).scalars())
    if too_many:
        leave_browsers(tx, PushSubscription.id.in_(too_many))


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        pieces = urlsplit(endpoint)
    except ValueError:
        raise InvalidValue("endpoint", "form") from None
    if pieces.scheme != "https" or not pieces.hostname or len(endpoint) > ENDPOINT_LIMIT:
        raise InvalidValue("endpoint", "form")
    for name, text, length in (("p256dh", p256dh, _KEY_BYTES), ("auth", auth, _AUTH_BYTES)):
        if len(text) > 100 or not _BASE64URL.fullmatch(text) or _length(text) != length:
            raise InvalidValue(name, "form")


def _length(text: str) -> int:
    """How many bytes a base64url text stands for; -1 where it stands for none."""
    try:
        return len(urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)))
    except ValueError:
        return -1
