"""Registering a call that came in: call, ticket, running number and nuisance verdict, exactly once per call.

The path of a surge: calls that wait together are registered with a statement per table. What is rare (a call that was
known before it was announced, a linkedid that comes a second time) costs statements of its own and only then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatch.callbacks.changes import caller_got_through, renumber_callback
from dispatch.callbacks.rules import CallbackReason
from dispatch.calls.endings import callback_reason, end_call, load_call
from dispatch.calls.exchange_starts import end_if_cut_off
from dispatch.city.policy import ClockKind
from dispatch.errors import InvalidValue
from dispatch.nuisance.past import NO_PAST, past_of
from dispatch.nuisance.rules import Verdict, judge
from dispatch.phone_numbers import normalise_number
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.prepared import PreparedInsert, PreparedQuery, among
from dispatch.storage.tables import Call, Counter, Ticket, table_of
from dispatch.storage.transaction import Transaction, run_many_by
from dispatch.text import clean_line
from dispatch.tickets.call_times import Arrival, KnownTimes, TimedBy, arrival_of, is_same_call
from dispatch.tickets.changes import clock_values, set_ticket
from dispatch.tickets.lifecycle import LIVE_CALL_STATES, CallState, EndedHow, TicketState, is_conjecture

log = logging.getLogger(__name__)

# The call path's statements, by the kind of database.
_DIALECTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}


class _KnownCall(NamedTuple):
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
        for dialect in _DIALECTS
    }
)
_COUNTERS = table_of(Counter)
_COUNT_UP = PreparedQuery(
    {
        dialect: make_insert(_COUNTERS)
        .values(name=bindparam("counter"), value=bindparam("count"))
        .on_conflict_do_update(index_elements=["name"], set_={"value": _COUNTERS.c.value + bindparam("count")})
        .returning(_COUNTERS.c.value)
        for dialect, make_insert in _DIALECTS.items()
    }
)


class _NewTicket(NamedTuple):
    """What a ticket has that a call has just opened, as the table's columns stand."""

    number: str
    state: str
    version: int
    priority_by_hand: bool
    place_approximate: bool
    opened_at: datetime
    joined_count: int
    clock_kind: str
    clock_started_at: datetime
    clock_due_at: datetime


class _NewCall(NamedTuple):
    """What is known of a call that has just come in, as the table's columns stand."""

    ticket_id: int
    system_name: str
    linkedid: str
    channel: str
    state: str
    number: str | None
    number_as_sent: str
    presentation: str
    caller_name: str
    dnid: str
    prank_count: int
    treatment: str
    queue_priority: int
    lat: float | None
    lon: float | None
    uncertainty_m: float | None
    location_shape: str | None
    location_method: str | None
    received_at: datetime
    told_linkedid: str | None
    announced: bool
    late: bool
    timed_by: str
    telephones: int | None


_INSERT_TICKETS = PreparedInsert(table_of(Ticket), _NewTicket._fields)
_INSERT_CALLS = PreparedInsert(table_of(Call), _NewCall._fields)

CallKey = tuple[str, str]  #: system name and linkedid: what makes a call the same call, whoever reports it


@dataclass(frozen=True, slots=True)
class SipLocation:
    """Where the telephone says it is (RFC 6442): WGS 84 degrees, uncertainty as a radius in metres."""

    lat: float
    lon: float
    uncertainty_m: float | None = None
    shape: str = "Point"
    method: str | None = None


class IncomingCall(NamedTuple):
    """What Asterisk tells of a call, as it came; any text is accepted, and bounded and cleaned before it is stored."""

    system_name: str
    linkedid: str
    uniqueid: str = ""
    channel: str = ""
    ani: str = ""
    presentation: str = ""
    caller_name: str = ""
    dnid: str = ""
    location: SipLocation | None = None
    age_s: float | None = None  #: how long ago it came, by the exchange's clock
    linkedid_s: int | None = None  #: the second since 1970 that its linkedid names, by the same clock
    telephones: int | None = None  #: how many could ring when it came; None: the dialplan does not know
    arrival: Arrival | None = None  #: when it came, where that is known otherwise
    announced: bool = True  #: False: something that happened to it is all that is known


