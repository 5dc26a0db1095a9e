"""After a restore nothing of the past is sent again: ladders and messages wait for what a person says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.audit.auditor import Audit, audit
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.city.ladders import Channel
from dispatch.deliveries.notices import use_next_channels
from dispatch.deliveries.outbox import lease_notices
from dispatch.errors import NotFound
from dispatch.ladders.adopting import adopt_clocks, any_without_ladder
from dispatch.ladders.held import drop_held, drop_loose_messages, read_held, release_held
from dispatch.storage.epochs import note_restored
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Assignment, JournalEntry, Ladder, LadderStep, Notice, NoticeDelivery
from tests.dispatch.ladders.test_firing import add_contact, fire, rows
from tests.dispatch.shift import Shift


def restored(shift: Shift, later_s: float = 3600) -> str:
    """A fire was sent, its duty officer told by a message that still waits; later the database is brought back."""
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    number, _ = shift.sent("DAMKAR")
    fire(shift)
    shift.clock.step(later_s)
    shift.run(note_restored)
    return number


def open_ladder(shift: Shift) -> Any:
    return next(
        ladder for ladder in rows(shift, Ladder) if ladder.assignment_id is not None and ladder.ended_at is None
    )


def held(shift: Shift) -> Any:
    with shift.centre.read() as connection:
        return read_held(connection)


def look(shift: Shift) -> Audit:
    return audit(shift.centre.read, shift.centre.city, shift.clock.now())


def leased(shift: Shift) -> list[Any]:
    return list(shift.run(lease_notices, channel=Channel.WHATSAPP, limit=20).messages)


def due_of(shift: Shift) -> Any:
    (assignment,) = rows(shift, Assignment)
    return assignment.clock_started_at, assignment.clock_due_at


def test_what_was_planned_waits_and_is_listed_by_ticket(shift: Shift) -> None:
    assert held(shift) == {"restored_at": None, "items": [], "loose_messages": []}
    number = restored(shift)
    for _ in range(3):
        shift.clock.step(600)
        assert fire(shift).rungs == 0
        assert leased(shift) == []
        assert shift.run(use_next_channels) == []
    (item,) = held(shift)["items"]
    assert (item["ticket_number"], item["priority"]) == (number, "P1")
    (ladder,) = item["ladders"]
    assert (ladder["held"], ladder["rung"], ladder["next_who"] is not None) == (True, 1, True)
    assert [(one["kind"], one["channel"], one["role"]) for one in item["messages"]] == [("task", "whatsapp", "duty")]
    found = look(shift)
    assert (found.clean, found.held) == (True, 1)


def test_released_it_goes_on_from_now_and_the_clock_stays_as_late_as_it_is(shift: Shift) -> None:
    number = restored(shift)
    clock, before = due_of(shift), open_ladder(shift)
    done = shift.run(release_held, actor=shift.ratna, number=number)
    assert (done.changed, done.ladders, done.messages, done.dropped) == (True, 1, 0, 1)
    ladder = open_ladder(shift)
    distance = timedelta(seconds=ladder.rungs[1]["after_s"] - ladder.rungs[0]["after_s"])
    assert ladder.next_at == shift.clock.now() + distance
    assert (ladder.due_at, due_of(shift)) == (before.due_at, clock)
    assert fire(shift).rungs == 0
    assert leased(shift) == []
    shift.clock.step(distance.total_seconds() - 1)
    assert fire(shift).rungs == 0
    shift.clock.step(1)
    assert fire(shift).rungs == 1
    assert [(step.rung, step.late) for step in rows(shift, LadderStep)] == [(0, False), (1, False)]
    assert len(leased(shift)) >= 1
    assert held(shift)["items"] == []
    found = look(shift)
    assert (found.clean, found.held) == (True, 0)


def test_a_rung_whose_time_is_still_to_come_keeps_it(shift: Shift) -> None:
    number = restored(shift, later_s=5)
    planned = open_ladder(shift).next_at
    shift.run(release_held, actor=shift.ratna, number=number)
    assert open_ladder(shift).next_at == planned


def test_messages_go_out_after_all_only_where_a_person_says_so_and_are_marked(shift: Shift) -> None:
    number = restored(shift)
    done = shift.run(release_held, actor=shift.ratna, number=number, send_messages=True)
    assert (done.messages, done.dropped) == (1, 0)
    (message,) = leased(shift)
    assert message.uncertain


def test_a_message_that_nobody_wants_any_more_is_not_sent_even_then(shift: Shift) -> None:
    number = restored(shift, later_s=timedelta(days=3).total_seconds())
    done = shift.run(release_held, actor=shift.ratna, number=number, send_messages=True)
    assert (done.ladders, done.messages, done.dropped) == (1, 0, 1)
    assert leased(shift) == []


def test_dropped_it_ends_and_nobody_gives_the_clock_another_ladder(shift: Shift) -> None:
    number = restored(shift)
    clock = due_of(shift)
    done = shift.run(drop_held, actor=shift.ratna, number=number)
    assert (done.changed, done.ladders, done.dropped) == (True, 0, 2)
    assert due_of(shift) == clock
    assert shift.run(adopt_clocks) == 0
    with shift.centre.read() as connection:
        assert not any_without_ladder(connection)
    shift.clock.step(3600)
    assert fire(shift).rungs == 0
    found = look(shift)
    assert (found.clean, found.held) == (True, 0)
    assert [ladder.ended_why for ladder in rows(shift, Ladder) if ladder.assignment_id is not None] == ["dropped"]


def test_the_next_clock_of_a_dropped_one_has_its_ladder_again(shift: Shift) -> None:
    number = restored(shift)
    shift.run(drop_held, actor=shift.ratna, number=number)
    (assignment,) = rows(shift, Assignment)
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment.id)
    ladder = open_ladder(shift)
    assert (ladder.clock_kind, ladder.ended_at) == ("move", None)
    assert look(shift).clean


def test_what_happens_after_the_restore_is_not_held(shift: Shift) -> None:
    number = restored(shift)
    shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["POLRESTA"])
    assert fire(shift).rungs >= 1
    (item,) = held(shift)["items"]
    assert [ladder["agency"] for ladder in item["ladders"]] == ["DAMKAR"]


@pytest.mark.parametrize("command", [release_held, drop_held])
def test_saying_it_twice_changes_nothing_and_a_ticket_that_is_not_there_is_said_so(shift: Shift, command: Any) -> None:
    number = restored(shift)
    assert shift.run(command, actor=shift.ratna, number=number).changed
    newest = shift.newest()
    assert not shift.run(command, actor=shift.ratna, number=number).changed
    assert shift.newest() == newest
    with pytest.raises(NotFound):
        shift.run(command, actor=shift.ratna, number="000000-999")


def test_it_is_journalled_with_its_ticket(shift: Shift) -> None:
    number = restored(shift)
    seq = shift.run(release_held, actor=shift.ratna, number=number).seq
    with shift.centre.read() as connection:
        entry = connection.execute(select(JournalEntry).where(JournalEntry.seq == seq)).one()
    assert (entry.kind, entry.actor_id) == (JournalKind.LADDERS_RELEASED, shift.ratna.user_id)
    assert entry.data == {"ladders": 1, "deliveries": 0, "dropped": 1}


def test_messages_of_no_ticket_are_listed_apart_and_dropped_together(shift: Shift) -> None:
    restored(shift)
    with shift.centre.engine.begin() as connection:
        connection.execute(Notice.__table__.update().values(ticket_id=None))
    assert [one["kind"] for one in held(shift)["loose_messages"]] == ["task"]
    assert shift.run(drop_loose_messages, actor=shift.ratna).dropped == 1
    assert held(shift)["loose_messages"] == []
    assert [delivery.problem for delivery in rows(shift, NoticeDelivery)] == ["restored"]
