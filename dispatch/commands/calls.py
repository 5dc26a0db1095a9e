"""Commands that the telephone exchange gives: a call came in, was answered, is over.

The exchange may repeat each of them, and may give the later ones although the first never arrived (the software was
down while the caller was queued): then the call is registered late rather than lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatch.callbacks import CallbackReason, is_short_call
from dispatch.caller import normalise_number
from dispatch.citypack import ClockKind
from dispatch.commands.callback_changes import caller_got_through, join_callback
from dispatch.commands.flag_proposals import withdraw_flags
from dispatch.commands.ticket_changes import clock_for, clock_values, set_ticket
from dispatch.errors import InvalidValue
from dispatch.lifecycle import CALL_TRANSITIONS, NUISANCE, CallState, Classification, TicketState
from dispatch.nuisance import Verdict, judge
from dispatch.number_past import NO_PAST, past_of
from dispatch.prepared import PreparedInsert, PreparedQuery, among
from dispatch.roles import Actor
from dispatch.tables import Call, Counter, SeatOccupancy, Ticket, WebSession, table_of
from dispatch.text import clean_line
from dispatch.transaction import Outcome, Transaction, run_many_by

# The call path's statements, by the kind of database.
_DIALECTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
_KNOWN_CALLS = PreparedQuery(
    {
        dialect: select(Call.system_name, Call.linkedid, Ticket.number, Call.treatment, Call.queue_priority)
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


class RegisteredCall(NamedTuple):
    """The answer to `incoming`: the proof that the ticket exists, and how the call is to be queued."""

    ticket_number: str
    treatment: str  #: normal, gate or blocked
    priority: int  #: queue priority, higher is answered earlier
    created: bool  #: False when this linkedid had been registered before


def register_call(tx: Transaction, *, call: IncomingCall) -> RegisteredCall:
    """Register a call and open its ticket, exactly once per system name and linkedid.

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
    answers = _known(tx, keys)
    fresh: dict[CallKey, IncomingCall] = {}
    for key, each in zip(keys, arguments, strict=True):
        if key not in answers:
            fresh.setdefault(key, each["call"])
    if fresh:
        answers |= _open(tx, fresh)
    results = []
    for key in keys:
        # The first of several reports of a call created it, the others find it there.
        if fresh.pop(key, None) is None and answers[key].created:
            answers[key] = answers[key]._replace(created=False)
        results.append(answers[key])
    return results


run_many_by(register_call, register_calls)


def call_answered(tx: Transaction, *, system_name: str, linkedid: str, extension: str) -> Outcome:
    """Record which seat answered; the operator who sits there gets the ticket if nobody has it.

    `extension` is the queue member's, for instance `op2`; a seat nobody signed in to is recorded all the same.
    """
    call = _load_or_register(tx, system_name, linkedid)
    if CallState.ANSWERED not in CALL_TRANSITIONS[CallState(call.state)]:
        return Outcome(changed=False, ticket_number=call.number)
    seat = next((s.code for s in tx.city.seats.values() if s.extension == extension), None)
    operator_id: int | None = None
    if seat is not None:
        # Whoever left without signing out sits there no longer once the session has expired.
        operator_id = tx.connection.execute(
            select(SeatOccupancy.user_id)
            .join(WebSession, WebSession.id == SeatOccupancy.session_id)
            .where(SeatOccupancy.seat == seat, WebSession.expires_at > tx.now)
        ).scalar()
    tx.connection.execute(
        update(Call)
        .where(Call.id == call.id)
        .values(state=CallState.ANSWERED, answered_at=tx.now, answered_by=operator_id, seat=seat)
    )
    seq = tx.record(
        "call.answered",
        Actor.asterisk(),
        ticket_id=call.event_id,
        call_id=call.id,
        seat=seat,
        operator_id=operator_id,
    )
    caller_got_through(tx, number=call.caller_number, ticket_id=call.ticket_id, ticket_number=call.number)
    unclaimed = call.owner_id is None and call.ticket_state in (TicketState.NEW, TicketState.CALLBACK)
    if operator_id is not None and unclaimed:
        seq = _claim_for(tx, call, operator_id)
    elif call.ticket_state == TicketState.CLOSED and call.classification in NUISANCE:
        seq = _reopen_for(tx, call, operator_id)
    return Outcome(changed=True, ticket_number=call.number, seq=seq)


