"""Whatever is typed: reading it costs as much as it is long, and never fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.nasty_lines import nasty_lines
from dispatch.city.pack import CityPack
from dispatch.city.question_cards import LocalizedText, Question, QuestionKind, check_answer
from dispatch.landmarks.osm_file import read_osm_file
from dispatch.phone_numbers import normalise_number
from dispatch.places.boundaries import BoundaryFileError, load_boundaries
from dispatch.places.figures.address_details import details_in
from dispatch.places.figures.coordinates import coordinates_in
from dispatch.places.figures.km_posts import posts_in
from dispatch.places.figures.map_links import map_links
from dispatch.places.figures.plus_codes import plus_codes
from dispatch.places.finder import Places
from dispatch.places.geocoder_words import place_part
from dispatch.places.names.entries import PlaceEntry, names_for
from dispatch.places.names.index import NameIndex
from dispatch.places.names.layers import Layer
from dispatch.places.names.words import name_forms, place_words
from dispatch.text import clean_line, clean_text
from dispatch.triage.interpret import interpret, learn_words
from dispatch.triage.keywords import tokens_of
from dispatch.triage.routing import propose_agencies
from telephony.agi.geolocation import parse_location
from tests.dispatch.landmarks.osm_extract import Extract
from tests.dispatch.shift import IN_CIPARE
from tests.growth import grows_evenly, lines
from tests.thoroughness import LANDING, examples

Reader = Callable[[str], object]


@pytest.fixture(scope="module")
def readers(city: CityPack) -> dict[str, Reader]:
    """Everything that reads what somebody typed, by name."""
    places = Places(city)
    learn_words(city)
    type_ = next(iter(city.incident_types.values()))
    words = LocalizedText("", "")
    question = Question("q", QuestionKind.TEXT, words, words, None, (), {}, {}, taps=False)
    return {
        "coordinates": lambda text: list(coordinates_in(text)),
        "map links": lambda text: list(map_links(text)),
        "plus codes": lambda text: list(plus_codes(text, city.centre)),
        "km posts": lambda text: list(posts_in(text, city.posted_roads)),
        "address details": details_in,
        "place words": place_words,
        "names at an import": lambda text: name_forms(clean_line(text, 120)),
        "keywords": tokens_of,
        "agencies": lambda text: propose_agencies(type_, text, city),
        "a geocoder's words": place_part,
        "a caller's number": normalise_number,
        "a location in a call": parse_location,
        "clean lines": lambda text: clean_line(text, 300),
        "clean texts": clean_text,
        "a card's answer": lambda text: check_answer(question, text[:1000] or "x", None) if text.strip() else None,
        "the place field": places.search,
        "the typed line": lambda text: interpret(text, city, places),
    }


#: The whole reading costs most; its parts are measured on longer texts.
SIZES = {"the typed line": (250, 1000) if LANDING else (1000,)}
PART_SIZES = (250, 3000) if LANDING else (3000,)


@pytest.mark.parametrize("form", list(nasty_lines(1)))
def test_twice_the_text_is_twice_the_work(form: str, readers: dict[str, Reader]) -> None:
    for name, read in readers.items():
        for size in SIZES.get(name, PART_SIZES):  # the small one first: what grows by the cube would run for minutes
            once, twice = (partial(read, lines(length)[form]) for length in (size, 2 * size))
            assert grows_evenly(once, twice), f"{name}: {form} at {size} characters"


def test_twice_the_namesakes_of_an_extract_are_twice_the_work(city: CityPack) -> None:
    """Two thousand shops of one chain, named twenty times in a line."""
    text = "indomaret " * 20 + "cipocok jaya"

    def read(places: Places) -> None:
        places.read(text)
        places.search(text)

    once, twice = (partial(read, _with_namesakes(city, count)) for count in (2_000, 4_000))
    assert grows_evenly(once, twice)


def test_twice_the_names_of_an_extract_are_twice_the_work(city: CityPack, tmp_path: Path) -> None:
    places = Places(city)

    def extract(times: int) -> Path:
        made = Extract()
        for at in range(times):
            for form in lines(100).values():
                name = f"{at} {form}"[:100]
                made.node(
                    (IN_CIPARE[0] + at * 1e-4, IN_CIPARE[1]), amenity="cafe", name=name, alt_name=f"{name};{name}"
                )
        return made.write(tmp_path / f"{times}.osm.pbf")

    once, twice = (partial(read_osm_file, extract(times), city, places) for times in (2, 4))
    assert grows_evenly(once, twice)


@pytest.mark.parametrize("form", ["numbers", "spaces", "one letter", "arabic digits", "emoji", "digits and marks"])
def test_twice_the_names_in_a_boundary_file_are_twice_the_work(form: str, city: CityPack, tmp_path: Path) -> None:
    code, ward = next(iter(city.kelurahan.items()))

    def file(length: int) -> Path:
        text = lines(length)[form]
        ring = [[ward.lon + east, ward.lat + north] for east, north in ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0))]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features = [
            {"type": "Feature", "properties": {"kode": named, "nama": text, text: text}, "geometry": shape}
            for named in (code, text)
        ]
        path = tmp_path / f"{length}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "attribution": text or "x", "features": features}))
        return path

    once, twice = (partial(_loaded, file(length), city) for length in (20_000, 40_000))
    assert grows_evenly(once, twice)


def _loaded(path: Path, city: CityPack) -> None:
    with suppress(BoundaryFileError):
        load_boundaries(path, city)


def _with_namesakes(city: CityPack, count: int) -> Places:
    wards = list(city.kelurahan.values())
    shops = [
        PlaceEntry(
            f"osm-{at}", "Indomaret", "landmark", ward.code, ward.kecamatan, ward.lat, ward.lon, 20, source="osm"
        )
        for at, ward in enumerate(wards[at % len(wards)] for at in range(count))
    ]
    places = Places(city)
    places.add_layers([Layer(shops, NameIndex(names_for([(shop, (shop.name,)) for shop in shops], ())))])
    return places


_PIECES = st.sampled_from(
    [
        *["1", "-6.11", "106.15", "6", "°", "'", '"', "LS", "BT", "lat", "lintang", "selatan", "menit", " ", ",", "/"],
        *["http://", "osm.org/go/", "0EEQjE--", "@", "?q=", "%2C", "geo:", "maps.google.com/", "!3d1!4d2", "é", "²"],
        *["VHXX+22", "6P5GVHXX+", "+", "km", "tol", "arah", "rt", "rw", "no", "blok", "a1", "jl.", "dekat", "unyur"],
        *["tidak", "kebakaran", "١", "߁", "ﷺ", "́", "‍", "🚒", "İ", "ſ", "\n", "_", "-", "−", "2", "nya", "kec"],
    ]
)
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=30).map("".join),
    st.lists(_PIECES, max_size=20).map(" ".join),
    st.text(max_size=30).map("https://osm.org/go/{}".format),
    st.text(max_size=30).map("https://maps.google.com/?q=-6.1,{}".format),
    st.text(max_size=30).map("geo:{}".format),
    st.text("23456789CFGHJMPQRVWX+kſK²é", max_size=16),
)


@settings(max_examples=examples(200), deadline=None)
@given(text=_TEXTS)
def test_no_text_is_an_error(text: str, readers: dict[str, Reader]) -> None:
    for read in readers.values():
        read(text)


@pytest.mark.parametrize("form", list(nasty_lines(1)))
def test_no_form_is_an_error_at_any_length(form: str, readers: dict[str, Reader]) -> None:
    for length in (*range(1, 12), 17, 40):
        for read in readers.values():
            read(lines(length)[form])


@pytest.mark.parametrize(
    "link",
    [
        "osm.org/go/é",
        "https://osm.org/go/0EEQé--",
        "openstreetmap.org/go/٣٣٣٣",
        "osm.org/go/" + "A" * 5000,
        "osm.org/go/-",
    ],
)
def test_a_short_link_of_foreign_letters_is_a_link_without_a_point(link: str, city: CityPack) -> None:
    (found,) = map_links(link)
    assert (found.lat, found.is_map) == (None, True)
    assert Places(city).read(link).notices == ("link_without_coordinates",)


def test_a_short_link_is_read_as_before(city: CityPack) -> None:
    (found,) = map_links("lihat https://osm.org/go/4Lwuhk~N--?m= ya")
    assert (found.lat, found.lon) == pytest.approx((4.31415, 110.35343), abs=1e-5)


def test_a_pair_at_the_end_of_a_long_run_of_numbers_is_found() -> None:
    (found,) = coordinates_in("1 " * 500 + "-6.11234 106.15432")
    assert (found.lat, found.lon) == (-6.11234, 106.15432)


def test_the_longest_way_to_write_a_pair_is_read_whole() -> None:
    (found,) = coordinates_in(
        "lintang 6 derajat 7 menit 12.5 detik lintang selatan, bujur 106 derajat 9 menit 14.25 detik bujur timur"
    )
    assert found.lat == pytest.approx(-6.120139, abs=1e-5)
    assert found.lon == pytest.approx(106.153958, abs=1e-5)
