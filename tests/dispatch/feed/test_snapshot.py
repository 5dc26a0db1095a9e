"""What a page starts from, and that later entries bring it up to date."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.feed.audiences import publish
from dispatch.roles import Actor
from dispatch.storage.journal import read_entries
from dispatch.storage.tables import Assignment, Ticket
from tests.dispatch.shift import Shift
from tests.dispatch.snapshots import snapshot
from tests.dispatch.together import in_one_batch

Tickets = dict[str, dict[str, Any]]


def tickets(taken: dict[str, Any]) -> Tickets:
    return {ticket["number"]: ticket for ticket in taken["tickets"]}


def brought_up_to_date(shift: Shift, taken: dict[str, Any], audience: str) -> Tickets:
    """What a page shows that began with a snapshot and then received what happened since."""
    shown = tickets(taken)
    with shift.centre.read() as connection:
        entries = read_entries(connection, taken["newest"], 10_000)
        for published in publish(connection, shift.centre.city, entries, (audience,)):
            if published.event["ticket"] is not None:
                shown[published.event["ticket_number"]] = published.event["ticket"]
    return shown


def test_a_call_taker_starts_from_the_open_tickets_newest_first(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    closed = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=closed, classification="prank")
    waiting, worked = shift.ring().ticket_number, shift.ready()
    taken = snapshot(shift.centre, shift.dewi)
    assert [ticket["number"] for ticket in taken["tickets"]] == [worked, waiting]
    assert taken["newest"] == shift.newest()
    assert taken["server_time"] == "2026-11-24T02:14:00.000Z"
    assert taken["me"] == {
        "id": shift.dewi.user_id,
        "name": "Dewi",
        "role": "call_taker",
        "agency": None,
        "seat": None,
    }
    assert [colleague["name"] for colleague in taken["colleagues"]] == ["Dewi"]
    assert taken["stats"]["open"]["total"] == 2
    assert taken["tickets"] == [shift.ticket(worked), shift.ticket(waiting)]
    assert json.dumps(taken, allow_nan=False)


def test_what_happened_last_comes_with_it_without_the_tickets_and_without_who_signed_in(shift: Shift) -> None:
    number = shift.ready()
    for _ in range(40):
        shift.sign_in(shift.rizki)
    recent = snapshot(shift.centre, shift.ratna)["recent"]
    assert [event["kind"] for event in recent] == [
        "ticket.located",
        "ticket.classified",
        "ticket.claimed",
        "call.registered",
    ]
    assert {event["ticket_number"] for event in recent} == {number}
    assert not any("ticket" in event for event in recent)


def test_an_agency_starts_from_its_own_tickets_alone(shift: Shift) -> None:
    shift.ready(ani="081298765001")
    mine, _ = shift.sent("DAMKAR", ani="081298765001", caller_name="BUDI-RAHASIA")
    shift.sent("POLRESTA")
    taken = snapshot(shift.centre, shift.damkar)
    assert set(taken) == {"newest", "epoch", "server_time", "me", "tickets"}
    assert taken["tickets"] == [shift.agency_ticket(mine, "DAMKAR")]
    assert not [mark for mark in ("81298765001", "RAHASIA") if mark in json.dumps(taken)]
    assert snapshot(shift.centre, shift.dishub)["tickets"] == []


def test_an_agency_s_closed_tickets_stay_on_its_list_for_a_day(shift: Shift) -> None:
    number, [damkar] = shift.taken_up("DAMKAR")
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=damkar, note="padam")
    shift.run(close_ticket, actor=shift.dewi, number=number, disposition="handled")
    shift.clock.step(24 * 3600)
    [ticket] = snapshot(shift.centre, shift.damkar)["tickets"]
    assert (ticket["number"], ticket["state"], ticket["allowed"]) == (number, "closed", [])
    shift.clock.step(1)
    assert snapshot(shift.centre, shift.damkar)["tickets"] == []


def test_in_a_surge_the_newest_calls_show_and_so_does_the_fire_that_is_being_worked(shift: Shift) -> None:
    fire, _ = shift.sent("DAMKAR", linkedid="fire")
    shift.hang_up("fire")
    calls = [partial(shift.ring, f"surge {number}") for number in range(400)]
    rung = [answer.ticket_number for answer in in_one_batch(shift.centre, calls)]
    taken = snapshot(shift.centre, shift.dewi)
    shown = [ticket["number"] for ticket in taken["tickets"]]
    assert fire in shown
    assert shown[:200] == rung[:-201:-1]
    assert taken["stats"]["waiting"] == 400
    assert taken["stats"]["open"]["total"] == 401
    shift.run(claim_ticket, actor=shift.dewi, number=rung[-1])
    assert tickets(snapshot(shift.centre, shift.rizki))[rung[-1]]["owner"]["name"] == "Dewi"


def test_a_snapshot_and_what_happened_since_is_a_later_snapshot(shift: Shift) -> None:
    shift.ring("1")
    old, [damkar, _psc] = shift.taken_up("DAMKAR", "PSC119")
    taken = {name: snapshot(shift.centre, shift.people[name]) for name in ("dewi", "damkar", "psc119")}
    for actor in ("dewi", "damkar"):
        assert brought_up_to_date(shift, taken[actor], "centre" if actor == "dewi" else "agency:DAMKAR") == tickets(
            taken[actor]
        )

    shift.clock.step(5)
    shift.hang_up("1")
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=damkar, note="padam")
    new, [newer] = shift.sent("PSC119")
    shift.run(acknowledge_assignment, actor=shift.psc119, assignment_id=newer)
    done = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=done, classification="ghost")

    later: dict[str, tuple[Actor, str]] = {
        "dewi": (shift.dewi, "centre"),
        "damkar": (shift.damkar, "agency:DAMKAR"),
        "psc119": (shift.psc119, "agency:PSC119"),
    }
    for name, (actor, audience) in later.items():
        expected = tickets(snapshot(shift.centre, actor))
        shown = brought_up_to_date(shift, taken[name], audience)
        still_shown = {n: t for n, t in shown.items() if audience != "centre" or t["state"] != "closed"}
        assert still_shown == expected, name
    assert set(tickets(snapshot(shift.centre, shift.psc119))) == {old, new}
    assert len(shift.rows(Ticket)) == 4
    assert len(shift.rows(Assignment)) == 3
