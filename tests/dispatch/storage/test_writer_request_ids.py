"""A request that comes twice under one id is carried out once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket
from dispatch.centre import Centre
from dispatch.errors import CommandRefused
from dispatch.storage.tables import HandledRequest
from tests.dispatch.shift import CIPARE, Shift
from tests.dispatch.together import at_once, in_one_batch


def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(shift: Shift) -> None:
    number = shift.ready()
    first = shift.run_once("r1", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    before = shift.everything()
    again = shift.run_once("r1", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    assert first.changed
    assert again == replace(first, changed=False)
    assert shift.everything() == before


def test_a_repeated_dispatch_names_the_assignments_it_made_the_first_time(shift: Shift) -> None:
    number = shift.ready()
    give = partial(shift.run_once, "r1", dispatch_ticket, actor=shift.dewi, number=number, agencies=["DAMKAR", "PLN"])
    first, again = give(), give()
    assert first.changed
    assert not again.changed
    assert again.assignment_ids == first.assignment_ids
    assert len(shift.ticket(number)["assignments"]) == 2


def test_two_requests_with_one_id_at_once_are_carried_out_once(shift: Shift) -> None:
    number = shift.claimed()
    give = partial(
        shift.run_once, "double-click", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE
    )
    answers = in_one_batch(shift.centre, [give, give])
    assert [answer.changed for answer in answers] == [True, False]
    assert shift.kinds().count("ticket.located") == 1


def test_two_requests_with_one_id_at_once_on_two_nodes_are_carried_out_once(shift: Shift, other_centre: Centre) -> None:
    number = shift.claimed()
    arguments: dict[str, Any] = {"actor": shift.dewi, "number": number, "kelurahan_code": CIPARE}
    answers = at_once(
        *(partial(node.run_once, "r", locate_ticket, **arguments) for node in (shift.centre, other_centre))
    )
    assert sorted(answer.changed for answer in answers) == [False, True]
    assert shift.kinds().count("ticket.located") == 1


def test_request_ids_of_other_people_and_other_commands_are_other_requests(shift: Shift) -> None:
    number = shift.claimed()
    located = shift.run_once("1", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    by_ratna = shift.run_once("1", locate_ticket, actor=shift.ratna, number=number, kelurahan_code=CIPARE)
    released = shift.run_once("1", release_ticket, actor=shift.dewi, number=number)
    assert (located.changed, by_ratna.changed, released.changed) == (True, True, True)
    assert len(shift.rows(HandledRequest)) == 3


def test_a_refused_request_may_be_given_again_under_its_id(shift: Shift) -> None:
    number = shift.ring().ticket_number
    locate = partial(shift.run_once, "too early", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    with pytest.raises(CommandRefused):
        locate()
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    assert locate().changed
