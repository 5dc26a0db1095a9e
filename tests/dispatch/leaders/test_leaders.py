"""Leaders: what a ladder has brought before their office and nothing else, and what following it up does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment
from dispatch.audit.auditor import audit
from dispatch.call_taking.close import close_ticket
from dispatch.errors import InvalidValue, NotFound, NotPermitted
from dispatch.ladders.firing import fire_due_rungs
from dispatch.leaders.commands import answer_instruction, give_instruction
from dispatch.leaders.reading import overview
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.tables import Contact, Instruction, Ladder, LadderStep, Notice, TicketNote, User
from dispatch.storage.transaction import Transaction
from dispatch.tickets.views import TicketReader
from tests.dispatch.ladders.test_firing import add_contact, rows
from tests.dispatch.shift import Shift


class Hall:
    """The town hall: Sekda and mayor with their contacts, DAMKAR with people, a fire that nobody accepts."""

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        self.sekda = self._leader("sekda", "SETDA")
        self.mayor = self._leader("walikota", "WALIKOTA")
        for role in ("duty", "chief", "head"):
            add_contact(shift, "DAMKAR", role, "whatsapp")
        add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")
        self.number, (self.task,) = shift.sent("DAMKAR")

    def _leader(self, username: str, office: str) -> Actor:
        def add(tx: Transaction) -> int:
            return tx.insert(
                User,
                username=username,
                display_name=username.title(),
                password_hash="-",
                role=Role.LEADER.value,
                created_at=tx.now,
            )

        user_id = self.shift.run(add)
        contact_id = add_contact(self.shift, office, "leader", "whatsapp")

        def link(tx: Transaction) -> None:
            tx.update(Contact, Contact.id == contact_id, user_id=user_id)

        self.shift.run(link)
        return Actor(ActorKind.USER, user_id, username.title(), Role.LEADER)

    def later(self, seconds: float) -> None:
        self.shift.clock.step(seconds)
        self.shift.run(fire_due_rungs, limit=100)

    def sees(self, leader: Actor) -> list[dict[str, Any]]:
        return [dict(item) for item in self.overview(leader)["items"]]

    def overview(self, leader: Actor) -> dict[str, Any]:
        centre = self.shift.centre
        with centre.read() as connection:
            return dict(overview(connection, centre.city, leader, self.shift.clock.now()))

    def ask(self, leader: Actor, in_s: float = 7200, **given: Any) -> Any:
        told = {"number": self.number, "assignment": self.task, "words": "Mohon segera.", **given}
        return self.shift.run(
            give_instruction, actor=leader, due_at=self.shift.clock.now() + timedelta(seconds=in_s), **told
        )

    def ladder(self, kind: str) -> Any:
        return next(
            row for row in rows(self.shift, Ladder) if row.clock_kind == kind and row.assignment_id == self.task
        )

    def audited(self) -> None:
        found = audit(self.shift.centre.read, self.shift.centre.city, self.shift.clock.now())
        assert [one for one in found.findings if one.what not in ("not_sent", "next_channel_not_tried")] == []


@pytest.fixture
def hall(shift: Shift) -> Hall:
    return Hall(shift)


def test_a_leader_sees_what_a_rung_has_brought_up_and_nothing_before(hall: Hall) -> None:
    hall.later(899)
    assert hall.sees(hall.sekda) == []
    hall.later(2)
    [case] = hall.sees(hall.sekda)
    assert (case["ticket_number"], case["agency"], case["section"]) == (hall.number, "DAMKAR", "waiting")
    assert (case["clock"], case["lies_with"], case["next_who"]) == ("acknowledge", "supervisor", "leader:WALIKOTA")
    assert hall.sees(hall.mayor) == []
    hall.later(900)
    assert [case["office"] for case in hall.sees(hall.mayor)] == ["WALIKOTA"]
    assert hall.overview(hall.mayor)["week"] == {"reached": 1, "answered": 0, "done": 0}


def test_a_rung_that_reached_nobody_brings_it_up_all_the_same(hall: Hall) -> None:
    def lose(tx: Transaction) -> None:
        tx.update(Contact, Contact.agency_code == "SETDA", removed_at=tx.now)

    def back(tx: Transaction) -> None:
        tx.update(Contact, Contact.agency_code == "SETDA", removed_at=None)

    hall.shift.run(lose)
    hall.later(901)
    assert hall.sees(hall.sekda) == []  # nobody links the user and the office
    hall.shift.run(back)
    assert len(hall.sees(hall.sekda)) == 1


def test_nothing_of_the_caller_is_in_it(shift: Shift) -> None:
    hall = Hall(shift)
    hall.later(901)
    told = json.dumps(hall.overview(hall.sekda))
    for secret in ("0812", '"words": "ada', "caller"):
        assert secret not in told


def test_whoever_leads_no_office_sees_and_does_nothing(hall: Hall) -> None:
    hall.later(901)
    nobody = Actor(ActorKind.USER, hall.shift.ratna.user_id, "Ratna", Role.LEADER)
    assert hall.sees(nobody) == []
    with pytest.raises(NotFound):
        hall.ask(nobody)
    with pytest.raises(NotFound):
        hall.ask(hall.mayor)  # nothing has brought it before the mayor yet
    with pytest.raises(NotPermitted):
        hall.ask(hall.shift.ratna)


def test_following_up_starts_a_clock_tells_the_agency_and_delays_the_next_rung_once(hall: Hall) -> None:
    hall.later(901)
    before = hall.ladder("acknowledge").next_at
    asked = hall.ask(hall.sekda)
    assert (asked.changed, asked.delayed_s) == (True, 7200 - 899)
    delayed = hall.ladder("acknowledge")
    assert delayed.next_at - before == timedelta(seconds=asked.delayed_s)
    assert delayed.delayed_by == asked.instruction_id
    assert hall.ladder("instruction").due_at == hall.shift.clock.now() + timedelta(seconds=7200)
    [case] = hall.sees(hall.sekda)
    assert (case["section"], case["instructions"][0]["words"]) == ("running", "Mohon segera.")
    hall.later(1)
    told = [row.role for row in rows(hall.shift, Notice) if row.kind == "instruction"]
    assert sorted(told) == ["chief", "duty", "head"]
    hall.audited()
    assert hall.ask(hall.sekda, 10_000).delayed_s == 0  # once
    hall.later(3600)
    assert hall.sees(hall.mayor) == []
    hall.later(3600)
    assert len(hall.sees(hall.mayor)) == 1
    hall.audited()


def test_the_delay_is_bounded_by_the_policy(hall: Hall) -> None:
    hall.later(901)
    asked = hall.ask(hall.sekda, 30 * 86_400)
    assert asked.delayed_s == hall.shift.centre.city.ladders.leader.longest_delay_s


def test_a_leaders_due_time_that_is_over_brings_it_back(hall: Hall) -> None:
    hall.later(901)
    hall.ask(hall.sekda)
    hall.later(7300)
    assert [case["section"] for case in hall.sees(hall.sekda)] == ["waiting"]
    steps = [row for row in rows(hall.shift, LadderStep) if row.office_code == "SETDA"]
    assert len(steps) == 1
    hall.later(3600)  # and its own ladder tells whoever asked
    steps = [row for row in rows(hall.shift, LadderStep) if row.office_code == "SETDA"]
    assert len(steps) == 2
    assert len(hall.sees(hall.sekda)) == 1


def test_the_agency_reads_the_words_and_other_agencies_do_not(hall: Hall) -> None:
    hall.shift.send(hall.number, "PSC119")
    hall.later(901)
    before = hall.shift.entries()[-1].seq
    hall.ask(hall.sekda)
    with hall.shift.centre.read() as connection:
        ticket_id = rows(hall.shift, Instruction)[0].ticket_id
        reader = TicketReader(connection, hall.shift.centre.city, [ticket_id])
        own, other = reader.for_agency(ticket_id, "DAMKAR"), reader.for_agency(ticket_id, "PSC119")
    assert own is not None
    assert [one["words"] for one in own["assignment"]["instructions"]] == ["Mohon segera."]
    assert other is not None
    assert other["assignment"]["instructions"] == []
    journal = json.dumps([entry.data for entry in hall.shift.entries() if entry.seq > before])
    assert "Mohon" not in journal


@pytest.mark.parametrize("how", ["agency answers", "leader answers", "task is finished", "ticket is closed"])
def test_it_ends_with_an_answer_with_its_task_and_with_its_ticket(hall: Hall, how: str) -> None:
    shift = hall.shift
    hall.later(901)
    instruction_id = hall.ask(hall.sekda).instruction_id
    if how == "agency answers":
        shift.run(answer_instruction, actor=shift.damkar, instruction_id=instruction_id, note="sudah di lokasi")
    elif how == "leader answers":
        shift.run(answer_instruction, actor=hall.sekda, instruction_id=instruction_id)
    elif how == "task is finished":
        shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=hall.task)
        assert rows(shift, Instruction)[0].done_at is None
        shift.run(clear_assignment, actor=shift.damkar, assignment_id=hall.task, note="padam")
    else:
        shift.run(close_ticket, actor=shift.dewi, number=hall.number, disposition="cancelled")
    row = rows(shift, Instruction)[0]
    assert (row.done_at is not None, row.done_why) == (
        True,
        {"task is finished": "finished", "ticket is closed": "closed"}.get(how, "answered"),
    )
    assert hall.ladder("instruction").ended_at is not None
    assert [case["section"] for case in hall.sees(hall.sekda)] == ["done"]
    hall.later(10_000)
    hall.audited()


def test_strangers_answer_nothing(hall: Hall) -> None:
    hall.later(901)
    instruction_id = hall.ask(hall.sekda).instruction_id
    for stranger in (hall.mayor, hall.shift.psc119, hall.shift.dewi):
        with pytest.raises(NotFound):
            hall.shift.run(answer_instruction, actor=stranger, instruction_id=instruction_id)
    with pytest.raises(NotFound):
        hall.shift.run(answer_instruction, actor=hall.sekda, instruction_id=instruction_id + 1)


def test_what_comes_after_the_ticket_is_closed_is_noted_and_not_carried_out(hall: Hall) -> None:
    hall.later(901)
    hall.shift.run(close_ticket, actor=hall.shift.dewi, number=hall.number, disposition="cancelled")
    told = hall.ask(hall.sekda)
    assert (told.changed, told.late) == (False, True)
    assert rows(hall.shift, Instruction) == []
    assert hall.shift.entries()[-1].kind == "notice.answered_late"
    with hall.shift.centre.read() as connection:
        notes = connection.execute(select(TicketNote.text).where(TicketNote.kind == "instruction")).scalars().all()
    assert notes == ["Mohon segera."]


@pytest.mark.parametrize(("in_s", "given"), [(-5, {}), (60, {}), (90 * 86_400, {}), (7200, {"assignment": 999_999})])
def test_a_due_time_that_is_none_is_refused(hall: Hall, in_s: float, given: dict[str, int]) -> None:
    hall.later(901)
    with pytest.raises(InvalidValue):
        hall.ask(hall.sekda, in_s, **given)
    assert rows(hall.shift, Instruction) == []
