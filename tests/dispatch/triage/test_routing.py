"""Who goes: the routing matrix proposes, the caller's words add, the operator decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.city.pack import CityPack
from dispatch.triage.routing import ProposedAgency, propose_agencies


def proposed(city: CityPack, code: str, words: str = "") -> dict[str, ProposedAgency]:
    return {agency.code: agency for agency in propose_agencies(city.incident_types[code], words, city)}


def ticked(city: CityPack, code: str, words: str = "") -> set[str]:
    return {agency.code for agency in proposed(city, code, words).values() if agency.preselected}


def test_a_structure_fire_ticks_who_is_needed_now_and_leaves_aid_for_afterwards(city: CityPack) -> None:
    agencies = proposed(city, "kebakaran-bangunan", "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam")
    assert list(agencies) == ["DAMKAR", "BPBD", "PLN", "POLRESTA", "PSC119", "DINSOS"]
    assert [agency.preselected for agency in agencies.values()] == [True] * 5 + [False]
    assert agencies["DAMKAR"].role == "primary"
    assert agencies["DINSOS"].reason_id == "setelah padam: bantuan korban"


def test_the_reason_quotes_the_callers_words(city: CityPack) -> None:
    agencies = proposed(city, "kebakaran-bangunan", "rumah kebakaran, ada orang di dalam!")
    assert agencies["PSC119"].reason_id == "“orang di dalam”: siaga medis"
    assert agencies["PSC119"].reason_en == "“orang di dalam”: medical stand-by"
    assert agencies["PLN"].reason_id == "putus aliran listrik"


@pytest.mark.parametrize(
    ("code", "words", "joins"),
    [
        ("kecelakaan-korban", "tabrakan motor, sopirnya kejepit di mobil", "DAMKAR"),
        ("pohon-tumbang", "pohon tumbang nimpa kabel listrik", "PLN"),
        ("pohon-tumbang", "pohon tumbang nutup jalan", "DISHUB"),
        ("kemacetan", "macet karena ada yang pingsan di jalan", "PSC119"),
        ("odgj-mengamuk", "orang gila ngamuk bawa golok", "POLRESTA"),
        ("evakuasi-hewan", "ada buaya di tambak", "BKSDA"),
        ("genangan-jalan", "jalan banjir, ada motor hanyut", "BASARNAS"),
    ],
)
def test_what_the_caller_says_brings_an_agency_along(city: CityPack, code: str, words: str, joins: str) -> None:
    assert joins in ticked(city, code, words)
    assert joins not in ticked(city, code, "")


def test_what_the_caller_denies_brings_nobody_along(city: CityPack) -> None:
    crash = "kecelakaan-tanpa-korban"
    assert "PSC119" not in ticked(city, crash, "tabrakan tapi tidak ada korban, ga ada yang pingsan")
    assert "PSC119" in ticked(city, crash, "tabrakan, ada yang pingsan")


def test_a_complaint_goes_to_its_agency_alone(city: CityPack) -> None:
    for code, type_ in city.incident_types.items():
        if type_.priority == "P4" and code != "air-bersih":
            assert ticked(city, code) == {type_.primary}


def test_every_type_proposes_the_whole_matrix_row_with_a_reason_for_each(city: CityPack) -> None:
    for code, type_ in city.incident_types.items():
        agencies = proposed(city, code)
        assert next(iter(agencies)) == type_.primary
        assert set(agencies) == {type_.primary, *type_.supporting}
        assert all(agency.reason_id and agency.reason_en for agency in agencies.values())
        assert all(agency.reason_id != "menurut matriks rute" for agency in agencies.values()), code


def test_an_agency_without_a_reason_of_its_own_is_there_by_the_matrix(city: CityPack) -> None:
    silent = replace(city, agency_support=())
    agencies = proposed(silent, "kebakaran-bangunan", "ada orang di dalam")
    assert agencies["PLN"].reason_id == "menurut matriks rute"
    assert ticked(silent, "kebakaran-bangunan", "ada orang di dalam") == {"DAMKAR"}
