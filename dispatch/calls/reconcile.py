"""What the exchange's own record has and nobody told: the last net below the news of the calls.

The record says of each call when it came, whether somebody took it, and when it was over. What is known already changes
nothing, so the same record may be read as often as one likes, by several nodes, whole or in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from dispatch.calls.answering import answer_call
from dispatch.calls.endings import load_call
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import call_id_for, register_call
from dispatch.calls.progress import LONGEST_CALL_S, finish_call
from dispatch.calls.recorded import RecordedCall
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.transaction import Transaction
from dispatch.text import clean_line
from dispatch.tickets.call_times import Arrival, TimedBy
from dispatch.tickets.lifecycle import LIVE_CALL_STATES, CallState, EndedHow

#: From the last hanging up before Asterisk stops until it tells that it has started.
RESTART_TAKES_S = 120.0


class Reconciled(NamedTuple):
    """What the record knew better."""

    opened: int  #: calls that had no ticket, and have one now
    ended: int  #: calls that were known, but not that they were over, or not that somebody had taken them


def reconcile_calls(tx: Transaction, *, calls: Sequence[RecordedCall]) -> Reconciled:
    """Bring calls that are over in line with the exchange's record.

    One without a ticket gets one, late, with its true times; if nobody had taken it, it is on the callback list. One
    that was thought to be up ends. Instants that lie ahead of us (a wrong clock there) count as now.
    """
    opened = ended = 0
    oldest = tx.now - timedelta(days=tx.city.policy.calls.record_days)
    for call in calls:
        if call.began_at < oldest:
            continue  # nobody can call back any more, and a record may go back to before us
        created, changed = _reconcile(tx, call)
        opened += created
        ended += changed and not created
    if opened:
        # Every node raises the alarm when it reads this, whoever reconciled.
        tx.record(JournalKind.CALLS_RECONCILED, Actor.asterisk(), opened=opened, ended=ended)
    return Reconciled(opened, ended)


def _reconcile(tx: Transaction, recorded: RecordedCall) -> tuple[bool, bool]:
    """Bring one call in line; whether it was unknown, and whether more was known of it than before."""
    began_at, ended_at = min(recorded.began_at, tx.now), min(recorded.ended_at, tx.now)
    arrival = Arrival(began_at, TimedBy.RECORD)
    incoming = IncomingCall(
        recorded.system_name,
        recorded.linkedid,
        channel=recorded.channel,
        ani=recorded.number,
        caller_name=recorded.name,
        dnid=recorded.dialled,
        arrival=arrival,
    )
    created = register_call(tx, call=incoming).created
    id_ = call_id_for(tx, recorded.system_name, recorded.linkedid, began_at, arrival, arrived=True)
    call = load_call(tx, id_)
    was_over = call.state not in LIVE_CALL_STATES
    # A restart that is ordered (`core restart now`) records the end of a call like any other hanging up.
    over_at = call.ended_at if call.ended_how == EndedHow.RESTART else None
    by_restart = over_at is not None and (over_at - ended_at).total_seconds() < RESTART_TAKES_S
    changed = False
    # When exactly it was cut off nobody knows; that it has ended is known.
    if not (was_over and (recorded.cut_off or by_restart)):
        how = EndedHow.RESTART if recorded.cut_off else EndedHow.RECORD
        seconds = (recorded.ended_at - recorded.began_at).total_seconds()
        changed = finish_call(
            tx,
            call,
            ended_at,
            how,
            answered_at=recorded.seat if recorded.answered_at is not None else None,
            hangup_cause=clean_line(recorded.cause, 40) if recorded.cause else None,
            duration_s=int(seconds) if 0 <= seconds < LONGEST_CALL_S else None,
        ).changed
    # Only now: whoever picked up a call that is over has left it, and what the seat has now goes on.
    call = load_call(tx, call.id)
    unknown = call.answered_at is None or call.answer_guessed
    if recorded.answered_at is not None and unknown and call.state != CallState.LET_GO:
        changed = answer_call(tx, call, recorded.seat, min(recorded.answered_at, ended_at)).changed or changed
    return created, changed
