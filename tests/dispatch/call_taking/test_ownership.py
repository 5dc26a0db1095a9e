"""Whose ticket it is: claim, release, take over."""

from __future__ import annotations

import pytest

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket, take_over_ticket
from dispatch.errors import ClaimedByOther, NotFound, NotOwner, NotPermitted
from dispatch.storage.tables import TicketNote
from tests.dispatch.refusals import clocks, refusal
from tests.dispatch.shift import CIPARE, Shift


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
