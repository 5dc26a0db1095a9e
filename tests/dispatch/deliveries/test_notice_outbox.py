"""The outbox of notices: one worker each, an attempt before the sending, by deadline and not by count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.deliveries.outbox import LeasedNotice, due_work
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.roles import Actor
from dispatch.rosters.changes import add_duty
from dispatch.storage.tables import (
    ContactChannel,
    DeliveryAttempt,
    LadderStep,
    Notice,
    NoticeDelivery,
    PushSubscription,
)
from tests.dispatch.shift import Shift
from tests.dispatch.telling import (
    ACCEPTED,
    OUTAGE,
    REFUSED,
    UNKNOWN,
    add_browser,
    add_contact,
    address_of,
    change,
    finish,
    fire,
    go_on,
    lease,
    levels,
    outcomes,
    rows,
)

NOW_LOCAL, LATER_LOCAL = "2026-11-24T00:00", "2026-11-25T00:00"


def told(shift: Shift, *channels: str) -> int:
    """Damkar's duty officer is told of a fire; return the contact."""
    contact = add_contact(shift, "DAMKAR", "duty", *(channels or ("whatsapp",)))
    shift.sent("DAMKAR")
    fire(shift)
    return contact


def due(shift: Shift) -> frozenset[str]:
    with shift.centre.read() as connection:
        return due_work(connection, shift.clock.now()).channels


def test_a_message_goes_to_one_worker_and_its_attempt_stands_before_it_is_sent(shift: Shift) -> None:
    contact = told(shift)
    assert due(shift) == {"whatsapp"}
    [message] = lease(shift)
    assert message.to.address == address_of(contact)
    assert [said.kind for said in message.said] == ["task"]
    [attempt] = rows(shift, DeliveryAttempt)
    assert (attempt.began_at, attempt.outcome) == (shift.clock.now(), None)
    assert lease(shift) == []
    assert not due(shift)
    assert levels(shift) == ["queued"]
    assert finish(shift, message)
    assert levels(shift) == ["accepted"]
    [delivery] = rows(shift, NoticeDelivery)
    assert (delivery.outcome, delivery.lease) == ("accepted", None)
    assert rows(shift, DeliveryAttempt)[0].provider_id == "wamid.1"
    assert not finish(shift, message)


def test_a_worker_that_dies_between_send_and_mark_leaves_a_message_that_may_come_twice(shift: Shift) -> None:
    told(shift)
    [first] = lease(shift)
    assert not first.uncertain
    shift.clock.step(shift.centre.city.policy.deliveries.lease_s)
    [second] = lease(shift)
    assert (second.message_id, second.uncertain) == (first.message_id, True)
    assert [attempt.outcome for attempt in rows(shift, DeliveryAttempt)] == ["unknown", None]
    assert not finish(shift, first, OUTAGE)  # it has lost its lease
    assert finish(shift, first)  # and it was only slow: the carrier has it
    assert levels(shift) == ["accepted"]
    assert not finish(shift, second)


def test_an_outage_of_an_hour_loses_nothing_and_a_second_channel_is_used_meanwhile(shift: Shift) -> None:
    told(shift, "whatsapp", "telegram")
    tries = 0
    for _ in range(360):
        for message in lease(shift):
            tries += 1
            finish(shift, message, OUTAGE)
        shift.clock.step(10)
        go_on(shift)
    assert tries > shift.centre.city.policy.deliveries.attempts
    assert outcomes(shift) == [("whatsapp", None), ("telegram", None)]
    shift.clock.step(61)
    [message] = lease(shift)
    finish(shift, message)
    assert levels(shift)[0] == "accepted"


def test_one_of_two_who_cannot_be_reached_wakes_nobody_higher_until_the_other_cannot_either(shift: Shift) -> None:
    for address in ("whatsapp", "telegram"):
        add_contact(shift, "DAMKAR", "duty", address)
    shift.sent("DAMKAR")
    fire(shift)
    [refused] = lease(shift, "telegram")
    finish(shift, refused, AttemptResult(Attempt.NEVER, "blocked"))
    assert sorted(levels(shift)) == ["failed", "queued"]
    assert "ladder.lost" not in shift.kinds()
    [message] = lease(shift)
    finish(shift, message, REFUSED)
    assert "ladder.lost" in shift.kinds()


def test_no_answer_in_time_is_tried_again_and_marked(shift: Shift) -> None:
    told(shift)
    [message] = lease(shift)
    finish(shift, message, UNKNOWN)
    shift.clock.step(60)
    assert lease(shift)[0].uncertain


def test_the_deadline_ends_it_and_the_step_is_lost(shift: Shift) -> None:
    told(shift)
    [message] = lease(shift)
    finish(shift, message, OUTAGE)
    [delivery] = rows(shift, NoticeDelivery)
    shift.clock.step((delivery.deadline - shift.clock.now()).total_seconds())
    assert lease(shift) == []
    assert outcomes(shift)[0] == ("whatsapp", "expired")
    assert levels(shift)[0] == "failed"


