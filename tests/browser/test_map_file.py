"""The ground of the map out of one file on our own server: raster or vector, under the strict policy, or not at all."""

from __future__ import annotations

from math import asinh, floor, pi, radians, tan
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from dispatch.city.pack import CityPack
from tests.app.running_server import running_server
from tests.browser.pmtiles_file import MVT, PNG, png, water_tile, write_pmtiles
from tests.browser.screens import People

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

#: The colour in the middle of an image or canvas of the tile pane.
COLOUR = """() => {
  const tile = document.querySelector("#map .leaflet-tile-pane .leaflet-tile-loaded");
  if (!tile) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = canvas.getContext("2d");
  context.drawImage(tile, 0, 0, 16, 16);
  return [...context.getImageData(8, 8, 1, 1).data];
}"""


def tiles(city: CityPack, data: bytes, zooms: range) -> dict[tuple[int, int, int], bytes]:
    """The same tile all over the city."""
    box = city.bbox
    found = {}
    for z in zooms:
        (west, north), (east, south) = (_tile(z, box.north, box.west), _tile(z, box.south, box.east))
        found |= {(z, x, y): data for x in range(west, east + 1) for y in range(north, south + 1)}
    return found


def _tile(z: int, lat: float, lon: float) -> tuple[int, int]:
    return floor((lon + 180) / 360 * 2**z), floor((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)


def bounds(city: CityPack) -> tuple[float, ...]:
    return city.bbox.west, city.bbox.south, city.bbox.east, city.bbox.north


@pytest.mark.parametrize(("kind", "tile"), [(PNG, png(200, 30, 120)), (MVT, water_tile())], ids=["raster", "vector"])
def test_a_file_of_tiles_is_drawn_below_our_own_layers(chromium, tmp_path, city, kind, tile):
    file = write_pmtiles(tmp_path / "kota.pmtiles", kind, tiles(city, tile, range(9, 13)), bounds(city))
    with running_server(tmp_path / "siaga", SIAGA_PMTILES=str(file)) as server:
        people = People(chromium, server.base, server)
        console = people.operator()
        console.until(f"() => ({COLOUR})()?.[3] === 255")
        red, green, blue, _ = console.page.evaluate(COLOUR)
        if kind == PNG:
            assert (red, green, blue) == (200, 30, 120)
        else:
            dark = (red, green, blue)
            console.theme("light")
            console.until(
                f"(before) => {{ const now = ({COLOUR})(); return now && now[3] === 255 && now[0] > before[0]; }}",
                list(dark),
            )
        expect(console.see("#map")).not_to_contain_text("Tanpa ubin peta.")
        asked = [urlsplit(request).path for request in console.witness.requests]
        assert any(path.endswith("city.pmtiles") for path in asked)
        assert people.leave() == []


def test_a_file_that_is_no_map_leaves_everything_else_working(chromium, tmp_path: Path):
    file = tmp_path / "kota.pmtiles"
    file.write_bytes(b"PK\x03\x04" + bytes(500))
    with running_server(tmp_path / "siaga", SIAGA_PMTILES=str(file)) as server:
        people = People(chromium, server.base, server)
        console = people.operator()
        expect(console.see("#map")).to_contain_text("Ubin peta gagal dimuat.")
        expect(console.see("#map")).to_contain_text("Batas: HDX COD-AB / BPS 2020, CC BY-IGO.")
        assert people.leave() == []
