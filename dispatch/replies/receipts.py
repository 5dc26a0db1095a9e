"""How far a message has come, as its carrier tells: levels only rise, in whatever order and however often."""

from __future__ import annotations

from sqlalchemy import select

from dispatch.city.ladders import Reach
from dispatch.deliveries.inbound import UNMATCHED
from dispatch.deliveries.notices import FAILED, raise_level, rank
from dispatch.deliveries.outbox import accepted_by_receipt, refused_by_receipt, send_again, with_carried
from dispatch.ladders.carrying import climb
from dispatch.replies.told import Receipt
from dispatch.storage.rows import DeliveryAttemptRow, NoticeDeliveryRow
from dispatch.storage.tables import ContactChannel, DeliveryAttempt, NoticeDelivery, PushSubscription
from dispatch.storage.transaction import Transaction

OUTSIDE_WINDOW = "131047"  #: WhatsApp's code for free text that came after the window had closed


def apply_receipt(tx: Transaction, receipt: Receipt) -> str:
    """Note what a carrier told of a message; return what came of it."""
    attempt = _attempt_of(tx, receipt)
    if attempt is None:
        return UNMATCHED
    row = _delivery(tx, attempt.delivery_id)
    if receipt.level is None:
        return _refused(tx, attempt, row, receipt.problem or "failed")
    if attempt.level == FAILED and rank(receipt.level) < rank(Reach.DELIVERED):
        return "known"  # a late `sent` does not undo what failed after it
    if row.outcome != "accepted" and attempt.level != FAILED:
        accepted_by_receipt(tx, row)
    if attempt.level is None or rank(attempt.level) < rank(receipt.level):
        values = {"level": receipt.level.value, "level_at": tx.now}
        provider_id = attempt.provider_id or receipt.provider_id
        tx.update(DeliveryAttempt, DeliveryAttempt.id == attempt.id, provider_id=provider_id, **values)
    if row.push_subscription_id is not None:
        tx.update(PushSubscription, PushSubscription.id == row.push_subscription_id, receipt_at=tx.now)
    raised = [
        raise_level(tx, one.notice_id, receipt.level, channel=row.channel) is not None for one in with_carried(tx, row)
    ]
    return "raised" if any(raised) else "known"


def _refused(tx: Transaction, attempt: DeliveryAttemptRow, row: NoticeDeliveryRow, problem: str) -> str:
    """The carrier has given up. What was delivered stays delivered, whatever it says afterwards."""
    if attempt.level == FAILED or rank(attempt.level or "") >= rank(Reach.DELIVERED):
        return "known"
    tx.update(DeliveryAttempt, DeliveryAttempt.id == attempt.id, level=FAILED, level_at=tx.now, problem=problem[:40])
    if _another_is_under_way(tx, attempt):
        return "known"
    rows = with_carried(tx, row)
    if problem == OUTSIDE_WINDOW and row.deadline > tx.now:
        tx.update(ContactChannel, ContactChannel.id == row.contact_channel_id, window_until=None)
        send_again(tx, rows)
        return "again"
    climb(tx, refused_by_receipt(tx, rows, problem))
    return "refused"


def _another_is_under_way(tx: Transaction, attempt: DeliveryAttemptRow) -> bool:
    """Whether a later attempt at the same delivery may still get through."""
    later = select(DeliveryAttempt.id).where(
        DeliveryAttempt.delivery_id == attempt.delivery_id, DeliveryAttempt.id > attempt.id
    )
    return tx.connection.execute(later.limit(1)).first() is not None


def _attempt_of(tx: Transaction, receipt: Receipt) -> DeliveryAttemptRow | None:
    """By the carrier's name for the message, or by ours, which it gives back: it may tell before we have noted its."""
    rows = select(DeliveryAttempt.__table__).where(DeliveryAttempt.channel == receipt.channel.value)
    newest = DeliveryAttempt.id.desc()
    if receipt.provider_id is not None:
        named = rows.where(DeliveryAttempt.provider_id == receipt.provider_id).order_by(newest).limit(1)
        row = tx.connection.execute(named).first()
        if row is not None:
            return DeliveryAttemptRow.from_row(row)
    if receipt.message_id is None:
        return None
    ours = rows.join(NoticeDelivery, NoticeDelivery.id == DeliveryAttempt.delivery_id).where(
        NoticeDelivery.message_id == receipt.message_id
    )
    row = tx.connection.execute(ours.order_by(newest).limit(1)).first()
    return DeliveryAttemptRow.from_row(row) if row is not None else None


def _delivery(tx: Transaction, delivery_id: int) -> NoticeDeliveryRow:
    found = select(NoticeDelivery.__table__).where(NoticeDelivery.id == delivery_id)
    return NoticeDeliveryRow.from_row(tx.connection.execute(found).one())
