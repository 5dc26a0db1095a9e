"""Who receives what: the centre everything, an agency only what concerns it and only from its assignment on."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment, decline_assignment, set_on_scene
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket, take_over_ticket
from dispatch.feed.audiences import CENTRE, OVERSIGHT, agency_audience, audiences_for, publish, timeline
from dispatch.people.commands import record_refusal
from dispatch.roles import Actor
from dispatch.storage.journal import read_entries
from dispatch.storage.tables import Ticket
from tests.dispatch.shift import CIPARE, FIRE, Shift
from tests.dispatch.together import in_one_batch

NUMBER, NAME = "081298765001", "BUDI-RAHASIA"
CALLER_MARKS = (NUMBER, NUMBER.removeprefix("0"), NAME)
DAMKAR, PSC119, POLRESTA, DISHUB = (agency_audience(code) for code in ("DAMKAR", "PSC119", "POLRESTA", "DISHUB"))

Events = dict[str, list[dict[str, Any]]]


def events(shift: Shift, after: int = 0, audiences: tuple[str, ...] | None = None) -> Events:
    """Everything after a number, as each audience receives it when it is published now."""
    received: Events = defaultdict(list)
    with shift.centre.read() as connection:
        entries = read_entries(connection, after, 10_000)
        for published in publish(connection, shift.centre.city, entries, audiences):
            received[published.audience].append(published.event)
    return received


def kinds(received: list[dict[str, Any]]) -> list[str]:
    return [event["kind"] for event in received]


def a_whole_case(shift: Shift) -> str:
    """A fire from the ring to selesai: DAMKAR works, PSC119 declines, POLRESTA is sent late and called off."""
    shift.seat(shift.dewi, "1")
    number = shift.ring("1.1", ani=NUMBER, caller_name=NAME, channel=NAME, presentation="allowed").ticket_number
    shift.answer("1.1", "op1")
    give: dict[str, Any] = {"actor": shift.dewi, "number": number}
    shift.run(classify_ticket, **give, classification="genuine", type_code=FIRE, words="api besar")
    shift.run(locate_ticket, **give, kelurahan_code=CIPARE, text="dpn pasar")
    [damkar, psc] = shift.send(number, "DAMKAR", "PSC119")
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=damkar)
    shift.run(decline_assignment, actor=shift.psc119, assignment_id=psc, reason_code="other", note="AMBULANS-MOGOK")
    shift.run(set_on_scene, actor=shift.rizki, assignment_id=damkar)
    shift.hang_up("1.1")
    shift.run(take_over_ticket, actor=shift.ratna, number=number, reason="ganti giliran")
    shift.send(number, "POLRESTA", actor=shift.ratna)
    shift.run(locate_ticket, actor=shift.ratna, number=number, kelurahan_code=CIPARE, text="belakang pasar")
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=damkar, note="LAPORAN-DAMKAR")
    shift.run(close_ticket, actor=shift.ratna, number=number, disposition="cancelled", note="CATATAN-PUSAT")
    shift.run(reopen_ticket, actor=shift.ratna, number=number)
    shift.run(record_refusal, actor=shift.dishub, entity="ticket", key=number, via="api")
    return number


def test_the_centre_receives_all_that_happens_to_calls_and_tickets_in_order(shift: Shift) -> None:
    a_whole_case(shift)
    received = events(shift)
    assert kinds(received[CENTRE]) == [
        "seat.taken",
        "call.registered",
        "call.answered",
        "ticket.claimed",
        "ticket.classified",
        "ticket.located",
        "assignment.sent",
        "assignment.sent",
        "ticket.state_changed",
        "ticket.dispatched",
        "ticket.state_changed",
        "assignment.acknowledged",
        "assignment.declined",
        "assignment.on_scene",
        "call.ended",
        "ticket.taken_over",
        "assignment.sent",
        "ticket.dispatched",
        "ticket.located",
        "assignment.cleared",
        "assignment.cancelled",
        "ticket.closed",
        "ticket.reopened",
    ]
    assert kinds(received[OVERSIGHT]) == ["session.opened", "access.refused"]
    for each in received.values():
        numbers = [event["seq"] for event in each]
        assert numbers == sorted(set(numbers))


def test_an_agency_receives_only_what_concerns_it_and_only_from_its_assignment_on(shift: Shift) -> None:
    a_whole_case(shift)
    received = events(shift)
    assert kinds(received[DAMKAR]) == [
        "assignment.sent",
        "ticket.state_changed",
        "ticket.dispatched",
        "ticket.state_changed",
        "assignment.acknowledged",
        "assignment.on_scene",
        "ticket.dispatched",
        "ticket.located",
        "assignment.cleared",
        "ticket.closed",
        "ticket.reopened",
    ]
    assert set(received) == {CENTRE, OVERSIGHT, DAMKAR, PSC119, POLRESTA}


def test_an_agency_that_was_sent_late_receives_nothing_of_before(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR")
    before = shift.newest()
    shift.send(number, "POLRESTA")
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE, text="belakang pasar")
    received = events(shift)[POLRESTA]
    assert kinds(received) == ["assignment.sent", "ticket.dispatched", "ticket.located"]
    assert received[0]["seq"] == before + 1


def test_an_agency_that_declined_or_was_called_off_learns_that_and_nothing_of_the_ticket_after_it(shift: Shift) -> None:
    number, [damkar, _psc, _polresta] = shift.sent("DAMKAR", "PSC119", "POLRESTA")
    shift.run(decline_assignment, actor=shift.damkar, assignment_id=damkar, reason_code="no_unit")
    before = shift.newest()
    shift.clock.step(1)
    give: dict[str, Any] = {"actor": shift.dewi, "number": number}
    shift.run(classify_ticket, **give, classification="genuine", words="KATA-KEMUDIAN")
    shift.run(locate_ticket, **give, kelurahan_code=CIPARE)
    assert DAMKAR not in events(shift, before)
    assert kinds(events(shift, before)[PSC119]) == ["ticket.classified", "ticket.located"]
    assert "KATA-KEMUDIAN" not in json.dumps(shift.agency_ticket(number, "DAMKAR"))
    shift.run(close_ticket, **give, disposition="cancelled")
    called_off = events(shift, before)[PSC119]
    assert kinds(called_off)[2:] == ["assignment.cancelled", "ticket.closed"]
    assert called_off[-1]["ticket"]["state"] == "closed"
    before = shift.newest()
    shift.clock.step(1)
    shift.run(reopen_ticket, **give)
    [again] = shift.send(number, "DAMKAR")
    after = events(shift, before)
    assert kinds(after[DAMKAR]) == ["assignment.sent", "ticket.state_changed", "ticket.dispatched"]
    assert (after[DAMKAR][0]["assignment_id"], after[DAMKAR][0]["ticket"]["words"]) == (again, "KATA-KEMUDIAN")
    assert set(after) == {CENTRE, DAMKAR}


def test_no_agency_ever_receives_the_caller_s_number_or_name(shift: Shift) -> None:
    a_whole_case(shift)
    told = events(shift)
    for audience in (DAMKAR, PSC119, POLRESTA):
        text = json.dumps(told[audience])
        assert not [mark for mark in CALLER_MARKS if mark in text]
    assert NUMBER in json.dumps(told[CENTRE])


def test_no_agency_receives_what_another_agency_reported_or_the_centre_noted(shift: Shift) -> None:
    a_whole_case(shift)
    told = {audience: json.dumps(received) for audience, received in events(shift).items()}
    assert "LAPORAN-DAMKAR" in told[DAMKAR]
    for audience, foreign in (
        (DAMKAR, ("AMBULANS-MOGOK", "CATATAN-PUSAT", "Psc119", "Polresta")),
        (PSC119, ("LAPORAN-DAMKAR", "CATATAN-PUSAT", "Damkar", "assignment.on_scene")),
        (POLRESTA, ("LAPORAN-DAMKAR", "AMBULANS-MOGOK", "CATATAN-PUSAT", "acknowledged_at\": \"2026")),
    ):  # fmt: skip
        assert not [mark for mark in foreign if mark in told[audience]]


def test_an_agency_learns_that_the_centre_acted_but_not_which_of_its_people(shift: Shift) -> None:
    a_whole_case(shift)
    received = events(shift)
    actors = {event["kind"]: event["actor"] for event in received[DAMKAR]}
    assert actors["assignment.acknowledged"] == {"kind": "user", "id": shift.damkar.user_id, "name": "Damkar"}
    assert actors["assignment.on_scene"] == {"kind": "centre", "id": None, "name": "112"}
    assert actors["ticket.closed"] == {"kind": "centre", "id": None, "name": "112"}
    text = json.dumps(received[DAMKAR])
    assert not [name for name in ("Dewi", "Rizki", "Ratna") if name in text]
    by_kind = {event["kind"]: event["actor"] for event in received[CENTRE]}
    assert by_kind["call.registered"] == {"kind": "asterisk", "id": None, "name": None}
    assert by_kind["ticket.taken_over"] == {"kind": "user", "id": shift.ratna.user_id, "name": "Ratna"}


def test_an_agency_s_view_is_cut_to_its_own_newest_assignment(shift: Shift) -> None:
    number = a_whole_case(shift)
    [*_, last] = events(shift)[DAMKAR]
    ticket = last["ticket"]
    assert set(ticket) == {
        "number", "short", "state", "public_status", "words", "type", "priority", "place", "opened_at", "closed_at",
        "also_sent", "answers", "callers", "further_words", "assignment", "allowed",
    }  # fmt: skip
    assert ticket["also_sent"] == ["POLRESTA", "PSC119"]
    assert (ticket["assignment"]["agency"], ticket["assignment"]["state"]) == ("DAMKAR", "cleared")
    assert ticket["allowed"] == []
    assert ticket["words"] == "api besar"
    assert shift.agency_ticket(number, "DISHUB") is None


@pytest.mark.parametrize(
    ("agency", "state", "allowed"),
    [("DAMKAR", "acknowledged", ["en-route", "on-scene", "clear"]), ("PSC119", "sent", ["acknowledge", "decline"])],
)
def test_an_agency_sees_what_it_may_report_next(shift: Shift, agency: str, state: str, allowed: list[str]) -> None:
    number, [damkar, _psc] = shift.sent("DAMKAR", "PSC119")
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=damkar)
    ticket = shift.agency_ticket(number, agency) or {}
    assert (ticket["assignment"]["state"], ticket["allowed"]) == (state, allowed)


def test_the_centre_sees_what_each_kind_of_viewer_could_do_next(shift: Shift) -> None:
    waiting = shift.ring().ticket_number
    assert shift.ticket(waiting)["allowed"] == {"owner": [], "call_taker": ["claim"], "supervisor": ["claim"]}
    shift.run(claim_ticket, actor=shift.dewi, number=waiting)
    assert shift.ticket(waiting)["allowed"] == {
        "owner": ["release", "classify", "locate", "dispatch", "close", "request-location", "attach", "answer"],
        "call_taker": ["take-over"],
        "supervisor": [
            *(
                "release",
                "take-over",
                "classify",
                "locate",
                "dispatch",
                "close",
                "request-location",
                "attach",
                "answer",
            ),
        ],
    }


def test_what_is_replayed_is_what_was_published_when_nothing_happened_since(shift: Shift) -> None:
    a_whole_case(shift)
    published = events(shift)
    for audience, received in published.items():
        for after in (0, received[0]["seq"], received[-1]["seq"]):
            replayed = events(shift, after, (audience,))[audience]
            assert replayed == [event for event in received if event["seq"] > after]


def test_the_same_entries_in_one_batch_or_one_by_one_reach_the_same_people(shift: Shift) -> None:
    number = shift.ready()
    before = shift.newest()
    in_one_batch(
        shift.centre,
        [
            partial(shift.run, dispatch_ticket, actor=shift.dewi, number=number, agencies=["DAMKAR"]),
            partial(shift.run, dispatch_ticket, actor=shift.dewi, number=number, agencies=["PSC119"]),
            partial(shift.run, release_ticket, actor=shift.dewi, number=number),
        ],
    )
    together = events(shift, before)
    one_by_one: Events = defaultdict(list)
    with shift.centre.read() as connection:
        for entry in read_entries(connection, before, 100):
            for published in publish(connection, shift.centre.city, [entry]):
                one_by_one[published.audience].append(published.event)
    assert one_by_one == together
    assert kinds(together[DAMKAR]) == [
        "assignment.sent",
        "ticket.state_changed",
        "ticket.dispatched",
        "ticket.dispatched",
    ]
    assert kinds(together[PSC119]) == ["assignment.sent", "ticket.dispatched"]


def test_entries_are_read_in_order_in_pieces_without_a_gap(shift: Shift) -> None:
    for _ in range(7):
        shift.ring()
    with shift.centre.read() as connection:
        seen: list[int] = []
        while piece := read_entries(connection, seen[-1] if seen else 0, 3):
            seen += [entry.seq for entry in piece]
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_people_belong_to_the_audiences_of_their_role(shift: Shift) -> None:
    assert audiences_for(shift.dewi) == (CENTRE,)
    assert audiences_for(shift.ratna) == (CENTRE, OVERSIGHT)
    assert audiences_for(shift.admin) == (CENTRE, OVERSIGHT)
    assert audiences_for(shift.damkar) == (DAMKAR,)


def test_a_ticket_s_timeline_is_cut_to_whoever_reads_it(shift: Shift) -> None:
    number = a_whole_case(shift)

    def read_by(actor: Actor) -> list[dict[str, Any]]:
        with shift.centre.read() as connection:
            id_ = connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar_one()
            return timeline(connection, shift.centre.city, id_, actor)

    received = events(shift)
    without_ticket = {
        audience: [{k: v for k, v in event.items() if k != "ticket"} for event in each]
        for audience, each in received.items()
    }
    assert read_by(shift.damkar) == without_ticket[DAMKAR]
    assert read_by(shift.dewi) == read_by(shift.ratna) == without_ticket[CENTRE][1:]  # all but the seat that was taken
    assert read_by(shift.dishub) == []
    assert not [mark for mark in CALLER_MARKS if mark in json.dumps(read_by(shift.damkar))]


def test_every_event_can_be_sent_as_json(shift: Shift) -> None:
    a_whole_case(shift)
    for received in events(shift).values():
        for event in received:
            assert json.loads(json.dumps(event, allow_nan=False)) == event
            assert event["at"] == "2026-11-24T02:14:00.000Z"
