"""Messages that came back with a backup: nobody knows whether they went out since, so a person decides on them."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from dispatch.city.ladders import Channel
from dispatch.storage.tables import Contact, Notice, NoticeDelivery, User
from dispatch.storage.tables.deliveries import WAITING_NOTICE_DELIVERIES
from dispatch.storage.transaction import Transaction


class HeldMessage(NamedTuple):
    """One that waits."""

    ticket_id: int | None
    kind: str
    channel: str
    role: str
    name: str | None


def held_messages(connection: Connection, epoch: str) -> list[HeldMessage]:
    """All messages of another epoch that have not gone out, as far as this database knows; the oldest first."""
    statement = (
        select(Notice.ticket_id, Notice.kind, NoticeDelivery.channel, Notice.role, Contact.name, User.display_name)
        .join(Notice, Notice.id == NoticeDelivery.notice_id)
        .outerjoin(Contact, Contact.id == Notice.contact_id)
        .outerjoin(User, User.id == Notice.user_id)
        .where(WAITING_NOTICE_DELIVERIES, NoticeDelivery.epoch != epoch)
        .order_by(NoticeDelivery.id)
    )
    return [HeldMessage(*row[:4], row.name or row.display_name) for row in connection.execute(statement)]


def settle_held_messages(tx: Transaction, ticket_id: int | None, *, send: bool) -> tuple[int, int]:
    """Send a ticket's held messages after all, marked as possibly sent twice, or drop them; return how many of each.

    None: those that belong to no ticket. What is past its deadline is dropped in any case.
    """
    of_ticket = Notice.ticket_id.is_(None) if ticket_id is None else Notice.ticket_id == ticket_id
    of_past = select(NoticeDelivery.notice_id).where(NoticeDelivery.epoch != tx.epoch)
    rows = tx.connection.execute(select(Notice.id, Notice.ended_at).where(of_ticket, Notice.id.in_(of_past))).all()
    if not rows:
        return 0, 0
    of_past_too = NoticeDelivery.notice_id.in_([row.id for row in rows]), NoticeDelivery.epoch != tx.epoch
    waiting: tuple[ColumnElement[bool], ...] = (*of_past_too, NoticeDelivery.ended_at.is_(None))
    sent = _send(tx, waiting) if send else 0
    over = {"ended_at": tx.now, "outcome": "withdrawn", "problem": "restored", "lease": None, "leased_until": None}
    dropped = tx.update(NoticeDelivery, *waiting, **over)
    # No channel is tried next for what is told by the next rung, or by nobody.
    tx.update(Notice, Notice.id.in_([row.id for row in rows]), Notice.id.in_(of_past), next_channel_at=None)
    return sent, dropped


def _send(tx: Transaction, waiting: tuple[ColumnElement[bool], ...]) -> int:
    """Let what is still wanted go out, and the channels after it as if it had been queued now."""
    wanted = (*waiting, NoticeDelivery.deadline > tx.now)
    rows = tx.connection.execute(select(NoticeDelivery.notice_id, NoticeDelivery.channel).where(*wanted)).all()
    free = {"uncertain": True, "due_at": tx.now, "lease": None, "leased_until": None, "carried_by": None}
    sent = tx.update(NoticeDelivery, *wanted, epoch=tx.epoch, **free)
    for notice_id, channel in rows:
        tx.update(NoticeDelivery, NoticeDelivery.notice_id == notice_id, epoch=tx.epoch)
        within = timedelta(seconds=tx.city.ladders.reach[Channel(channel)].within_s)
        tx.update(Notice, Notice.id == notice_id, next_channel_at=tx.now + within)
    return sent
