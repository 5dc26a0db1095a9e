"""An answered test proves a channel: for the commands that receive what people send us.

Which message asks for the answer is `dispatch.rosters.channel_testing`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from dispatch.duty.contacts import contact_to_edit
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import ContactChannelRow
from dispatch.storage.tables import ContactChannel
from dispatch.storage.transaction import Outcome, Transaction

#: The digits of a test's code, wherever they stand in an answer.
_DIGITS = re.compile(r"\d{4,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelProved(Outcome):
    """The contact whose channel is proved; None where no test waited for this answer."""

    contact_id: int | None = None
    channel_id: int | None = None


def answer_test(tx: Transaction, *, channel: str, address: str, words: str) -> ChannelProved:
    """Note that somebody answered a test with its code, from the very address that it went to.

    `address` is written as `normalise_address` does, or is what the carrier calls the person (`provider_user`).
    """
    codes = set(_DIGITS.findall(words))
    for row in _waiting(tx, channel, address):
        if row.test_code in codes:
            return _proved(tx, row)
    return ChannelProved(False)


def answer_test_by_code(tx: Transaction, *, actor: Actor, channel_id: int, code: str) -> ChannelProved:
    """The same for channels that bring no answer back (mail, further services): the code is typed on the page."""
    row = tx.connection.execute(
        select(ContactChannel.__table__).where(
            ContactChannel.id == channel_id, ContactChannel.removed_at.is_(None), ContactChannel.test_code.is_not(None)
        )
    ).first()
    if row is None:
        return ChannelProved(False)
    channel = ContactChannelRow.from_row(row)
    contact_to_edit(tx, actor, "answer-test", channel.contact_id)
    return _proved(tx, channel, actor) if code.strip() == channel.test_code else ChannelProved(False)


def _waiting(tx: Transaction, channel: str, address: str) -> list[ContactChannelRow]:
    """The channels at this address that wait for an answer."""
    rows = tx.connection.execute(
        select(ContactChannel.__table__).where(
            ContactChannel.channel == channel,
            (ContactChannel.address == address) | (ContactChannel.provider_user == address),
            ContactChannel.removed_at.is_(None),
            ContactChannel.test_code.is_not(None),
        )
    )
    return [ContactChannelRow.from_row(row) for row in rows]


def _proved(tx: Transaction, row: ContactChannelRow, actor: Actor | None = None) -> ChannelProved:
    tx.update(
        ContactChannel, ContactChannel.id == row.id, test_code=None, tested_at=tx.now, problem=None, problem_at=None
    )
    seq = tx.record(
        JournalKind.CONTACT_CHANNEL_TESTED, actor or Actor.system(), contact_id=row.contact_id, channel_id=row.id
    )
    return ChannelProved(True, seq=seq, contact_id=row.contact_id, channel_id=row.id)
