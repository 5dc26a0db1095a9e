"""A clock without a ladder gets one, counted from now: nobody is told of a whole night at an upgrade."""

from __future__ import annotations

from sqlalchemy import delete

from dispatch.ladders.adopting import adopt_clocks, any_without_ladder
from dispatch.storage.tables import Ladder
from tests.dispatch.ladders.test_firing import add_contact, fire, of_assignment
from tests.dispatch.shift import Shift


def test_clocks_of_before_the_upgrade_climb_from_the_upgrade_on(shift: Shift) -> None:
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    shift.sent("DAMKAR")
    shift.ring()
    with shift.centre.engine.begin() as connection:
        connection.execute(delete(Ladder))
    shift.clock.step(3600)
    with shift.centre.read() as connection:
        assert any_without_ladder(connection)
    assert shift.centre.run(adopt_clocks) == 2
    with shift.centre.read() as connection:
        assert not any_without_ladder(connection)
    fire(shift)
    assert [step.rung for step in of_assignment(shift)] == [0]
    shift.clock.step(60)
    fire(shift)
    assert [step.rung for step in of_assignment(shift)] == [0, 1]
