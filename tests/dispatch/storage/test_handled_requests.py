"""A request that comes again gets the first answer, whole, whichever release of the software gave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.call_taking.dispatch import Dispatched, dispatch_ticket
from dispatch.call_taking.ownership import release_ticket
from dispatch.calls.notes import add_caller_note
from dispatch.storage.tables import HandledRequest
from dispatch.storage.transaction import Outcome, Transaction
from tests.dispatch.shift import Shift

#: What every release reads and writes.
KEPT = {"changed", "ticket_number", "assignment_ids", "seq", "detail"}


def keep(shift: Shift, command: str, **outcome: Any) -> None:
    """Keep an answer as the release before did."""

    def write(tx: Transaction) -> None:
        key = f"{shift.dewi.user_id}:{command}:r1"
        tx.connection.execute(
            insert(HandledRequest).values(request_id=key, command=command, outcome=outcome, at=tx.now)
        )

    shift.run(write)


def kept(shift: Shift) -> dict[str, Any]:
    """The one answer that is kept."""
    with shift.centre.read() as connection:
        return dict(connection.execute(select(HandledRequest.outcome)).scalar_one())


def test_a_repeat_is_told_what_only_its_command_tells(shift: Shift) -> None:
    number = shift.ready()
    shift.run(dispatch_ticket, actor=shift.dewi, number=number, agencies=["DAMKAR"])
    both = {"actor": shift.dewi, "number": number, "agencies": ["DAMKAR", "PSC119"]}
    first, again = (shift.run_once("r1", dispatch_ticket, **both) for _ in range(2))
    assert first.already_sent == ("DAMKAR",)
    assert again == replace(first, changed=False)


def test_the_release_before_can_read_what_is_kept(shift: Shift) -> None:
    number = shift.ring(ani="081298765001").ticket_number
    noted = shift.run_once("r1", add_caller_note, actor=shift.dewi, number=number, kind="name", text="Bu Sri")
    assert kept(shift).keys() == KEPT
    assert kept(shift)["detail"] == {"note_id": noted.note_id}


def test_an_answer_without_more_to_tell_is_kept_without(shift: Shift) -> None:
    number = shift.ready()
    shift.run_once("r1", release_ticket, actor=shift.dewi, number=number)
    assert (kept(shift).keys(), kept(shift)["detail"]) == (KEPT, None)


@pytest.mark.parametrize("newer", [{}, {"of_a_later_release": 1}])
def test_what_another_release_kept_is_told_again(shift: Shift, newer: dict[str, int]) -> None:
    number = shift.ready()
    detail = {"already_sent": ["DAMKAR"], **newer}
    keep(shift, "dispatch_ticket", changed=True, ticket_number=number, assignment_ids=[7], seq=9, detail=detail)
    again = shift.run_once("r1", dispatch_ticket, actor=shift.dewi, number=number, agencies=["PSC119"])
    assert again == Dispatched(False, number, (7,), 9, already_sent=("DAMKAR",))
    assert shift.ticket(number)["assignments"] == []


def test_a_report_that_the_release_before_kept_without_its_state_is_told_again(shift: Shift) -> None:
    keep(shift, "acknowledge_assignment", changed=True, ticket_number="1", assignment_ids=[7], seq=9, detail=None)
    again = shift.run_once("r1", acknowledge_assignment, actor=shift.dewi, assignment_id=7)
    assert (again.changed, again.assignment_ids, again.seq) == (False, (7,), 9)
    assert isinstance(again, Outcome)
