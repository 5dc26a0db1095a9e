"""The rules of calling back: who is to be called, how often, when again, and when nobody has to any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.city.policy import CallbackPolicy
from dispatch.tickets.lifecycle import TicketState


class CallbackReason(StrEnum):
    """Why a caller is to be called back."""

    ABANDONED = "abandoned"  #: hung up before an answer
    DROPPED = "dropped"  #: answered, and cut off


class AttemptOutcome(StrEnum):
    """What came of dialling the number."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"  #: somebody answered who has not called
    REFUSED = "refused"  #: the call was rejected


class CallbackEnding(StrEnum):
    """How a callback ended."""

    REACHED = "reached"
    GOT_THROUGH = "got_through"  #: the same number called again and was answered
    GIVEN_UP = "given_up"  #: closed by a person
    TAKEN_UP = "taken_up"  #: its last ticket was worked and closed otherwise


def is_short_call(answered_at: datetime, ended_at: datetime, policy: CallbackPolicy) -> bool:
    """Whether an answered call ended so soon that nobody can have said what happened."""
    return (ended_at - answered_at).total_seconds() <= policy.short_call_s


def waits_for_callback(ticket_state: str, classification: str | None, exchange_stopped: bool = False) -> bool:
    """Whether a ticket waits for its callback: on the list, closed as dropped, or taken but not sorted yet.

    Whom an exchange that stopped cut off is called back, whatever the ticket has come to.
    """
    if exchange_stopped:
        return True
    if ticket_state == TicketState.CLAIMED:
        return classification is None
    return ticket_state in (TicketState.CALLBACK, TicketState.CLOSED)


def next_due(now: datetime, policy: CallbackPolicy) -> datetime:
    """When the number is to be dialled again after an attempt that did not reach the caller."""
    return now + timedelta(seconds=policy.retry_after_s)


def held_by(owner_id: int | None, owner_since: datetime | None, now: datetime, policy: CallbackPolicy) -> int | None:
    """Who is dialling just now; whoever took it and did nothing for the policy's time has let it go."""
    if owner_id is None or owner_since is None:
        return None
    return owner_id if now < owner_since + timedelta(seconds=policy.hold_s) else None


def may_give_up(
    *,
    callable_number: bool,
    attempts: int,
    last_outcome: str | None,
    last_attempt_at: datetime | None,
    last_call_at: datetime,
    policy: CallbackPolicy,
) -> bool:
    """Whether the callback may be closed without having reached the caller.

    A number that cannot be dialled may be closed at once, one that was somebody else's after that attempt, any other
    after the policy's attempts. A caller who called once more deserves one more attempt.
    """
    if not callable_number:
        return True
    if last_attempt_at is None or last_attempt_at < last_call_at:
        return False
    return last_outcome == AttemptOutcome.WRONG_NUMBER or attempts >= policy.max_attempts
