"""What carriers tell us: kept as it came, under the carrier's own name for it, so that it can be answered at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select

from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import ContactChannel, InboundEvent
from dispatch.storage.tables.deliveries import WAITING_EVENTS
from dispatch.storage.transaction import Transaction

UNMATCHED = "unmatched"  #: outcome of news about a message that we do not know, or do not know yet
#: What carriers tell of a message; the event's name is the message's, and one of these.
_NEWS = ("sent", "delivered", "read", "failed")


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One thing that a carrier told."""

    event_id: str  #: the carrier's name for it: a repeat is the same
    body: str  #: JSON
    sender: str | None = None  #: who wrote, as the carrier says


def store_events(tx: Transaction, *, channel: str, events: Sequence[RawEvent]) -> int:
    """Keep what was told, each once however often it comes; return how many were new."""
    known = select(InboundEvent.event_id).where(
        InboundEvent.channel == channel, InboundEvent.event_id.in_([event.event_id for event in events])
    )
    seen = set(tx.connection.execute(known).scalars())
    new = {event.event_id: event for event in events if event.event_id not in seen}
    tx.insert_rows(
        InboundEvent,
        [
            {
                "channel": channel,
                "event_id": event.event_id,
                "body": event.body,
                "sender": event.sender,
                "received_at": tx.now,
            }
            for event in new.values()
        ],
    )
    return len(new)


def waiting_events(connection: Connection, limit: int) -> list[int]:
    """What was not understood yet, the oldest first."""
    waiting = select(InboundEvent.id).where(WAITING_EVENTS).order_by(InboundEvent.id).limit(limit)
    return list(connection.execute(waiting).scalars())


def settle_event(tx: Transaction, *, event_id: int, outcome: str) -> None:
    """Note what came of an event; it is not looked at again."""
    tx.update(InboundEvent, InboundEvent.id == event_id, handled_at=tx.now, outcome=outcome[:40])


def read_again(tx: Transaction, channel: str, provider_id: str) -> None:
    """Look again at news of a message that came before we knew the carrier's name for it."""
    names = [f"{provider_id}:{news}" for news in _NEWS]
    early = InboundEvent.event_id.in_(names), InboundEvent.outcome == UNMATCHED
    tx.update(InboundEvent, InboundEvent.channel == channel, *early, handled_at=None, outcome=None)


def forget_traces(tx: Transaction) -> int:
    """Erase what people wrote, and addresses that were taken away, once the policy's days are over; return how many."""
    before = tx.now - timedelta(days=tx.city.policy.deliveries.recipient_kept_days)
    old = InboundEvent.received_at < before, InboundEvent.body.is_not(None), InboundEvent.handled_at.is_not(None)
    bodies = tx.update(InboundEvent, *old, body=None, sender=None)
    gone = ContactChannel.removed_at < before, ContactChannel.address != ""
    addresses = tx.update(ContactChannel, *gone, address="", provider_user=None)
    if bodies or addresses:
        tx.record(JournalKind.ERASURE_DONE, Actor.system(), inbound_events=bodies, contact_addresses=addresses)
    return bodies + addresses
