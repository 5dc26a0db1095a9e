"""Each node looks whether a shift begins; whoever looks first asks, and holes are told once a day."""

from __future__ import annotations

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
