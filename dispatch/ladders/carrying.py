"""What becomes of a ladder when its messages do not get through: the next rung fires at once, in the same commit."""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.city.ladders import Channel
from dispatch.deliveries import notices, outbox
from dispatch.deliveries.rules import AttemptResult
from dispatch.ladders.firing import lost
from dispatch.storage.transaction import Transaction


def lease_due(tx: Transaction, *, channel: Channel, limit: int) -> tuple[outbox.LeasedNotice, ...]:
    """Hand out what is due on a channel; see `outbox.lease_notices`."""
    leased = outbox.lease_notices(tx, channel=channel, limit=limit)
    climb(tx, leased.lost)
    return leased.messages


def finish_sending(tx: Transaction, *, attempt_id: int, lease: str, result: AttemptResult) -> bool:
    """Note how an attempt ended; return whether it was this worker's to say."""
    finished = outbox.finish_notice_attempt(tx, attempt_id=attempt_id, lease=lease, result=result)
    climb(tx, finished.lost)
    return finished.changed


def go_on_to_next_channels(tx: Transaction, *, limit: int = 20) -> int:
    """Use the next channel of notices that have not come far enough in time; return how many rungs reached nobody."""
    steps = notices.use_next_channels(tx, limit=limit)
    climb(tx, steps)
    return len(steps)


def climb(tx: Transaction, steps: Iterable[int]) -> None:
    """Fire what comes after these steps, to which nothing has got through."""
    for step_id in dict.fromkeys(steps):
        lost(tx, step_id=step_id)