def call_ended(
    tx: Transaction,
    *,
    system_name: str,
    linkedid: str,
    cause: str | None = None,
    duration_s: int | None = None,
) -> Outcome:
    """Record that the caller or the seat hung up.

    A call that nobody had answered becomes abandoned and goes to the callback list, as does one that was cut off before
    anybody could say what happened; a ticket that an operator has stays the operator's. `cause` is Asterisk's
    HANGUPCAUSE, `duration_s` the seconds from the first ring.
    """
    call = _load_or_register(tx, system_name, linkedid)
    state = CallState(call.state)
    if not CALL_TRANSITIONS[state]:
        return Outcome(changed=False, ticket_number=call.number)
    abandoned = state is CallState.RINGING
    lasted_s = duration_s if duration_s is not None and 0 <= duration_s < 10**7 else None
    tx.connection.execute(
        update(Call)
        .where(Call.id == call.id)
        .values(
            state=CallState.ABANDONED if abandoned else CallState.ENDED,
            ended_at=tx.now,
            hangup_cause=clean_line(cause, 40) if cause else None,
            duration_s=lasted_s,
        )
    )
    reason = CallbackReason.ABANDONED if abandoned else CallbackReason.DROPPED
    if (abandoned or _cut_off(tx, call)) and call.ticket_state in (TicketState.NEW, TicketState.CLAIMED):
        waits = call.ticket_state == TicketState.NEW
        clock = clock_values(tx, ClockKind.CALLBACK, call.priority) if waits else {}
        join_callback(tx, call.ticket_id, reason, **({"state": TicketState.CALLBACK} if waits else {}), **clock)
    seq = tx.record(
        "call.abandoned" if abandoned else "call.ended",
        Actor.asterisk(),
        ticket_id=call.event_id,
        call_id=call.id,
        duration_s=lasted_s,
    )
    return Outcome(changed=True, ticket_number=call.number, seq=seq)


def _key(system_name: str, linkedid: str) -> CallKey:
    cleaned = clean_line(linkedid, 150)
    if not cleaned:
        raise InvalidValue("linkedid", "empty")
    return clean_line(system_name, 80) or "asterisk", cleaned


def _known(tx: Transaction, keys: Sequence[CallKey]) -> dict[CallKey, RegisteredCall]:
    rows = _KNOWN_CALLS.rows(tx.connection, linkedids=[linkedid for _, linkedid in keys])
    return {
        (system_name, linkedid): RegisteredCall(number, treatment, queue_priority, created=False)
        for system_name, linkedid, number, treatment, queue_priority in rows
    }


def _open(tx: Transaction, calls: Mapping[CallKey, IncomingCall]) -> dict[CallKey, RegisteredCall]:
    numbers = {key: normalise_number(call.ani, tx.city.policy.numbers) for key, call in calls.items()}
    past = past_of(tx, {number for number in numbers.values() if number is not None})
    policy = tx.city.policy.nuisance
    verdicts = {}
    for key, number in numbers.items():
        prank_count, standing = past.get(number or "", NO_PAST)
        verdicts[key] = judge(prank_count, policy, standing)
    ticket_numbers = _next_ticket_numbers(tx, len(calls))
    ticket_ids = _INSERT_TICKETS.ids(tx.connection, _new_tickets(tx, ticket_numbers))
    new_calls = [
        _new_call(tx, key, call, ticket_id, numbers[key], verdicts[key])
        for (key, call), ticket_id in zip(calls.items(), ticket_ids, strict=True)
    ]
    call_ids = _INSERT_CALLS.ids(tx.connection, new_calls)
    asterisk = Actor.asterisk()
    answers = {}
    for key, number, ticket_id, call_id in zip(calls, ticket_numbers, ticket_ids, call_ids, strict=True):
        tx.record("call.registered", asterisk, ticket_id=ticket_id, call_id=call_id, number=number)
        answers[key] = RegisteredCall(number, verdicts[key].treatment, verdicts[key].queue_priority, created=True)
    return answers


