"""Rungs fire when they are due, once, for whoever is on duty; and what stops a clock ends its ladder."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.ladders.firing import any_rung_due, fire_due_rungs
from dispatch.storage.tables import Contact, ContactChannel, Ladder, LadderStep, Notice, NoticeDelivery
from tests.dispatch.shift import Shift


def add_contact(shift: Shift, agency: str, role: str, *channels: str) -> int:
    with shift.centre.engine.begin() as connection:
        now = shift.clock.now()
        contact_id = connection.execute(
            insert(Contact).values(agency_code=agency, role=role, name=f"{agency} {role}", created_at=now)
        ).inserted_primary_key[0]
        for position, channel in enumerate(channels):
            connection.execute(
                insert(ContactChannel).values(
                    contact_id=contact_id,
                    channel=channel,
                    position=position,
                    address=f"62812{contact_id:08d}",
                    changed_at=now,
                )
            )
    return int(contact_id)


def rows(shift: Shift, table: Any) -> list[Any]:
    with shift.centre.read() as connection:
        return list(connection.execute(select(table.__table__).order_by(table.id)))


def fire(shift: Shift) -> Any:
    return shift.centre.run(fire_due_rungs, limit=100)


def of_assignment(shift: Shift) -> list[Any]:
    ladders = [ladder for ladder in rows(shift, Ladder) if ladder.assignment_id is not None]
    ids = {ladder.id for ladder in ladders}
    return [step for step in rows(shift, LadderStep) if step.ladder_id in ids]


def test_an_agency_that_is_sent_a_task_is_told_and_then_its_chief_and_its_head(shift: Shift) -> None:
    duty = add_contact(shift, "DAMKAR", "duty", "whatsapp")
    head = add_contact(shift, "DAMKAR", "head", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    assert [(step.rung, step.people, step.hole) for step in of_assignment(shift)] == [(0, 1, False)]
    assert [notice.contact_id for notice in rows(shift, Notice)] == [duty]
    shift.clock.step(180)
    assert fire(shift).rungs >= 2
    steps = of_assignment(shift)
    assert [(step.rung, step.hole) for step in steps] == [(0, False), (1, False), (2, False)]
    assert {notice.contact_id for notice in rows(shift, Notice)} == {duty, head}
    assert fire(shift).rungs == 0


def test_a_rung_that_reaches_nobody_fires_the_next_at_once(shift: Shift) -> None:
    add_contact(shift, "SETDA", "leader", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    holes = [(step.rung, step.hole) for step in of_assignment(shift)]
    assert holes == [(0, True), (1, True), (2, True), (3, True), (4, False)]


def test_whoever_accepts_ends_the_ladder_and_takes_back_what_was_not_sent(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    _, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment)
    (delivery,) = rows(shift, NoticeDelivery)
    assert delivery.outcome == "withdrawn"
    with shift.centre.read() as connection:
        assert not any_rung_due(connection, shift.clock.now())
    shift.clock.step(600)
    fire(shift)
    assert [step.rung for step in of_assignment(shift)] == [0]
    shift.clock.step(301)  # accepted and forgotten: its next clock has a ladder of its own
    fire(shift)
    assert len(of_assignment(shift)) == 2
