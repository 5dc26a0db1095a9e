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
    LATER = "later"  #: out of reach, too slow, overloaded: try again
    NEVER = "never"  #: the carrier refuses this message, whenever it comes


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How an attempt ended; `problem` is a stable code without personal data, for instance `http_500`."""

    attempt: Attempt
    problem: str | None = None


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
