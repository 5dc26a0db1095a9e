"""A geocoder of the city's own adds places and can do no harm: not slow, not silent, not broken, not hostile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.outside.geocoder import Geocoder
from app.outside.geocoder_wire import LARGEST_ANSWER
from config import Settings
from dispatch.city.pack import CityPack
from dispatch.places.finder import Places
from tests.app.outside.fake_geocoder import FakeGeocoder, fake_geocoder, nominatim, photon
from tests.app.running_server import Browser, running_server, until
from tests.dispatch.shift import CIPARE, IN_CIPARE

LAT, LON = IN_CIPARE
JAKARTA = (-6.175, 106.827)


@pytest.fixture
def fake() -> Iterator[FakeGeocoder]:
    with fake_geocoder() as server:
        yield server


@pytest.fixture(scope="module")
def places(city: CityPack) -> Places:
    return Places(city)


def ask(fake: FakeGeocoder, places: Places, city: CityPack, kind: str = "photon", limit_s: float = 10.0) -> Geocoder:
    return Geocoder(Settings(geocoder=kind, geocoder_url=fake.url, geocoder_s=limit_s), city, places)


@pytest.mark.parametrize(("kind", "answer"), [("photon", photon), ("nominatim", nominatim)])
def test_its_places_come_with_their_kelurahan_and_source_and_are_never_clear(
    fake: FakeGeocoder, places: Places, city: CityPack, kind: str, answer: object
) -> None:
    fake.says(answer(("Toko Melati", LAT, LON), ("Monas", *JAKARTA), ("Toko Melati", LAT, LON)))  # type: ignore[operator]
    geocoder = ask(fake, places, city, kind)
    (found,) = geocoder.find("toko melati")
    assert (found.name, found.kelurahan_code, found.source, found.clear) == ("Toko Melati", CIPARE, "geocoder", False)
    assert geocoder.ends == {"found": 1}
    (question,) = fake.asked
    assert question["q"] == ["toko melati"]
    box = [float(edge) for edge in question["bbox" if kind == "photon" else "viewbox"][0].split(",")]
    assert sorted(box) == sorted([city.bbox.west, city.bbox.south, city.bbox.east, city.bbox.north])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>",  b"[" * 100_000,
        b"\xff\xfe", b"null", b"42", b'"text"', b'{"features": 5}', b'{"features": [{}]}',
        b'{"features": [{"geometry": {"coordinates": ["x", null]}, "properties": {}}]}',
        b'{"features": [{"geometry": {"coordinates": [NaN, Infinity]}, "properties": {"name": "x"}}]}',
        b'{"features": [{"geometry": {"coordinates": [106.16, -6.12]}, "properties": {"name": 7}}]}',
        b'{"features": [{"geometry": {"coordinates": [1e999, -6.12]}, "properties": {"name": "x"}}]}',
        b'{"error": "no"}', b'[{"lat": {}, "lon": []}]', b'[{"display_name": null, "lat": "-6.12", "lon": "106.16"}]',
        b" " * (LARGEST_ANSWER + 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["photon", "nominatim"])
def test_an_answer_that_makes_no_sense_adds_nothing(
    fake: FakeGeocoder, places: Places, city: CityPack, kind: str, body: bytes
) -> None:
    fake.says(body)
    geocoder = ask(fake, places, city, kind)
    assert geocoder.find("pasar") == []
    assert sum(geocoder.ends.values()) == 1


def test_names_are_cleaned(fake: FakeGeocoder, places: Places, city: CityPack) -> None:
    fake.says(photon(("Toko\x00\n<b>Melati</b>" + "x" * 5000, LAT, LON)))
    (found,) = ask(fake, places, city).find("toko")
    assert found.name.startswith("Toko <b>Melati</b>")
    assert len(found.name) == 120


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_words_go_to_no_other_host(fake: FakeGeocoder, places: Places, city: CityPack, status: int) -> None:
    with fake_geocoder() as elsewhere:
        elsewhere.says(photon(("Toko Melati", LAT, LON)))
        fake.says(b"", status, Location=f"{elsewhere.url}/api?q=toko")
        assert ask(fake, places, city).find("toko") == []
        assert elsewhere.asked == []


def test_no_proxy_of_the_environment_is_used(
    fake: FakeGeocoder, places: Places, city: CityPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_geocoder() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        fake.says(photon(("Toko Melati", LAT, LON)))
        assert ask(fake, places, city).find("toko")
        assert proxy.asked == []


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_refusal_is_counted_and_quiet(fake: FakeGeocoder, places: Places, city: CityPack, status: int) -> None:
    fake.says({"error": "no"}, status)
    geocoder = ask(fake, places, city)
    assert geocoder.find("toko") == []
    assert geocoder.ends == {"failed": 1}


def test_one_that_is_not_there_is_counted(places: Places, city: CityPack) -> None:
    with fake_geocoder() as gone:
        pass
    geocoder = ask(gone, places, city)
    assert geocoder.find("toko") == []
    assert geocoder.ends == {"failed": 1}


def test_one_that_says_nothing_is_given_up_and_does_not_collect_questions(
    fake: FakeGeocoder, places: Places, city: CityPack
) -> None:
    fake.is_silent()
    geocoder = ask(fake, places, city, limit_s=0.3)
    began = time.monotonic()
    assert geocoder.find("toko") == []
    assert time.monotonic() - began < 2
    assert geocoder.ends == {"timeout": 1}


@pytest.mark.alone
def test_a_dripping_geocoder_holds_nobody_up(fake: FakeGeocoder, tmp_path: Path) -> None:
    fake.drips()
    variables = {"SIAGA_GEOCODER": "photon", "SIAGA_GEOCODER_URL": fake.url, "SIAGA_GEOCODER_TIMEOUT": "3"}
    with running_server(tmp_path, **variables) as server, Browser(server, "operator1", "1") as operator:
        offline = "/api/v1/places?q=pasar rau"
        until(lambda: operator.get(offline).status_code == 200, 30)  # whoever reads typed texts has started
        with ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(operator.get, "/api/v1/places/geocode?q=toko") for _ in range(6)]
            until(lambda: len(fake.asked) == 4)
            assert operator.get(offline).json()["items"]
            assert sum(not answer.done() for answer in asking) >= 4  # the offline answer came long before
            assert [answer.result().json()["items"] for answer in asking] == [[]] * 6
        figures = operator.get("/metrics").text
        assert 'siaga_geocoder_questions_total{end="timeout"} 4.0' in figures
        assert 'siaga_geocoder_questions_total{end="busy"} 2.0' in figures
        assert "toko" not in "".join(server.lines)
