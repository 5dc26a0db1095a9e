"""Opening calls: the rows of call and ticket, the running number, the nuisance verdict; a statement per table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatch.calls.exchange_starts import end_if_cut_off
from dispatch.calls.incoming import CallKey, IncomingCall, RegisteredCall, arrival_of_call
from dispatch.city.policy import ClockKind
from dispatch.ladders.running import Subject, begin_ladders
from dispatch.nuisance.past import NO_PAST, past_of
from dispatch.nuisance.rules import Verdict, judge
from dispatch.phone_numbers import normalise_number
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.prepared import PreparedInsert, PreparedQuery
from dispatch.storage.tables import Call, Counter, Ticket, table_of
from dispatch.storage.transaction import Transaction
from dispatch.text import clean_line
from dispatch.tickets.call_times import Arrival
from dispatch.tickets.changes import clock_values
from dispatch.tickets.lifecycle import CallState, TicketState

_INSERTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
_COUNTERS = table_of(Counter)
_COUNT_UP = PreparedQuery(
    {
        dialect: make_insert(_COUNTERS)
        .values(name=bindparam("counter"), value=bindparam("count"))
        .on_conflict_do_update(index_elements=["name"], set_={"value": _COUNTERS.c.value + bindparam("count")})
        .returning(_COUNTERS.c.value)
        for dialect, make_insert in _INSERTS.items()
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


class NewCall(NamedTuple):
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
_INSERT_CALLS = PreparedInsert(table_of(Call), NewCall._fields)


def judge_numbers(tx: Transaction, numbers: Mapping[CallKey, str | None]) -> dict[CallKey, Verdict]:
    """What the past of each call's number makes of the call."""
    past = past_of(tx, {number for number in numbers.values() if number is not None})
    policy = tx.city.policy.nuisance
    verdicts = {}
    for key, number in numbers.items():
        prank_count, standing = past.get(number or "", NO_PAST)
        verdicts[key] = judge(prank_count, policy, standing)
    return verdicts


def open_calls(
    tx: Transaction, calls: Mapping[CallKey, IncomingCall], *, name_taken: bool = False
) -> dict[CallKey, RegisteredCall]:
    """Write calls and their tickets; under another name if theirs is a later call's."""
    numbers = {key: normalise_number(call.ani, tx.city.policy.numbers) for key, call in calls.items()}
    arrivals = {key: arrival_of_call(tx, call) for key, call in calls.items()}
    verdicts = judge_numbers(tx, numbers)
    ticket_numbers = _next_ticket_numbers(tx, len(calls))
    new_tickets = _new_tickets(tx, ticket_numbers, [arrival.at for arrival in arrivals.values()])
    ticket_ids = _INSERT_TICKETS.ids(tx.connection, new_tickets)
    _begin_answer_ladders(tx, ticket_ids, new_tickets)
    new_calls = [
        new_call(tx, key, call, ticket_id, numbers[key], verdicts[key], arrivals[key])
        for (key, call), ticket_id in zip(calls.items(), ticket_ids, strict=True)
    ]
    if name_taken:
        new_calls = [
            call._replace(linkedid=untold_name(call.linkedid, number), told_linkedid=call.linkedid)
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


def _begin_answer_ladders(tx: Transaction, ticket_ids: Sequence[int], tickets: Sequence[_NewTicket]) -> None:
    """Begin the ladder of each new ticket's answer clock."""
    subjects = [Subject(ticket_id) for ticket_id in ticket_ids]
    since = [ticket.clock_started_at for ticket in tickets]
    begin_ladders(tx, subjects, ClockKind.ANSWER.value, None, since, tickets[0]._asdict())


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


def new_call(
    tx: Transaction,
    key: CallKey,
    call: IncomingCall,
    ticket_id: int,
    number: str | None,
    verdict: Verdict,
    arrival: Arrival,
) -> NewCall:
    """The row of a call that rings."""
    system_name, linkedid = key
    location = call.location
    return NewCall(
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


def untold_name(linkedid: str, ticket_number: str) -> str:
    """A name that no exchange can tell, because what is told holds no control characters."""
    return f"{linkedid[:120]}\x1f{ticket_number}"
