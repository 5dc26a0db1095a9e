"""Receipts come doubled, out of order, before our own mark, a week late, or never; levels only rise."""

from __future__ import annotations

from itertools import permutations

import pytest

from dispatch.deliveries.outbox import LeasedNotice
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.storage.tables import ContactChannel, DeliveryAttempt, InboundEvent, LadderStep, Notice
from tests.dispatch.replies.carriers_tell import handle, status, tell
from tests.dispatch.shift import Shift
from tests.dispatch.telling import OUTAGE, add_contact, change, finish, fire, go_on, lease, levels, outcomes, rows


def sent(shift: Shift, *channels: str, marked: bool = True) -> LeasedNotice:
    """Damkar's duty officer was sent a task by WhatsApp."""
    add_contact(shift, "DAMKAR", "duty", *(channels or ("whatsapp",)))
    shift.sent("DAMKAR")
    fire(shift)
    [message] = lease(shift)
    if marked:
        finish(shift, message)
    return message


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
def test_levels_only_rise_in_whatever_order_receipts_come(sqlite_shift: Shift, order: tuple[str, ...]) -> None:
    sent(sqlite_shift)
    for name in (*order, *order):
        tell(sqlite_shift, statuses=[status("wamid.1", name)])
    assert levels(sqlite_shift) == ["read"]
    assert len(rows(sqlite_shift, InboundEvent)) == 3


def test_a_receipt_that_comes_before_our_own_mark_counts(shift: Shift) -> None:
    message = sent(shift, marked=False)
    assert tell(shift, statuses=[status("wamid.1", "delivered", opaque=message.message_id)]) == ["raised"]
    assert levels(shift) == ["delivered"]
    assert outcomes(shift) == [("whatsapp", "accepted")]
    assert not finish(shift, message)  # it is marked already
    assert levels(shift) == ["delivered"]
    [attempt] = rows(shift, DeliveryAttempt)
    assert (attempt.provider_id, attempt.level) == ("wamid.1", "delivered")


def test_a_receipt_without_our_reference_waits_until_we_know_the_carriers(shift: Shift) -> None:
    message = sent(shift, marked=False)
    assert tell(shift, statuses=[status("wamid.1", "delivered")]) == ["unmatched"]
    finish(shift, message)
    assert handle(shift) == ["raised"]
    assert levels(shift) == ["delivered"]


def test_a_receipt_a_week_late_is_noted_and_starts_nothing(shift: Shift) -> None:
    sent(shift)
    shift.clock.step(7 * 86_400)
    tell(shift, statuses=[status("wamid.1", "delivered")])
    assert levels(shift) == ["delivered"]
    before = len(rows(shift, LadderStep))
    assert go_on(shift) == 0
    assert len(rows(shift, LadderStep)) == before


def test_an_answer_that_never_came_is_settled_by_the_receipt(shift: Shift) -> None:
    message = sent(shift, marked=False)
    finish(shift, message, AttemptResult(Attempt.UNKNOWN, "timeout"))
    tell(shift, statuses=[status("wamid.9", "delivered", opaque=message.message_id)])
    shift.clock.step(60)
    assert lease(shift) == []  # nobody is told twice
    assert outcomes(shift) == [("whatsapp", "accepted")]


def test_what_the_carrier_gives_up_goes_by_the_next_channel_at_once(shift: Shift) -> None:
    sent(shift, "whatsapp", "telegram")
    assert tell(shift, statuses=[status("wamid.1", "failed", code=131026)]) == ["refused"]
    assert outcomes(shift) == [("whatsapp", "failed"), ("telegram", None)]
    assert rows(shift, ContactChannel)[0].problem == "131026"
    assert tell(shift, statuses=[status("wamid.1", "sent")]) == ["known"]  # late, and undoes nothing
    assert outcomes(shift)[0] == ("whatsapp", "failed")


def test_where_it_was_the_only_channel_the_next_rung_fires_at_once(shift: Shift) -> None:
    sent(shift)
    tell(shift, statuses=[status("wamid.1", "failed", code=131049)])
    assert levels(shift)[0] == "failed"
    assert "ladder.lost" in shift.kinds()
    before = len(rows(shift, LadderStep))
    fire(shift)
    assert len(rows(shift, LadderStep)) > before


def test_what_was_delivered_cannot_fail_any_more(shift: Shift) -> None:
    sent(shift)
    tell(shift, statuses=[status("wamid.1", "delivered"), status("wamid.1", "failed", code=131026)])
    assert levels(shift) == ["delivered"]
    assert outcomes(shift) == [("whatsapp", "accepted")]


def test_free_text_that_came_too_late_is_sent_again_as_a_template(shift: Shift) -> None:
    sent(shift)
    change(shift, ContactChannel, 1, window_until=shift.clock.now().replace(year=2027))
    assert tell(shift, statuses=[status("wamid.1", "failed", code=131047)]) == ["again"]
    shift.clock.step(6)
    [message] = lease(shift)
    assert not message.to.window_open


def test_one_message_for_several_notices_raises_all_of_them(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    shift.sent("DAMKAR")
    fire(shift)
    [message] = lease(shift)
    finish(shift, message)
    tell(shift, statuses=[status("wamid.1", "read")])
    assert levels(shift) == ["read", "read"]


def test_a_receipt_of_an_earlier_try_does_not_end_the_one_under_way(shift: Shift) -> None:
    first = sent(shift, marked=False)
    finish(shift, first, OUTAGE)
    change(shift, DeliveryAttempt, 1, provider_id="wamid.0")
    shift.clock.step(60)
    [second] = lease(shift)
    tell(shift, statuses=[status("wamid.0", "failed", code=131000)])
    assert finish(shift, second)
    assert levels(shift) == ["accepted"]


def test_news_of_somebody_elses_message_and_nonsense_change_nothing(shift: Shift) -> None:
    sent(shift)
    assert tell(shift, statuses=[status("wamid.else", "read"), status("wamid.1", "dancing")]) == [
        "unmatched",
        "ignored",
    ]
    assert tell(shift, statuses=["x", {"id": 3}, {"id": "wamid.1"}]) == ["ignored"]
    assert rows(shift, Notice)[0].level == "accepted"