def _new_tickets(tx: Transaction, numbers: Sequence[str]) -> list[_NewTicket]:
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
    return [_NewTicket(number, *first[1:]) for number in numbers]


def _new_call(
    tx: Transaction, key: CallKey, call: IncomingCall, ticket_id: int, number: str | None, verdict: Verdict
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
        received_at=tx.now,
    )


def _next_ticket_numbers(tx: Transaction, count: int) -> list[str]:
    """Number tickets per day of the city: `261124-047` is the 47th of 24 November 2026."""
    day = tx.now.astimezone(tx.city.timezone).strftime("%y%m%d")
    ((last,),) = _COUNT_UP.rows(tx.connection, counter=f"ticket:{day}", count=count)
    return [f"{day}-{value:03d}" for value in range(last - count + 1, last + 1)]


def _load_or_register(tx: Transaction, system_name: str, linkedid: str) -> Any:
    call = _load(tx, system_name, linkedid)
    if call is None:
        register_call(tx, call=IncomingCall(system_name=system_name, linkedid=linkedid))
        call = _load(tx, system_name, linkedid)
    assert call is not None
    return call


def _load(tx: Transaction, system_name: str, linkedid: str) -> Any:
    system_name, linkedid = _key(system_name, linkedid)
    return tx.connection.execute(
        select(
            Call.id,
            Call.state,
            Call.ticket_id,
            # What happens to the call of an attached ticket is told with the event it belongs to.
            func.coalesce(Ticket.incident_id, Call.ticket_id).label("event_id"),
            Ticket.number,
            Ticket.state.label("ticket_state"),
            Ticket.owner_id,
            Ticket.priority,
            Ticket.claimed_at,
            Ticket.classification,
            Call.answered_at,
            Call.number.label("caller_number"),
            Ticket.type_code,
            Ticket.disposition,
        )
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(Call.linkedid == linkedid, Call.system_name == system_name)
    ).first()


def _cut_off(tx: Transaction, call: Any) -> bool:
    """Whether an answered call is over before it was sorted out, within the policy's few seconds."""
    unsorted = call.answered_at is not None and call.classification is None
    return unsorted and is_short_call(call.answered_at, tx.now, tx.city.policy.callback)


def _claim_for(tx: Transaction, call: Any, operator_id: int) -> int:
    set_ticket(
        tx,
        call.ticket_id,
        state=TicketState.CLAIMED,
        owner_id=operator_id,
        claimed_at=call.claimed_at or tx.now,
        **clock_for(tx, TicketState.CLAIMED, call.priority),
    )
    return tx.record("ticket.claimed", Actor.asterisk(), ticket_id=call.ticket_id, owner_id=operator_id, by="answer")


def _reopen_for(tx: Transaction, call: Any, operator_id: int | None) -> int:
    """Open a ticket again that was set aside while its call still rang: now somebody hears the caller."""
    state = TicketState.CLAIMED if operator_id is not None else TicketState.NEW
    set_ticket(
        tx,
        call.ticket_id,
        state=state,
        owner_id=operator_id,
        claimed_at=call.claimed_at or (tx.now if operator_id is not None else None),
        classification=Classification.GENUINE if call.type_code is not None else None,
        disposition=None,
        closed_at=None,
        closed_by=None,
        closing_note=None,
        **clock_for(tx, state, call.priority),
    )
    asterisk = Actor.asterisk()
    seq = tx.record("ticket.reopened", asterisk, ticket_id=call.ticket_id, undo=True, was=call.disposition, by="answer")
    if call.classification == Classification.PRANK:
        withdraw_flags(tx, asterisk, call.ticket_id)
    return seq
