"""A task in one tap: what a link shows to whom, whose it becomes, and what is noted where it comes too late."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment, set_en_route
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.errors import RequirementMissing
from dispatch.ladders.firing import fire_due_rungs
from dispatch.links.task_links import TaskLink
from dispatch.one_tap.commands import LinkStep, TaskLinkRefused, open_task_link, send_new_link, take_link_step
from dispatch.one_tap.reading import LinkedTask, Standing, read_link
from dispatch.storage.tables import Assignment, Contact, Notice, NoticeDelivery
from dispatch.storage.transaction import Transaction
from tests.dispatch.ladders.test_firing import add_contact, rows
from tests.dispatch.shift import Shift

PHONE, OTHER = "hash of this telephone", "hash of another telephone"


class Told:
    """A fire that DAMKAR was sent, whose officer on duty was told of it."""

    def __init__(self, shift: Shift, agency: str = "DAMKAR") -> None:
        self.shift = shift
        self.contact = add_contact(shift, agency, "duty", "whatsapp")
        self.number, (self.assignment,) = shift.sent(agency)
        shift.run(fire_due_rungs, limit=50)
        self.notice = next(row.id for row in rows(shift, Notice) if row.contact_id == self.contact)

    @property
    def link(self) -> dict[str, int]:
        return {"notice_id": self.notice, "contact_id": self.contact}

    def seen(self, device: str | None = PHONE) -> LinkedTask:
        centre = self.shift.centre
        with centre.read() as connection:
            link = TaskLink(self.notice, self.contact)
            found = read_link(connection, centre.city, self.shift.clock.now(), link, device)
        assert found is not None
        return found

    def tap(self, step: str, device: str = PHONE, **filled: Any) -> Any:
        return self.shift.run(take_link_step, **self.link, device_hash=device, step=LinkStep(step), **filled)

    @property
    def state(self) -> str:
        return str(next(row.state for row in rows(self.shift, Assignment) if row.id == self.assignment))

    @property
    def level(self) -> str:
        return str(next(row.level for row in rows(self.shift, Notice) if row.id == self.notice))


@pytest.fixture
def told(shift: Shift) -> Told:
    return Told(shift)


def remove(tx: Transaction, *, contact_id: int) -> None:
    tx.update(Contact, Contact.id == contact_id, removed_at=tx.now)


def test_looking_accepts_nothing_and_only_the_pages_own_script_says_that_it_was_opened(told: Told) -> None:
    assert told.seen(None).standing is Standing.ASK
    assert (told.state, told.level) == ("sent", "queued")
    assert told.shift.run(open_task_link, **told.link).changed
    assert not told.shift.run(open_task_link, **told.link).changed
    assert (told.state, told.level) == ("sent", "opened")


def test_before_acceptance_there_is_nothing_of_the_caller_and_after_it_only_on_that_telephone(told: Told) -> None:
    assert told.seen().view is None
    told.tap("accept")
    mine = told.seen()
    assert (mine.standing, told.level) == (Standing.MINE, "answered")
    assert mine.view is not None
    forwarded = told.seen(OTHER)
    assert (forwarded.standing, forwarded.view) == (Standing.TAKEN, None)
    assert forwarded.accepted is not None
    assert forwarded.accepted.name == "DAMKAR duty"


def test_pressing_twice_changes_nothing_more(told: Told) -> None:
    assert told.tap("accept").changed
    before = len(told.shift.entries())
    assert not told.tap("accept").changed
    assert not told.tap("accept", OTHER).changed
    assert len(told.shift.entries()) == before


def test_the_steps_after_it_go_by_the_same_link(told: Told) -> None:
    for step, state in (("accept", "acknowledged"), ("en-route", "en_route"), ("on-scene", "on_scene")):
        told.tap(step)
        assert told.state == state
    with pytest.raises(RequirementMissing):
        told.tap("clear")
    told.tap("clear", note="api padam")
    assert (told.state, told.seen().standing) == ("cleared", Standing.DONE)
    assert {entry.actor_kind for entry in told.shift.entries() if entry.kind.startswith("assignment.")} >= {"contact"}


def test_refusing_needs_one_of_the_citys_reasons(told: Told) -> None:
    with pytest.raises(RequirementMissing):
        told.tap("decline")
    told.tap("decline", reason_code="no_unit", note="mobil rusak")
    assert (told.state, told.seen().standing) == ("declined", Standing.DECLINED)


def test_a_colleague_who_was_faster_is_named(shift: Shift) -> None:
    told = Told(shift)
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=told.assignment)
    shift.run(set_en_route, actor=shift.damkar, assignment_id=told.assignment)
    seen = told.seen()
    assert seen.standing is Standing.TAKEN
    assert seen.accepted is not None
    assert (seen.accepted.name, seen.accepted.by_contact) == ("Damkar", False)
    assert not told.tap("accept").changed
    with pytest.raises(RequirementMissing):
        shift.run(clear_assignment, actor=shift.damkar, assignment_id=told.assignment, note="")
    told.tap("on-scene")  # by whoever did not accept: noted, not done
    assert told.state == "en_route"
    assert shift.entries()[-1].kind == "notice.answered_late"


def test_what_the_centre_noted_for_somebody_who_telephoned_is_gone_on_with_by_link(shift: Shift) -> None:
    told = Told(shift)
    shift.run(acknowledge_assignment, actor=shift.dewi, assignment_id=told.assignment)
    assert told.seen().standing is Standing.RESUME
    told.tap("resume")
    assert told.seen().standing is Standing.MINE
    told.tap("en-route")
    assert told.state == "en_route"


def test_an_answer_to_a_task_that_was_called_off_is_noted_once_and_changes_nothing(shift: Shift) -> None:
    told = Told(shift)
    shift.run(dispatch_ticket, actor=shift.dewi, number=told.number, agencies=["PSC119"])
    shift.run(_call_off, assignment_id=told.assignment)
    seen = told.seen()
    assert seen.standing is Standing.CALLED_OFF
    assert [one.agency_code for one in seen.elsewhere] == ["PSC119"]
    for _ in range(2):
        assert not told.tap("accept").changed
    assert [entry.kind for entry in shift.entries()].count("notice.answered_late") == 1
    told.tap("not-going")
    assert shift.entries()[-1].data["answer"] == "not_going"


def _call_off(tx: Transaction, *, assignment_id: int) -> None:
    tx.update(Assignment, Assignment.id == assignment_id, state="cancelled", cancelled_at=tx.now, clock_kind=None)


def test_an_old_link_shows_nothing_but_goes_on_for_whoever_is_at_work(told: Told) -> None:
    told.shift.clock.step(13 * 3600)
    old = told.seen()
    assert (old.standing, old.ticket, old.new_link) == (Standing.EXPIRED, None, True)
    fresh = Told(told.shift)
    fresh.tap("accept")
    told.shift.clock.step(13 * 3600)
    assert fresh.seen().standing is Standing.MINE
    assert fresh.seen(OTHER).standing is Standing.EXPIRED


def test_a_new_link_goes_to_the_registered_address_not_often_and_not_for_what_is_over(told: Told) -> None:
    shift = told.shift
    shift.clock.step(13 * 3600)
    before = len(rows(shift, NoticeDelivery))
    for _ in range(3):
        shift.run(send_new_link, **told.link)
        with pytest.raises(TaskLinkRefused, match=r"too_soon|too_often"):
            shift.run(send_new_link, **told.link)
        shift.clock.step(61)
    with pytest.raises(TaskLinkRefused, match="too_often"):
        shift.run(send_new_link, **told.link)
    assert len(rows(shift, NoticeDelivery)) == before + 3
    newest = rows(shift, Notice)[-1]
    assert (newest.contact_id, newest.assignment_id) == (told.contact, told.assignment)
    told.notice = newest.id
    assert told.seen().standing is Standing.ASK
    told.tap("decline", reason_code="no_unit")
    with pytest.raises(TaskLinkRefused, match="over"):
        shift.run(send_new_link, **told.link)


def test_whoever_was_removed_sees_nothing_and_does_nothing(told: Told) -> None:
    told.shift.run(remove, contact_id=told.contact)
    assert (told.seen().standing, told.seen().ticket) == (Standing.REMOVED, None)
    with pytest.raises(TaskLinkRefused, match="removed"):
        told.tap("accept")
    with pytest.raises(TaskLinkRefused):
        told.shift.run(send_new_link, **told.link)
    assert told.state == "sent"


def test_somebody_above_the_agencies_is_told_and_accepts_nothing(shift: Shift) -> None:
    told = Told(shift)
    told.contact = add_contact(shift, "SETDA", "leader", "whatsapp")
    shift.clock.step(900)
    shift.run(fire_due_rungs, limit=50)
    told.notice = next(row.id for row in rows(shift, Notice) if row.contact_id == told.contact)
    assert told.seen().standing is Standing.TOLD
    with pytest.raises(TaskLinkRefused):
        told.tap("accept")
    assert told.state == "sent"