def test_what_a_carrier_refuses_goes_by_the_next_channel_at_once_and_then_to_the_next_rung(shift: Shift) -> None:
    told(shift, "whatsapp", "telegram")
    [message] = lease(shift)
    finish(shift, message, REFUSED)
    assert outcomes(shift) == [("whatsapp", "failed"), ("telegram", None)]
    assert rows(shift, ContactChannel)[0].problem == "131026"
    [message] = lease(shift, "telegram")
    finish(shift, message, AttemptResult(Attempt.NEVER, "blocked"))
    assert levels(shift) == ["failed"]
    [step] = [step for step in rows(shift, LadderStep) if step.rung == 0 and step.people]
    assert step.hole
    assert "ladder.lost" in shift.kinds()
    fire(shift)
    assert len(rows(shift, LadderStep)) > 1


def test_the_last_channel_that_is_only_down_is_lost_for_the_ladder_and_still_tried(shift: Shift) -> None:
    told(shift)
    [message] = lease(shift)
    finish(shift, message, OUTAGE)
    shift.clock.step(20)
    assert go_on(shift) == 1
    assert levels(shift)[0] == "failed"
    [message] = lease(shift)
    finish(shift, message)
    assert levels(shift)[0] == "accepted"


def test_what_nobody_needs_any_more_is_withdrawn_right_before_it_is_sent(shift: Shift) -> None:
    told(shift, "whatsapp")
    change(shift, Notice, 1, ended_at=shift.clock.now())
    assert lease(shift) == []
    assert outcomes(shift) == [("whatsapp", "withdrawn")]


def test_whoever_was_reached_by_another_channel_is_not_told_again(shift: Shift) -> None:
    told(shift, "whatsapp", "telegram")
    [message] = lease(shift)
    finish(shift, message, OUTAGE)
    change(shift, Notice, 1, level="opened", channel="telegram")
    shift.clock.step(60)
    assert lease(shift) == []
    assert outcomes(shift) == [("whatsapp", "withdrawn")]


def test_an_agency_that_accepts_stops_what_waits(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    _, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    [message] = lease(shift)
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment)
    assert not finish(shift, message, OUTAGE)
    shift.clock.step(300)
    assert lease(shift) == []


def test_a_person_whose_address_was_taken_away_is_told_by_the_next(shift: Shift) -> None:
    told(shift, "whatsapp", "telegram")
    [channel, _] = rows(shift, ContactChannel)
    change(shift, ContactChannel, channel.id, removed_at=shift.clock.now())
    assert lease(shift) == []
    assert outcomes(shift) == [("whatsapp", "failed"), ("telegram", None)]


