"""Who is on duty: across midnight, in gaps and overlaps, when clocks change, before and after SIAP, by area."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.duty.checking_in import check_in
from dispatch.duty.contacts import remove_contact
from dispatch.duty.on_duty import ContactOfRole, DutyBook, ShiftOfPerson
from dispatch.duty.wall_times import wall_shift
from dispatch.errors import InvalidValue
from dispatch.roles import Actor, LadderRole
from dispatch.storage.tables import Duty, WebSession
from tests.dispatch.duty.people import contact, rostered, wall, who
from tests.dispatch.shift import CIPARE, Shift
from tests.thoroughness import examples

BERLIN = ZoneInfo("Europe/Berlin")
SUMUR_PECUNG = "36.73.01.1003"


def ready(shift: Shift, duty_id: int) -> None:
    with shift.centre.engine.begin() as connection:
        connection.execute(update(Duty).where(Duty.id == duty_id).values(checked_in_at=shift.clock.now()))


def test_a_night_shift_passes_midnight_and_ends_when_the_morning_begins(shift: Shift) -> None:
    herman, ujang = contact(shift, "Herman"), contact(shift, "Ujang")
    rostered(shift, herman, "2026-11-24T23:00", "2026-11-25T07:00")
    ready(shift, rostered(shift, ujang, "2026-11-25T07:00", "2026-11-25T15:00"))
    assert who(shift, wall("2026-11-24T22:59")) == []
    assert who(shift, wall("2026-11-24T23:00")) == ["Herman"]
    assert who(shift, wall("2026-11-25T03:00")) == ["Herman"]
    assert who(shift, wall("2026-11-25T07:00")) == ["Ujang"]
    assert who(shift, wall("2026-11-25T14:59")) == ["Ujang"]


def test_until_siap_the_shift_before_is_told_too_and_not_for_ever(shift: Shift) -> None:
    herman, ujang = contact(shift, "Herman"), contact(shift, "Ujang")
    rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00")
    duty = rostered(shift, ujang, "2026-11-24T15:00", "2026-11-25T06:00")
    assert who(shift, wall("2026-11-24T15:00")) == ["Herman", "Ujang"]
    assert who(shift, wall("2026-11-25T02:59")) == ["Herman", "Ujang"]
    assert who(shift, wall("2026-11-25T03:00")) == ["Ujang"]  # twelve hours after its end
    ready(shift, duty)
    assert who(shift, wall("2026-11-24T15:00")) == ["Ujang"]


def test_in_a_gap_the_shift_before_is_told_and_after_twelve_hours_nobody(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    ready(shift, rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00"))
    assert who(shift, wall("2026-11-24T18:00")) == ["Herman"]
    assert who(shift, wall("2026-11-25T03:00")) == []


def test_shifts_that_overlap_are_both_told_and_one_siap_is_enough(shift: Shift) -> None:
    herman, ujang, ade = contact(shift, "Herman"), contact(shift, "Ujang"), contact(shift, "Ade")
    rostered(shift, ade, "2026-11-24T00:00", "2026-11-24T07:00")
    ready(shift, rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00"))
    rostered(shift, ujang, "2026-11-24T14:00", "2026-11-24T22:00")
    assert who(shift, wall("2026-11-24T10:00")) == ["Herman"]
    assert who(shift, wall("2026-11-24T14:30")) == ["Herman", "Ujang"]
    assert who(shift, wall("2026-11-24T15:30")) == ["Herman", "Ujang"]  # Ujang has not said SIAP


def test_who_stands_in_no_roster_is_always_on_duty(shift: Shift) -> None:
    contact(shift, "Ade")
    herman = contact(shift, "Herman")
    rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00")
    assert who(shift, wall("2026-11-24T10:00")) == ["Ade", "Herman"]
    assert who(shift, wall("2026-11-27T10:00")) == ["Ade"]


def test_whoever_gave_the_only_shift_away_is_not_on_duty_for_ever(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00", removed_at=shift.clock.now())
    assert who(shift, wall("2026-11-24T10:00")) == []
    assert who(shift, wall("2026-11-27T10:00")) == []


def test_a_shift_that_was_taken_away_counts_no_more_and_a_removed_person_is_nobody(shift: Shift) -> None:
    herman, ujang = contact(shift, "Herman"), contact(shift, "Ujang")
    rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00", removed_at=shift.clock.now())
    rostered(shift, herman, "2026-11-26T07:00", "2026-11-26T15:00")
    rostered(shift, ujang, "2026-11-24T07:00", "2026-11-24T15:00")
    assert who(shift, wall("2026-11-24T10:00")) == ["Ujang"]
    shift.run(remove_contact, actor=Actor.system(), contact_id=ujang)
    assert who(shift, wall("2026-11-24T10:00")) == []


def test_siap_counts_for_the_shift_that_begins_soon_but_not_for_tomorrows(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    late = rostered(shift, herman, "2026-11-24T10:15", "2026-11-24T15:00")  # in 61 minutes
    assert shift.run(check_in, contact_id=herman, by="whatsapp").duty_id is None
    shift.clock.step(60)
    told = shift.run(check_in, contact_id=herman, by="whatsapp")
    assert (told.changed, told.duty_id, told.ends_local) == (True, late, "2026-11-24T15:00")
    assert not shift.run(check_in, contact_id=herman, by="page").changed
    (entry,) = [entry for entry in shift.entries() if entry.kind == "duty.checked_in"]
    assert entry.data["by"] == "whatsapp"


def test_the_office_in_whose_area_it_lies_is_told_and_without_one_those_that_have_none(shift: Shift) -> None:
    for name, area in (("Lurah Cipare", CIPARE), ("Lurah Sumur Pecung", SUMUR_PECUNG), ("Bagian Tapem", None)):
        contact(shift, name, "KELURAHAN", area=area)
    contact(shift, "Camat Serang", "KECAMATAN", area="36.73.01")
    now = shift.clock.now()
    assert who(shift, now, "KELURAHAN", kelurahan=CIPARE) == ["Lurah Cipare"]
    assert who(shift, now, "KELURAHAN", kelurahan="36.73.01.1004") == ["Bagian Tapem"]
    assert who(shift, now, "KELURAHAN") == ["Bagian Tapem"]
    assert who(shift, now, "KECAMATAN", kelurahan=CIPARE) == ["Camat Serang"]
    assert who(shift, now, "KECAMATAN", kelurahan="36.73.02.1001") == []


def test_one_offices_siap_says_nothing_about_the_other(shift: Shift) -> None:
    at = wall("2026-11-24T15:30")
    for area in (CIPARE, "36.73.01"):
        before, after = (contact(shift, f"{name} {area}", "KELURAHAN", area=area) for name in ("Pagi", "Siang"))
        rostered(shift, before, "2026-11-24T07:00", "2026-11-24T15:00")
        duty = rostered(shift, after, "2026-11-24T15:00", "2026-11-24T23:00")
        if area == CIPARE:
            ready(shift, duty)
    assert who(shift, at, "KELURAHAN", kelurahan=CIPARE) == [f"Siang {CIPARE}", "Pagi 36.73.01", "Siang 36.73.01"]


def test_who_sits_before_an_open_page_is_told_without_any_contact(shift: Shift) -> None:
    session = shift.sign_in(shift.damkar)
    with shift.centre.engine.begin() as connection:
        connection.execute(update(WebSession).where(WebSession.id == session).values(last_seen_at=shift.clock.now()))
    assert who(shift, shift.clock.now()) == ["Damkar"]
    assert who(shift, shift.clock.now() + timedelta(hours=2)) == []


def test_nobody_in_any_roster_and_no_contact_is_nobody(shift: Shift) -> None:
    assert who(shift, shift.clock.now()) == []


def test_when_clocks_are_set_back_nobody_is_missing_in_the_hour_that_comes_twice(shift: Shift) -> None:
    herman, ujang = contact(shift, "Herman"), contact(shift, "Ujang")
    ready(shift, rostered(shift, herman, "2026-10-24T22:00", "2026-10-25T02:30", BERLIN))
    ready(shift, rostered(shift, ujang, "2026-10-25T02:30", "2026-10-25T10:00", BERLIN))
    first, second = wall("2026-10-25T02:15", BERLIN), wall("2026-10-25T02:15", BERLIN, fold=1)
    assert who(shift, first) == ["Herman"]
    assert who(shift, first + timedelta(minutes=15)) == ["Herman", "Ujang"]
    assert who(shift, second) == ["Herman", "Ujang"]
    assert who(shift, second + timedelta(minutes=15)) == ["Ujang"]


def test_when_clocks_are_set_forward_a_time_that_does_not_come_is_the_change_itself(shift: Shift) -> None:
    herman, ujang = contact(shift, "Herman"), contact(shift, "Ujang")
    ready(shift, rostered(shift, herman, "2026-03-28T22:00", "2026-03-29T02:30", BERLIN))
    ready(shift, rostered(shift, ujang, "2026-03-29T02:30", "2026-03-29T10:00", BERLIN))
    assert who(shift, wall("2026-03-29T01:59", BERLIN)) == ["Herman"]
    assert who(shift, wall("2026-03-29T03:00", BERLIN)) == ["Ujang"]


@pytest.mark.parametrize(
    ("starts", "ends", "field", "problem"),
    [
        ("2026-11-24T07:00", "2026-11-24T07:00", "ends_local", "not_after"),
        ("2026-11-24T07:00", "2026-11-26T07:00", "ends_local", "out_of_range"),
        ("24-11-2026 07:00", "2026-11-24T15:00", "starts_local", "form"),
        ("2026-11-31T07:00", "2026-12-01T15:00", "starts_local", "form"),
        ("2026-11-24T07:00", "2026-11-24T25:00", "ends_local", "form"),
    ],
)
def test_a_shift_that_no_wall_shows_is_refused(starts: str, ends: str, field: str, problem: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        wall_shift(starts, ends, BERLIN)
    assert refused.value.details == {"field": field, "problem": problem}


def test_an_offices_wall_may_be_written_with_a_space_or_a_dot() -> None:
    assert wall_shift("2026-11-24 07.00", "2026-11-24 15:00", BERLIN).starts_local == "2026-11-24T07:00"


# -- against a model that goes by the minute ---------------------------------------------------------------------------

START = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the night in which Berlin's clocks are set back lies in it
MINUTES = 36 * 60
BEFORE_M = 6 * 60


@st.composite
def rosters(draw: st.DrawFn) -> list[tuple[int, str, str, bool]]:
    """Shifts of up to four people: (person, from, to, said SIAP), by the wall of Berlin, in steps of a quarter."""
    shifts = []
    for _ in range(draw(st.integers(0, 7))):
        begins = datetime.fromisoformat("2026-10-24T10:00") + timedelta(minutes=15 * draw(st.integers(0, 140)))
        ends = begins + timedelta(minutes=15 * draw(st.integers(1, 48)))
        times = (moment.isoformat(timespec="minutes") for moment in (begins, ends))
        shifts.append((draw(st.integers(1, 4)), *times, draw(st.booleans())))
    return shifts  # type: ignore[return-value]


WALLS = [
    (START + timedelta(minutes=minute)).astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")
    for minute in range(-24 * 60, MINUTES + 24 * 60)
]


def covered(starts: str, ends: str) -> tuple[int, int]:
    """From the first minute at which the wall has come to `starts` to the last at which it comes to `ends`."""
    begins = next(index for index, text in enumerate(WALLS) if text >= starts)
    last = max(index for index, text in enumerate(WALLS) if text <= ends)
    return begins - 24 * 60, last + (WALLS[last] < ends) - 24 * 60


def told_by_the_minute(shifts: list[tuple[int, int, int, bool]], minute: int) -> set[int]:
    present = [shift for shift in shifts if minute in range(shift[1], shift[2])]
    told = {person for person, *_ in present}
    if any(siap for *_, siap in present):
        return told
    for back in range(minute, minute - BEFORE_M, -1):  # the newest end within six hours
        ended = {person for person, begins, ends, _ in shifts if back - 1 in range(begins, ends) and ends == back}
        if ended:
            return told | ended
    return told


@given(rosters(), st.lists(st.integers(0, MINUTES - 1), min_size=1, max_size=20))
@settings(max_examples=examples(600))
def test_every_minute_agrees_with_a_model_that_walks_through_the_minutes(
    shifts: list[tuple[int, str, str, bool]], minutes: list[int]
) -> None:
    people = [ContactOfRole(id_, "DAMKAR", None, LadderRole.DUTY, f"p{id_}", None) for id_ in range(1, 6)]
    as_kept = []
    for person, starts, ends, siap in shifts:
        read = wall_shift(starts, ends, BERLIN)
        as_kept.append(ShiftOfPerson(person, read.starts_at, read.ends_at, siap))
    rostered_people = {person for person, *_ in shifts}
    book = DutyBook(people, rostered_people, as_kept, {}, timedelta(minutes=BEFORE_M))
    by_minute = [(person, *covered(starts, ends), siap) for person, starts, ends, siap in shifts]
    for minute in minutes:
        at = START + timedelta(minutes=minute)
        found = {person.contact_id for person in book.on_duty("DAMKAR", LadderRole.DUTY, at)}
        never_rostered = set(range(1, 6)) - rostered_people
        assert found == told_by_the_minute(by_minute, minute) | never_rostered
