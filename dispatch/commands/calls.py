"""Commands that the telephone exchange gives: a call came in, was answered, is over.

The exchange may repeat each of them, and may give the later ones although the first never arrived (the software was
down while the caller was queued): then the call is registered late rather than lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatch.caller import normalise_number
from dispatch.citypack import ClockKind, Priority
from dispatch.commands.ticket_changes import clock_values, set_ticket
from dispatch.errors import InvalidValue
from dispatch.lifecycle import CALL_TRANSITIONS, CallState, Classification, TicketState
from dispatch.nuisance import Verdict, judge
from dispatch.roles import Actor
from dispatch.tables import Call, Counter, SeatOccupancy, Ticket, UtcDateTime, table_of
from dispatch.text import clean_line
from dispatch.transaction import Outcome, Transaction

# The call path's statements are built once: building one costs more than SQLite needs to carry it out.
_KNOWN_CALL = (
    select(Ticket.number, Call.treatment, Call.queue_priority)
    .join(Ticket, Ticket.id == Call.ticket_id)
    .where(Call.linkedid == bindparam("linkedid"), Call.system_name == bindparam("system_name"))
)
_PRANK_COUNT = (
    select(func.count())
    .select_from(Call)
    .join(Ticket, Ticket.id == Call.ticket_id)
    .where(
        Call.number == bindparam("number"),
        Call.received_at >= bindparam("since", type_=UtcDateTime()),
        Ticket.classification == Classification.PRANK,
    )
)
_INSERT_TICKET = table_of(Ticket).insert()
_INSERT_CALL = table_of(Call).insert()
_COUNT_UP: dict[str, Any] = {
    dialect: make_insert(table_of(Counter))
    .values(name=bindparam("name"), value=1)
    .on_conflict_do_update(index_elements=["name"], set_={"value": table_of(Counter).c.value + 1})
    .returning(table_of(Counter).c.value)
    for dialect, make_insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}


@dataclass(frozen=True, slots=True)
class SipLocation:
    """Where the telephone says it is (RFC 6442): WGS 84 degrees, uncertainty as a radius in metres."""

    lat: float
    lon: float
    uncertainty_m: float | None = None
    shape: str = "Point"
    method: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingCall:
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


@dataclass(frozen=True, slots=True)
class RegisteredCall:
    """The answer to `incoming`: the proof that the ticket exists, and how the call is to be queued."""

    ticket_number: str
    treatment: str  #: normal, gate or blocked
    priority: int  #: queue priority, higher is answered earlier
    created: bool  #: False when this linkedid had been registered before


def register_call(tx: Transaction, *, call: IncomingCall) -> RegisteredCall:
    """Register a call and open its ticket, exactly once per system name and linkedid.

    Raises InvalidValue when the linkedid is empty: without it the call could not be told from another.
    """
    system_name, linkedid = _key(call.system_name, call.linkedid)
    known = tx.connection.execute(_KNOWN_CALL, {"linkedid": linkedid, "system_name": system_name}).first()
    if known:
        return RegisteredCall(known.number, known.treatment, known.queue_priority, created=False)
    number = normalise_number(call.ani[:300])
    verdict = judge(_prank_count(tx, number), tx.city.policy.nuisance)
    ticket_number, _ = _open(tx, call, system_name, linkedid, number, verdict)
    return RegisteredCall(ticket_number, verdict.treatment, verdict.queue_priority, created=True)


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
        operator_id = tx.connection.execute(select(SeatOccupancy.user_id).where(SeatOccupancy.seat == seat)).scalar()
    tx.connection.execute(
        update(Call)
        .where(Call.id == call.id)
        .values(state=CallState.ANSWERED, answered_at=tx.now, answered_by=operator_id, seat=seat)
    )
    seq = tx.record(
        "call.answered",
        Actor.asterisk(),
        ticket_id=call.ticket_id,
        call_id=call.id,
        seat=seat,
        operator_id=operator_id,
    )
    unclaimed = call.owner_id is None and call.ticket_state in (TicketState.NEW, TicketState.CALLBACK)
    if operator_id is not None and unclaimed:
        seq = _claim_for(tx, call.ticket_id, operator_id)
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

    A call that nobody had answered becomes abandoned, and its ticket, unless somebody works it, goes to the callback
    list. `cause` is Asterisk's HANGUPCAUSE, `duration_s` the seconds from the first ring.
    """
    call = _load_or_register(tx, system_name, linkedid)
    state = CallState(call.state)
    if not CALL_TRANSITIONS[state]:
        return Outcome(changed=False, ticket_number=call.number)
    abandoned = state is CallState.RINGING
    tx.connection.execute(
        update(Call)
        .where(Call.id == call.id)
        .values(
            state=CallState.ABANDONED if abandoned else CallState.ENDED,
            ended_at=tx.now,
            hangup_cause=clean_line(cause, 40) if cause else None,
            duration_s=duration_s if duration_s is not None and 0 <= duration_s < 10**7 else None,
        )
    )
    if abandoned and call.ticket_state == TicketState.NEW:
        clock = clock_values(tx, ClockKind.CALLBACK, call.priority)
        set_ticket(tx, call.ticket_id, state=TicketState.CALLBACK, **clock)
    seq = tx.record(
        "call.abandoned" if abandoned else "call.ended",
        Actor.asterisk(),
        ticket_id=call.ticket_id,
        call_id=call.id,
        duration_s=duration_s,
    )
    return Outcome(changed=True, ticket_number=call.number, seq=seq)


