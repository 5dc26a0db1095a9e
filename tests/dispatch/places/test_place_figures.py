"""A caller reads out figures: coordinates in any notation, a map link, a Plus Code, a km post; inside or outside."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.city.pack import CityPack
from dispatch.places.candidates import PlaceCandidate
from dispatch.places.figures.address_details import details_in
from dispatch.places.figures.coordinates import coordinates_in
from dispatch.places.figures.map_links import map_links
from dispatch.places.figures.plus_codes import encode, plus_codes
from dispatch.places.finder import Places
from dispatch.triage.interpret import interpret

STATION = (-6.11221, 106.15865)
EVALUATION = Path(__file__).resolve().parents[3] / "bench" / "evaluation" / "places.csv"


@pytest.fixture(scope="module")
def places(city: CityPack) -> Places:
    return Places(city)


def first(places: Places, text: str) -> PlaceCandidate:
    return places.mentions(text)[0].candidate


@pytest.mark.parametrize(
    "written",
    [
        "-6.11221, 106.15865",
        "-6,11221 106,15865",
        "106.15865,-6.11221",
        "6.11221 LS 106.15865 BT",
        "106,15865 BT 6,11221 LS",
        "6.11221S 106.15865E",
        "6.11221 106.15865",
        "6°06'43.96\"S 106°09'31.14\"E",
        "S 6 06.7326 E 106 09.519",
        "6 6 43.96 S; 106 9 31.14 E",
        "lat: -6.11221 lon: 106.15865",
        "https://maps.google.com/?q=-6.11221,106.15865",
        "https://www.google.com/maps/place/X/@-6.5,106.5,15z/data=!8m2!3d-6.11221!4d106.15865",
        "https://www.openstreetmap.org/#map=17/-6.11221/106.15865",
        "geo:-6.11221,106.15865",
    ],
)
def test_every_notation_is_the_same_point(places: Places, written: str) -> None:
    found = first(places, f"kebakaran di {written} pak")
    assert (found.lat, found.lon) == pytest.approx(STATION, abs=2e-5)
    assert (found.kelurahan, found.clear, found.outside_km) == ("Cimuncang", True, None)


def test_what_geopy_misreads_is_read_rightly() -> None:
    (found,) = coordinates_in("6 7 12 S; 106 9 1 E")
    assert (found.lat, found.lon) == pytest.approx((-6.12, 106.150278), abs=1e-5)


@pytest.mark.parametrize(
    "text",
    ["rt 02 rw 05 no 12", "0254 200528", "umur 6 tahun, 106 orang", "6.99 106.1", "jam 10.30 tgl 24 11", "6 7 12"],
)
def test_other_numbers_are_no_coordinates(text: str) -> None:
    assert list(coordinates_in(text)) == []


@pytest.mark.parametrize("written", ["6 70 12 S 106 9 1 E", "95 S 106 E", "6.1 S 6.2 S", "-6.1.1 106.2.2"])
def test_impossible_coordinates_are_not_believed(places: Places, written: str) -> None:
    assert not any(place.candidate.clear for place in places.mentions(f"kebakaran {written}"))


def test_a_link_without_coordinates_is_said_to_hold_none(city: CityPack, places: Places) -> None:
    read = interpret("lokasi https://maps.app.goo.gl/AbCd12 tolong", city, places)
    assert (read.places, read.notices) == ([], ["link_without_coordinates"])
    assert interpret("lihat https://example.org/berita", city, places).notices == []


def test_an_openstreetmap_short_link_holds_its_point() -> None:
    # The example of the OpenStreetMap wiki's "Shortlink" page.
    (link,) = map_links("http://osm.org/go/0EEQjE==")
    assert link.lat is not None
    assert link.lon is not None
    assert (link.lat, link.lon) == pytest.approx((51.5110, 0.0550), abs=0.01)


# The package's own test data (github.com/google/open-location-code, test_data/decoding.csv).
@pytest.mark.parametrize(
    ("code", "lat", "lon"),
    [("7FG49Q00+", 0, 0), ("7FG49QCJ+2V", 20.3700625, 2.7821875), ("4VCPPQGP+Q9", -41.2730625, 174.7859375)],
)
def test_full_plus_codes_are_the_points_of_their_specification(code: str, lat: float, lon: float) -> None:
    found = list(plus_codes(code, STATION))
    if "0" in code:
        assert found == []  # a padded code is kilometres wide and says nothing about a place
    else:
        assert (found[0].lat, found[0].lon) == pytest.approx((lat, lon), abs=1e-6)


@given(st.floats(-6.24, -5.96), st.floats(106.045, 106.275))
def test_a_short_code_near_the_city_is_the_point_it_was_made_from(lat: float, lon: float) -> None:
    digits = encode(lat, lon)
    for code in (f"{digits[:8]}+{digits[8:]}", f"{digits[4:8]}+{digits[8:]}".lower()):
        (found,) = plus_codes(f"di {code} pak", (-6.12, 106.15))
        assert (found.lat, found.lon) == pytest.approx((lat, lon), abs=1e-4)


def test_a_km_post_lies_on_the_road_through_the_city(places: Places) -> None:
    found = first(places, "kecelakaan di tol km 74 arah merak")
    assert (found.key, found.detail, found.clear) == ("km:tol-tangerang-merak:74", "arah Merak", True)
    assert found.lon is not None
    assert 106.1287 < found.lon < 106.182933
    assert found.accuracy_m is not None
    assert found.accuracy_m >= 600


@pytest.mark.parametrize(("text", "km"), [("tol km 30", 30), ("tol km 95", 8), ("-6.2088, 106.8456", 60)])
def test_outside_says_how_far_and_is_never_chosen(places: Places, text: str, km: float) -> None:
    found = first(places, text)
    assert found.outside_km is not None
    assert found.outside_km >= km
    assert found.near_kelurahan
    assert (found.clear, found.kelurahan_code) == (False, None)


def test_a_neighbouring_town_is_outside_but_a_journey_to_it_is_not_a_place(places: Places) -> None:
    town = first(places, "kebakaran di pandeglang")
    assert (town.name, town.clear) == ("Pandeglang", False)
    assert town.outside_km == pytest.approx(10, abs=3)
    assert places.mentions("antar jenazah ke pandeglang") == []
    assert first(places, "orang cilegon jatuh di pasar rau").key == "pasar-rau"


def test_figures_that_contradict_each_other_or_a_sure_name_are_left_to_the_operator(places: Places) -> None:
    assert not any(one.candidate.clear for one in places.mentions("-6.11221,106.15865 atau -6.175525,106.181949"))
    against = places.mentions("terminal pakupatan -6.0392,106.162")
    assert len(against) == 2
    assert not any(one.candidate.clear for one in against)


def test_two_places_that_belong_together_are_one_candidate(places: Places) -> None:
    found = first(places, "tabrakan jl ahmad yani dekat alun-alun")
    assert (found.key, found.beside_relation, found.clear) == ("jl-ahmad-yani+alun-alun", "dekat", True)
    assert (found.kelurahan, found.lat) == ("Serang", -6.11875)
    towards = first(places, "jl syekh nawawi arah kp3b")
    assert (towards.beside, towards.beside_relation, towards.lat) == (
        "KP3B (Kawasan Pusat Pemerintahan Provinsi Banten)",
        "arah",
        None,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rt 02 rw 07", "RT 2 RW 7"),
        ("RT05/RW02", "RT 5 RW 2"),
        ("rt.001/rw.004", "RT 1 RW 4"),
        ("rt 3/2 no 12b", "RT 3 RW 2, No. 12B"),
        ("rw 5 blok c3/12", "RW 5, Blok C3/12"),
        ("rt 2 3 orang luka", "RT 2"),
        ("pak rt saya", None),
        ("blkg pasar", None),
    ],
)
def test_what_narrows_an_address_down_is_kept(text: str, words: str | None) -> None:
    assert details_in(text).words == words


@given(st.text(alphabet="0123456789.,-+°'\"SNEWLBT KMkmtolhttps:/@!?=&rw ", max_size=120))
def test_any_figures_are_read_without_an_error_and_points_are_on_earth(places: Places, text: str) -> None:
    for place in places.mentions(text):
        lat, lon = place.candidate.lat, place.candidate.lon
        assert lat is None or lon is None or (abs(lat) <= 90 and abs(lon) <= 180)
        assert not (place.candidate.clear and place.candidate.outside_km is not None)


def test_a_city_without_km_posts_neighbours_and_examples_still_reads(city: CityPack) -> None:
    bare = replace(city, posted_roads=(), neighbours=(), example_sentences=())
    read = interpret("kebakaran rumah di unyur, tol km 72", bare, Places(bare))
    assert (read.types[0].code, read.places[0].name) == ("kebakaran-bangunan", "Unyur")


def test_the_held_apart_half_of_the_evaluation_keeps_its_figure(places: Places) -> None:
    """The same promise that the bench reports in full: nobody makes the search worse without noticing."""
    with EVALUATION.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["half"] == "held" and row["expected"][0].isalnum()]
    named = [row for row in rows if row["expected"] not in ("none", "outside")]
    right = 0
    for row in named:
        found = places.search(row["query"])
        right += bool(found) and found[0].key.split("+km:")[0] in row["expected"].split("|")
    assert right >= 0.95 * len(named)
