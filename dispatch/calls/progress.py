"""Calls that are over: as the telephone exchange tells, because it has started, or as a supervisor declares.

The exchange may repeat what it tells, in any order, and may tell the later things although the first never arrived (the
software was down while the caller was queued): then the call is registered late rather than lost. It tells how long ago
each thing happened; whatever order they come in, they lead to the same state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from dispatch.calls.answering import answer_call
from dispatch.calls.endings import LoadedCall, end_call, load_call
from dispatch.calls.exchange_starts import end_what_a_start_cut_off, note_start
from dispatch.calls.incoming import arrival_before, clean_system_name
from dispatch.calls.intake import call_id_for
from dispatch.calls.ownership import give_ticket
from dispatch.errors import NotFound
from dispatch.people.seats import Sitting, who_sits_at
from dispatch.roles import Actor
from dispatch.storage.tables import Call
from dispatch.storage.transaction import Outcome, TicketOutcome, Transaction
from dispatch.text import clean_line
from dispatch.tickets.call_times import began_before, instant_of
from dispatch.tickets.changes import ticket_row
from dispatch.tickets.lifecycle import LIVE_CALL_STATES, CallState, EndedHow, check_end_call, is_conjecture

LONGEST_CALL_S = 10**7  #: a duration beyond this is no call's


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeStarted(Outcome):
    """What the start of an exchange did."""

    calls: int  #: how many it cut off


def call_ended(
    tx: Transaction,
    *,
    system_name: str,
    linkedid: str,
    cause: str | None = None,
    duration_s: int | None = None,
    age_s: float | None = None,
    answered: bool = False,
    extension: str | None = None,
    linkedid_s: int | None = None,
) -> TicketOutcome:
    """Record that the caller or the seat hung up.

    A call that nobody had answered becomes abandoned and goes to the callback list, as does one that was cut off before
    anybody could say what happened; a ticket that an operator has stays the operator's. `cause` is Asterisk's
    HANGUPCAUSE, `duration_s` the seconds from the first ring. With `answered` somebody had talked to the caller, the
    last one at `extension`, whatever was told before.
    """
    lasted_s = duration_s if duration_s is not None and 0 <= duration_s < LONGEST_CALL_S else None
    at = instant_of(age_s, tx.now, tx.city.policy.calls)
    arrival = arrival_before(tx, at, linkedid_s, lasted_s)
    call = load_call(tx, call_id_for(tx, system_name, linkedid, at, arrival))
    if at is None and call.late and lasted_s is not None:
        # Nothing was told as it happened; what is told is how long it took.
        at = min(tx.now, call.received_at + timedelta(seconds=lasted_s))
    told = {"hangup_cause": clean_line(cause, 40) if cause else None, "duration_s": lasted_s}
    return finish_call(tx, call, at, EndedHow.TOLD, answered_at=extension or "" if answered else None, **told)


def finish_call(
    tx: Transaction,
    call: LoadedCall,
    at: datetime | None,
    how: EndedHow,
    *,
    answered_at: str | None = None,
    **told: Any,
) -> TicketOutcome:
    """Do what `call_ended` does for a call that was found; `answered_at` is the extension of an answered one."""
    unchanged = TicketOutcome(changed=False, ticket_number=call.ticket_number)
    live = call.state in LIVE_CALL_STATES
    if not live and not (call.state in (CallState.ABANDONED, CallState.ENDED) and is_conjecture(call.ended_how)):
        if answered_at is not None and call.state == CallState.ABANDONED:
            return answer_call(tx, call, answered_at, None)
        return unchanged
    instant = max(at or tx.now, call.answered_at or call.received_at)
    sitting: Sitting | None = None
    values = dict(told)
    began_at = began_before(call, instant, told.get("duration_s"), tx.city.policy.calls)
    if began_at is not None:
        told_after_s = (call.received_at - began_at).total_seconds()
        values |= {"received_at": began_at, "late": call.late or told_after_s > tx.city.policy.calls.late_after_s}
    if answered_at is not None:
        sitting = who_sits_at(tx, answered_at).as_at(instant)
        if call.answered_at is None:
            values |= {"answered_at": instant, "answer_guessed": True}
        if call.answered_at is None or (sitting.seat is not None and sitting.seat != call.seat):
            values |= {"seat": sitting.seat, "answered_by": sitting.user_id, "seat_at": instant}
    data = {"corrects": call.ended_how} if not live else {}
    seq = end_call(tx, Actor.asterisk(), call, instant, how, data=data, **values)
    if sitting is not None and "seat" in values:
        now_known = load_call(tx, call.id)
        seq = give_ticket(tx, now_known, sitting.user_id, instant, live=False, before=call.answered_by) or seq
    return TicketOutcome(changed=True, ticket_number=call.ticket_number, seq=seq)


def exchange_started(tx: Transaction, *, system_name: str, age_s: float | None = None) -> ExchangeStarted:
    """End the calls that were up when this exchange started, so long ago: they were cut off.

    Their callers are called back, also those who were talking. A repeat changes nothing; what came since is left alone.
    """
    started_at = instant_of(age_s, tx.now, tx.city.policy.calls) or tx.now
    believed_s = tx.city.policy.calls.believed_age_s
    if age_s is not None and age_s > believed_s:
        # Told after a long outage of ours: what came since goes on.
        started_at = tx.now - timedelta(seconds=believed_s)
    name = clean_system_name(system_name)
    noted = note_start(tx, name, started_at)
    ended = end_what_a_start_cut_off(tx, name, started_at)
    seq = ended[-1] if ended else noted
    return ExchangeStarted(changed=seq is not None, seq=seq, calls=len(ended))


def end_call_by_hand(tx: Transaction, *, actor: Actor, number: str, call_id: int | None = None) -> Outcome:
    """Declare that a ticket's call is over, of which the exchange has told no end; only a supervisor may.

    Without a `call_id` all live calls of the ticket are meant. Raises NotPermitted, NotFound.
    """
    check_end_call(actor.role)
    ticket = ticket_row(tx, number)
    own = select(Call.id, Call.state).where(Call.ticket_id == ticket.id).order_by(Call.id)
    calls = tx.connection.execute(own).all()
    if call_id is not None and call_id not in [call.id for call in calls]:
        raise NotFound("call", call_id)
    seq = None
    for row in calls:
        if row.state in LIVE_CALL_STATES and call_id in (None, row.id):
            call = load_call(tx, row.id)
            at = max(tx.now, call.answered_at or call.received_at)
            seq = end_call(tx, actor, call, at, EndedHow.BY_HAND, data={"by": "supervisor"})
    return Outcome(changed=seq is not None, ticket_number=number, seq=seq)