class RegisteredCall(NamedTuple):
    """The answer to `incoming`: the proof that the ticket exists, and how the call is to be queued."""

    ticket_number: str
    treatment: str  #: normal, gate or blocked
    priority: int  #: queue priority, higher is answered earlier
    created: bool  #: False when this linkedid had been registered before


def register_call(tx: Transaction, *, call: IncomingCall) -> RegisteredCall:
    """Register a call and open its ticket, exactly once per system name, linkedid and time.

    Raises InvalidValue when the linkedid is empty: without it the call could not be told from another.
    """
    return register_calls(tx, [{"call": call}])[0]


def register_calls(tx: Transaction, arguments: Sequence[Mapping[str, IncomingCall]]) -> list[RegisteredCall]:
    """Do what `register_call` does for many calls with a statement per table: the call path of a surge.

    1. Leave out those that are registered already, and repeats among these.
    2. Judge each by its number's past.
    3. Number and open the tickets, then write the calls.
    4. Journal each.
    """
    keys = [_key(each["call"].system_name, each["call"].linkedid) for each in arguments]
    known = _known(tx, keys)
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
        answers |= _open(tx, fresh)
    results = []
    for key in keys:
        results.append(answers[key])
        # The first of several reports of a call created it, the others find it there.
        if answers[key].created:
            answers[key] = answers[key]._replace(created=False)
    return results


run_many_by(register_call, register_calls)


def _key(system_name: str, linkedid: str) -> CallKey:
    cleaned = clean_line(linkedid, 150)
    if not cleaned:
        raise InvalidValue("linkedid", "empty")
    return clean_system_name(system_name), cleaned


def clean_system_name(raw: str) -> str:
    """The name of an exchange as calls are kept under it; one that tells none is just Asterisk."""
    return clean_line(raw, 80) or "asterisk"


def call_id_for(
    tx: Transaction, system_name: str, linkedid: str, at: datetime | None, arrival: Arrival, *, arrived: bool = False
) -> int:
    """Return the id of the call to which something happened `at` (None: not known when).

    Of a call that was never announced, this is the first news: it is registered late rather than lost, as having come
    at `arrival`. With `arrived`, `at` is when it came.
    """
    key = _key(system_name, linkedid)
    known = _known(tx, [key]).get(key)
    if known is not None and is_same_call(known.times, at, tx.now, tx.city.policy.calls, arrived=arrived):
        return known.id
    older = known is not None and arrival.at < known.received_at
    if known is not None:
        if (earlier := _earlier(tx, key, at, arrived=arrived)) is not None:
            return earlier.id
        if not older:
            _make_room(tx, key, known, over_since=arrival.at)
    call = IncomingCall(*key, arrival=arrival, announced=False)
    _open(tx, {key: call}, other_name=older)
    statement = select(func.max(Call.id))  # the writer is alone: the newest row is the one that was just written
    return int(tx.connection.execute(statement).scalar_one())


def _found_again(tx: Transaction, key: CallKey, call: IncomingCall, known: _KnownCall) -> RegisteredCall | None:
    """The answer for a call whose name is known; None where it is another call than the known one, which made room."""
    arrival = _arrival(tx, call)
    if is_same_call(known.times, arrival.known_at, tx.now, tx.city.policy.calls, arrived=True):
        if not _are_two_callers(tx, known, call):
            return _announced(tx, known, call, arrival)
        if (other := _earlier_of(tx, key, call)) is not None:
            return other.registered
        # Both may be on the line: neither is thought to be over.
        log.warning("two exchanges tell of calls under one name: give each its own systemname in asterisk.conf")
        _make_room(tx, key, known, over_since=None)
        return None
    if (earlier := _earlier(tx, key, arrival.known_at, arrived=True)) is not None:
        return _announced(tx, earlier, call, arrival)
    if arrival.at < known.received_at:
        return _open(tx, {key: call}, other_name=True)[key]
    _make_room(tx, key, known, over_since=arrival.at)
    return None


