"""How numbers stand at this moment, for the call path: one indexed look at the few that are flagged."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from dispatch.nuisance import FlagState, Standing, is_in_force
from dispatch.tables import LIVE_FLAGS, NumberFlag
from dispatch.transaction import Transaction

_LIVE = select(NumberFlag.number, NumberFlag.kind, NumberFlag.state, NumberFlag.expires_at).where(
    NumberFlag.number.in_(bindparam("numbers", expanding=True)), LIVE_FLAGS
)


def standings_of(tx: Transaction, numbers: Iterable[str | None]) -> dict[str, Standing]:
    """Return the standing of each of these numbers that is not clear. A call without a number never has one.

    A city that does not enforce its rule is not asked.
    """
    known = {number for number in numbers if number is not None}
    if not known or not tx.city.policy.nuisance.enforce:
        return {}
    standings: dict[str, Standing] = {}
    for row in tx.connection.execute(_LIVE, {"numbers": list(known)}):
        if is_in_force(row.kind, row.state, row.expires_at, tx.now):
            standings[row.number] = Standing.BLOCKED
        elif row.state == FlagState.PROPOSED:
            standings.setdefault(row.number, Standing.PROPOSED)
    return standings
