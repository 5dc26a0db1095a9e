"""What the call path has to know of numbers: how many pranks each made, and how it stands at this moment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, select

from dispatch.nuisance.rules import FlagState, Standing, is_in_force, window_start
from dispatch.storage.prepared import PreparedQuery, each_of
from dispatch.storage.tables import LIVE_FLAGS, Call, NumberFlag, Ticket, UtcDateTime
from dispatch.storage.transaction import Transaction
from dispatch.tickets.lifecycle import Classification


class NumberPast(NamedTuple):
    """What is known of a number when it calls again."""

    prank_count: int  #: within the policy's window
    standing: Standing


#: A number that has no past, or a call without a number: that one never has any.
NO_PAST = NumberPast(0, Standing.CLEAR)


def _past(dialect: str) -> Select[Any]:
    """Each number asked for with its pranks, once for each of its live flags, and once where it has none.

    Counted number by number: otherwise PostgreSQL may go through all calls of the window to find a few numbers'.
    """
    asked = each_of("numbers", dialect)
    pranks = (
        select(func.count())
        .select_from(Call)
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(
            Call.number == asked,
            Call.received_at >= bindparam("since", type_=UtcDateTime()),
            Ticket.classification == Classification.PRANK,
        )
        .scalar_subquery()
    )
    flags = asked.table.outerjoin(NumberFlag, and_(NumberFlag.number == asked, LIVE_FLAGS))
    return select(asked, pranks, NumberFlag.kind, NumberFlag.state, NumberFlag.expires_at).select_from(flags)


_PAST = PreparedQuery({dialect: _past(dialect) for dialect in ("sqlite", "postgresql")})


def past_of(tx: Transaction, numbers: Collection[str]) -> dict[str, NumberPast]:
    """Return what is known of each of these numbers, with one indexed look at them all."""
    if not numbers:
        return {}
    since = window_start(tx.now, tx.city.policy.nuisance)
    past: dict[str, NumberPast] = {}
    for number, prank_count, kind, state, expires_at in _PAST.rows(tx.connection, numbers=list(numbers), since=since):
        standing = past[number].standing if number in past else Standing.CLEAR
        if kind is not None and is_in_force(kind, state, expires_at, tx.now):
            standing = Standing.BLOCKED
        elif state == FlagState.PROPOSED and standing is Standing.CLEAR:
            standing = Standing.PROPOSED
        past[number] = NumberPast(prank_count, standing)
    return past
