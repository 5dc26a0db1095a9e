"""Rules of the delivery queue: when a message is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.city.policy import DeliveryPolicy

SMS = "sms"  #: the channel whose port is an SMS gateway


class Attempt(StrEnum):
    """How one attempt to send ended."""

    ACCEPTED = "accepted"  #: the carrier has it
    LATER = "later"  #: out of reach, overloaded: it was not taken, try again
    UNKNOWN = "unknown"  #: no answer came: it may have been taken; try again, and say that it may come twice
    NEVER = "never"  #: the carrier refuses this message, whenever it comes


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How an attempt ended; `problem` is a stable code without personal data, for instance `http_500`."""

    attempt: Attempt
    problem: str | None = None
    provider_id: str | None = None  #: the carrier's own name for an accepted message, by which it tells of it later
    wait_s: float | None = None  #: of LATER: how long the carrier asks us to wait
    this_person: bool = False  #: of LATER: only this person's messages have to wait, not the whole channel
    ours: bool = False  #: of NEVER: the fault is in our own settings, so that it refuses everybody's messages
    address: str | None = None  #: the carrier says that this person's address is another one by now


#: Between two tries of a notice; the messages of an outage go out soon after it.
LONGEST_WAIT_S = 60.0


def wait_before(attempts: int, policy: DeliveryPolicy, share: float) -> float:
    """Seconds until a notice is tried again after `attempts` tries in vain, however many there were.

    `share` (0 to 1) spreads what failed together: half of the wait is certain, the rest by chance.
    """
    doubled = policy.first_retry_s * float(2 ** min(attempts - 1, 30))
    wait_s = min(doubled, policy.longest_retry_s, LONGEST_WAIT_S)
    return wait_s * (0.5 + share / 2)


def retry_at(attempts: int, now: datetime, expires_at: datetime | None, policy: DeliveryPolicy) -> datetime | None:
    """When to try again after `attempts` failures, None when the message is given up.

    The wait doubles with each attempt, up to the policy's longest.
    """
    if attempts >= policy.attempts:
        return None
    # 2**attempts of a large policy would be a number without end; the longest wait is reached long before.
    wait_s = min(policy.first_retry_s * 2 ** min(attempts - 1, 30), policy.longest_retry_s)
    again = now + timedelta(seconds=wait_s)
    return None if expires_at is not None and again >= expires_at else again
