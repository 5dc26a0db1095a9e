"""When each exchange last started: whatever it had up before is over, in whichever order we are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from dispatch.calls.endings import end_call, load_call
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import LIVE_CALLS, Call, ExchangeStart
from dispatch.storage.transaction import Transaction
from dispatch.tickets.call_times import SAME_INSTANT_S
from dispatch.tickets.lifecycle import EndedHow


def note_start(tx: Transaction, system_name: str, at: datetime) -> int | None:
    """Keep the newest start of an exchange; return the journal number, None for one that is known."""
    known = _last_start(tx, system_name)
    if known is not None and (at - known).total_seconds() <= SAME_INSTANT_S:
        return None
    tx.delete(ExchangeStart, ExchangeStart.system_name == system_name)
    tx.insert_rows(ExchangeStart, [{"system_name": system_name, "started_at": at}])
    return tx.record(JournalKind.EXCHANGE_STARTED, Actor.asterisk(), system=system_name)


def end_what_a_start_cut_off(tx: Transaction, system_name: str, at: datetime) -> list[int]:
    """End the live calls of an exchange that came before it started; return their journal numbers."""
    wanted = select(Call.id).where(LIVE_CALLS, Call.system_name == system_name, Call.received_at <= at)
    seqs = []
    for call_id in list(tx.connection.execute(wanted.order_by(Call.id)).scalars()):
        call = load_call(tx, call_id)
        over_at = max(at, call.answered_at or call.received_at)
        seqs.append(end_call(tx, Actor.asterisk(), call, over_at, EndedHow.RESTART, data={"by": "restart"}))
    return seqs


def end_if_cut_off(tx: Transaction, system_names: Sequence[str], happened_at: datetime) -> None:
    """After news of something so long ago: what its exchange had up then may have been cut off by a start since."""
    if (tx.now - happened_at).total_seconds() <= tx.city.policy.calls.late_after_s:
        return
    for system_name in dict.fromkeys(system_names):
        started_at = _last_start(tx, system_name)
        if started_at is not None and happened_at <= started_at:
            end_what_a_start_cut_off(tx, system_name, started_at)


def _last_start(tx: Transaction, system_name: str) -> datetime | None:
    return tx.connection.execute(
        select(ExchangeStart.started_at).where(ExchangeStart.system_name == system_name)
    ).scalar()
