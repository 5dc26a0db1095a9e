"""Tells a contact of its own shifts; for other commands' transactions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dispatch.deliveries.notices import About, NoticeKind, notify
from dispatch.duty.on_duty import PersonOnDuty, channels_of
from dispatch.roles import LadderRole
from dispatch.storage.rows import ContactRow
from dispatch.storage.transaction import Transaction


def as_person(tx: Transaction, contact: ContactRow) -> PersonOnDuty:
    """A contact with its channels, whether on duty or not."""
    channels = channels_of(tx.connection, contact.id, contact.user_id)
    role = LadderRole(contact.role)
    return PersonOnDuty(contact.id, contact.user_id, contact.name, role, contact.agency_code, None, False, channels)


def tell(tx: Transaction, contact: ContactRow, kind: NoticeKind, deadline: datetime, **facts: Any) -> int:
    """Queue a notice about a contact's own shifts, which nobody wants after `deadline`; return its id."""
    return notify(tx, as_person(tx, contact), About(kind), facts=facts, deadline=deadline)
