"""A ticket is sent to agencies, each with a clock of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from dispatch.agencies.assignments import decline_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.storage.tables import Assignment
from tests.dispatch.refusals import refusal
from tests.dispatch.shift import CIPARE, FIRE, Shift
from tests.steppable_clock import SteppableClock

# --- Dispatch.


def test_why_another_agency_steps_in_stands_with_its_task_and_is_kept(shift: Shift) -> None:
    number = shift.ready()
    shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["PLN"], note="  menggantikan DAMKAR ")
    assert [one["note"] for one in shift.ticket(number)["assignments"]] == ["menggantikan DAMKAR"]
    with shift.centre.read() as connection:
        kept = connection.execute(text("SELECT kind, text FROM ticket_notes")).all()
    assert ("dispatch", "menggantikan DAMKAR") in [tuple(row) for row in kept]


def test_each_agency_gets_an_assignment_with_its_own_clock(shift: Shift) -> None:
    number = shift.ready()
    shift.clock.step(20)
    sent = shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["DAMKAR", "PLN", "DAMKAR"])
    assert sent.already_sent == ()
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["public_status"]) == ("dispatched", "menunggu")
    assert ticket["first_dispatched_at"] == "2026-11-24T02:14:20.000Z"
    assert [(a["agency"], a["role"], a["state"], a["due_at"]) for a in ticket["assignments"]] == [
        ("DAMKAR", "primary", "sent", "2026-11-24T02:15:20.000Z"),
        ("PLN", "supporting", "sent", "2026-11-24T02:15:20.000Z"),
    ]
    assert [clock["assignment_id"] for clock in ticket["clocks"]] == list(sent.assignment_ids)
    assert shift.kinds()[-4:] == ["assignment.sent", "assignment.sent", "ticket.state_changed", "ticket.dispatched"]
    assert shift.entries()[-2].data == {"ticket_state": "dispatched", "was": "claimed"}
    assert shift.entries()[-1].data == {"agencies": ["DAMKAR", "PLN"], "ticket_state": "dispatched"}


def test_an_agency_that_has_it_already_is_left_alone_and_named(shift: Shift) -> None:
    number, [damkar] = shift.sent("DAMKAR")
    before = shift.everything()
    again = shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["DAMKAR"])
    assert (again.changed, again.assignment_ids, again.already_sent) == (False, (), ("DAMKAR",))
    assert shift.everything() == before
    shift.clock.step(30)
    more = shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["PSC119", "DAMKAR"])
    assert (more.changed, more.already_sent) == (True, ("DAMKAR",))
    ticket = shift.ticket(number)
    assert [a["agency"] for a in ticket["assignments"]] == ["DAMKAR", "PSC119"]
    assert shift.assignment(number, damkar)["due_at"] == "2026-11-24T02:15:00.000Z"
    assert ticket["first_dispatched_at"] == "2026-11-24T02:14:00.000Z"


def test_an_agency_that_declined_can_be_asked_again(shift: Shift) -> None:
    number, [first] = shift.sent("DAMKAR")
    shift.run(decline_assignment, actor=shift.damkar, assignment_id=first, reason_code="no_unit")
    [second] = shift.send(number, "DAMKAR")
    assert second != first
    assert [a["state"] for a in shift.ticket(number)["assignments"]] == ["declined", "sent"]
    assert (shift.agency_ticket(number, "DAMKAR") or {})["assignment"]["id"] == second


@pytest.mark.parametrize(
    ("agencies", "details"),
    [
        ([], {"missing": ["agencies"]}),
        (["KUA"], {"field": "agencies", "problem": "unknown"}),
        (["damkar"], {"field": "agencies", "problem": "unknown"}),
        (["DAMKAR", "WALIKOTA"], {"field": "agencies", "problem": "unknown"}),  # reports upward to, never sent
        (["\x00"], {"field": "agencies", "problem": "unknown"}),
    ],
)
def test_agencies_that_take_no_tickets_are_refused_and_nobody_is_sent(
    sqlite_shift: Shift, agencies: list[str], details: dict[str, Any]
) -> None:
    number = sqlite_shift.ready()
    refused = refusal(sqlite_shift, dispatch_ticket, actor=sqlite_shift.dewi, number=number, agencies=agencies)
    assert refused.details == details


def test_nothing_is_sent_before_type_and_kelurahan_are_known(shift: Shift) -> None:
    number = shift.claimed()
    dispatch = {"actor": shift.dewi, "number": number, "agencies": ["DAMKAR"]}
    assert refusal(shift, dispatch_ticket, **dispatch).details == {"missing": ["type", "kelurahan"]}
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="genuine", words="api")
    assert refusal(shift, dispatch_ticket, **dispatch).details == {"missing": ["type", "kelurahan"]}
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="genuine", type_code=FIRE)
    assert refusal(shift, dispatch_ticket, **dispatch).details == {"missing": ["kelurahan"]}
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    assert shift.run(dispatch_ticket, **dispatch).changed


def test_a_clock_runs_by_the_policy_of_the_moment_it_was_started(
    city: CityPack, database_url: str, clock: SteppableClock
) -> None:
    centre = open_centre(database_url, city, clock=clock)
    number, [damkar] = Shift.begin(centre, clock).sent("DAMKAR")
    centre.close()
    slower = {key: 3 * seconds for key, seconds in city.policy.clocks.items()}
    changed = replace(city, policy=replace(city.policy, clocks=slower))
    centre = open_centre(database_url, changed, clock=clock)
    shift = Shift(centre, clock)
    assert shift.assignment(number, damkar)["due_at"] == "2026-11-24T02:15:00.000Z"
    centre.close()


def test_a_type_that_a_later_city_pack_dropped_is_still_readable_and_can_be_sent(
    city: CityPack, database_url: str, clock: SteppableClock
) -> None:
    centre = open_centre(database_url, city, clock=clock)
    before = Shift.begin(centre, clock)
    number = before.ready()
    centre.close()
    fewer = {code: each for code, each in city.incident_types.items() if code != FIRE}
    centre = open_centre(database_url, replace(city, incident_types=fewer), clock=clock)
    shift = Shift(centre, clock, before.people)
    assert shift.ticket(number)["type"]["name_id"] == FIRE
    shift.send(number, "DAMKAR")
    assert shift.ticket(number)["assignments"][0]["role"] == "supporting"
    centre.close()


# --- What the database itself does not let happen.


def test_no_agency_can_have_a_ticket_twice_at_once(shift: Shift) -> None:
    shift.sent("DAMKAR")
    columns = ", ".join(c.name for c in Assignment.__table__.columns if c.name != "id")
    with pytest.raises(Exception, match=r"(?i)unique"), shift.centre.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO assignments (id, {columns}) SELECT id + 1, {columns} FROM assignments"))
