"""Browsers that somebody lets us wake, also while our page is closed."""

from __future__ import annotations

from sqlalchemy import select

from dispatch.roles import Actor
from dispatch.storage.tables import PushSubscription
from dispatch.storage.transaction import Outcome, Transaction

MOST = 8  #: browsers of one person; the oldest makes place


def subscribe_browser(tx: Transaction, *, actor: Actor, endpoint: str, p256dh: str, auth: str) -> Outcome:
    """Wake this browser from now on for whoever is signed in there; the same again changes nothing.

    A browser is one person's: whoever signs in there next takes it over. Which ones somebody has concerns nobody else,
    so this is not journalled.
    """
    keys = {"user_id": actor.user_id, "p256dh": p256dh, "auth": auth, "gone_at": None}
    known = tx.connection.execute(
        select(PushSubscription.id, *(getattr(PushSubscription, name) for name in keys)).where(
            PushSubscription.endpoint == endpoint
        )
    ).first()
    if known is not None and all(getattr(known, name) == value for name, value in keys.items()):
        return Outcome(changed=False)
    if known is not None:
        tx.update(PushSubscription, PushSubscription.id == known.id, **keys, receipt_at=None)
    else:
        tx.insert(PushSubscription, endpoint=endpoint, created_at=tx.now, **keys)
    own = PushSubscription.user_id == actor.user_id, PushSubscription.gone_at.is_(None)
    newest = select(PushSubscription.id).where(*own).order_by(PushSubscription.id.desc())
    too_many = list(tx.connection.execute(newest.offset(MOST)).scalars())
    if too_many:
        tx.update(PushSubscription, PushSubscription.id.in_(too_many), gone_at=tx.now)
    return Outcome(changed=True)


def unsubscribe_browser(tx: Transaction, *, actor: Actor, endpoint: str) -> Outcome:
    """Wake this browser no more."""
    own = PushSubscription.endpoint == endpoint, PushSubscription.user_id == actor.user_id
    return Outcome(changed=tx.update(PushSubscription, *own, PushSubscription.gone_at.is_(None), gone_at=tx.now) > 0)
