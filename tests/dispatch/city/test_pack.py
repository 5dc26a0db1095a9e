"""A city is data: the pack of Kota Serang says what its sources say, and a bad pack is told all its faults at once."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from dispatch.city.model import Priority
from dispatch.city.pack import CityPack, CityPackError, load_city
from dispatch.city.policy import ClockKind

SERANG = Path(__file__).resolve().parents[3] / "city" / "serang"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return shutil.copytree(SERANG, tmp_path / "kota")


@pytest.fixture
def edit(pack: Path) -> Edit:
    """Replace a text that must stand in a file of the copied pack."""

    def replace(file: str, old: str, new: str) -> None:
        content = (pack / file).read_text(encoding="utf-8")
        assert old in content
        (pack / file).write_text(content.replace(old, new, 1), encoding="utf-8")

    return replace


def problems_of(pack: Path) -> list[str]:
    with pytest.raises(CityPackError) as caught:
        load_city(pack)
    return caught.value.problems


def test_serang_has_its_six_kecamatan_and_sixty_seven_kelurahan(city: CityPack) -> None:
    assert len(city.kelurahan) == 67
    per_kecamatan = Counter(ward.kecamatan for ward in city.kelurahan.values())
    assert per_kecamatan == {
        "Serang": 12, "Kasemen": 10, "Walantaka": 14, "Curug": 10, "Cipocok Jaya": 8, "Taktakan": 13,
    }  # fmt: skip
    assert sum(ward.area_km2 for ward in city.kelurahan.values()) == pytest.approx(266.3, abs=2.0)


def test_two_kelurahan_are_both_named_sukawana_and_only_the_code_tells_them_apart(city: CityPack) -> None:
    twins = {code: ward.kecamatan for code, ward in city.kelurahan.items() if ward.name == "Sukawana"}
    assert twins == {"36.73.01.1008": "Serang", "36.73.04.1007": "Curug"}


def test_the_whole_routing_matrix_is_there_and_every_type_can_be_sent_and_recognised(city: CityPack) -> None:
    assert len(city.incident_types) == 52
    for type_ in city.incident_types.values():
        assert city.agencies[type_.primary].dispatchable
        assert all(city.agencies[code].dispatchable for code in type_.supporting)
        assert len(type_.keywords) >= 10, f"{type_.code} has few words to be recognised by"


def test_a_structure_fire_goes_to_the_fire_brigade_with_five_others(city: CityPack) -> None:
    fire = city.incident_types["kebakaran-bangunan"]
    assert (fire.primary, fire.priority, fire.basis) == ("DAMKAR", Priority.P1, "V112")
    assert fire.supporting == ("BPBD", "PLN", "POLRESTA", "PSC119", "DINSOS")


def test_sekda_and_the_mayor_are_reported_to_but_never_sent(city: CityPack) -> None:
    assert {code for code, agency in city.agencies.items() if not agency.dispatchable} == {
        "DISKOMINFO", "INSPEKTORAT", "SETDA", "WALIKOTA",
    }  # fmt: skip


def test_the_demo_has_operators_and_one_responder_for_each_agency_that_can_be_sent(city: CityPack) -> None:
    users = {user.username: user for user in city.demo_users}
    assert [users[name].display_name for name in ("operator1", "operator2")] == ["Dewi", "Rizki"]
    assert users["supervisor"].role == "supervisor"
    assert users["admin"].role == "admin"
    responders = {user.username: user.agency_code for user in city.demo_users if user.role == "responder"}
    assert responders == {code.lower(): code for code, agency in city.agencies.items() if agency.dispatchable}


def test_every_clock_has_a_length_for_every_priority(city: CityPack) -> None:
    clocks = city.policy.clocks
    assert set(clocks) == {(kind, priority) for kind in ClockKind for priority in Priority}
    assert [clocks[ClockKind.ACKNOWLEDGE, priority] for priority in Priority] == [60, 120, 300, 900]
    assert [clocks[ClockKind.MOVE, priority] for priority in Priority] == [900, 900, 1800, 7200]
    assert {clocks[ClockKind.ANSWER, priority] for priority in Priority} == {15}
    assert {clocks[ClockKind.FIRST_DISPATCH, priority] for priority in Priority} == {60}


def test_more_than_five_pranks_ask_for_a_day_and_more_than_ten_for_the_ministry(city: CityPack) -> None:
    nuisance = city.policy.nuisance
    assert (nuisance.limit, nuisance.block_hours, nuisance.ministry_limit, nuisance.enforce) == (5, 24, 10, True)
    assert "tekan satu" in nuisance.gate.ask_id


def test_three_shifts_divide_the_day_and_the_night_shift_passes_midnight(city: CityPack) -> None:
    def on_duty(local: time) -> list[str]:
        return [shift.name_id for shift in city.policy.shifts if shift.covers(local)]

    assert on_duty(time(2, 14)) == on_duty(time(23, 0)) == ["Malam"]
    assert on_duty(time(7, 0)) == on_duty(time(14, 59)) == ["Pagi"]
    assert on_duty(time(15, 0)) == ["Siang"]


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("081234567890", "Telkomsel"),
        ("6281234567890", "Telkomsel"),
        ("+62 812-3456-7890", "Telkomsel"),
        ("+62081234567890", "Telkomsel"),
        ("085712345678", "Indosat (IM3)"),
        ("0895123456789", "Tri/3 (Indosat Ooredoo Hutchison)"),
        ("0254200528", None),
        ("08001234567", None),
        ("0812", None),
        ("anonymous", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_tells_its_mobile_operator_or_nothing(city: CityPack, number: str | None, carrier: str | None) -> None:
    assert city.prefixes.carrier(number) == carrier


def test_landmarks_known_by_address_only_claim_no_point(city: CityPack) -> None:
    surveyed = [landmark for landmark in city.landmarks if landmark.lat is not None]
    assert len(surveyed) == 14
    assert all(landmark.accuracy_m for landmark in surveyed)
    polresta = next(landmark for landmark in city.landmarks if landmark.key == "polresta")
    assert (polresta.lat, polresta.lon, polresta.accuracy_m) == (None, None, None)
    assert polresta.kelurahan_code == "36.73.01.1002"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("incident_types.csv", ",DAMKAR,BPBD|", ",DAMKER,BPBD|", "csv:2:primary: agency 'DAMKER' is not in"),
        ("incident_types.csv", "|PLN|POLRESTA", "|SETDA|POLRESTA", "2:supporting: agency 'SETDA' cannot be sent"),
        ("incident_types.csv", ",P1,flame,", ",P0,flame,", "2:priority: 'P0' is not a priority; choose"),
        ("incident_types.csv", "kebakaran-lahan,", "kebakaran-bangunan,", "3:code: 'kebakaran-bangunan' stands in"),
        ("incident_types.csv", "category,", "kategori,", "incident_types.csv:1:category: column is missing"),
        ("seats.csv", "code,name_id,name_en,", "code,name_id,name_id,", "seats.csv:1:name_id: column stands twice"),
        ("agency_support.csv", "PLN,kebakaran", "PLN,kebakaren", ":category: 'kebakaren' is no category"),
        ("agencies.csv", "DAMKAR,", "DAMKAR,Satu,dua,", "agencies.csv:3:row: has 10 fields but the first line names 8"),
        ("agencies.csv", ",OPD,yes,", ",OPD,ya,", ":dispatchable: 'ya' is neither yes nor no; write one of them"),
        ("kelurahan.csv", "-6.127795", "-61.27795", "kelurahan.csv:2:lat: -61.27795, 106.146279 lies outside"),
        ("kelurahan.csv", "-6.127795,106.146279", "106.146279,-6.127795", "kelurahan.csv:2:lat: 106.146279, -6.127795"),
        ("kelurahan.csv", "-6.127795", "6,127795", "kelurahan.csv:2:row: has 8 fields"),
        ("kelurahan.csv", "-6.127795", "utara", "kelurahan.csv:2:lat: 'utara' is not a number; write digits"),
        ("kelurahan.csv", "-6.127795", "nan", "kelurahan.csv:2:lat: 'nan' is not a finite number"),
        ("kelurahan.csv", "36.73.01.1001", "3673011001", "kelurahan.csv:2:code: '3673011001' is not a Kemendagri code"),
        ("landmarks.csv", "36.73.05.1003", "36.73.05.9999", ":kelurahan_code: '36.73.05.9999' is not in kelurahan.csv"),
        ("landmarks.csv", "-6.121615,106.196407,30", "-6.121615,,30", "landmarks.csv:2:lon: is empty but its partner"),
        ("landmarks.csv", "106.196407,30", "106.196407,", "csv:2:accuracy_m: must say within how many"),
        ("streets.csv", ",junction,", ",persimpangan,", ":kind: 'persimpangan' is not a kind of street; choose one of"),
        ("phone_prefixes.csv", "0811,", "62811,", "phone_prefixes.csv:2:prefix: '62811' is not a prefix"),
        ("seats.csv", "op2", "op1", "seats.csv:3:extension: 'op1' stands in row 2 already"),
        ("demo_users.csv", ",responder,DAMKAR", ",responder,", ":agency_code: agency '' is not in agencies.csv"),
        ("demo_users.csv", ",supervisor,", ",bos,", ":role: 'bos' is not a role; choose one of"),
        ("decline_reasons.csv", "other,", "no_unit,", "decline_reasons.csv:6:code: 'no_unit' stands in row 2 already"),
        ("danger_words.csv", "words", "kata", "danger_words.csv:1:words: column is missing"),
        ("policy.toml", "P2 = 120 ", "P2 = 0 ", "policy.toml:clocks.acknowledge:P2: 0 is not a whole number from 1"),
        ("policy.toml", "P2 = 120 ", "# ", "policy.toml:clocks.acknowledge:P2: is missing; write a whole number"),
        ("policy.toml", "[clocks.verify]", "[clocks.check]", "policy.toml:clocks.verify:table: is missing"),
        ("policy.toml", "[clocks.verify]", "[clocks.check]", "policy.toml:clocks:check: is not a kind of clock"),
        ("policy.toml", "P4 = 900 ", "P5 = 900 ", "policy.toml:clocks.acknowledge:P5: is not a priority"),
        ("policy.toml", "enforce = true", 'enforce = "no"', "policy.toml:nuisance:enforce: must be true or false"),
        (
            "policy.toml",
            "radius_m = 500",
            "radius_m = 0",
            "policy.toml:similar:radius_m: 0 is not a whole number from 1",
        ),
        ("policy.toml", "minutes = 240", "", "policy.toml:similar.category.bencana:minutes: is missing"),
        (
            "policy.toml",
            "[similar.category.bencana]",
            "[similar.category.bencna]",
            "policy.toml:similar.category:bencna: is not a category of incident_types.csv; choose from",
        ),
        ("policy.toml", "second_factor =", "second_facter =", "policy.toml:sign_in:second_facter: is not used here"),
        ("policy.toml", '["supervisor", "admin"]', '["bos"]', "sign_in:second_factor 1: 'bos' is not a role; choose"),
        ("policy.toml", "responder = 0", "", "policy.toml:sign_in.idle_s:responder: is missing; write a whole number"),
        (
            "policy.toml",
            "lease_s = 30 ",
            "lease_s = 8 ",
            "deliveries:lease_s: must be longer than timeout_s",
        ),
        ("policy.toml", "[deliveries]", "[delivery]", "policy.toml:deliveries:table: is missing; write [deliveries]"),
        ("policy.toml", "goal = 0.90", "goal = nan", "policy.toml:answer:goal: nan is not a number from 0 to 1"),
        ("policy.toml", "goal = 0.90", "goal = true", "policy.toml:answer:goal: True is not a number from 0 to 1"),
        ("policy.toml", "starts = 07:00:00", "starts = 7", "policy.toml:shifts 1:starts: must be a time of day"),
        ("city.toml", 'name = "Kota Serang"', 'name = " "', "city.toml:top:name: must be a text in quotes"),
        ("policy.toml", "starts = 07:00:00", 'starts = "07:00:00"', "shifts 1:starts: must be a time of day without"),
        ("policy.toml", 'emergency_numbers = ["', 'emergency_numbers = [12:00:00, "', "emergency_numbers 1: must be a"),
        ("city.toml", 'name = "Kota Serang"', "name = 2026-01-01", "city.toml:top:name: must be a text in quotes"),
        ("city.toml", 'name = "', 'id = "serang"\nname = "', "city.toml:top:id: is not used here; choose from"),
        ("city.toml", 'name = "', '"[key]" = 1\nname = "', "city.toml:top:[key]: is not used here; choose from"),
        ("city.toml", 'name = "', '"" = 1\nname = "', 'city.toml:top:"": is not used here; choose from'),
        ("policy.toml", "[clocks.verify]", "[clocks.en]", "policy.toml:clocks:en: is not a kind of clock"),
        ("policy.toml", "ends = 15:00:00", "ends = 14:00:00", "policy.toml:top:shifts: 0 shifts cover 14:00"),
        ("policy.toml", "target_s = 15 ", "target_s = ", "policy.toml:0:file: is not valid TOML"),
        ("city.toml", "Asia/Jakarta", "Asia/Serang", "city.toml:top:timezone: 'Asia/Serang' is not a time zone"),
        ("ladders.toml", 'role = "head"\n', 'role = "duty"\n', "ladders 3:rungs 1: duty are not woken at night"),
        ("city.toml", "lat = -6.12", "lat = 6.12", "city.toml:centre:lat: 6.12, 106.15 lies outside [bbox]"),
    ],
)
def test_a_fault_is_named_by_file_row_and_field_with_what_to_do(
    pack: Path, edit: Edit, file: str, old: str, new: str, problem: str
) -> None:
    edit(file, old, new)
    found = problems_of(pack)
    assert any(problem in line for line in found), found
    assert all("; " in line for line in found), "each says what to do"


def test_a_type_without_keywords_is_refused_because_nobody_could_find_it(pack: Path) -> None:
    lines = (pack / "incident_types.csv").read_text(encoding="utf-8").splitlines()
    fields = lines[1].split(",")
    lines[1] = ",".join([*fields[:9], "", ""])
    (pack / "incident_types.csv").write_text("\n".join(lines), encoding="utf-8")
    assert any("incident_types.csv:2:keywords: has no keyword" in line for line in problems_of(pack))


def test_all_faults_of_all_files_are_told_in_one_go(pack: Path, edit: Edit) -> None:
    edit("incident_types.csv", ",P1,flame,", ",tinggi,flame,")
    edit("kelurahan.csv", "-6.125925", "0")
    edit("policy.toml", "target_s = 60", "target_s = -1")
    (pack / "streets.csv").unlink()
    found = "\n".join(problems_of(pack))
    for file in ("incident_types.csv:2:", "kelurahan.csv:3:", "policy.toml:dispatch:", "streets.csv:0:file: is"):
        assert file in found


def test_a_file_that_is_not_utf8_is_named_with_the_line(pack: Path) -> None:
    content = (pack / "streets.csv").read_bytes().replace(b"KH Samun", b"KH Sam\xfcn")
    (pack / "streets.csv").write_bytes(content)
    line = content[: content.index(b"\xfc")].count(b"\n") + 1
    assert any(f"streets.csv:{line}:encoding: is not UTF-8 here" in problem for problem in problems_of(pack))


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_and_blank_rows_is_read(pack: Path) -> None:
    content = (pack / "seats.csv").read_bytes()
    (pack / "seats.csv").write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") + b",,\r\n\r\n")
    assert len(load_city(pack).seats) == 6


def test_an_empty_file_is_not_taken_for_a_city_without_agencies(pack: Path) -> None:
    (pack / "danger_words.csv").write_text("words\n", encoding="utf-8")
    assert any("danger_words.csv:1:file: has no rows" in problem for problem in problems_of(pack))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "is not a folder; set SIAGA_CITY" in problems_of(tmp_path / "bandung")[0]