def _known(tx: Transaction, keys: Sequence[CallKey]) -> dict[CallKey, _KnownCall]:
    rows = map(_KnownCall._make, _KNOWN_CALLS.rows(tx.connection, linkedids=[linkedid for _, linkedid in keys]))
    return {(row.system_name, row.linkedid): row for row in rows}


def _earlier(tx: Transaction, key: CallKey, at: datetime | None, *, arrived: bool) -> _KnownCall | None:
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
    for row in map(_KnownCall._make, rows):
        if is_same_call(row.times, at, tx.now, tx.city.policy.calls, arrived=arrived):
            return row
    return None


def _earlier_of(tx: Transaction, key: CallKey, call: IncomingCall) -> _KnownCall | None:
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
    known = _KnownCall._make(row) if row is not None else None
    known_at = _arrival(tx, call).known_at
    same = known is not None and is_same_call(known.times, known_at, tx.now, tx.city.policy.calls, arrived=True)
    return known if same else None


def _make_room(tx: Transaction, key: CallKey, known: _KnownCall, *, over_since: datetime | None) -> None:
    """Give the name of a call to another one. An exchange that gives it again has started, so the call is over."""
    if over_since is not None and known.state in LIVE_CALL_STATES:
        call = load_call(tx, known.id)
        at = max(min(over_since, tx.now), call.answered_at or call.received_at)
        end_call(tx, Actor.asterisk(), call, at, EndedHow.RESTART, data={"by": "restart"})
    tx.update(Call, Call.id == known.id, linkedid=_other_name(key[1], known.ticket_number), told_linkedid=key[1])


def _other_name(linkedid: str, ticket_number: str) -> str:
    """A name that no exchange can tell, because what is told holds no control characters."""
    return f"{linkedid[:120]}\x1f{ticket_number}"


def _are_two_callers(tx: Transaction, known: _KnownCall, call: IncomingCall) -> bool:
    """Whether two reports under one name are of two people, told by their own channels, with numbers of their own.

    A messenger (Local/) tells again what another channel knew, and may know the number less well.
    """
    if any(not channel or channel.startswith("Local/") for channel in (known.channel, call.channel)):
        return False
    number = normalise_number(call.ani, tx.city.policy.numbers)
    return None not in (known.number, number) and known.number != number


def _arrival(tx: Transaction, call: IncomingCall) -> Arrival:
    return call.arrival or arrival_of(call.age_s, call.linkedid_s, tx.now, tx.city.policy.calls)


def _announced(tx: Transaction, known: _KnownCall, call: IncomingCall, arrival: Arrival) -> RegisteredCall:
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
    verdict = _judge(tx, {key: number})[key]
    told = _new_call(tx, key, call, row.ticket_id, number, verdict, arrival)._asdict()
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


def _judge(tx: Transaction, numbers: Mapping[CallKey, str | None]) -> dict[CallKey, Verdict]:
    past = past_of(tx, {number for number in numbers.values() if number is not None})
    policy = tx.city.policy.nuisance
    verdicts = {}
    for key, number in numbers.items():
        prank_count, standing = past.get(number or "", NO_PAST)
        verdicts[key] = judge(prank_count, policy, standing)
    return verdicts


