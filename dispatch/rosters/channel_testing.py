"""Tests a channel: a message that must be answered with its code; until then the channel is used and marked.

What the answer does is `dispatch.duty.channel_tests`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from dispatch.city.ladders import Channel
from dispatch.deliveries.notices import About, NoticeKind, notify
from dispatch.duty.contacts import contact_to_edit
from dispatch.duty.on_duty import ChannelOfPerson, PersonOnDuty
from dispatch.errors import NotFound
from dispatch.roles import Actor, LadderRole
from dispatch.storage.rows import ContactChannelRow
from dispatch.storage.tables import ContactChannel, Notice
from dispatch.storage.transaction import Outcome, Transaction

#: How long a test waits for its answer; a later one is answered all the same while no newer test has begun.
WANTED = timedelta(hours=1)
#: Pressed again within this, the same test goes on: nobody's telephone is flooded by an impatient finger.
AGAIN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAsked(Outcome):
    """The notice that asks; `changed` is False while the test before it is fresh."""

    notice_id: int | None = None


def begin_channel_test(tx: Transaction, *, actor: Actor, channel_id: int) -> ChannelAsked:
    """Send a test by this channel alone. Raises NotFound or NotPermitted."""
    row = tx.connection.execute(
        select(ContactChannel.__table__).where(ContactChannel.id == channel_id, ContactChannel.removed_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("channel", channel_id)
    channel = ContactChannelRow.from_row(row)
    contact = contact_to_edit(tx, actor, "test-channel", channel.contact_id)
    if channel.test_code and channel.test_sent_at and tx.now - channel.test_sent_at < AGAIN_AFTER:
        return ChannelAsked(False)
    code = str(1000 + secrets.randbelow(9000))
    tx.update(ContactChannel, ContactChannel.id == channel_id, test_code=code, test_sent_at=tx.now)
    way = ChannelOfPerson(Channel(channel.channel), channel_id, None, channel.tested_at)
    role = LadderRole(contact.role)
    person = PersonOnDuty(contact.id, contact.user_id, contact.name, role, contact.agency_code, None, False, (way,))
    facts = {"channel_id": channel_id, "code": code}
    notice_id = notify(tx, person, About(NoticeKind.TEST), facts=facts, deadline=tx.now + WANTED)
    # Another channel would prove nothing of this one.
    tx.update(Notice, Notice.id == notice_id, next_channel_at=None)
    return ChannelAsked(True, notice_id=notice_id)
