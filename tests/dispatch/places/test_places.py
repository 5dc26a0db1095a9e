"""An operator types a place as the caller says it: abbreviated, misspelt, unfinished, seen from a landmark."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon

from dispatch.city.model import Landmark
from dispatch.city.pack import CityPack
from dispatch.places.finder import PlaceCandidate, Places

SUKAWANA_SERANG, SUKAWANA_CURUG = "36.73.01.1008", "36.73.04.1007"


@pytest.fixture(scope="module")
def places(city: CityPack) -> Places:
    return Places(city)


def best(places: Places, text: str) -> PlaceCandidate:
    found = places.search(text)
    assert found, f"nothing found for {text!r}"
    return found[0]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("unyur", "36.73.01.1007"),
        ("UNYUR", "36.73.01.1007"),
        ("kel. unyur kec. serang", "36.73.01.1007"),
        ("lontar baru", "36.73.01.1009"),
        ("lontarbaru", "36.73.01.1009"),
        ("sumurpecung", "36.73.01.1003"),
        ("masjid priyayi", "36.73.02.1002"),
        ("mesjid priyai", "36.73.02.1002"),
        ("penancangan", "36.73.05.1003"),
        ("panancangan", "36.73.05.1003"),
        ("kepuren", "36.73.03.1009"),
        ("cimuncng", "36.73.01.1006"),
        ("curug mans", "36.73.04.1009"),
        ("banjar agung cipocok", "36.73.05.1004"),
        ("jl ahmad yani", "jl-ahmad-yani"),
        ("jln. a. yani", "jl-ahmad-yani"),
        ("ahmad yani", "jl-ahmad-yani"),
        ("jl tb suwandi", "jl-tb-suwandi"),
        ("tubagus suwandi", "jl-tb-suwandi"),
        ("jl syeh nawawi", "jl-syech-nawawi-al-bantani"),
        ("perempatan ciceri", "simpang-ciceri"),
        ("spg kebon jahe", "simpang-kebon-jahe"),
        ("rumah sakit sari asih", "rs-sari-asih"),
        ("rs tentara", "rs-kencana"),
        ("stasiun krangantu kasemen", "stasiun-karangantu"),
        ("alun2", "alun-alun"),
        ("psr rau", "pasar-rau"),
        ("term pakupatan", "terminal-pakupatan"),
    ],
)
def test_a_place_is_found_however_it_is_written(places: Places, typed: str, key: str) -> None:
    found = best(places, typed)
    assert (found.key, found.clear) == (key, True)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("pakup", "terminal-pakupatan"),
        ("jl sal", "jl-saleh-baimin"),
        ("dpn sari as", "rs-sari-asih"),
        ("kalod", "36.73.03.1008"),
    ],
)
def test_an_unfinished_name_is_completed(places: Places, typed: str, key: str) -> None:
    assert best(places, typed).key == key


@pytest.mark.parametrize(
    ("typed", "relation"),
    [
        ("dpn terminal pakupatan", "depan"),
        ("blkg terminal pakupatan", "belakang"),
        ("belakangnya terminal pakupatan", "belakang"),
        ("sblh terminal pakupatan", "sebelah"),
        ("sbrg terminal pakupatan", "seberang"),
        ("dkt terminal pakupatan", "dekat"),
        ("parek terminal pakupatan", "dekat"),
        ("hareup terminal pakupatan", "depan"),
        ("depan pas terminal pakupatan", "depan"),
        ("terminal pakupatan", None),
    ],
)
def test_where_it_is_seen_from_the_landmark_is_kept(places: Places, typed: str, relation: str | None) -> None:
    found = best(places, typed)
    assert (found.key, found.relation) == ("terminal-pakupatan", relation)


def test_the_twins_are_both_shown_with_their_kecamatan_and_neither_is_chosen(places: Places) -> None:
    first, second = places.search("sukawana")
    assert {first.key, second.key} == {SUKAWANA_SERANG, SUKAWANA_CURUG}
    assert {first.kecamatan, second.kecamatan} == {"Serang", "Curug"}
    assert first.score == second.score
    assert not first.clear


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("sukawana curug", SUKAWANA_CURUG),
        ("sukawana, kec curug", SUKAWANA_CURUG),
        ("kec curug sukawana", SUKAWANA_CURUG),
        ("kel sukawana kecamatan serang", SUKAWANA_SERANG),
    ],
)
def test_naming_the_kecamatan_tells_the_twins_apart(places: Places, typed: str, key: str) -> None:
    found = best(places, typed)
    assert (found.key, found.clear) == (key, True)


def test_sukawana_serang_is_left_open_because_serang_is_also_the_city(places: Places) -> None:
    assert not best(places, "sukawana serang").clear


@pytest.mark.parametrize("name", ["kasemen", "walantaka", "curug", "taktakan", "serang", "banten"])
def test_a_name_that_also_means_something_larger_is_shown_but_not_chosen(places: Places, name: str) -> None:
    found = next(candidate for candidate in places.search(name) if candidate.kind == "kelurahan")
    assert found.name.lower() == name
    assert not found.clear
    labelled = best(places, f"kelurahan {name}")
    assert (labelled.key, labelled.clear) == (found.key, True)


def test_a_kecamatan_alone_offers_its_kelurahan_and_chooses_none(places: Places) -> None:
    found = places.search("kec kasemen")
    assert len(found) == 5
    assert {candidate.kecamatan for candidate in found} == {"Kasemen"}
    assert not any(candidate.clear for candidate in found)


def test_the_kelurahan_beside_a_street_places_the_street(places: Places) -> None:
    street = best(places, "jl raya pandeglang sukawana curug")
    assert (street.key, street.kelurahan_code, street.clear) == ("jl-raya-pandeglang", SUKAWANA_CURUG, True)
    alone = best(places, "jl raya pandeglang")
    assert (alone.kelurahan_code, alone.lat) == (None, None)


def test_a_settlement_that_borrows_a_landmarks_name_is_not_taken_for_it(places: Places) -> None:
    assert not best(places, "perum untirta permai").clear


def test_accuracy_is_honest(city: CityPack, places: Places) -> None:
    ward, terminal, hospital = (best(places, text) for text in ("unyur", "terminal pakupatan", "rs budiasih"))
    assert ward.accuracy_m == pytest.approx((city.kelurahan[ward.key].area_km2 / 3.1416) ** 0.5 * 1000, abs=1)
    assert terminal.accuracy_m == 30
    assert (hospital.lat, hospital.lon, hospital.accuracy_m) == (None, None, None)


@pytest.mark.parametrize("typed", ["", "   ", "??!", "x", "qwrtzp", "😀", "rt 02 rw 05"])
def test_what_names_no_place_finds_none(places: Places, typed: str) -> None:
    assert places.search(typed) == []


def test_no_more_than_the_limit_is_shown_and_the_best_comes_first(places: Places) -> None:
    found = places.search("serang", limit=3)
    assert len(found) == 3
    assert [candidate.score for candidate in found] == sorted((c.score for c in found), reverse=True)


@given(st.text(max_size=300))
def test_any_text_is_searched_without_an_error_and_twice_the_same(places: Places, text: str) -> None:
    found = places.search(text)
    assert found == places.search(text)
    assert len(found) <= 5
    assert all(0 < candidate.score <= 1 for candidate in found)
    assert sum(candidate.clear for candidate in found) <= 1


def test_a_name_typed_with_a_slip_is_found_among_fifty_thousand(city: CityPack) -> None:
    chance = random.Random(112)
    names = sorted({_made_up_name(chance) for _ in range(50_000)})
    landmarks = tuple(
        Landmark(f"made-up-{number}", name, "x", (), "", None, None, None, None, None, "")
        for number, name in enumerate(names)
    )
    places = Places(replace(city, landmarks=landmarks))
    asked = chance.sample(names, 60)
    found = 0
    for name in asked:
        at = chance.randrange(6, len(name) - 4)
        typed = f"dpn {name[:at]}{name[at + 1 :]}".replace("Perumahan", "perum").replace("Jalan", "jl")
        found += name in [candidate.name for candidate in places.search(typed)]
    assert found >= 0.98 * len(asked)


def _made_up_name(chance: random.Random) -> str:
    kind = chance.choice(["Perumahan", "Jalan", "Gang", "Masjid", "Kampung", "Toko", "Warung", "Sekolah Dasar"])
    syllables = ["ba", "ci", "du", "ga", "ka", "lu", "ma", "ni", "pa", "ra", "sa", "ta", "wi", "ngu", "nya"]
    own = "".join(chance.choices(syllables, k=3)).title()
    second = "".join(chance.choices(syllables, k=2)).title()
    return f"{kind} {own} {second} {chance.choice(['Indah', 'Asri', 'Baru', 'Lama', 'Permai', 'Timur'])}"


def test_approximate_areas_are_drawn_where_a_point_is_called_so(city: CityPack, places: Places) -> None:
    chance = random.Random(112)
    areas = {code: Polygon(ring) for code, ring in places.areas().items()}
    assert set(areas) == set(city.kelurahan)
    inside = 0
    for _ in range(1000):
        lon, lat = chance.uniform(city.bbox.west, city.bbox.east), chance.uniform(city.bbox.south, city.bbox.north)
        for code in (code for code, area in areas.items() if area.contains(Point(lon, lat))):
            located = places.locate(lat, lon)
            assert located is not None
            assert (located.kelurahan_code, located.approximate) == (code, True)
            inside += 1
    assert inside > 200


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("kaligandu, 3 orang terjebak", "kaligandu"),
        ("kagungan 5 korban", "kagungan"),
        ("tabrakan 2 motor di unyur 1 luka", "unyur"),
    ],
)
def test_how_many_there_are_is_no_part_of_the_places_name(places: Places, typed: str, read: str) -> None:
    (place,) = (mentioned.candidate for mentioned in places.read(typed, 5).places)
    assert (place.read, place.found) == (read, "name")
