"""The keys that somebody has changed for oneself."""

from __future__ import annotations

from dispatch.errors import NotPermitted
from dispatch.people.keys import check_keys
from dispatch.roles import OPERATOR_ROLES, Actor
from dispatch.storage.tables import UserKeys
from dispatch.storage.transaction import Outcome, Transaction


def set_user_keys(tx: Transaction, *, actor: Actor, keys: dict[str, str]) -> Outcome:
    """Replace the actor's own keys; an empty map gives back the keys as they come. Raises InvalidValue.

    Which keys somebody likes concerns nobody else, so this is not journalled.
    """
    if actor.role not in OPERATOR_ROLES:
        raise NotPermitted("keys", actor.role)
    check_keys(keys)
    tx.upsert(UserKeys, {"user_id": actor.user_id}, keys=keys, changed_at=tx.now)
    return Outcome(changed=True)
