"""Commands of the delivery queue: lease what is due, note how an attempt ended, erase what is no longer needed.

At least once: a message is marked only after its carrier has accepted it, so a worker that dies in between lets it be
sent again, under the same message id. `queue_delivery` is for other commands, within their transaction.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from dispatch.deliveries.rules import Attempt, AttemptResult, retry_at
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import kind_named
from dispatch.storage.rows import DeliveryRow
from dispatch.storage.tables import WAITING_DELIVERIES, Delivery
from dispatch.storage.transaction import Outcome, Transaction


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A message that one worker may try to send until its lease ends."""

    id: int
    message_id: str
    kind: str
    channel: str
    recipient: str
    body: str
    lease: str


def queue_delivery(
    tx: Transaction,
    *,
    kind: str,
    channel: str,
    recipient: str,
    body: str,
    ticket_id: int | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Queue a message within a command's transaction: it exists if and only if what it tells of does; return its id."""
    return tx.insert(
        Delivery,
        message_id=secrets.token_hex(16),
        kind=kind,
        channel=channel,
        ticket_id=ticket_id,
        recipient=recipient,
        body=body,
        created_at=tx.now,
        scheduled_for=tx.now,
        expires_at=expires_at,
        epoch=tx.epoch,
    )


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether some message may be leased: a look without a write, so that an idle worker leaves the writer alone."""
    return connection.execute(select(Delivery.id).where(*_due(now)).limit(1)).first() is not None


def lease_deliveries(tx: Transaction, *, limit: int = 10) -> list[LeasedDelivery]:
    """Hand out what is due, oldest first, to one worker alone; what nobody wants any more is given up on the way."""
    rows = tx.connection.execute(
        select(Delivery.__table__).where(*_due(tx.now)).order_by(Delivery.scheduled_for, Delivery.id).limit(limit)
    ).all()
    leased = []
    for row in map(DeliveryRow.from_row, rows):
        if row.expires_at is not None and row.expires_at <= tx.now:
            _give_up(tx, row, "expired")
            continue
        if row.epoch is not None and row.epoch != tx.epoch:
            # It came back with a backup and may have gone out since: whoever still wants it sends it anew.
            _give_up(tx, row, "restored")
            continue
        lease = secrets.token_hex(16)
        until = tx.now + timedelta(seconds=tx.city.policy.deliveries.lease_s)
        _set(tx, row.id, lease=lease, leased_until=until, attempts=row.attempts + 1)
        leased.append(
            LeasedDelivery(row.id, row.message_id, row.kind, row.channel, row.recipient or "", row.body or "", lease)
        )
    return leased


def finish_attempt(tx: Transaction, *, delivery_id: int, lease: str, result: AttemptResult) -> Outcome:
    """Note how an attempt ended. A lease that has passed to another worker changes nothing."""
    row = _waiting(tx, Delivery.id == delivery_id, Delivery.lease == lease)
    if row is None:
        return Outcome(changed=False)
    if result.attempt is Attempt.ACCEPTED:
        _set(tx, row.id, accepted_at=tx.now, body=None, lease=None, leased_until=None, problem=None)
        seq = _record(tx, row, "accepted", attempts=row.attempts)
        return Outcome(changed=True, seq=seq)
    again = retry_at(row.attempts, tx.now, row.expires_at, tx.city.policy.deliveries)
    if result.attempt is Attempt.NEVER or again is None:
        return Outcome(changed=True, seq=_give_up(tx, row, result.problem or "refused"))
    _set(tx, row.id, scheduled_for=again, lease=None, leased_until=None, problem=result.problem)
    return Outcome(changed=True, seq=_record(tx, row, "delayed", attempts=row.attempts, problem=result.problem))


def cancel_delivery(tx: Transaction, delivery_id: int, why: str) -> None:
    """Take back, within a command's transaction, a message that has not been accepted yet."""
    row = _waiting(tx, Delivery.id == delivery_id)
    if row is not None:
        _give_up(tx, row, why)


def forget_recipients(tx: Transaction) -> int:
    """Erase the recipients of messages that are finished and older than the policy keeps them; return how many."""
    before = tx.now - timedelta(days=tx.city.policy.deliveries.recipient_kept_days)
    done = or_(Delivery.accepted_at.is_not(None), Delivery.failed_at.is_not(None))
    return tx.update(Delivery, Delivery.created_at < before, Delivery.recipient.is_not(None), done, recipient=None)


def _waiting(tx: Transaction, *where: ColumnElement[bool]) -> DeliveryRow | None:
    row = tx.connection.execute(select(Delivery.__table__).where(*where, WAITING_DELIVERIES)).first()
    return DeliveryRow.from_row(row) if row is not None else None


def _due(now: datetime) -> tuple[Any, ...]:
    free = or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now)
    return WAITING_DELIVERIES, Delivery.scheduled_for <= now, free


def _give_up(tx: Transaction, row: DeliveryRow, problem: str) -> int:
    _set(tx, row.id, failed_at=tx.now, body=None, lease=None, leased_until=None, problem=problem[:40])
    return _record(tx, row, "failed", problem=problem[:40])


def _set(tx: Transaction, delivery_id: int, **values: Any) -> None:
    tx.update(Delivery, Delivery.id == delivery_id, **values)


def _record(tx: Transaction, row: DeliveryRow, what: str, **data: Any) -> int:
    kind = kind_named(f"call.delivery_{what}" if row.ticket_id is not None else f"delivery.{what}")
    return tx.record(kind, Actor.system(), ticket_id=row.ticket_id, delivery_id=row.id, about=row.kind, **data)
