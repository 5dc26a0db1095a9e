"""The delivery queue: leased to one, tried again with doubling waits, marked only after it was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dispatch.deliveries.commands import (
    LeasedDelivery,
    any_due,
    finish_attempt,
    lease_deliveries,
    queue_delivery,
)
from dispatch.deliveries.rules import Attempt, AttemptResult, retry_at
from dispatch.storage.tables import Delivery
from dispatch.storage.transaction import Transaction
from tests.dispatch.shift import Shift
from tests.steppable_clock import A_TUESDAY_MORNING as NOW

ACCEPTED = AttemptResult(Attempt.ACCEPTED)
LATER = AttemptResult(Attempt.LATER, "http_500")


def _queue(tx: Transaction, *, expires_in_s: float | None = None) -> int:
    expires_at = tx.now + timedelta(seconds=expires_in_s) if expires_in_s else None
    return queue_delivery(
        tx, kind="location_link", channel="sms", recipient="081200000417", body="buka x", expires_at=expires_at
    )


def lease(shift: Shift) -> list[LeasedDelivery]:
    return list(shift.run(lease_deliveries))


def finish(shift: Shift, leased: LeasedDelivery, result: AttemptResult) -> bool:
    return bool(shift.run(finish_attempt, delivery_id=leased.id, lease=leased.lease, result=result).changed)


def due(shift: Shift) -> bool:
    with shift.centre.read() as connection:
        return any_due(connection, shift.clock.now())


def the_row(shift: Shift) -> Any:
    [row] = shift.rows(Delivery)
    return row


def test_a_message_is_leased_to_one_worker_and_marked_when_it_was_accepted(shift: Shift) -> None:
    assert not due(shift)
    shift.run(_queue)
    assert due(shift)
    [leased] = lease(shift)
    assert lease(shift) == []
    assert not due(shift)
    assert the_row(shift).accepted_at is None
    assert finish(shift, leased, ACCEPTED)
    assert not finish(shift, leased, ACCEPTED)
    row = the_row(shift)
    assert (row.accepted_at, row.body, row.lease) == (NOW, None, None)
    assert shift.kinds()[-1] == "delivery.accepted"
    shift.clock.step(3600)
    assert not due(shift)


def test_a_worker_that_dies_before_the_mark_lets_it_be_sent_again_under_the_same_id(shift: Shift) -> None:
    shift.run(_queue)
    [first] = lease(shift)  # sent, and the power fails
    shift.clock.step(shift.centre.city.policy.deliveries.lease_s)
    [second] = lease(shift)
    assert (second.id, second.message_id, second.body) == (first.id, first.message_id, first.body)
    assert second.lease != first.lease
    assert not finish(shift, first, LATER)  # it was only slow, and has lost its lease
    assert finish(shift, second, ACCEPTED)
    assert lease(shift) == []


def test_waits_double_up_to_the_longest_and_end_with_the_attempts(sqlite_shift: Shift) -> None:
    policy = replace(sqlite_shift.centre.city.policy.deliveries, first_retry_s=5, longest_retry_s=60, attempts=7)
    waits = [retry_at(n, NOW, None, policy) for n in range(1, 8)]
    seconds = [(at - NOW).total_seconds() if at else None for at in waits]
    assert seconds == [5, 10, 20, 40, 60, 60, None]
    assert retry_at(2, NOW, NOW + timedelta(seconds=10), policy) is None
    assert retry_at(2, NOW, NOW + timedelta(seconds=11), policy) == NOW + timedelta(seconds=10)
    assert retry_at(10**6, NOW, None, replace(policy, attempts=10**7)) == NOW + timedelta(seconds=60)


def test_a_failed_attempt_comes_again_until_the_last(shift: Shift) -> None:
    shift.run(_queue)
    policy = shift.centre.city.policy.deliveries
    for attempt in range(1, policy.attempts):
        [leased] = lease(shift)
        assert finish(shift, leased, LATER)
        row = the_row(shift)
        assert (row.attempts, row.problem, row.failed_at) == (attempt, "http_500", None)
        wait_s = (row.scheduled_for - shift.clock.now()).total_seconds()
        assert wait_s == min(policy.first_retry_s * 2 ** (attempt - 1), policy.longest_retry_s)
        shift.clock.step(wait_s - 1)
        assert lease(shift) == []
        shift.clock.step(1)
    [leased] = lease(shift)
    assert finish(shift, leased, LATER)
    assert the_row(shift).failed_at == shift.clock.now()
    assert the_row(shift).body is None
    assert shift.kinds()[-1] == "delivery.failed"


@pytest.mark.parametrize("problem", ["refused", "expired"])
def test_what_is_refused_for_good_or_wanted_by_nobody_is_given_up(shift: Shift, problem: str) -> None:
    shift.run(_queue, expires_in_s=60)
    if problem == "refused":
        [leased] = lease(shift)
        finish(shift, leased, AttemptResult(Attempt.NEVER))
    else:
        shift.clock.step(61)
        assert lease(shift) == []
    assert the_row(shift).problem == problem
    assert the_row(shift).failed_at is not None
    assert not due(shift)
