"""The call that is known already under the name that an exchange tells, and whether it is the one that is told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from dispatch.calls.incoming import CallKey, IncomingCall, RegisteredCall, arrival_of_call
from dispatch.phone_numbers import normalise_number
from dispatch.storage.prepared import PreparedQuery, among
from dispatch.storage.tables import Call, Ticket
from dispatch.storage.transaction import Transaction
from dispatch.tickets.call_times import KnownTimes, is_same_call
from dispatch.tickets.lifecycle import LIVE_CALL_STATES, is_conjecture


class KnownCall(NamedTuple):
    """A call that has the name of one that is told of."""

    id: int
    system_name: str
    linkedid: str
    ticket_number: str
    treatment: str
    queue_priority: int
    state: str
    received_at: datetime
    ended_at: datetime | None
    ended_how: str | None
    timed_by: str | None
    announced: bool
    channel: str
    number: str | None

    @property
    def times(self) -> KnownTimes:
        """What its identity depends on."""
        live = self.state in LIVE_CALL_STATES
        ended_at = None if live else self.ended_at or self.received_at
        return KnownTimes(self.received_at, self.timed_by, ended_at, not is_conjecture(self.ended_how), self.announced)

    @property
    def registered(self) -> RegisteredCall:
        """The answer to a repeat."""
        return RegisteredCall(self.ticket_number, self.treatment, self.queue_priority, created=False)


_KNOWN = (
    Call.id,
    Call.system_name,
    Call.linkedid,
    Ticket.number,
    Call.treatment,
    Call.queue_priority,
    Call.state,
    Call.received_at,
    Call.ended_at,
    Call.ended_how,
    Call.timed_by,
    Call.announced,
    Call.channel,
    Call.number.label("caller_number"),
)
_KNOWN_CALLS = PreparedQuery(
    {
        dialect: select(*_KNOWN)
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(among(Call.linkedid, "linkedids", dialect))
        for dialect in ("sqlite", "postgresql")
    }
)


def calls_named(tx: Transaction, keys: Sequence[CallKey]) -> dict[CallKey, KnownCall]:
    """The calls that have these names now, each by its key (others may come along)."""
    rows = map(KnownCall._make, _KNOWN_CALLS.rows(tx.connection, linkedids=[linkedid for _, linkedid in keys]))
    return {(row.system_name, row.linkedid): row for row in rows}


def earlier_call_at(tx: Transaction, key: CallKey, at: datetime | None, *, arrived: bool) -> KnownCall | None:
    """The call of this name that made room for a later one and to which this belongs."""
    if at is None:
        return None
    system_name, linkedid = key
    rows = tx.connection.execute(
        select(*_KNOWN)
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(Call.told_linkedid == linkedid, Call.system_name == system_name)
        .order_by(Call.received_at.desc())
    )
    for row in map(KnownCall._make, rows):
        if is_same_call(row.times, at, tx.now, tx.city.policy.calls, arrived=arrived):
            return row
    return None


def earlier_call_of(tx: Transaction, key: CallKey, call: IncomingCall) -> KnownCall | None:
    """The call of this caller that had to share its name with another one, and is told again."""
    system_name, linkedid = key
    row = tx.connection.execute(
        select(*_KNOWN)
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(Call.told_linkedid == linkedid, Call.system_name == system_name, Call.channel == call.channel)
        .where(Call.number == normalise_number(call.ani, tx.city.policy.numbers))
        .order_by(Call.received_at.desc())
        .limit(1)
    ).first()
    known = KnownCall._make(row) if row is not None else None
    known_at = arrival_of_call(tx, call).known_at
    same = known is not None and is_same_call(known.times, known_at, tx.now, tx.city.policy.calls, arrived=True)
    return known if same else None


def is_another_caller(tx: Transaction, known: KnownCall, call: IncomingCall) -> bool:
    """Whether two reports under one name are of two people, told by their own channels, with numbers of their own.

    A messenger (Local/) tells again what another channel knew, and may know the number less well.
    """
    if any(not channel or channel.startswith("Local/") for channel in (known.channel, call.channel)):
        return False
    number = normalise_number(call.ani, tx.city.policy.numbers)
    return None not in (known.number, number) and known.number != number