def test_several_notices_of_one_person_go_as_one_message_and_are_marked_together(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    for _ in range(3):
        shift.sent("DAMKAR")
    fire(shift)
    [message] = lease(shift)
    assert len({said.ticket_number for said in message.said}) == 3
    finish(shift, message, OUTAGE)
    shift.clock.step(60)
    [message] = lease(shift)
    assert len(message.said) == 3
    finish(shift, message)
    assert levels(shift) == ["accepted"] * 3
    assert outcomes(shift) == [("whatsapp", "accepted")] * 3
    assert sorted(delivery.carried_by or 0 for delivery in rows(shift, NoticeDelivery)) == [0, 1, 1]


def test_news_of_a_roster_does_not_go_with_a_task_and_comes_behind_it(shift: Shift) -> None:
    contact = add_contact(shift, "DAMKAR", "duty", "telegram")
    for day in (27, 28, 29):
        times = {"starts_local": f"2026-11-{day}T07:00", "ends_local": f"2026-11-{day}T19:00"}
        shift.run(add_duty, actor=Actor.system(), contact_id=contact, **times)
    shift.run(add_duty, actor=Actor.system(), contact_id=contact, starts_local=NOW_LOCAL, ends_local=LATER_LOCAL)
    shift.sent("DAMKAR")
    fire(shift)
    [task] = lease(shift, "telegram")
    assert [said.kind for said in task.said] == ["task"]
    shift.clock.step(1)
    [news] = lease(shift, "telegram")
    assert [said.kind for said in news.said] == ["roster"] * 4


def test_one_persons_messages_go_six_seconds_apart(shift: Shift) -> None:
    told(shift)
    [message] = lease(shift)
    finish(shift, message)
    shift.sent("DAMKAR")
    fire(shift)
    shift.clock.step(5)
    assert lease(shift) == []
    assert not due(shift)
    shift.clock.step(1)
    assert len(lease(shift)) == 1


def test_a_carrier_that_limits_one_person_makes_nobody_else_wait(shift: Shift) -> None:
    told(shift)
    [message] = lease(shift)
    finish(shift, message, AttemptResult(Attempt.LATER, "131056", wait_s=30, this_person=True))
    add_contact(shift, "PSC119", "duty", "whatsapp")
    shift.sent("DAMKAR")
    shift.sent("PSC119")
    fire(shift)
    [message] = lease(shift)
    assert message.said[0].agency_code == "PSC119"
    finish(shift, message)
    shift.clock.step(30)
    assert len(lease(shift)) == 1


def test_all_browsers_of_a_person_are_woken_and_the_next_channel_waits_for_the_last(shift: Shift) -> None:
    user = shift.damkar.user_id
    assert user is not None
    add_browser(shift, user, "a")
    add_browser(shift, user, "b")
    add_contact(shift, "DAMKAR", "duty", "whatsapp", user_id=user)
    shift.sent("DAMKAR")
    fire(shift)
    first, second = lease(shift, "push")
    finish(shift, first, AttemptResult(Attempt.NEVER, "gone"))
    assert outcomes(shift) == [("push", "failed"), ("push", None)]
    assert rows(shift, PushSubscription)[0].gone_at is not None
    finish(shift, second, AttemptResult(Attempt.NEVER, "gone"))
    assert outcomes(shift)[2:] == [("whatsapp", None)]


def test_what_came_back_with_a_backup_is_not_sent(shift: Shift) -> None:
    told(shift, "whatsapp", "telegram")
    change(shift, NoticeDelivery, 1, epoch="yesterday")
    shift.clock.step(3600)
    assert not due(shift)
    assert lease(shift) == []
    assert go_on(shift) == 0
    assert outcomes(shift) == [("whatsapp", None)]


def said_in(messages: list[LeasedNotice]) -> list[tuple[list[int], bool]]:
    return [([said.notice_id for said in message.said], message.uncertain) for message in messages]


def test_what_a_dead_worker_may_have_sent_is_joined_by_nothing_new_so_that_its_receipt_tells_of_nothing_else(
    shift: Shift,
) -> None:
    told(shift)
    shift.sent("DAMKAR")
    fire(shift)
    [dead] = lease(shift)
    assert said_in([dead]) == [([1, 2], False)]
    shift.sent("DAMKAR")
    fire(shift)
    shift.clock.step(31)
    [again] = lease(shift)
    assert said_in([again]) == [([1, 2], True)]
    assert again.message_id == dead.message_id
    # Both die. The carrier tells of the message, which said nothing of the third.
    assert finish(shift, dead)
    assert [delivery.outcome for delivery in rows(shift, NoticeDelivery)] == ["accepted", "accepted", None]
    shift.clock.step(6)
    assert said_in(lease(shift)) == [([3], False)]


def test_what_was_not_taken_is_joined_by_what_came_since(shift: Shift) -> None:
    told(shift)
    [message] = lease(shift)
    finish(shift, message, OUTAGE)
    shift.sent("DAMKAR")
    fire(shift)
    shift.clock.step(60)
    assert said_in(lease(shift)) == [([2, 1], False)]


def test_a_message_that_may_have_been_sent_and_is_refused_then_stays_as_it_was(shift: Shift) -> None:
    told(shift)
    shift.sent("DAMKAR")
    fire(shift)
    for result in (UNKNOWN, OUTAGE):
        [message] = lease(shift)
        finish(shift, message, result)
        shift.clock.step(60)
    shift.sent("DAMKAR")
    fire(shift)
    first = lease(shift)
    shift.clock.step(6)
    assert sorted(said_in([*first, *lease(shift)])) == [([1, 2], True), ([3, 4, 5], False)]


@pytest.mark.parametrize("result", [ACCEPTED, OUTAGE, UNKNOWN, REFUSED])
def test_noting_an_end_twice_changes_nothing_the_second_time(shift: Shift, result: AttemptResult) -> None:
    told(shift)
    [message] = lease(shift)
    assert finish(shift, message, result)
    before = shift.everything()
    assert not finish(shift, message, result)
    after = shift.everything()
    assert {name: before[name] for name in before if name != "delivery_attempts"} == {
        name: after[name] for name in after if name != "delivery_attempts"
    }


def test_a_thousand_at_once_are_handed_out_a_few_at_a_time(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    told(shift)
    shift.clock.step(timedelta(seconds=6).total_seconds())
    for _ in range(30):
        shift.sent("DAMKAR")
    fire(shift)
    seen = 0
    for _ in range(40):
        for message in lease(shift, limit=2):
            assert len(message.said) <= 2 * 10
            seen += len(message.said)
            finish(shift, message)
        shift.clock.step(6)
    assert seen == len(rows(shift, Notice))
