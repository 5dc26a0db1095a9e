"""A ticket is closed with how it ended, and opened again."""

from __future__ import annotations

import pytest

from dispatch.agencies.assignments import acknowledge_assignment, clear_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.errors import InvalidValue, RequirementMissing, TransitionRefused
from dispatch.storage.tables import TicketNote
from tests.dispatch.refusals import clocks, refusal
from tests.dispatch.shift import CIPARE, FIRE, Shift

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