def _open(
    tx: Transaction, calls: Mapping[CallKey, IncomingCall], *, other_name: bool = False
) -> dict[CallKey, RegisteredCall]:
    """Write calls and their tickets; under another name if theirs is a later call's."""
    numbers = {key: normalise_number(call.ani, tx.city.policy.numbers) for key, call in calls.items()}
    arrivals = {key: _arrival(tx, call) for key, call in calls.items()}
    verdicts = _judge(tx, numbers)
    ticket_numbers = _next_ticket_numbers(tx, len(calls))
    new_tickets = _new_tickets(tx, ticket_numbers, [arrival.at for arrival in arrivals.values()])
    ticket_ids = _INSERT_TICKETS.ids(tx.connection, new_tickets)
    new_calls = [
        _new_call(tx, key, call, ticket_id, numbers[key], verdicts[key], arrivals[key])
        for (key, call), ticket_id in zip(calls.items(), ticket_ids, strict=True)
    ]
    if other_name:
        new_calls = [
            call._replace(linkedid=_other_name(call.linkedid, number), told_linkedid=call.linkedid)
            for call, number in zip(new_calls, ticket_numbers, strict=True)
        ]
    call_ids = _INSERT_CALLS.ids(tx.connection, new_calls)
    asterisk = Actor.asterisk()
    answers = {}
    for key, number, ticket_id, call_id in zip(calls, ticket_numbers, ticket_ids, call_ids, strict=True):
        tx.record(JournalKind.CALL_REGISTERED, asterisk, ticket_id=ticket_id, call_id=call_id, number=number)
        answers[key] = RegisteredCall(number, verdicts[key].treatment, verdicts[key].queue_priority, created=True)
    end_if_cut_off(tx, [call.system_name for call in new_calls], min(call.received_at for call in new_calls))
    return answers


def _new_tickets(tx: Transaction, numbers: Sequence[str], since: Sequence[datetime]) -> list[_NewTicket]:
    first = _NewTicket(
        number="",
        state=TicketState.NEW.value,
        version=1,
        priority_by_hand=False,
        place_approximate=False,
        opened_at=tx.now,
        joined_count=0,
        **clock_values(tx, ClockKind.ANSWER, None),
    )
    waits = first.clock_due_at - first.clock_started_at
    return [
        _NewTicket(number, *first[1:-2], at, first.clock_due_at if at is tx.now else at + waits)
        for number, at in zip(numbers, since, strict=True)
    ]


def _new_call(
    tx: Transaction,
    key: CallKey,
    call: IncomingCall,
    ticket_id: int,
    number: str | None,
    verdict: Verdict,
    arrival: Arrival,
) -> _NewCall:
    system_name, linkedid = key
    location = call.location
    return _NewCall(
        ticket_id=ticket_id,
        system_name=system_name,
        linkedid=linkedid,
        channel=clean_line(call.channel, 200),
        state=CallState.RINGING.value,
        number=number,
        number_as_sent=clean_line(call.ani, 300),
        presentation=clean_line(call.presentation, 40),
        caller_name=clean_line(call.caller_name, 200),
        dnid=clean_line(call.dnid, 40),
        prank_count=verdict.prank_count,
        treatment=verdict.treatment,
        queue_priority=verdict.queue_priority,
        lat=location.lat if location else None,
        lon=location.lon if location else None,
        uncertainty_m=location.uncertainty_m if location else None,
        location_shape=clean_line(location.shape, 24) if location else None,
        location_method=(clean_line(location.method or "", 40) or None) if location else None,
        received_at=arrival.at,
        told_linkedid=None,
        announced=call.announced,
        late=arrival.at is not tx.now and (tx.now - arrival.at).total_seconds() > tx.city.policy.calls.late_after_s,
        timed_by=arrival.timed_by.value,
        telephones=call.telephones,
    )


def _next_ticket_numbers(tx: Transaction, count: int) -> list[str]:
    """Number tickets per day of the city: `261124-047` is the 47th of 24 November 2026."""
    day = tx.now.astimezone(tx.city.timezone).strftime("%y%m%d")
    ((last,),) = _COUNT_UP.rows(tx.connection, counter=f"ticket:{day}", count=count)
    return [f"{day}-{value:03d}" for value in range(last - count + 1, last + 1)]
