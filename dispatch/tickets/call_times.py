"""When a call came, was answered and ended, from what the exchange tells and when; and which call it tells of.

The exchange tells *ages*, by its own clock: how long ago something happened. Its clock may be wrong, so an age is
believed and its time of day is not. A dialplan that tells no ages is judged by the linkedid, which names the second in
which its call began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from dispatch.city.policy import CallPolicy
from dispatch.storage.rows import CallRow
from dispatch.tickets.lifecycle import CallState

#: The linkedid names a whole second: a call that is told at once can seem to be as old as this.
WHOLE_SECOND_S = 2.0
#: Ages are counted in whole seconds, and are older on the way: the same instant told twice may differ by so much.
SAME_INSTANT_S = 3.0


class TimedBy(StrEnum):
    """Where the instant of a call's arrival is from."""

    AGE = "age"
    LINKEDID = "linkedid"
    TOLD = "told"  #: nothing says, so it is when we were told
    WRONG_CLOCK = "clock"  #: likewise, because its linkedid names a second that cannot be
    RECORD = "record"  #: the exchange's own record


#: An arrival from one of these may be too late, by as long as it took to tell us.
_ROUGH = frozenset({TimedBy.TOLD, TimedBy.WRONG_CLOCK})


class Arrival(NamedTuple):
    """When a call came."""

    at: datetime
    timed_by: TimedBy

    @property
    def known_at(self) -> datetime | None:
        """The instant, None where it is only when we were told."""
        return None if self.timed_by in _ROUGH else self.at


def instant_of(age_s: float | None, now: datetime, policy: CallPolicy) -> datetime | None:
    """The instant that lies so long back, None for an age that is unknown or cannot be."""
    if age_s is None or not 0 <= age_s <= policy.believed_age_s:  # NaN is neither
        return None
    # The very same instant where nothing has passed: it is put for the database once per batch, not once per call.
    return now - timedelta(seconds=age_s) if age_s else now


def arrival_of(age_s: float | None, linkedid_s: int | None, now: datetime, policy: CallPolicy) -> Arrival:
    """When a call came of which the exchange tells `now`; never later than now.

    `linkedid_s` is the second since 1970 that its linkedid names, by the exchange's clock.
    """
    told = instant_of(age_s, now, policy)
    if told is not None:
        return Arrival(told, TimedBy.AGE)
    if linkedid_s is None:
        return Arrival(now, TimedBy.TOLD)
    back_s = now.timestamp() - linkedid_s
    if not -policy.clock_ahead_s <= back_s <= policy.believed_age_s:
        return Arrival(now, TimedBy.WRONG_CLOCK)
    if back_s <= WHOLE_SECOND_S:
        return Arrival(now, TimedBy.LINKEDID)
    return Arrival(datetime.fromtimestamp(linkedid_s, UTC), TimedBy.LINKEDID)


def began_before(call: CallRow, ended_at: datetime, lasted_s: int | None, policy: CallPolicy) -> datetime | None:
    """When a call came that lasted so long, if we only know when we were told of it, and that was later."""
    if call.timed_by not in _ROUGH or lasted_s is None or not WHOLE_SECOND_S < lasted_s <= policy.believed_age_s:
        return None
    began_at = ended_at - timedelta(seconds=lasted_s)
    return began_at if (call.received_at - began_at).total_seconds() > WHOLE_SECOND_S else None


class Waiting(Protocol):
    """What a call's wait is judged by."""

    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def received_at(self) -> datetime: ...  # noqa: D102
    @property
    def gate_at(self) -> datetime | None: ...  # noqa: D102


def doubtful_at(call: Waiting, policy: CallPolicy) -> datetime | None:
    """From when a ringing call is doubted: no carrier lets it ring for so long. None for a call that does not ring."""
    if call.state != CallState.RINGING:
        return None
    return (call.gate_at or call.received_at) + timedelta(seconds=policy.doubtful_after_s)


@dataclass(frozen=True, slots=True)
class KnownTimes:
    """What is known of a call that has the same name as one that is told of."""

    received_at: datetime
    timed_by: str | None
    ended_at: datetime | None  #: None: it is live
    end_is_sure: bool
    announced: bool = True  #: False: only of what happened to it have we been told


def is_same_call(known: KnownTimes, at: datetime | None, now: datetime, policy: CallPolicy, *, arrived: bool) -> bool:
    """Whether what is told of belongs to the call that is known by this name, rather than to another one.

    A name comes twice when an exchange starts with a wrong clock. `at` is the instant that is told of, None where it
    is not known; with `arrived` it is the instant at which the call came, otherwise of something that happened to it.
    """
    if at is None:
        over_at = known.ended_at or known.received_at + timedelta(seconds=policy.believed_age_s)
        return now - over_at <= timedelta(seconds=policy.repeat_within_s)
    margin = timedelta(seconds=policy.same_within_s)
    if at < known.received_at - margin:
        # What happened before a call came happened to another one, unless it came before we were told.
        return known.timed_by in _ROUGH or known.timed_by is None
    # When an unannounced call came was only concluded from its linkedid, by a clock that may be slow.
    concluded = known.timed_by == TimedBy.LINKEDID and not known.announced
    if arrived and not concluded:
        return at <= known.received_at + margin
    if known.ended_at is None or not known.end_is_sure:
        return at <= known.received_at + timedelta(seconds=policy.believed_age_s)
    return at <= known.ended_at + margin
