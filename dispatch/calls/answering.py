"""A seat picks up, as the exchange tells of it: who has the caller now, and whose ticket it is.

The telephone wins: whoever picks up works the ticket.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from dispatch.callbacks.changes import caller_got_through
from dispatch.calls.endings import LoadedCall, end_call, load_call, settle_callback
from dispatch.calls.exchange_starts import end_if_cut_off
from dispatch.calls.incoming import arrival_before
from dispatch.calls.intake import call_id_for
from dispatch.calls.ownership import correct_claim, give_ticket, reopen_for
from dispatch.people.seats import Sitting, who_sits_at
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import LIVE_CALLS, Call
from dispatch.storage.transaction import TicketOutcome, Transaction
from dispatch.tickets.call_times import SAME_INSTANT_S, instant_of
from dispatch.tickets.lifecycle import LIVE_CALL_STATES, NUISANCE, CallState, EndedHow, TicketState, is_conjecture

#: What a call has that is not over, as its columns.
_NOT_OVER = {"ended_at": None, "ended_how": None, "hangup_cause": None, "duration_s": None, "cut_off": False}


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
    arrival = arrival_before(tx, at, linkedid_s)
    call = load_call(tx, call_id_for(tx, system_name, linkedid, at, arrival))
    outcome = answer_call(tx, call, extension, at, others=others)
    if at is not None:
        end_if_cut_off(tx, [call.system_name], at)
    return outcome


def answer_call(
    tx: Transaction, call: LoadedCall, extension: str, at: datetime | None, *, others: int = 0
) -> TicketOutcome:
    """Do what `call_answered` does for a call that was found; `at` None: it is not known when.

    1. Leave alone what is known already, and a call that was let go.
    2. Write and journal who picked up and when. What was only thought to be over lives again.
    3. What the telephone had before is over.
    4. Bring the callback list in line: the caller got through.
    5. Give the ticket to whoever picked up.
    """
    unchanged = TicketOutcome(changed=False, ticket_number=call.ticket_number)
    if call.state == CallState.LET_GO:
        return unchanged
    sitting = who_sits_at(tx, extension)
    lives = call.state in LIVE_CALL_STATES or _lives_again(call, at)
    if _is_repeat(call, sitting, at) or (not lives and at is None and call.answered_at is not None):
        return unchanged
    instant = _answer_instant(tx, call, at, lives)
    values = _answer_values(call, sitting, instant, guessed=at is None and not lives, lives=lives)
    if not values:
        return unchanged
    new_seat = "seat" in values
    if not lives and new_seat:
        sitting = sitting.as_at(instant)
        values["answered_by"] = sitting.user_id
    if _came_earlier(call, at):
        values["received_at"] = instant
    if lives and call.state not in LIVE_CALL_STATES:
        values |= _NOT_OVER
    tx.update(Call, Call.id == call.id, **values)
    seq = _record_answer(tx, call, sitting, transferred=call.answered_at is not None and new_seat)
    if call.answered_at is not None and "answered_at" in values:
        correct_claim(tx, call, values["answered_at"])
    if lives and new_seat:
        _end_what_the_seat_had(tx, call.id, sitting.seat, instant, others)
    _settle_after_answer(tx, call, instant)
    if new_seat:
        seq = _give_to_whoever_picked_up(tx, call, sitting, instant, lives) or seq
    return TicketOutcome(changed=True, ticket_number=call.ticket_number, seq=seq)


def _is_repeat(call: LoadedCall, sitting: Sitting, at: datetime | None) -> bool:
    """Whether this answer of this seat is known already."""
    if call.answered_at is None or sitting.seat != call.seat:
        return False
    if at is None:
        return True
    known_at = call.seat_at or call.answered_at
    return not call.answer_guessed and abs((at - known_at).total_seconds()) <= SAME_INSTANT_S


def _lives_again(call: LoadedCall, at: datetime | None) -> bool:
    """Whether a call that was only thought to be over is picked up afterwards."""
    picks_up_later = at is None or call.ended_at is None or (at - call.ended_at).total_seconds() > SAME_INSTANT_S
    return is_conjecture(call.ended_how) and picks_up_later


def _came_earlier(call: LoadedCall, at: datetime | None) -> bool:
    """Of a call that was not announced it is only known that it came before whatever we heard of first."""
    return at is not None and not call.announced and at < call.received_at


def _answer_instant(tx: Transaction, call: LoadedCall, at: datetime | None, lives: bool) -> datetime:
    """When a call was answered, between its coming and its end."""
    instant = at if at is not None and _came_earlier(call, at) else max(at or tx.now, call.received_at)
    return instant if lives or call.ended_at is None else min(instant, call.ended_at)


def _answer_values(
    call: LoadedCall, sitting: Sitting, instant: datetime, *, guessed: bool, lives: bool
) -> dict[str, Any]:
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


def _record_answer(tx: Transaction, call: LoadedCall, sitting: Sitting, *, transferred: bool) -> int:
    told: dict[str, Any] = {"seat": sitting.seat, "operator_id": sitting.user_id}
    if transferred:
        told |= {"from_seat": call.seat, "from_id": call.answered_by}
    if sitting.absent_id is not None:
        told["absent_id"] = sitting.absent_id
    kind = JournalKind.CALL_TRANSFERRED if transferred else JournalKind.CALL_ANSWERED
    return tx.record(kind, Actor.asterisk(), ticket_id=call.event_id, call_id=call.id, **told)


def _settle_after_answer(tx: Transaction, before: LoadedCall, instant: datetime) -> None:
    """Bring the callback list in line with an answer; `before` is the call as it was known without it."""
    now_known = load_call(tx, before.id)
    if before.state not in LIVE_CALL_STATES:
        settle_callback(tx, now_known, reconsider=True)
    if before.answered_at is not None:
        return
    caller_got_through(
        tx, number=before.number, at=instant, ticket_id=before.ticket_id, ticket_number=before.ticket_number
    )
    if now_known.ended_how == EndedHow.RESTART:
        # Got through, and was cut off afterwards.
        settle_callback(tx, load_call(tx, before.id), reconsider=False)


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
