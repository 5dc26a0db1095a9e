"""Refused requests are written down, and do not fill the journal."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.node.serving import Node
from app.services import services_of
from dispatch.errors import StorageUnavailable
from dispatch.people.commands import record_refusals_left_out
from dispatch.storage.tables import JournalEntry
from tests.app.house import House


def written(house: House) -> list[tuple[str, int | None, Any]]:
    with house.centre.read() as connection:
        table = JournalEntry.__table__
        rows = connection.execute(select(table).where(table.c.kind.startswith("access.")).order_by(table.c.seq)).all()
    return [(row.kind.removeprefix("access."), row.actor_id, row.data.get("count")) for row in rows]


def test_of_many_refusals_the_first_of_a_minute_are_written_and_the_others_counted(staffed: House) -> None:
    damkar, dishub = staffed.program("damkar"), staffed.program("dishub")
    limit = staffed.centre.city.policy.load.refusals_per_minute
    one, other = staffed.user_ids["damkar"], staffed.user_ids["dishub"]
    for _ in range(400):
        assert damkar.get("/api/v1/board").status_code == 403
    assert dishub.get("/api/v1/board").status_code == 403  # somebody else's are still written
    assert written(staffed) == [("refused", one, None)] * limit + [("refused", other, None)]
    staffed.clock.step(61)
    assert damkar.get("/api/v1/board").status_code == 403
    assert written(staffed)[limit + 1 :] == [("refusals_left_out", one, 400 - limit), ("refused", one, None)]


def test_nothing_is_said_of_a_minute_in_which_nothing_was_left_out(staffed: House) -> None:
    staffed.program("damkar").get("/api/v1/board")
    services_of(staffed.app).refusals.tell_left_out()
    assert [kind for kind, _, _ in written(staffed)] == ["refused"]
    assert services_of(staffed.app).refusals._minutes == {}


def test_a_node_that_stops_says_what_it_left_out(staffed: House) -> None:
    damkar = staffed.program("damkar")
    limit = staffed.centre.city.policy.load.refusals_per_minute
    for _ in range(limit + 3):
        damkar.get("/api/v1/board")
    kept = staffed.centre.close
    staffed.centre.close = lambda: None  # type: ignore[method-assign]
    Node(staffed.app).stop()
    staffed.centre.close = kept  # type: ignore[method-assign]
    assert written(staffed)[-1] == ("refusals_left_out", staffed.user_ids["damkar"], 3)


def test_what_could_not_be_written_is_told_the_next_time(staffed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    damkar, refusals = staffed.program("damkar"), services_of(staffed.app).refusals
    limit = staffed.centre.city.policy.load.refusals_per_minute
    for _ in range(limit + 3):
        damkar.get("/api/v1/board")
    run = staffed.centre.run

    def fail(command: Any, **arguments: Any) -> Any:
        if command is record_refusals_left_out:
            raise StorageUnavailable
        return run(command, **arguments)

    monkeypatch.setattr(staffed.centre, "run", fail)
    with pytest.raises(StorageUnavailable):
        refusals.tell_left_out()
    monkeypatch.undo()
    refusals.tell_left_out()
    assert written(staffed)[-1] == ("refusals_left_out", staffed.user_ids["damkar"], 3)
