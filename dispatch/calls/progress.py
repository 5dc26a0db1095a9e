"""Commands that the telephone exchange gives: a call came in, was answered, is over.

The exchange may repeat each of them, in any order, and may give the later ones although the first never arrived (the
software was down while the caller was queued): then the call is registered late rather than lost. Each tells how long
ago it happened; whatever order they come in, they lead to the same state. The telephone wins: whoever picks up works
the ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from dispatch.callbacks.changes import caller_got_through
from dispatch.calls.endings import LoadedCall, end_call, load_call, settle_callback
from dispatch.calls.exchange_starts import end_if_cut_off, end_what_a_start_cut_off, note_start
from dispatch.calls.incoming import clean_system_name
from dispatch.calls.intake import call_id_for
from dispatch.calls.ownership import correct_claim, give_ticket, reopen_for
from dispatch.errors import NotFound
from dispatch.people.seats import Sitting, who_sits_at
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import LIVE_CALLS, Call
from dispatch.storage.transaction import Outcome, TicketOutcome, Transaction
from dispatch.text import clean_line
from dispatch.tickets.call_times import SAME_INSTANT_S, Arrival, TimedBy, arrival_of, began_before, instant_of
from dispatch.tickets.changes import ticket_row
from dispatch.tickets.lifecycle import (
    LIVE_CALL_STATES,
    NUISANCE,
    CallState,
    EndedHow,
    TicketState,
    check_end_call,
    is_conjecture,
)

LONGEST_CALL_S = 10**7  #: a duration beyond this is no call's


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeStarted(Outcome):
    """What the start of an exchange did."""

    calls: int  #: how many it cut off


class _Answer(NamedTuple):
    """That a seat picked up, and when; `at` is None where only the answer is known."""

    extension: str
    at: datetime | None
    others: int = 0


def call_answered(
    tx: Transaction,
    *,
    system_name: str,
    linkedid: str,
    extension: str,
    age_s: float | None = None,
    others: int = 0,
    linkedid_s: int | None = None,
) -> TicketOutcome:
    """Record which seat answered; the operator who sits there gets the ticket, whoever has it.

    `extension` is the queue member's, for instance `op2`; a seat nobody signed in to is recorded all the same. Another
    seat than before is a transfer. What the seat had before is over, but for as many live calls as the dialplan says
    it holds besides (`others`).
    """
    at = instant_of(age_s, tx.now, tx.city.policy.calls)
    arrival = _arrival_before(tx, at, linkedid_s)
    call = load_call(tx, call_id_for(tx, system_name, linkedid, at, arrival))
    outcome = answer_call(tx, call, extension, at, others=others)
    if at is not None:
        end_if_cut_off(tx, [call.system_name], at)
    return outcome


def answer_call(
    tx: Transaction, call: LoadedCall, extension: str, at: datetime | None, *, others: int = 0
) -> TicketOutcome:
    """Do what `call_answered` does for a call that was found; `at` None: it is not known when."""
    unchanged = TicketOutcome(changed=False, ticket_number=call.ticket_number)
    if call.state == CallState.LET_GO:
        return unchanged
    sitting = who_sits_at(tx, extension)
    live = call.state in LIVE_CALL_STATES
    picks_up_later = at is None or call.ended_at is None or (at - call.ended_at).total_seconds() > SAME_INSTANT_S
    # What was only thought to be over lives, if somebody picks it up afterwards.
    revived = not live and is_conjecture(call.ended_how) and picks_up_later
    if _is_repeat(call, sitting, at):
        return unchanged
    if not live and not revived and at is None and call.answered_at is not None:
        return unchanged
    guessed = at is None and not live and not revived
    # Of a call that was not announced it is only known that it came before whatever we heard of first.
    came_earlier = at is not None and not call.announced and at < call.received_at
    instant = at if at is not None and came_earlier else max(at or tx.now, call.received_at)
    if not live and not revived and call.ended_at is not None:
        instant = min(instant, call.ended_at)
    values = _answer_values(call, sitting, instant, guessed, live or revived)
    if not values:
        return unchanged
    if came_earlier:
        values["received_at"] = instant
    if not live and not revived and "seat" in values:
        sitting = sitting.as_at(instant)
        values["answered_by"] = sitting.user_id
    if revived:
        values |= {"ended_at": None, "ended_how": None, "hangup_cause": None, "duration_s": None, "cut_off": False}
    tx.update(Call, Call.id == call.id, **values)
    transferred = call.answered_at is not None and "seat" in values
    told: dict[str, Any] = {"seat": sitting.seat, "operator_id": sitting.user_id}
    if transferred:
        told |= {"from_seat": call.seat, "from_id": call.answered_by}
    if sitting.absent_id is not None:
        told["absent_id"] = sitting.absent_id
    kind = JournalKind.CALL_TRANSFERRED if transferred else JournalKind.CALL_ANSWERED
    seq = tx.record(kind, Actor.asterisk(), ticket_id=call.event_id, call_id=call.id, **told)
    if call.answered_at is not None and "answered_at" in values:
        correct_claim(tx, call, values["answered_at"])
    if (live or revived) and "seat" in values:
        _end_what_the_seat_had(tx, call.id, sitting.seat, instant, others)
    now_known = load_call(tx, call.id)
    if not live:
        settle_callback(tx, now_known, reconsider=True)
    if call.answered_at is None:
        caller_got_through(
            tx, number=call.number, at=instant, ticket_id=call.ticket_id, ticket_number=call.ticket_number
        )
        if now_known.ended_how == EndedHow.RESTART:
            # Got through, and was cut off afterwards.
            settle_callback(tx, load_call(tx, call.id), reconsider=False)
    if "seat" in values:
        seq = _give_to_whoever_picked_up(tx, call, sitting, instant, live or revived) or seq
    return TicketOutcome(changed=True, ticket_number=call.ticket_number, seq=seq)


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
    arrival = _arrival_before(tx, at, linkedid_s, lasted_s)
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


def _arrival_before(
    tx: Transaction, at: datetime | None, linkedid_s: int | None, lasted_s: int | None = None
) -> Arrival:
    """When a call came, judged from something that happened to it: at the latest then."""
    policy = tx.city.policy.calls
    if at is not None and lasted_s is not None:
        return Arrival(at - timedelta(seconds=lasted_s), TimedBy.AGE)
    arrival = arrival_of(None, linkedid_s, tx.now, policy)
    if at is not None and at < arrival.at:
        return Arrival(at, TimedBy.TOLD)
    return arrival


def _is_repeat(call: LoadedCall, sitting: Sitting, at: datetime | None) -> bool:
    """Whether this answer of this seat is known already."""
    if call.answered_at is None or sitting.seat != call.seat:
        return False
    if at is None:
        return True
    known_at = call.seat_at or call.answered_at
    return not call.answer_guessed and abs((at - known_at).total_seconds()) <= SAME_INSTANT_S


def _answer_values(call: LoadedCall, sitting: Sitting, instant: datetime, guessed: bool, lives: bool) -> dict[str, Any]:
    """What an answer adds to what is known of a call; nothing where that is all known."""
    values: dict[str, Any] = {}
    if call.answered_at is None or (call.answer_guessed and not guessed) or instant < call.answered_at:
        values |= {"answered_at": instant, "answer_guessed": guessed}
    # Whose telephone picked up last has the caller, in whichever order we are told.
    last_at = call.seat_at or call.answered_at
    if last_at is not None and sitting.seat == call.seat:
        if call.answer_guessed or instant > last_at:
            values["seat_at"] = instant
    elif last_at is None or instant >= last_at:
        values |= {"seat": sitting.seat, "answered_by": sitting.user_id, "seat_at": instant}
    if lives and call.state != CallState.ANSWERED:
        values["state"] = CallState.ANSWERED
    elif not lives and call.state == CallState.ABANDONED:
        values["state"] = CallState.ENDED
    return values


def _end_what_the_seat_had(tx: Transaction, call_id: int, seat: str | None, at: datetime, others: int) -> None:
    """A telephone has one conversation: what it had before is over, but for the newest ones that it holds."""
    if seat is None:
        return
    before = select(Call.id).where(
        LIVE_CALLS, Call.state == CallState.ANSWERED, Call.seat == seat, Call.id != call_id, Call.answered_at <= at
    )
    over = list(tx.connection.execute(before.order_by(Call.answered_at.desc(), Call.id.desc())).scalars())
    for id_ in reversed(over[max(others, 0) :]):
        end_call(tx, Actor.asterisk(), load_call(tx, id_), at, EndedHow.INFERRED, data={"inferred": True})


def _give_to_whoever_picked_up(
    tx: Transaction, before: LoadedCall, sitting: Sitting, at: datetime, lives: bool
) -> int | None:
    call = load_call(tx, before.id)
    transferred = before.answered_at is not None
    nuisance = call.ticket_state == TicketState.CLOSED and call.classification in NUISANCE
    if nuisance and lives and not transferred:
        return reopen_for(tx, call, sitting.user_id, at)
    by_this_call = before.answered_by
    return give_ticket(tx, call, sitting.user_id, at, live=lives, transferred=transferred, before=by_this_call)
