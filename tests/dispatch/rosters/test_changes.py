"""Shifts are given, taken away, swapped and copied; both are told; of two editors the first counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dispatch.duty.checking_in import check_in
from dispatch.errors import InvalidValue, NotFound, NotPermitted, RosterChanged
from dispatch.rosters.asking import any_to_ask, ask_for_check_in
from dispatch.rosters.changes import add_duty, copy_week, remove_duty, roster_version, swap_duty
from dispatch.storage.tables import Duty, Notice, NoticeDelivery
from tests.dispatch.duty.people import contact, rostered, wall, who
from tests.dispatch.shift import Shift

MORNING = {"starts_local": "2026-11-25T07:00", "ends_local": "2026-11-25T15:00"}
NIGHT = {"starts_local": "2026-11-24T23:00", "ends_local": "2026-11-25T07:00"}


def version(shift: Shift, agency: str = "DAMKAR") -> int:
    with shift.centre.read() as connection:
        return roster_version(connection, agency)


def told(shift: Shift) -> list[tuple[int | None, str]]:
    return [(notice.contact_id, notice.facts["change"]) for notice in shift.rows(Notice) if notice.kind == "roster"]


def live(shift: Shift) -> list[tuple[int, str]]:
    return [(duty.contact_id, duty.starts_local) for duty in shift.rows(Duty) if duty.removed_at is None]


def test_a_shift_is_given_once_and_its_person_is_told(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    given = shift.run(add_duty, actor=shift.ratna, contact_id=herman, **NIGHT)
    again = shift.run(add_duty, actor=shift.ratna, contact_id=herman, **NIGHT)
    assert (given.changed, again.changed, again.duty_id) == (True, False, given.duty_id)
    (duty,) = shift.rows(Duty)
    assert (duty.zone, duty.starts_at, duty.created_by) == (
        "Asia/Jakarta",
        wall("2026-11-24T23:00"),
        shift.ratna.user_id,
    )
    assert told(shift) == [(herman, "added")]


def test_nobody_has_two_shifts_at_a_time_but_one_may_follow_the_other(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    shift.run(add_duty, actor=shift.ratna, contact_id=herman, **NIGHT)
    shift.run(add_duty, actor=shift.ratna, contact_id=herman, **MORNING)
    with pytest.raises(InvalidValue) as refused:
        shift.run(
            add_duty,
            actor=shift.ratna,
            contact_id=herman,
            starts_local="2026-11-25T06:00",
            ends_local="2026-11-25T08:00",
        )
    assert refused.value.details == {"field": "starts_local", "problem": "overlaps"}


def test_an_agency_keeps_its_own_roster_and_nobody_elses(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    own: dict[str, Any] = {"contact_id": herman, **MORNING}
    duty = shift.run(add_duty, actor=shift.damkar, **own).duty_id
    with pytest.raises(NotFound):
        shift.run(remove_duty, actor=shift.psc119, duty_id=duty)
    with pytest.raises(NotPermitted):
        shift.run(remove_duty, actor=shift.dewi, duty_id=duty)
    assert shift.run(remove_duty, actor=shift.damkar, duty_id=duty).changed
    assert not shift.run(remove_duty, actor=shift.damkar, duty_id=duty).changed
    assert told(shift) == [(herman, "added"), (herman, "removed")]


def test_what_is_over_is_not_rewritten(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    duty = rostered(shift, herman, "2026-11-23T07:00", "2026-11-23T15:00")
    with pytest.raises(InvalidValue):
        shift.run(remove_duty, actor=shift.ratna, duty_id=duty)


def test_a_swap_gives_one_shift_for_another_and_both_are_told(shift: Shift) -> None:
    herman, ade = contact(shift, "Herman"), contact(shift, "Ade")
    of_herman = rostered(shift, herman, "2026-11-25T07:00", "2026-11-25T15:00", checked_in_at=shift.clock.now())
    of_ade = rostered(shift, ade, "2026-11-28T07:00", "2026-11-28T15:00")
    swapped = shift.run(
        swap_duty, actor=shift.damkar, duty_id=of_herman, contact_id=ade, return_duty_id=of_ade, version=version(shift)
    )
    assert live(shift) == [(ade, "2026-11-25T07:00"), (herman, "2026-11-28T07:00")]
    assert who(shift, wall("2026-11-25T10:00")) == ["Ade"]
    duties = {duty.id: duty for duty in shift.rows(Duty)}
    assert duties[swapped.duty_id].swapped_from_id == of_herman
    assert duties[swapped.duty_id].checked_in_at is None  # whose SIAP it was is not there
    assert sorted(told(shift)) == sorted(
        [(ade, "taken_over"), (herman, "handed_over"), (herman, "taken_over"), (ade, "handed_over")]
    )


def test_who_is_ill_leaves_a_hole_that_one_other_fills(shift: Shift) -> None:
    herman, ade, dadan = contact(shift, "Herman"), contact(shift, "Ade"), contact(shift, "Dadan")
    duty = rostered(shift, herman, "2026-11-25T07:00", "2026-11-25T15:00")
    shift.run(remove_duty, actor=shift.damkar, duty_id=duty)
    shift.run(swap_duty, actor=shift.ratna, duty_id=duty, contact_id=ade)
    with pytest.raises(RosterChanged) as refused:
        shift.run(swap_duty, actor=shift.damkar, duty_id=duty, contact_id=dadan)
    assert refused.value.details == {"by_name": "Ratna"}
    assert live(shift) == [(ade, "2026-11-25T07:00")]


@pytest.mark.parametrize("wrong", ["same", "other agency", "other role", "not theirs"])
def test_what_cannot_be_swapped(shift: Shift, wrong: str) -> None:
    herman, ade = contact(shift, "Herman"), contact(shift, "Ade")
    duty = rostered(shift, herman, "2026-11-25T07:00", "2026-11-25T15:00")
    swap: dict[str, Any] = {"duty_id": duty, "contact_id": ade}
    if wrong == "same":
        swap["contact_id"] = herman
    elif wrong == "other agency":
        swap["contact_id"] = contact(shift, "Ade", "PSC119")
    elif wrong == "other role":
        swap["contact_id"] = contact(shift, "Kepala", role="chief")
    else:
        swap["return_duty_id"] = duty
    with pytest.raises(InvalidValue):
        shift.run(swap_duty, actor=shift.ratna, **swap)
    assert live(shift) == [(herman, "2026-11-25T07:00")]


def test_of_two_editors_the_first_counts_and_the_second_learns_whose_it_was(shift: Shift) -> None:
    herman, ade = contact(shift, "Herman"), contact(shift, "Ade")
    both_saw = version(shift)
    shift.run(add_duty, actor=shift.ratna, contact_id=herman, version=both_saw, **MORNING)
    with pytest.raises(RosterChanged) as refused:
        shift.run(add_duty, actor=shift.damkar, contact_id=ade, version=both_saw, **MORNING)
    assert refused.value.details == {"by_name": "Ratna"}
    assert version(shift, "PSC119") == 0
    shift.run(remove_duty, actor=shift.damkar, duty_id=1, version=version(shift))
    with pytest.raises(RosterChanged) as refused:
        shift.run(add_duty, actor=shift.ratna, contact_id=ade, version=both_saw + 1, **MORNING)
    assert refused.value.details == {"by_name": "Damkar"}


def test_last_week_is_copied_into_what_is_empty(shift: Shift) -> None:
    herman, ade = contact(shift, "Herman"), contact(shift, "Ade")
    rostered(shift, herman, "2026-11-23T23:00", "2026-11-24T07:00")
    rostered(shift, herman, "2026-11-25T07:00", "2026-11-25T15:00")
    rostered(shift, ade, "2026-12-02T07:00", "2026-12-02T15:00")  # somebody has that one already
    copied = shift.run(copy_week, actor=shift.damkar, agency_code="DAMKAR", monday=date(2026, 11, 30))
    assert (copied.changed, copied.added, copied.left_out) == (True, 1, 1)
    assert (herman, "2026-11-30T23:00") in live(shift)
    assert not shift.run(copy_week, actor=shift.damkar, agency_code="DAMKAR", monday=date(2026, 11, 30)).changed


def test_before_a_shift_its_person_is_asked_once_unless_siap_has_come(shift: Shift) -> None:
    herman, ade = contact(shift, "Herman"), contact(shift, "Ade")
    rostered(shift, herman, "2026-11-24T10:00", "2026-11-24T15:00")  # in 46 minutes
    rostered(shift, ade, "2026-11-24T10:00", "2026-11-24T15:00")
    shift.run(check_in, contact_id=ade, by="page")
    city, now = shift.centre.city, shift.clock.now
    with shift.centre.read() as connection:
        assert not any_to_ask(connection, city, now())
    shift.clock.step(16 * 60)
    with shift.centre.read() as connection:
        assert any_to_ask(connection, city, now())
    assert shift.run(ask_for_check_in) == 1
    assert shift.run(ask_for_check_in) == 0
    (notice,) = shift.rows(Notice)
    assert (notice.kind, notice.contact_id, notice.facts["starts"]) == ("check_in", herman, "2026-11-24T10:00")
    shift.run(check_in, contact_id=herman, by="page")
    (delivery,) = shift.rows(NoticeDelivery)
    assert delivery.outcome == "withdrawn"  # who has said so on the page is not asked on the telephone
    with shift.centre.read() as connection:
        assert not any_to_ask(connection, city, now())
