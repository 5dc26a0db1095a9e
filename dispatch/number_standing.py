"""How numbers stand at this moment, for the call path: one indexed look at the few that are flagged."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from dispatch.nuisance import FlagState, Standing, is_in_force
from dispatch.prepared import PreparedQuery, among
from dispatch.tables import LIVE_FLAGS, NumberFlag
from dispatch.transaction import Transaction

_LIVE = PreparedQuery(
    {
        dialect: select(NumberFlag.number, NumberFlag.kind, NumberFlag.state, NumberFlag.expires_at).where(
            among(NumberFlag.number, "numbers", dialect), LIVE_FLAGS
        )
        for dialect in ("sqlite", "postgresql")
    }
)


def standings_of(tx: Transaction, numbers: Iterable[str | None]) -> dict[str, Standing]:
    """Return the standing of each of these numbers that is not clear. A call without a number never has one.

    A city that does not enforce its rule is not asked.
    """
    known = {number for number in numbers if number is not None}
    if not known or not tx.city.policy.nuisance.enforce:
        return {}
    standings: dict[str, Standing] = {}
    for number, kind, state, expires_at in _LIVE.rows(tx.connection, numbers=list(known)):
        if is_in_force(kind, state, expires_at, tx.now):
            standings[number] = Standing.BLOCKED
        elif state == FlagState.PROPOSED:
            standings.setdefault(number, Standing.PROPOSED)
    return standings