def _key(system_name: str, linkedid: str) -> tuple[str, str]:
    cleaned = clean_line(linkedid, 150)
    if not cleaned:
        raise InvalidValue("linkedid", "empty")
    return clean_line(system_name, 80) or "asterisk", cleaned


def _prank_count(tx: Transaction, number: str | None) -> int:
    if number is None:
        return 0
    since = tx.now - timedelta(days=tx.city.policy.nuisance.window_days)
    return tx.connection.execute(_PRANK_COUNT, {"number": number, "since": since}).scalar_one()


def _open(
    tx: Transaction, call: IncomingCall, system_name: str, linkedid: str, number: str | None, verdict: Verdict
) -> tuple[str, int]:
    ticket_number = _next_ticket_number(tx)
    ticket_id = _inserted_id(
        tx,
        _INSERT_TICKET,
        {
            "number": ticket_number,
            "state": TicketState.NEW,
            "opened_at": tx.now,
            **clock_values(tx, ClockKind.ANSWER, None),
        },
    )
    location = call.location
    call_id = _inserted_id(
        tx,
        _INSERT_CALL,
        {
            "ticket_id": ticket_id,
            "system_name": system_name,
            "linkedid": linkedid,
            "channel": clean_line(call.channel, 200),
            "state": CallState.RINGING,
            "number": number,
            "number_as_sent": clean_line(call.ani, 300),
            "presentation": clean_line(call.presentation, 40),
            "caller_name": clean_line(call.caller_name, 200),
            "dnid": clean_line(call.dnid, 40),
            "prank_count": verdict.prank_count,
            "treatment": verdict.treatment,
            "queue_priority": verdict.queue_priority,
            "lat": location.lat if location else None,
            "lon": location.lon if location else None,
            "uncertainty_m": location.uncertainty_m if location else None,
            "location_shape": clean_line(location.shape, 24) if location else None,
            "location_method": (clean_line(location.method or "", 40) or None) if location else None,
            "received_at": tx.now,
        },
    )
    tx.record("call.registered", Actor.asterisk(), ticket_id=ticket_id, call_id=call_id, number=ticket_number)
    return ticket_number, call_id


def _inserted_id(tx: Transaction, statement: Any, values: dict[str, Any]) -> int:
    key = tx.connection.execute(statement, values).inserted_primary_key
    assert key is not None
    return int(key[0])


def _next_ticket_number(tx: Transaction) -> str:
    """Number tickets per day of the city: `261124-047` is the 47th of 24 November 2026."""
    day = tx.now.astimezone(tx.city.timezone).strftime("%y%m%d")
    count_up = _COUNT_UP[tx.connection.dialect.name]
    value = tx.connection.execute(count_up, {"name": f"ticket:{day}"}).scalar_one()
    return f"{day}-{value:03d}"


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
            Ticket.number,
            Ticket.state.label("ticket_state"),
            Ticket.owner_id,
            Ticket.priority,
        )
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(Call.linkedid == linkedid, Call.system_name == system_name)
    ).first()


def _claim_for(tx: Transaction, ticket_id: int, operator_id: int) -> int:
    set_ticket(
        tx,
        ticket_id,
        state=TicketState.CLAIMED,
        owner_id=operator_id,
        claimed_at=tx.now,
        **clock_values(tx, ClockKind.FIRST_DISPATCH, Priority.P1),
    )
    return tx.record("ticket.claimed", Actor.asterisk(), ticket_id=ticket_id, owner_id=operator_id, by="answer")
