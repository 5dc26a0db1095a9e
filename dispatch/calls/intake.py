"""Registering a call that came in: call, ticket, running number and nuisance verdict, exactly once per call.

The path of a surge: calls that wait together are registered with a statement per table. What is rare (a call that was
known before it was announced, a linkedid that comes a second time) costs statements of its own and only then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from dispatch.callbacks.changes import caller_got_through, renumber_callback
from dispatch.callbacks.rules import CallbackReason
from dispatch.calls.endings import callback_reason, end_call, load_call
from dispatch.calls.incoming import CallKey, IncomingCall, RegisteredCall, arrival_of_call, key_of
from dispatch.calls.known import KnownCall, calls_named, earlier_call_at, earlier_call_of, is_another_caller
from dispatch.calls.opening import judge_numbers, new_call, open_calls, untold_name
from dispatch.city.policy import ClockKind
from dispatch.phone_numbers import normalise_number
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Call
from dispatch.storage.transaction import Transaction, batched
from dispatch.tickets.call_times import Arrival, TimedBy, is_same_call
from dispatch.tickets.changes import clock_values, set_ticket
from dispatch.tickets.lifecycle import LIVE_CALL_STATES, EndedHow, TicketState

log = logging.getLogger(__name__)


def register_calls(tx: Transaction, arguments: Sequence[Mapping[str, IncomingCall]]) -> list[RegisteredCall]:
    """Do what `register_call` does for many calls with a statement per table: the call path of a surge.

    1. Leave out those that are registered already, and repeats among these.
    2. Judge each by its number's past.
    3. Number and open the tickets, then write the calls.
    4. Journal each.
    """
    keys = [key_of(each["call"].system_name, each["call"].linkedid) for each in arguments]
    known = calls_named(tx, keys)
    answers: dict[CallKey, RegisteredCall] = {}
    fresh: dict[CallKey, IncomingCall] = {}
    for key, each in zip(keys, arguments, strict=True):
        if key in fresh or key in answers:
            continue
        found = _found_again(tx, key, each["call"], known[key]) if key in known else None
        if found is not None:
            answers[key] = found
        else:
            fresh[key] = each["call"]
    if fresh:
        answers |= open_calls(tx, fresh)
    results = []
    for key in keys:
        results.append(answers[key])
        # The first of several reports of a call created it, the others find it there.
        if answers[key].created:
            answers[key] = answers[key]._replace(created=False)
    return results


@batched(register_calls)
def register_call(tx: Transaction, *, call: IncomingCall) -> RegisteredCall:
    """Register a call and open its ticket, exactly once per system name, linkedid and time.

    Raises InvalidValue when the linkedid is empty: without it the call could not be told from another.
    """
    return register_calls(tx, [{"call": call}])[0]


def call_id_for(
    tx: Transaction, system_name: str, linkedid: str, at: datetime | None, arrival: Arrival, *, arrived: bool = False
) -> int:
    """Return the id of the call to which something happened `at` (None: not known when).

    Of a call that was never announced, this is the first news: it is registered late rather than lost, as having come
    at `arrival`. With `arrived`, `at` is when it came.
    """
    key = key_of(system_name, linkedid)
    known = calls_named(tx, [key]).get(key)
    if known is not None and is_same_call(known.times, at, tx.now, tx.city.policy.calls, arrived=arrived):
        return known.id
    older = known is not None and arrival.at < known.received_at
    if known is not None:
        if (earlier := earlier_call_at(tx, key, at, arrived=arrived)) is not None:
            return earlier.id
        if not older:
            _make_room(tx, key, known, over_since=arrival.at)
    call = IncomingCall(*key, arrival=arrival, announced=False)
    open_calls(tx, {key: call}, name_taken=older)
    statement = select(func.max(Call.id))  # the writer is alone: the newest row is the one that was just written
    return int(tx.connection.execute(statement).scalar_one())


def _found_again(tx: Transaction, key: CallKey, call: IncomingCall, known: KnownCall) -> RegisteredCall | None:
    """The answer for a call whose name is known; None where it is another call than the known one, which made room."""
    arrival = arrival_of_call(tx, call)
    if is_same_call(known.times, arrival.known_at, tx.now, tx.city.policy.calls, arrived=True):
        if not is_another_caller(tx, known, call):
            return _announced(tx, known, call, arrival)
        if (other := earlier_call_of(tx, key, call)) is not None:
            return other.registered
        # Both may be on the line: neither is thought to be over.
        log.warning("two exchanges tell of calls under one name: give each its own systemname in asterisk.conf")
        _make_room(tx, key, known, over_since=None)
        return None
    if (earlier := earlier_call_at(tx, key, arrival.known_at, arrived=True)) is not None:
        return _announced(tx, earlier, call, arrival)
    if arrival.at < known.received_at:
        return open_calls(tx, {key: call}, name_taken=True)[key]
    _make_room(tx, key, known, over_since=arrival.at)
    return None


def _make_room(tx: Transaction, key: CallKey, known: KnownCall, *, over_since: datetime | None) -> None:
    """Give the name of a call to another one. An exchange that gives it again has started, so the call is over."""
    if over_since is not None and known.state in LIVE_CALL_STATES:
        call = load_call(tx, known.id)
        at = max(min(over_since, tx.now), call.answered_at or call.received_at)
        end_call(tx, Actor.asterisk(), call, at, EndedHow.RESTART, data={"by": "restart"})
    tx.update(Call, Call.id == known.id, linkedid=untold_name(key[1], known.ticket_number), told_linkedid=key[1])


def _announced(tx: Transaction, known: KnownCall, call: IncomingCall, arrival: Arrival) -> RegisteredCall:
    """The answer to a repeat; of a call of which only an answer or an end was known, what it says is added."""
    if known.announced or not call.announced:
        return known.registered
    row = load_call(tx, known.id)
    # It came before whatever happened to it; an age is better than what was concluded from that.
    received_at = arrival.at if arrival.timed_by is TimedBy.AGE else min(arrival.at, row.received_at)
    happened = [at for at in (received_at, row.gate_at, row.answered_at, row.ended_at) if at is not None]
    arrival = Arrival(min(happened), arrival.timed_by)
    key = known.system_name, known.linkedid
    number = normalise_number(call.ani, tx.city.policy.numbers)
    verdict = judge_numbers(tx, {key: number})[key]
    told = new_call(tx, key, call, row.ticket_id, number, verdict, arrival)._asdict()
    for kept in ("ticket_id", "system_name", "linkedid", "told_linkedid", "state"):
        del told[kept]
    tx.update(Call, Call.id == known.id, **told)
    if row.ticket_state == TicketState.NEW:
        set_ticket(tx, row.ticket_id, **clock_values(tx, ClockKind.ANSWER, row.priority, row.gate_at or arrival.at))
    else:
        set_ticket(tx, row.ticket_id)
    row = load_call(tx, known.id)
    if row.answered_at is not None:
        caller_got_through(
            tx, number=number, at=row.answered_at, ticket_id=row.ticket_id, ticket_number=row.ticket_number
        )
    if row.callback_id is not None and row.ended_at is not None:
        reason = callback_reason(row, tx) or CallbackReason.DROPPED
        renumber_callback(tx, row.ticket_id, row.callback_id, reason, row.ended_at)
    tx.record(JournalKind.CALL_ANNOUNCED, Actor.asterisk(), ticket_id=row.event_id, call_id=row.id)
    return RegisteredCall(known.ticket_number, verdict.treatment, verdict.queue_priority, created=False)
