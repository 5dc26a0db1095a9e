"""The map file is served in the ranges that a map asks for, to whoever has signed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app import create_app
from app.web.security_headers import content_security_policy
from config import Settings
from dispatch.centre import Centre
from tests.app.conftest import CHEAP
from tests.app.house import House
from tests.steppable_clock import SteppableClock

PATH = "/map/city.pmtiles"


def with_file(settings: Settings, centre: Centre, clock: SteppableClock, path: Path) -> House:
    return House(create_app(replace(settings, pmtiles=path), centre, hasher=CHEAP), centre, clock).staff()


def test_a_range_of_the_file_is_answered(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, tmp_path: Path
) -> None:
    file = tmp_path / "kota.pmtiles"
    file.write_bytes(b"PMTiles" + bytes(range(200)))
    house = with_file(settings, sqlite_centre, clock, file)
    dewi = house.program("dewi")
    answer = dewi.get(PATH, headers={"Range": "bytes=7-10"})
    assert (answer.status_code, answer.data) == (206, bytes(range(4)))
    assert answer.headers["Content-Range"] == f"bytes 7-10/{7 + 200}"
    answer.close()
    assert dewi.get(PATH, headers={"Range": "bytes=900-"}).status_code == 416

    assert house.browser().get(PATH).status_code in (303, 401)
    file.unlink()
    assert dewi.get(PATH).status_code == 404


def test_without_a_file_there_is_none(staffed: House) -> None:
    assert staffed.program("dewi").get(PATH).status_code == 404


def test_images_made_in_the_page_are_allowed_only_with_a_file() -> None:
    assert "blob:" not in content_security_policy("", "siaga.example")
    assert "img-src 'self' data: blob:" in content_security_policy("", "siaga.example", pmtiles=True)
