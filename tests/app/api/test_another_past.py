"""What was typed before a restore is done to what was meant, and never to whatever has its number now."""

from __future__ import annotations

from dispatch.storage.epochs import note_restored, read_epoch
from tests.app.house import House


def epoch_of(house: House) -> dict[str, str]:
    with house.centre.read() as connection:
        return {"X-Siaga-Epoch": str(read_epoch(connection))}


def test_a_step_of_before_goes_on_with_what_came_back_and_is_refused_for_what_is_new(staffed: House) -> None:
    dewi, damkar = staffed.program("dewi"), staffed.program("damkar")
    number, first = staffed.dispatched(dewi, "DAMKAR")
    then = epoch_of(staffed)
    staffed.clock.step(60)
    staffed.centre.run(note_restored)
    staffed.clock.step(60)
    another, second = staffed.dispatched(dewi, "DAMKAR")
    step = f"/api/v1/assignments/{second['DAMKAR']}/acknowledge"
    refused = damkar.post(step, {}, headers=then)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "restored")
    assert damkar.post(f"/api/v1/assignments/{first['DAMKAR']}/acknowledge", {}, headers=then).status_code == 200
    assert damkar.post(step, {}, headers=epoch_of(staffed)).status_code == 200
    draft = {"words": "api", "choices": {}, "version": 0}
    assert dewi.post(f"/api/v1/tickets/{another}/draft", draft, headers=then).status_code == 409
    assert dewi.post(f"/api/v1/tickets/{number}/draft", draft, headers=then).status_code == 200
    assert dewi.post(f"/api/v1/tickets/{another}/draft", draft).status_code == 200
