"""The keys that somebody has changed for oneself."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

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
    make_insert = sqlite_insert if tx.connection.dialect.name == "sqlite" else postgresql_insert
    tx.connection.execute(
        make_insert(UserKeys)
        .values(user_id=actor.user_id, keys=keys, changed_at=tx.now)
        .on_conflict_do_update(index_elements=[UserKeys.user_id], set_={"keys": keys, "changed_at": tx.now})
    )
    return Outcome(changed=True)
