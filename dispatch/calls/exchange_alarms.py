"""What the newest calls say of the exchange: no telephone that could ring, a wrong clock.

Read from the calls themselves, so that every node knows it and the call path has nothing more to write.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from dispatch.storage.tables import Call
from dispatch.tickets.call_times import TimedBy

NO_TELEPHONE = "no_telephone"  #: no seat's telephone is registered: callers wait and nothing rings
WRONG_CLOCK = "wrong_clock"  #: the exchange tells no ages, and its calls' names hold an impossible time
_LOOKED_AT = 50  #: newest calls


class _NewCall(NamedTuple):
    """What one of the newest calls says."""

    system_name: str
    telephones: int | None
    timed_by: str | None
    received_at: datetime
    answered_at: datetime | None
    announced: bool


def exchange_alarms(connection: Connection) -> dict[str, datetime]:
    """Return what the newest calls show, each with the instant since when."""
    newest = connection.execute(
        select(Call.system_name, Call.telephones, Call.timed_by, Call.received_at, Call.answered_at, Call.announced)
        .order_by(Call.id.desc())
        .limit(_LOOKED_AT)
    ).all()
    by_system: dict[str, list[_NewCall]] = defaultdict(list)
    for call in map(_NewCall._make, newest):
        by_system[call.system_name].append(call)
    clocks = [_wrong_clock_since(calls) for calls in by_system.values()]
    silent = [_silent_since(connection, name, calls) for name, calls in by_system.items()]
    since = {WRONG_CLOCK: clocks, NO_TELEPHONE: silent}
    return {code: min(known) for code, all_ in since.items() if (known := [at for at in all_ if at is not None])}


def _wrong_clock_since(calls: list[_NewCall]) -> datetime | None:
    """Since when one call after the other, newest first, came with a time that cannot be."""
    since = None
    for call in calls:
        if call.timed_by == TimedBy.RECORD or not call.announced:
            continue
        if call.timed_by != TimedBy.WRONG_CLOCK:
            break
        since = call.received_at
    return since


def _silent_since(connection: Connection, system_name: str, calls: list[_NewCall]) -> datetime | None:
    """Since when no telephone could ring: until a later call finds one, or somebody answers."""
    told = [(call.received_at, call.telephones) for call in reversed(calls) if call.telephones is not None]
    told.sort(key=lambda one: one[0])
    if not told or told[-1][1] > 0:
        return None
    last_at = since = told[-1][0]
    for received_at, telephones in reversed(told):
        if telephones > 0:
            break
        since = received_at
    answered = select(func.max(Call.answered_at)).where(
        Call.system_name == system_name, Call.received_at >= since, Call.answer_guessed.is_(False)
    )
    answered_at = connection.execute(answered).scalar()
    return None if answered_at is not None and answered_at >= last_at else since
