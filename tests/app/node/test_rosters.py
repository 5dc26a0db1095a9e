"""Each node looks whether a shift begins; whoever looks first asks, and holes are told once a day."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.node.rosters import RosterWorker
from dispatch.duty.contacts import add_contact, set_channels
from dispatch.roles import Actor
from dispatch.rosters.changes import add_duty
from dispatch.storage.tables import Notice
from tests.app.house import House


def notices(house: House) -> list[str]:
    with house.centre.read() as connection:
        return list(connection.execute(select(Notice.kind).order_by(Notice.id)).scalars())


def test_two_nodes_ask_once_and_tell_of_holes_once_a_day(house: House) -> None:
    system, run = Actor.system(), house.centre.run
    made = {}
    for agency, role, number in (("DAMKAR", "duty", "081277770001"), ("DISKOMINFO", "supervisor", "081277770002")):
        made[role] = run(add_contact, actor=system, agency_code=agency, name=role, role=role).contact_id
        run(set_channels, actor=system, contact_id=made[role], channels=[("whatsapp", number)])
    run(
        add_duty,
        actor=system,
        contact_id=made["duty"],
        starts_local="2026-11-24T09:30",
        ends_local="2026-11-24T15:00",
    )
    nodes = RosterWorker(house.centre), RosterWorker(house.centre)
    for node in nodes:
        node.look()
        node.look()
    assert notices(house) == ["roster", "check_in", "holes"]
    house.clock.step(24 * 3600)
    for node in nodes:
        node.look()
    assert notices(house).count("holes") == 2


def test_a_node_that_begins_at_night_tells_of_holes_in_the_morning(house: House) -> None:
    added = house.centre.run(
        add_contact, actor=Actor.system(), agency_code="DAMKAR", name="Kadis", role="head"
    ).contact_id
    house.centre.run(set_channels, actor=Actor.system(), contact_id=added, channels=[("whatsapp", "081277770003")])
    local = house.clock.now().astimezone(house.centre.city.timezone)
    house.clock.step((local.replace(hour=3, minute=56) + timedelta(days=1) - local).total_seconds())
    node = RosterWorker(house.centre)
    node.look()
    assert notices(house) == []
    house.clock.step(65 * 60)  # 05.01, when heads may be told
    node.look()
    node.look()
    assert notices(house) == ["holes"]
