"""Understands one event that a carrier told, and notes what came of it, in one commit."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import UNMATCHED, settle_event
from dispatch.replies import push, telegram, whatsapp
from dispatch.replies.answers import take_answer
from dispatch.replies.receipts import apply_receipt
from dispatch.replies.told import Answer, Moved, Receipt, Told
from dispatch.storage.rows import InboundEventRow
from dispatch.storage.tables import ContactChannel, InboundEvent
from dispatch.storage.transaction import Transaction


def handle_event(tx: Transaction, *, event_id: int) -> str | None:
    """Do what an event asks for; return what came of it, None where it was done before."""
    found = select(InboundEvent.__table__).where(InboundEvent.id == event_id, InboundEvent.handled_at.is_(None))
    row = tx.connection.execute(found).first()
    if row is None:
        return None
    event = InboundEventRow.from_row(row)
    outcome = _handle(tx, event)
    settle_event(tx, event_id=event_id, outcome=outcome)
    return outcome


def _handle(tx: Transaction, event: InboundEventRow) -> str:
    told = _read(tx, event.channel, event.body)
    if isinstance(told, Receipt):
        return apply_receipt(tx, told)
    if isinstance(told, Answer):
        return take_answer(tx, told, event)
    if isinstance(told, Moved):
        moved = ContactChannel.channel == told.channel.value, ContactChannel.address == told.address
        return "moved" if tx.update(ContactChannel, *moved, address=told.becomes) else UNMATCHED
    return "ignored"


def _read(tx: Transaction, channel: str, body: str | None) -> Told:
    try:
        event: Any = json.loads(body or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    if channel == Channel.WHATSAPP:
        return whatsapp.read(event, tx.city.policy.numbers)
    if channel == Channel.TELEGRAM:
        return telegram.read(event)
    return push.read(event) if channel == Channel.PUSH else None
