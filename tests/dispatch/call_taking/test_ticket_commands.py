"""What operators do with a ticket: claim, classify, locate, dispatch, close, and take it all back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment, decline_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket, take_over_ticket
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import (
    ClaimedByOther,
    CommandRefused,
    InvalidValue,
    NotFound,
    NotOwner,
    NotPermitted,
    RequirementMissing,
    TransitionRefused,
)
from dispatch.storage.tables import Assignment, Ticket, TicketNote
from tests.dispatch.shift import CIPARE, FIRE, IN_CIPARE, Shift
from tests.steppable_clock import SteppableClock

JAKARTA = (-6.2, 106.8)
FALLEN_TREE = "pohon-tumbang"


def clocks(ticket: dict[str, Any]) -> list[str]:
    return [clock["kind"] for clock in ticket["clocks"]]


def refusal(shift: Shift, command: Any, **arguments: Any) -> CommandRefused:
    """Give a command that has to be refused, see that it left nothing, and return the refusal."""
    before = shift.everything()
    with pytest.raises(CommandRefused) as refused:
        shift.run(command, **arguments)
    assert shift.everything() == before
    return refused.value


# --- Claim, release, take over.


def test_claiming_gives_the_ticket_to_the_operator_with_a_minute_to_dispatch(shift: Shift) -> None:
    number = shift.ring().ticket_number
    shift.clock.step(3)
    assert shift.run(claim_ticket, actor=shift.dewi, number=number).changed
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"]["name"]) == ("claimed", "Dewi")
    assert ticket["claimed_at"] == "2026-11-24T02:14:03.000Z"
    assert [(clock["kind"], clock["due_at"]) for clock in ticket["clocks"]] == [
        ("first_dispatch", "2026-11-24T02:15:03.000Z")
    ]
    assert shift.entries()[-1].data == {"owner_id": shift.dewi.user_id, "by": "hand"}


def test_claiming_twice_changes_nothing_and_says_so(shift: Shift) -> None:
    number = shift.claimed()
    before = shift.everything()
    again = shift.run(claim_ticket, actor=shift.dewi, number=number)
    assert (again.changed, again.seq) == (False, None)
    assert shift.everything() == before


def test_a_colleague_who_claims_too_late_learns_who_has_it_and_may_take_it_over(shift: Shift) -> None:
    number = shift.claimed(shift.dewi)
    refused = refusal(shift, claim_ticket, actor=shift.rizki, number=number)
    assert isinstance(refused, ClaimedByOther)
    assert refused.details == {"owner_name": "Dewi"}
    assert refused.allowed == ("take-over",)


def test_a_released_ticket_waits_for_an_operator_again(shift: Shift) -> None:
    number = shift.claimed()
    assert shift.run(release_ticket, actor=shift.dewi, number=number).changed
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"], clocks(ticket)) == ("new", None, ["answer"])
    assert shift.run(claim_ticket, actor=shift.rizki, number=number).changed


def test_a_ticket_whose_agencies_are_under_way_is_released_to_their_clocks_alone(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR")
    shift.run(release_ticket, actor=shift.dewi, number=number)
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"], clocks(ticket)) == ("dispatched", None, ["acknowledge"])
    assert isinstance(refusal(shift, dispatch_ticket, actor=shift.dewi, number=number, agencies=["PLN"]), NotOwner)
    assert shift.run(dispatch_ticket, actor=shift.ratna, number=number, agencies=["PLN"]).changed


def test_taking_over_needs_a_reason_which_is_kept_beside_the_journal(shift: Shift) -> None:
    number = shift.claimed(shift.dewi)
    for reason in ("", " \n\t", "\x00"):
        refused = refusal(shift, take_over_ticket, actor=shift.rizki, number=number, reason=reason)
        assert refused.details == {"missing": ["reason"]}
    assert shift.run(take_over_ticket, actor=shift.rizki, number=number, reason="Dewi ke rumah sakit").changed
    assert shift.ticket(number)["owner"]["name"] == "Rizki"
    [note] = shift.rows(TicketNote)
    assert (note.kind, note.text, note.written_by) == ("take_over", "Dewi ke rumah sakit", shift.rizki.user_id)
    assert shift.entries()[-1].data == {
        "owner_id": shift.rizki.user_id,
        "from_id": shift.dewi.user_id,
        "note_id": note.id,
    }
    assert not shift.run(take_over_ticket, actor=shift.rizki, number=number, reason="again").changed
    assert isinstance(refusal(shift, release_ticket, actor=shift.dewi, number=number), ClaimedByOther)


def test_nobody_takes_over_what_nobody_has(shift: Shift) -> None:
    number = shift.ring().ticket_number
    refused = refusal(shift, take_over_ticket, actor=shift.dewi, number=number, reason="x")
    assert isinstance(refused, NotOwner)
    assert refused.allowed == ("claim",)


@pytest.mark.parametrize("number", ["261124-999", "", "x" * 5000, "261124-001\x00", "\ud800", "２６１１２４-001", "'"])
def test_a_ticket_that_does_not_exist_is_not_found_whatever_its_number_looks_like(shift: Shift, number: str) -> None:
    shift.ring()
    assert isinstance(refusal(shift, claim_ticket, actor=shift.dewi, number=number), NotFound)


def test_whoever_does_not_work_tickets_learns_nothing_about_them(shift: Shift) -> None:
    closed = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=closed, classification="prank")
    waiting = shift.ring().ticket_number
    for actor in (shift.damkar, shift.admin):
        for number in (closed, waiting, "261124-999"):
            for command, arguments in (
                (claim_ticket, {}),
                (release_ticket, {}),
                (take_over_ticket, {"reason": "x"}),
                (classify_ticket, {"classification": "prank"}),
                (locate_ticket, {"kelurahan_code": CIPARE}),
                (dispatch_ticket, {"agencies": ["DAMKAR"]}),
                (close_ticket, {"disposition": "cancelled"}),
                (reopen_ticket, {"reason": "x"}),
            ):
                assert isinstance(refusal(shift, command, actor=actor, number=number, **arguments), NotPermitted)


# --- Classify.


@pytest.mark.parametrize("kind", ["prank", "ghost", "information", "wrong_number", "dropped"])
def test_one_key_closes_a_nuisance_with_its_own_disposition(shift: Shift, kind: str) -> None:
    number = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification=kind)
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["classification"], ticket["disposition"]) == ("closed", kind, kind)
    assert (ticket["public_status"], ticket["clocks"]) == ("selesai", [])
    before = shift.everything()
    assert not shift.run(classify_ticket, actor=shift.dewi, number=number, classification=kind).changed
    assert shift.everything() == before
    other = "ghost" if kind == "prank" else "prank"
    refused = refusal(shift, classify_ticket, actor=shift.dewi, number=number, classification=other)
    assert refused.allowed == ("reopen",)


def test_a_ticket_that_was_sent_to_an_agency_is_no_longer_closed_with_one_key(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR")
    refused = refusal(shift, classify_ticket, actor=shift.dewi, number=number, classification="prank")
    assert isinstance(refused, TransitionRefused)
    assert refused.details == {"entity": "ticket", "state": "dispatched", "command": "classify:prank"}
    assert "close" in refused.allowed


def test_a_genuine_call_has_a_type_whose_priority_it_takes(shift: Shift) -> None:
    number = shift.claimed()
    give = {"actor": shift.dewi, "number": number, "classification": "genuine"}
    shift.run(classify_ticket, **give, type_code=FIRE)
    ticket = shift.ticket(number)
    assert (ticket["type"]["code"], ticket["priority"], ticket["priority_by_hand"]) == (FIRE, "P1", False)
    assert shift.entries()[-1].data == {"classification": "genuine", "type_code": FIRE, "priority": "P1"}
    shift.run(classify_ticket, **give, type_code=FALLEN_TREE)
    ticket = shift.ticket(number)
    assert ticket["priority"] == shift.centre.city.incident_types[FALLEN_TREE].priority != "P1"


def test_a_priority_chosen_by_hand_is_never_overridden_by_the_machine(shift: Shift) -> None:
    number = shift.claimed()
    give = {"actor": shift.dewi, "number": number, "classification": "genuine"}
    shift.run(classify_ticket, **give, type_code=FIRE, priority="P3")
    assert (shift.ticket(number)["priority"], shift.ticket(number)["priority_by_hand"]) == ("P3", True)
    shift.run(classify_ticket, **give, words="api sudah kecil")
    shift.run(classify_ticket, **give, type_code=FALLEN_TREE)
    ticket = shift.ticket(number)
    assert (ticket["type"]["code"], ticket["priority"], ticket["priority_by_hand"]) == (FALLEN_TREE, "P3", True)
    proposed = shift.centre.city.incident_types[FALLEN_TREE].priority
    shift.run(classify_ticket, **give, priority=proposed)
    assert shift.ticket(number)["priority_by_hand"] is False


def test_the_words_are_kept_as_typed_every_version_of_them(shift: Shift) -> None:
    number = shift.claimed()
    typed = ["kebakaran  rmh dpn pasar rau,\napi bsr 🔥", "kebakaran rumah; 'ada' \"orang\" <b>"]
    for words in (typed[0], typed[0], "  ", typed[1], None):
        shift.run(classify_ticket, actor=shift.dewi, number=number, classification="genuine", words=words)
    assert shift.ticket(number)["words"] == typed[1]
    assert [(note.kind, note.text) for note in shift.rows(TicketNote)] == [("words", each) for each in typed]
    assert not [entry for entry in shift.entries() if "pasar" in str(entry)]


def test_control_characters_in_words_are_taken_out_and_too_many_words_are_refused(shift: Shift) -> None:
    number = shift.claimed()
    give = {"actor": shift.dewi, "number": number, "classification": "genuine"}
    shift.run(classify_ticket, **give, words="api\x00\x1b[31m\r\nbesar\ud800")
    assert shift.ticket(number)["words"] == "api [31m\nbesar"
    assert refusal(shift, classify_ticket, **give, words="x" * 10_001).details == {
        "field": "words",
        "problem": "too_long",
    }


@pytest.mark.parametrize(
    ("arguments", "details"),
    [
        ({"classification": "bogus"}, {"field": "classification", "problem": "unknown"}),
        ({"classification": ""}, {"field": "classification", "problem": "unknown"}),
        ({"classification": "genuine"}, {"missing": ["type"]}),
        ({"classification": "genuine", "words": " \n "}, {"missing": ["type"]}),
        ({"classification": "genuine", "type_code": "bogus"}, {"field": "type_code", "problem": "unknown"}),
        (
            {"classification": "genuine", "type_code": FIRE, "priority": "P9"},
            {"field": "priority", "problem": "unknown"},
        ),
    ],
)  # fmt: skip
def test_a_classification_that_says_nothing_is_refused(
    sqlite_shift: Shift, arguments: dict[str, str], details: dict[str, Any]
) -> None:
    number = sqlite_shift.claimed()
    refused = refusal(sqlite_shift, classify_ticket, actor=sqlite_shift.dewi, number=number, **arguments)
    assert refused.details == details


# --- Locate.


def test_a_kelurahan_chosen_by_hand_is_the_place(shift: Shift) -> None:
    number = shift.claimed()
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE, text="dpn\r\nmasjid \x00 <i>")
    place = shift.ticket(number)["place"]
    assert (place["kelurahan"], place["kecamatan"], place["text"]) == ("Cipare", "Serang", "dpn masjid   <i>")
    assert (place["lat"], place["approximate"], place["source"]) == (None, False, "operator")
    assert (place["kelurahan_lat"], place["kelurahan_lon"]) == IN_CIPARE
    assert shift.entries()[-1].data == {"kelurahan_code": CIPARE, "approximate": False}


def test_a_point_alone_finds_its_kelurahan_and_says_that_it_is_approximate(shift: Shift) -> None:
    number = shift.claimed()
    lat, lon = IN_CIPARE
    shift.run(
        locate_ticket, actor=shift.dewi, number=number, lat=lat, lon=lon, accuracy_m=25.0, source="map" + "x" * 30
    )
    place = shift.ticket(number)["place"]
    assert (place["kelurahan"], place["approximate"]) == ("Cipare", True)
    assert (place["lat"], place["lon"], place["accuracy_m"]) == (lat, lon, 25.0)
    assert len(place["source"]) == 16


def test_the_operator_s_kelurahan_wins_over_the_computed_one(shift: Shift) -> None:
    number = shift.claimed()
    serang = "36.73.01.1001"
    for lat, lon in (IN_CIPARE, JAKARTA):
        shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=serang, lat=lat, lon=lon)
        place = shift.ticket(number)["place"]
        assert (place["kelurahan_code"], place["approximate"], place["lat"]) == (serang, False, lat)


def test_a_new_place_replaces_the_old_one_altogether(shift: Shift) -> None:
    number = shift.claimed()
    lat, lon = IN_CIPARE
    shift.run(locate_ticket, actor=shift.dewi, number=number, lat=lat, lon=lon, text="old", accuracy_m=5)
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code="36.73.01.1001")
    place = shift.ticket(number)["place"]
    assert (place["text"], place["lat"], place["lon"], place["accuracy_m"]) == (None, None, None, None)
    assert place["approximate"] is False


@pytest.mark.parametrize(
    ("arguments", "details"),
    [
        ({}, {"missing": ["kelurahan"]}),
        ({"text": "dekat sana"}, {"missing": ["kelurahan"]}),
        ({"kelurahan_code": "36.04.01.2001"}, {"field": "kelurahan_code", "problem": "unknown"}),
        ({"kelurahan_code": "\x00"}, {"field": "kelurahan_code", "problem": "unknown"}),
        ({"lat": -6.1}, {"missing": ["lat", "lon"]}),
        ({"lon": 106.1, "kelurahan_code": CIPARE}, {"missing": ["lat", "lon"]}),
        ({"lat": JAKARTA[0], "lon": JAKARTA[1]}, {"field": "lat", "problem": "outside_city"}),
        ({"lat": float("nan"), "lon": 106.1, "kelurahan_code": CIPARE}, {"field": "lat", "problem": "out_of_range"}),
        ({"lat": -6.1, "lon": float("inf"), "kelurahan_code": CIPARE}, {"field": "lon", "problem": "out_of_range"}),
        ({"lat": -91.0, "lon": 106.1, "kelurahan_code": CIPARE}, {"field": "lat", "problem": "out_of_range"}),
        ({"lat": -6.1, "lon": 180.5, "kelurahan_code": CIPARE}, {"field": "lon", "problem": "out_of_range"}),
    ],
)  # fmt: skip
def test_a_place_that_is_none_is_refused(
    sqlite_shift: Shift, arguments: dict[str, Any], details: dict[str, Any]
) -> None:
    number = sqlite_shift.claimed()
    refused = refusal(sqlite_shift, locate_ticket, actor=sqlite_shift.dewi, number=number, **arguments)
    assert refused.details == details


@pytest.mark.parametrize("accuracy_m", [-1.0, float("nan"), float("inf")])
def test_an_accuracy_that_cannot_be_is_left_out(sqlite_shift: Shift, accuracy_m: float) -> None:
    number = sqlite_shift.claimed()
    lat, lon = IN_CIPARE
    sqlite_shift.run(locate_ticket, actor=sqlite_shift.dewi, number=number, lat=lat, lon=lon, accuracy_m=accuracy_m)
    assert sqlite_shift.ticket(number)["place"]["accuracy_m"] is None


# --- Dispatch.


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


# --- Close.


def test_a_ticket_whose_agencies_are_done_is_verified_and_closed(shift: Shift) -> None:
    number, [damkar] = shift.taken_up("DAMKAR")
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=damkar, note="padam")
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["public_status"], clocks(ticket)) == ("verify", "proses", ["verify"])
    closed = shift.run(
        close_ticket, actor=shift.dewi, number=number, disposition="handled", note="dicek \x00 lewat telepon"
    )
    assert closed.changed
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["public_status"], ticket["disposition"]) == ("closed", "selesai", "handled")
    assert (ticket["closing_note"], ticket["clocks"]) == ("dicek   lewat telepon", [])
    note = shift.rows(TicketNote)[-1]
    assert (note.kind, note.text) == ("close", "dicek   lewat telepon")
    assert shift.entries()[-1].data == {"disposition": "handled", "note_id": note.id}
    again = shift.run(close_ticket, actor=shift.rizki, number=number, disposition="handled")
    assert not again.changed
    assert isinstance(
        refusal(shift, close_ticket, actor=shift.dewi, number=number, disposition="cancelled"), TransitionRefused
    )


def test_agencies_under_way_are_called_off_by_a_cancelled_or_duplicate_ticket(shift: Shift) -> None:
    for disposition in ("cancelled", "duplicate"):
        number, [damkar, psc] = shift.sent("DAMKAR", "PSC119")
        shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=damkar)
        shift.clock.step(5)
        seq = shift.newest()
        shift.run(close_ticket, actor=shift.dewi, number=number, disposition=disposition)
        ticket = shift.ticket(number)
        assert [a["state"] for a in ticket["assignments"]] == ["cancelled", "cancelled"]
        assert all(a["cancelled_at"] and a["due_at"] is None for a in ticket["assignments"])
        assert ticket["clocks"] == []
        assert shift.kinds(seq) == ["assignment.cancelled", "assignment.cancelled", "ticket.closed"]
        with pytest.raises(TransitionRefused):
            shift.run(acknowledge_assignment, actor=shift.psc119, assignment_id=psc)


def test_agencies_under_way_are_not_forgotten_by_any_other_closing(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR")
    for disposition in ("handled", "handled_by_phone", "no_responder_needed"):
        refused = refusal(shift, close_ticket, actor=shift.dewi, number=number, disposition=disposition)
        assert isinstance(refused, TransitionRefused)
        assert "close" in refused.allowed


@pytest.mark.parametrize("disposition", ["prank", "ghost", "bogus", ""])
def test_only_real_dispositions_close_a_ticket(sqlite_shift: Shift, disposition: str) -> None:
    number = sqlite_shift.claimed()
    refused = refusal(sqlite_shift, close_ticket, actor=sqlite_shift.dewi, number=number, disposition=disposition)
    assert isinstance(refused, InvalidValue)


def test_a_call_settled_by_phone_counts_as_genuine(shift: Shift) -> None:
    number = shift.claimed()
    assert isinstance(
        refusal(shift, close_ticket, actor=shift.dewi, number=number, disposition="handled"), TransitionRefused
    )
    shift.run(close_ticket, actor=shift.dewi, number=number, disposition="handled_by_phone")
    assert shift.ticket(number)["classification"] == "genuine"


# --- Reopen and undo.


def test_a_wrong_key_is_taken_back_without_a_reason_within_ten_seconds(shift: Shift) -> None:
    number = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    shift.clock.step(10)
    assert shift.run(reopen_ticket, actor=shift.dewi, number=number).changed
    ticket = shift.ticket(number)
    assert (ticket["state"], ticket["owner"]["name"], clocks(ticket)) == ("claimed", "Dewi", ["first_dispatch"])
    assert (ticket["classification"], ticket["disposition"], ticket["closed_at"]) == (None, None, None)
    assert shift.entries()[-1].data == {"undo": True, "was": "prank", "note_id": None}
    assert not shift.run(reopen_ticket, actor=shift.dewi, number=number).changed


def test_after_ten_seconds_or_by_somebody_else_reopening_needs_a_reason(shift: Shift) -> None:
    number = shift.claimed()
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    for actor, seconds in ((shift.rizki, 0), (shift.dewi, 10.001)):
        shift.clock.step(seconds)
        refused = refusal(shift, reopen_ticket, actor=actor, number=number, reason=" ")
        assert isinstance(refused, RequirementMissing)
        assert (refused.details, refused.allowed) == ({"missing": ["reason"]}, ("reopen",))
    assert shift.run(reopen_ticket, actor=shift.rizki, number=number, reason="anaknya menelepon lagi").changed
    assert shift.ticket(number)["owner"]["name"] == "Rizki"
    assert shift.rows(TicketNote)[-1].text == "anaknya menelepon lagi"
    assert shift.entries()[-1].data["undo"] is False


def test_a_genuine_call_that_was_closed_by_a_wrong_key_is_genuine_again(shift: Shift) -> None:
    number = shift.ready()
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    shift.run(reopen_ticket, actor=shift.dewi, number=number)
    ticket = shift.ticket(number)
    assert (ticket["classification"], ticket["type"]["code"]) == ("genuine", FIRE)
    shift.send(number, "DAMKAR")


def test_a_taken_back_prank_no_longer_counts_against_the_number(shift: Shift) -> None:
    number = shift.claimed(ani="081298765001")
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    shift.run(reopen_ticket, actor=shift.dewi, number=number)
    again = shift.ring(ani="081298765001").ticket_number
    assert shift.ticket(again)["calls"][0]["nuisance"]["count"] == 0


def test_a_reopened_ticket_keeps_its_past_and_can_be_worked_to_its_end_again(shift: Shift) -> None:
    number, [first] = shift.sent("DAMKAR")
    shift.run(close_ticket, actor=shift.dewi, number=number, disposition="cancelled", note="tidak jadi")
    shift.clock.step(3600)
    shift.run(reopen_ticket, actor=shift.rizki, number=number, reason="api menyala lagi")
    ticket = shift.ticket(number)
    assert (ticket["classification"], ticket["priority"], ticket["closing_note"]) == ("genuine", "P1", None)
    assert "tidak jadi" in [note.text for note in shift.rows(TicketNote)]
    [second] = shift.send(number, "DAMKAR", actor=shift.rizki)
    assert shift.assignment(number, first)["state"] == "cancelled"
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=second)
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=second, note="padam")
    shift.run(close_ticket, actor=shift.rizki, number=number, disposition="handled")
    assert shift.ticket(number)["state"] == "closed"


def test_each_change_counts_the_version_up(shift: Shift) -> None:
    number = shift.ring().ticket_number
    versions = [shift.ticket(number)["version"]]
    for command, arguments in (
        (claim_ticket, {}),
        (classify_ticket, {"classification": "genuine", "type_code": FIRE}),
        (locate_ticket, {"kelurahan_code": CIPARE}),
        (dispatch_ticket, {"agencies": ["DAMKAR"]}),
        (close_ticket, {"disposition": "duplicate"}),
        (reopen_ticket, {}),
    ):
        shift.run(command, actor=shift.dewi, number=number, **arguments)
        versions.append(shift.ticket(number)["version"])
    assert versions == sorted(set(versions))


# --- What the database itself does not let happen.


def test_no_agency_can_have_a_ticket_twice_at_once(shift: Shift) -> None:
    shift.sent("DAMKAR")
    columns = ", ".join(c.name for c in Assignment.__table__.columns if c.name != "id")
    with pytest.raises(Exception, match=r"(?i)unique"), shift.centre.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO assignments (id, {columns}) SELECT id + 1, {columns} FROM assignments"))


def test_no_two_tickets_can_have_one_number(shift: Shift) -> None:
    shift.ring()
    shift.ring()
    with pytest.raises(Exception, match=r"(?i)unique"), shift.centre.engine.begin() as connection:
        connection.execute(text("UPDATE tickets SET number = 'same'"))
    assert len({row.number for row in shift.rows(Ticket)}) == 2


def test_all_that_a_query_is_asked_is_of_one_moment(shift: Shift) -> None:
    number = shift.claimed()
    with shift.centre.read() as connection:
        before = connection.execute(text("SELECT state, version FROM tickets")).one()
        shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
        assert connection.execute(text("SELECT state, version FROM tickets")).one() == before
    assert shift.ticket(number)["state"] == "closed"
