"""A test goes out by one channel, asks for a code, and the answer proves that channel alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.deliveries.notices import use_next_channels
from dispatch.duty.channel_tests import answer_test
from dispatch.duty.contacts import set_channels
from dispatch.errors import NotFound, NotPermitted
from dispatch.rosters.channel_testing import begin_channel_test
from dispatch.storage.tables import ContactChannel, Notice, NoticeDelivery
from tests.dispatch.duty.people import contact, number_of
from tests.dispatch.shift import Shift


def channel_ids(shift: Shift) -> dict[str, int]:
    with shift.centre.read() as connection:
        rows = connection.execute(
            select(ContactChannel.channel, ContactChannel.id).where(ContactChannel.removed_at.is_(None))
        )
        return {row.channel: row.id for row in rows}


def test_a_test_asks_for_its_code_by_that_channel_alone(shift: Shift) -> None:
    herman = contact(shift, "Herman", tested=False)
    number = number_of(herman)
    shift.run(
        set_channels, actor=shift.damkar, contact_id=herman, channels=[("whatsapp", number), ("telegram", "123456")]
    )
    ids = channel_ids(shift)
    begun = shift.run(begin_channel_test, actor=shift.damkar, channel_id=ids["telegram"])
    (notice,) = shift.rows(Notice)
    assert (notice.id, notice.kind, notice.facts["channel_id"]) == (begun.notice_id, "test", ids["telegram"])
    assert [(one.channel, one.contact_channel_id) for one in shift.rows(NoticeDelivery)] == [
        ("telegram", ids["telegram"])
    ]
    shift.clock.step(300)
    shift.run(use_next_channels)
    assert len(shift.rows(NoticeDelivery)) == 1  # WhatsApp would prove nothing of Telegram
    code = notice.facts["code"]
    assert not shift.run(answer_test, channel="whatsapp", address=number, words=code).changed
    assert shift.run(answer_test, channel="telegram", address="123456", words=f"kode: {code}").changed


def test_an_impatient_finger_sends_one_message_and_a_later_test_has_a_new_code(shift: Shift) -> None:
    contact(shift, "Herman", tested=False)
    channel_id = channel_ids(shift)["whatsapp"]
    assert shift.run(begin_channel_test, actor=shift.ratna, channel_id=channel_id).changed
    assert not shift.run(begin_channel_test, actor=shift.ratna, channel_id=channel_id).changed
    shift.clock.step(61)
    assert shift.run(begin_channel_test, actor=shift.ratna, channel_id=channel_id).changed
    assert len(shift.rows(Notice)) == 2


def test_who_may_test(shift: Shift) -> None:
    contact(shift, "Herman")
    channel_id = channel_ids(shift)["whatsapp"]
    with pytest.raises(NotPermitted):
        shift.run(begin_channel_test, actor=shift.dewi, channel_id=channel_id)
    for actor, id_ in ((shift.psc119, channel_id), (shift.ratna, 999)):
        with pytest.raises(NotFound):
            shift.run(begin_channel_test, actor=actor, channel_id=id_)
