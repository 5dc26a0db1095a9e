"""Two nodes share one outbox: nothing is lost and nothing sent twice, also where one of them is killed."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from dispatch.centre import open_centre
from dispatch.city.ladders import Channel
from dispatch.city.pack import CityPack
from dispatch.ladders.carrying import finish_sending, lease_due
from dispatch.storage.tables import DeliveryAttempt, NoticeDelivery
from tests.dispatch.shift import Shift
from tests.dispatch.telling import ACCEPTED, add_contact, fire, lease, outcomes, rows
from tests.steppable_clock import SteppableClock


def test_two_workers_hand_out_each_message_once(
    shift: Shift, database_url: str, city: CityPack, clock: SteppableClock
) -> None:
    for _ in range(40):
        add_contact(shift, "DAMKAR", "duty", "telegram")
    shift.sent("DAMKAR")
    fire(shift)
    other = open_centre(database_url, city, clock=clock)
    seen: Counter[str] = Counter()

    def work(centre: object) -> None:
        while leased := centre.run(lease_due, channel=Channel.TELEGRAM, limit=3):  # type: ignore[attr-defined]
            for message in leased:
                seen[message.message_id] += 1
                centre.run(  # type: ignore[attr-defined]
                    finish_sending, attempt_id=message.attempt_id, lease=message.lease, result=ACCEPTED
                )

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, (shift.centre, other)))
    finally:
        other.close()
    assert sorted(seen.values()) == [1] * 40
    assert {outcome for _, outcome in outcomes(shift)} == {"accepted"}


def test_a_node_that_is_killed_in_each_step_leaves_nothing_unsent(shift: Shift) -> None:
    for _ in range(3):
        add_contact(shift, "DAMKAR", "duty", "telegram")
    shift.sent("DAMKAR")
    fire(shift)
    before_send, after_send, marked = lease(shift, "telegram")  # killed here ...
    shift.run(finish_sending, attempt_id=marked.attempt_id, lease=marked.lease, result=ACCEPTED)
    shift.clock.step(shift.centre.city.policy.deliveries.lease_s)
    again = lease(shift, "telegram")
    assert {message.message_id for message in again} == {before_send.message_id, after_send.message_id}
    assert all(message.uncertain for message in again)  # nobody knows which of the two went out
    for message in again:
        shift.run(finish_sending, attempt_id=message.attempt_id, lease=message.lease, result=ACCEPTED)
    assert {delivery.outcome for delivery in rows(shift, NoticeDelivery)} == {"accepted"}
    assert [attempt.outcome for attempt in rows(shift, DeliveryAttempt)].count("unknown") == 2
