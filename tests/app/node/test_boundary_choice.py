"""The pack's polygons serve from the first start on; those that the city loads serve in their place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from app.node.boundary_choice import BOUNDARY_FILE
from app.node.start import StartError, build
from app.services import services_of
from config import Settings
from dispatch.city.pack import CityPack
from tests.app.cli.test_commands_line import boundary_file
from tests.conftest import ROOT

Started = Callable[[], "Installation"]


class Installation:
    """An application as it is started, on a pack of its own."""

    def __init__(self, settings: Settings) -> None:
        self.app = build(settings)
        self.centre = services_of(self.app).centre

    def answer(self) -> dict[str, Any]:
        return dict(self.app.test_client().get("/api/v1/boundaries").get_json())

    def flask(self, *arguments: str) -> Result:
        return self.app.test_cli_runner().invoke(args=list(arguments))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A city pack that a test may change."""
    return Path(shutil.copytree(ROOT / "city" / "serang", tmp_path / "pack"))


@pytest.fixture
def start(settings: Settings, sqlite_url: str, pack: Path) -> Iterator[Started]:
    started: list[Installation] = []

    def begin() -> Installation:
        started.append(Installation(replace(settings, city=pack, database_url=sqlite_url)))
        return started[-1]

    yield begin
    for one in started:
        one.centre.close()


def change(file: Path, how: Callable[[list[Any]], object]) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    how(content["features"])
    file.write_text(json.dumps(content), encoding="utf-8")


def test_a_pack_with_polygons_has_a_map_and_knows_places_exactly(start: Started) -> None:
    serang = start()
    answer = serang.answer()
    assert (len(answer["features"]), answer["attribution"]) == (67, "HDX COD-AB / BPS 2020, CC BY-IGO")
    located = serang.centre.places.locate(-6.1045, 106.1935)
    assert located is not None
    assert (located.source, located.approximate) == ("boundary", False)


def test_the_answer_with_polygons_is_small_on_the_wire_and_asked_about_again(start: Started) -> None:
    browser = start().app.test_client()
    answer = browser.get("/api/v1/boundaries", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 50_000
    again = browser.get("/api/v1/boundaries", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_pack_without_polygons_has_points_and_says_so(start: Started, pack: Path) -> None:
    (pack / BOUNDARY_FILE).unlink()
    serang = start()
    assert len(serang.answer()["points"]) == 67
    checked = serang.flask("city", "check")
    assert checked.exit_code == 0
    assert "0 polygons: the kelurahan's points serve" in checked.output


def test_what_the_city_loads_serves_in_place_of_the_packs(start: Started, city: CityPack, tmp_path: Path) -> None:
    own = boundary_file(tmp_path, city, attribution="Bagian Pemerintahan")
    assert start().flask("boundaries", "load", str(own)).exit_code == 0
    again = start()
    assert (len(again.answer()["features"]), again.answer()["attribution"]) == (3, "Bagian Pemerintahan")
    checked = again.flask("city", "check")
    assert "     3 polygons" in checked.output
    assert "Bagian Pemerintahan" in checked.output


def test_a_damaged_file_of_the_pack_stops_the_start_and_is_named(start: Started, pack: Path) -> None:
    (pack / BOUNDARY_FILE).write_text("{}")
    with pytest.raises(StartError, match=r"SIAGA_CITY: boundaries\.geojson: is not a GeoJSON FeatureCollection"):
        start()


def test_city_check_says_that_a_packs_polygons_are_sound(start: Started, pack: Path) -> None:
    checked = start().flask("city", "check")
    assert checked.exit_code == 0
    assert f"    67 polygons, from {pack / BOUNDARY_FILE}: HDX COD-AB / BPS 2020" in checked.output


def swap(features: list[Any]) -> None:
    one, other = features[0]["properties"], features[1]["properties"]
    one["kode"], other["kode"] = other["kode"], one["kode"]


def twice(features: list[Any]) -> None:
    features[0]["geometry"] = features[1]["geometry"]


def unknown(features: list[Any]) -> None:
    features[0]["properties"]["kode"] = "32.73.01.1001"


@pytest.mark.parametrize(
    ("how", "faults"),
    [
        (list.pop, ["kelurahan without a polygon: 36.73.06.1013"]),
        (swap, ["kelurahan whose point lies outside of their polygon: 36.73.01.1001, 36.73.01.1002"]),
        (twice, ["overlaps: 36.73.01.1001 and 36.73.01.1002", "point lies outside of their polygon: 36.73.01.1001"]),
        (unknown, ["codes that the city pack does not know: 32.73.01.1001", "without a polygon: 36.73.01.1001"]),
        (lambda features: features[0].update(geometry=None), ["bad geometries: 36.73.01.1001 (feature 1): refused"]),
    ],
)
def test_city_check_names_whatever_is_wrong_with_them(
    start: Started, pack: Path, how: Callable[[list[Any]], object], faults: list[str]
) -> None:
    change(pack / BOUNDARY_FILE, how)
    checked = start().flask("city", "check")
    assert checked.exit_code == 1
    assert all(fault in checked.output for fault in faults), checked.output


def test_simplifying_the_shipped_file_again_moves_nothing(start: Started, pack: Path, tmp_path: Path) -> None:
    target = tmp_path / "again.geojson"
    done = start().flask("boundaries", "simplify", str(pack / BOUNDARY_FILE), str(target), "--tolerance-m", "0.1")
    assert done.exit_code == 0, done.output
    assert "no border moved farther than 0.0 m" in done.output
    again = json.loads(target.read_text(encoding="utf-8"))
    assert [one["properties"] for one in again["features"]] == [
        one["properties"] for one in json.loads((pack / BOUNDARY_FILE).read_text(encoding="utf-8"))["features"]
    ]


def test_a_file_that_cannot_be_simplified_is_said_to_be_so(start: Started, tmp_path: Path) -> None:
    (tmp_path / "input.geojson").write_text("[]")
    refused = start().flask("boundaries", "simplify", str(tmp_path / "input.geojson"), str(tmp_path / "out.geojson"))
    assert refused.exit_code == 1
    assert "input.geojson: is not a GeoJSON FeatureCollection" in refused.output
    assert not (tmp_path / "out.geojson").exists()
