"""What climbs, on the board: who is told next, what nobody goes to, and how far the news has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dispatch.agencies.assignments import decline_assignment
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.feed.board import board
from dispatch.ladders.pausing import pause_clock
from tests.dispatch.ladders.test_firing import add_contact, fire
from tests.dispatch.shift import Shift


def figures(shift: Shift) -> dict[str, Any]:
    with shift.centre.read() as connection:
        return dict(board(connection, shift.centre.city, shift.clock))


def everybody(shift: Shift) -> None:
    for role in ("duty", "chief", "head"):
        add_contact(shift, "DAMKAR", role, "whatsapp")
    add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")


def test_a_ladder_that_has_only_told_the_first_people_is_no_escalation(shift: Shift) -> None:
    everybody(shift)
    shift.sent("DAMKAR")
    fire(shift)
    found = figures(shift)
    assert (found["escalations"], found["escalations_total"], found["stranded"]) == ([], 0, [])
    assert [line["worst"]["reach"] for line in found["agencies"]] == ["queued"]


def test_who_is_next_and_after_whom_and_how_far_it_has_climbed(shift: Shift) -> None:
    everybody(shift)
    number, _ = shift.sent("DAMKAR")
    shift.clock.step(61)
    fire(shift)
    (line,) = figures(shift)["escalations"]
    assert (line["ticket"], line["agency"], line["clock"]) == (number, "DAMKAR", "acknowledge")
    assert (line["rung"], line["rungs"], line["next_who"], line["then_who"]) == (2, 6, "head", "supervisor")
    assert line["next_at"] > line["due_at"]
    assert (line["paused_until"], line["held"]) == (None, False)


def test_whoever_has_nobody_left_to_tell_stands_before_the_others(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    add_contact(shift, "DAMKAR", "chief", "whatsapp")
    shift.sent("DAMKAR")
    shift.sent("BPBD")  # neither it nor anybody above is reached, so that its ladder climbs to its end at once
    shift.clock.step(61)
    fire(shift)
    lines = figures(shift)["escalations"]
    assert [line["agency"] for line in lines] == ["BPBD", "DAMKAR"]
    reach = {line["code"]: line["worst"]["reach"] for line in figures(shift)["agencies"]}
    assert (reach["BPBD"], reach["DAMKAR"]) == ("hole", "queued")


def test_a_pause_is_seen_where_the_clock_is(shift: Shift) -> None:
    everybody(shift)
    number, (assignment,) = shift.sent("DAMKAR")
    shift.clock.step(61)
    fire(shift)
    until = shift.clock.now() + timedelta(minutes=10)
    shift.run(
        pause_clock, actor=shift.dewi, number=number, reason="menunggu-pelapor", until=until, assignment=assignment
    )
    (line,) = figures(shift)["escalations"]
    assert line["paused_until"] is not None


def test_what_all_have_declined_is_stranded_until_somebody_else_is_sent(shift: Shift) -> None:
    everybody(shift)
    number, (assignment,) = shift.sent("DAMKAR")
    shift.run(decline_assignment, actor=shift.damkar, assignment_id=assignment, reason_code="no_unit")
    (stranded,) = figures(shift)["stranded"]
    assert (stranded["ticket"], stranded["agencies"]) == (number, ["DAMKAR"])
    shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["BPBD"])
    assert figures(shift)["stranded"] == []
