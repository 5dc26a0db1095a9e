"""One typed line becomes type, place and danger, each with the words it was read from."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.city.pack import CityPack
from dispatch.places.finder import Places
from dispatch.triage.interpret import Interpretation, interpret


def _sentences() -> list[tuple[str, str, str]]:
    path = Path(__file__).with_name("caller_sentences.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["words"], row["type"], row["place"]) for row in csv.DictReader(file)]


SENTENCES = _sentences()
CALLS = [(words, code, place) for words, code, place in SENTENCES if code]
SMALL_TALK = [words for words, code, _ in SENTENCES if not code]

#: What made-up sentences are put together from.
BITS = ["api", "tidak", "ada", "korban", "di", "unyur", "jl", "2", ",", ".", "😀", "ga", "sadar", "kec", "curug"]


@pytest.fixture(scope="module")
def places(city: CityPack) -> Places:
    return Places(city)


def quoted(text: str, read: Interpretation, kind: str) -> list[str]:
    return [text[span.start : span.end] for span in read.spans if span.kind == kind]


@pytest.mark.parametrize(("words", "code", "place"), CALLS)
def test_what_a_caller_says_is_understood(city: CityPack, places: Places, words: str, code: str, place: str) -> None:
    read = interpret(words, city, places)
    assert [guess.code for guess in read.types][:1] == [code]
    if place:
        assert read.places
        assert read.places[0].key == place
    else:
        assert not any(candidate.clear for candidate in read.places)


def test_the_table_speaks_of_every_incident_type(city: CityPack) -> None:
    assert {code for _, code, _ in CALLS} == set(city.incident_types)


@pytest.mark.parametrize("words", SMALL_TALK)
def test_small_talk_and_pranks_name_no_incident(city: CityPack, places: Places, words: str) -> None:
    read = interpret(words, city, places)
    assert (read.types, read.places, read.danger) == ([], [], [])


def test_the_line_of_the_design_is_read_as_drawn(city: CityPack, places: Places) -> None:
    words = "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam"
    read = interpret(words, city, places)
    first, second = read.types
    assert (first.code, first.matched) == ("kebakaran-bangunan", ["kebakaran rumah", "api besar"])
    assert (second.code, second.matched) == ("orang-terjebak", ["orang di dalam"])
    (place,) = read.places
    assert (place.name, place.relation, place.clear) == ("Pasar Induk Rau", "depan", True)
    assert quoted(words, read, "place") == ["pasar rau"]
    assert "orang di dalam" in quoted(words, read, "danger")


def test_no_victims_is_not_read_as_victims(city: CityPack, places: Places) -> None:
    def first(words: str) -> str:
        return interpret(words, city, places).types[0].code

    assert first("tabrakan di ciceri ada korban") == "kecelakaan-korban"
    assert first("tabrakan di ciceri") == "kecelakaan-korban"
    for denial in ("tidak ada korban", "ga ada korban", "nggak ada yang luka", "tanpa korban", "belum ada korban"):
        assert first(f"tabrakan di ciceri, {denial}") == "kecelakaan-tanpa-korban", denial


def test_a_denied_danger_is_not_a_danger(city: CityPack, places: Places) -> None:
    assert interpret("ga ada korban, gak ada api", city, places).danger == []
    assert interpret("ada korban", city, places).danger != []


def test_not_conscious_is_a_danger_although_it_says_not(city: CityPack, places: Places) -> None:
    for words in ("bapak saya ga sadar", "bapak saya belum sadar2", "teu sadar pak", "bapak saya tidak bernafas"):
        read = interpret(words, city, places)
        assert read.types[0].code == "gawat-darurat-medis", words
        assert read.danger, words


def test_denying_one_thing_leaves_the_next_standing(city: CityPack, places: Places) -> None:
    read = interpret("bukan kebakaran pak, pohon tumbang", city, places)
    assert [guess.code for guess in read.types] == ["pohon-tumbang"]


def test_the_longest_words_decide(city: CityPack, places: Places) -> None:
    assert interpret("kebakaran", city, places).types[0].code == "kebakaran-bangunan"
    assert interpret("mobil kebakaran", city, places).types[0].code == "kebakaran-kendaraan"
    assert interpret("kebakaran ilalang", city, places).types[0].code == "kebakaran-lahan"


def test_between_two_equal_readings_the_more_urgent_comes_first(city: CityPack, places: Places) -> None:
    read = interpret("jalan ambles longsor", city, places)
    assert [guess.code for guess in read.types] == ["tanah-longsor", "jalan-rusak"]


def test_a_name_of_a_place_is_not_read_as_what_happened(city: CityPack, places: Places) -> None:
    read = interpret("banjir di sumur pecung", city, places)
    codes = [guess.code for guess in read.types]
    assert codes[0] == "banjir-rumah"
    assert not {"air-bersih", "pipa-bocor"} & set(codes)
    crash = interpret("tabrakan di stasiun kereta serang", city, places)
    assert "kecelakaan-kereta" not in [guess.code for guess in crash.types]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("kebakran", "kebakaran-bangunan"),
        ("kecelakan", "kecelakaan-korban"),
        ("kebakarannnn", "kebakaran-bangunan"),
        ("terbakarnya", "kebakaran-bangunan"),
        ("tabrak2an", "kecelakaan-korban"),
        ("KEBAKARAN!!!", "kebakaran-bangunan"),
        ("nyopet", "tindak-kriminal"),
    ],
)
def test_slips_of_the_pen_and_affixes_are_forgiven(city: CityPack, places: Places, written: str, code: str) -> None:
    assert interpret(f"ada {written} pak", city, places).types[0].code == code


@pytest.mark.parametrize("words", ["bayar listrik telat", "sampai sekarang", "tinggal di unyur"])
def test_everyday_words_are_not_mistaken_for_an_incident(city: CityPack, places: Places, words: str) -> None:
    assert interpret(words, city, places).types == []


def test_spans_point_into_the_text_as_typed_emoji_and_all(city: CityPack, places: Places) -> None:
    words = "🔥🔥 tolong!!  KEBAKARAN rumah — di Unyur 😭"
    read = interpret(words, city, places)
    assert quoted(words, read, "type") == ["KEBAKARAN rumah"]
    assert quoted(words, read, "place") == ["Unyur"]
    assert read.types[0].matched == ["KEBAKARAN rumah"]


def test_an_empty_line_means_nothing(city: CityPack, places: Places) -> None:
    assert interpret("", city, places) == Interpretation([], [], [], [])


@pytest.mark.parametrize(
    "words",
    [
        "kebakaran rumah di unyur belakang masjid 😀 tolong pak apinya gede " * 160,
        "tabrakan tidak ada korban " * 400,
        "🔥" * 10_000,
        "a" * 10_000,
        "di " * 3_400,
        "tidak ada " * 1_000,
    ],
    ids=["fires", "denials", "emoji", "one letter", "prepositions", "nothing but no"],
)
def test_ten_thousand_characters_are_read_without_a_pause(city: CityPack, places: Places, words: str) -> None:
    """Processor time, so that a busy machine changes nothing; usual are 70 ms, quadratic growth needs minutes."""
    interpret("kebakaran", city, places)
    began = time.process_time()
    read = interpret(words[:10_000], city, places)
    assert time.process_time() - began < 2
    assert len(read.types) <= 3


@given(st.text(max_size=400) | st.lists(st.sampled_from(BITS)).map(" ".join))
def test_any_text_gives_the_same_answer_twice_and_spans_inside_it(city: CityPack, places: Places, words: str) -> None:
    read = interpret(words, city, places)
    assert read == interpret(words, city, places)
    assert all(0 <= span.start < span.end <= len(words) for span in read.spans)
    for guess in read.types:
        assert guess.matched
        assert all(quote in words for quote in guess.matched)
    assert {(span.start, span.end) for span in read.danger} <= {(span.start, span.end) for span in read.spans}
