"""Where nobody would be told: found ahead, named by kind, told once a day to whoever can mend it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from dispatch.duty.contacts import set_channels
from dispatch.roles import Actor
from dispatch.rosters.holes import holes_of, tell_holes
from dispatch.storage.tables import ContactChannel, Notice
from tests.dispatch.duty.people import contact, number_of, rostered, wall
from tests.dispatch.shift import CIPARE, Shift


def holes(shift: Shift, agency: str = "DAMKAR") -> list[Any]:
    with shift.centre.read() as connection:
        return holes_of(connection, shift.centre.city, shift.clock.now(), agency)


def kinds(shift: Shift, agency: str = "DAMKAR") -> list[tuple[str, str]]:
    return [(hole.kind.value, hole.name or hole.role.value) for hole in holes(shift, agency)]


def round_the_clock(shift: Shift, *people: int, days: int = 8) -> None:
    """Three shifts a day from the morning of the 24th on."""
    for day in range(days):
        for number, (starts, ends) in enumerate((("07:00", "15:00"), ("15:00", "23:00"), ("23:00", "07:00"))):
            last = day + (ends < starts)
            rostered(
                shift,
                people[number % len(people)],
                f"2026-{11 + (24 + day) // 31}-{(23 + day) % 30 + 1:02d}T{starts}",
                f"2026-{11 + (24 + last) // 31}-{(23 + last) % 30 + 1:02d}T{ends}",
            )


def test_a_city_that_has_told_nobody_anything_is_all_holes(shift: Shift) -> None:
    assert kinds(shift) == [("nobody", "duty"), ("rung", "head")]
    assert kinds(shift, "SETDA") == [("rung", "leader")]
    assert kinds(shift, "DISKOMINFO") == [("rung", "supervisor")]
    with shift.centre.read() as connection:
        everywhere = holes_of(connection, shift.centre.city, shift.clock.now())
    assert {hole.agency_code for hole in everywhere} >= {"DAMKAR", "PLN", "SETDA", "WALIKOTA", "DISKOMINFO"}
    assert "INSPEKTORAT" not in {hole.agency_code for hole in everywhere}  # no ladder leads there


def test_people_with_tested_channels_round_the_clock_leave_none(shift: Shift) -> None:
    round_the_clock(shift, contact(shift, "Herman"), contact(shift, "Ujang"), contact(shift, "Asep"))
    contact(shift, "Kadis", role="head")
    assert kinds(shift) == []


def test_a_time_that_is_nobodys_shift_is_found_although_the_shift_before_is_still_told(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    contact(shift, "Kadis", role="head")
    rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00")
    rostered(shift, herman, "2026-11-24T23:00", "2026-11-25T07:00")
    gaps = [(hole.starts_at, hole.ends_at) for hole in holes(shift) if hole.kind == "shift"]
    assert gaps == [
        (wall("2026-11-24T15:00"), wall("2026-11-24T23:00")),
        (wall("2026-11-25T07:00"), wall("2026-12-01T09:14")),
    ]


def test_each_area_is_looked_at_by_itself(shift: Shift) -> None:
    contact(shift, "Lurah Cipare", "KELURAHAN", area=CIPARE)
    other = contact(shift, "Lurah lain", "KELURAHAN", area="36.73.01.1003")
    rostered(shift, other, "2026-11-24T07:00", "2026-11-24T15:00")
    gaps = [hole.area_code for hole in holes(shift, "KELURAHAN") if hole.kind == "shift"]
    assert gaps == ["36.73.01.1003"]


def test_people_without_a_channel_or_a_fresh_test_are_named(shift: Shift) -> None:
    contact(shift, "Kadis", role="head")
    contact(shift, "Ujang", tested=False)
    silent = contact(shift, "Herman")
    shift.run(set_channels, actor=Actor.system(), contact_id=silent, channels=[])
    assert kinds(shift) == [("no_channel", "Herman"), ("untested", "Ujang")]
    shift.clock.step(91 * 86_400)
    assert ("old_test", "Kadis") in kinds(shift)


def test_a_head_whose_shift_is_over_leaves_a_rung_that_reaches_nobody(shift: Shift) -> None:
    contact(shift, "Herman")
    head = contact(shift, "Kadis", role="head")
    rostered(shift, head, "2026-11-24T07:00", "2026-11-25T07:00")
    (hole,) = holes(shift)
    assert (hole.kind, hole.role, hole.starts_at) == ("rung", "head", wall("2026-11-25T19:00"))


def test_a_channel_that_the_next_rung_overtakes_is_named(shift: Shift) -> None:
    contact(shift, "Kadis", role="head")
    herman = contact(shift, "Herman")
    ways = [("email", "herman@contoh.go.id"), ("whatsapp", number_of(herman))]
    shift.run(set_channels, actor=Actor.system(), contact_id=herman, channels=ways)
    (hole,) = holes(shift)
    assert (hole.kind, hole.name, hole.channel) == ("overtaken", "Herman", "whatsapp")
    shift.run(set_channels, actor=Actor.system(), contact_id=herman, channels=ways[::-1])
    assert kinds(shift) == []


def test_heads_and_supervisors_are_told_once_a_day(shift: Shift) -> None:
    head = contact(shift, "Kadis", role="head")
    supervisor = contact(shift, "Ratna", "DISKOMINFO", "supervisor")
    assert shift.run(tell_holes).people == 2
    assert shift.run(tell_holes).people == 0
    facts = {notice.contact_id: notice.facts for notice in shift.rows(Notice)}
    assert facts[head] == {"agency": "DAMKAR", "holes": 1, "kinds": {"nobody": 1}}
    assert facts[supervisor]["agencies"] > 20
    shift.clock.step(22 * 3600)  # the next morning before eight
    assert shift.run(tell_holes).people == 0
    shift.clock.step(3600)
    assert shift.run(tell_holes).people == 2


def test_who_has_no_channel_is_told_nothing_and_nothing_breaks(shift: Shift) -> None:
    head = contact(shift, "Kadis", role="head")
    with shift.centre.engine.begin() as connection:
        connection.execute(
            update(ContactChannel).where(ContactChannel.contact_id == head).values(removed_at=shift.clock.now())
        )
    assert shift.run(tell_holes).people == 0
