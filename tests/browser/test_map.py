"""The map: the pack's borders or those the city loads, points that are called approximate for want of both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect
from shapely import MultiPoint, voronoi_polygons
from shapely.geometry import mapping

from dispatch.city.pack import load_city
from tests.app.running_server import ROOT, running_server
from tests.browser.screens import People
from tests.browser.shift import Office
from tests.browser.telephone import Exchange

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

SOURCE = "Uji Batas 2026"
#: How much of the map's canvas something is drawn on, 0 to 1.
INKED = """() => {
  const canvas = document.querySelector("#map canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let at = 3; at < data.length; at += 4) inked += data[at] > 0;
  return inked / (data.length / 4);
}"""


def borders(city):
    """A GeoJSON file in which every kelurahan reaches as far as its point is the nearest."""
    wards = sorted(city.kelurahan.values(), key=lambda ward: ward.code)
    cells = voronoi_polygons(MultiPoint([(ward.lon, ward.lat) for ward in wards]), ordered=True)
    features = [
        {"type": "Feature", "properties": {"kode": ward.code, "nama": ward.name}, "geometry": mapping(cell)}
        for ward, cell in zip(wards, cells.geoms, strict=True)
    ]
    return {"type": "FeatureCollection", "attribution": SOURCE, "features": features}


def pick_the_middle(console):
    """Click into the middle of the map."""
    box = console.see("#map").bounding_box()
    console.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(console.chosen("places")).to_contain_text("Titik di peta")


def save(console, number, office):
    """Save what is chosen, and return the place as the ticket has it."""
    console.press("Escape", "Control+Enter")
    console.see("#toasts .toast").first.wait_for()
    return office.ticket(number)["place"]


def test_the_packs_borders_are_drawn_with_whose_they_are_and_used(people, exchange, office):
    console = people.operator()
    expect(console.see("#map")).to_contain_text("Batas: HDX COD-AB / BPS 2020, CC BY-IGO.")
    assert console.page.evaluate(INKED) > 0.15
    call = exchange.ring()
    console.take(call.ticket)
    console.hear("pohon tumbang")
    pick_the_middle(console)
    expect(console.see("#agencies")).to_contain_text("DLH")
    place = save(console, call.ticket, office)
    assert place["approximate"] is False
    assert place["kelurahan"]


def test_without_borders_the_points_are_drawn_and_called_approximate(chromium, tmp_path):
    pack = shutil.copytree(ROOT / "city" / "serang", tmp_path / "pack")
    (pack / "boundaries.geojson").unlink()
    with running_server(tmp_path / "siaga", SIAGA_CITY=str(pack)) as server:
        people, exchange, office = People(chromium, server.base, server), Exchange(server.agi_port), Office(server)
        console = people.operator()
        expect(console.see("#map")).to_contain_text("Perkiraan, tanpa batas wilayah.")
        assert 0 < console.page.evaluate(INKED) < 0.1
        call = exchange.ring()
        console.take(call.ticket)
        console.hear("pohon tumbang")
        pick_the_middle(console)
        expect(console.see("#agencies")).to_contain_text("DLH")
        place = save(console, call.ticket, office)
        assert place["approximate"] is True
        assert place["kelurahan"]
        office.close()
        exchange.close()
        assert people.leave() == []


def test_loaded_borders_are_drawn_named_and_used(chromium, tmp_path):
    file = tmp_path / "borders.geojson"
    file.write_text(json.dumps(borders(load_city(ROOT / "city" / "serang"))))
    data = tmp_path / "siaga"
    load = [sys.executable, "-m", "flask", "--app", "wsgi", "boundaries", "load", str(file)]
    subprocess.run(load, cwd=ROOT, env={**os.environ, "SIAGA_DATA": str(data)}, check=True, timeout=30)
    with running_server(data) as server:
        people, exchange = People(chromium, server.base, server), Exchange(server.agi_port)
        console = people.operator()
        expect(console.see("#map")).to_contain_text(f"Batas: {SOURCE}.")
        assert console.page.evaluate(INKED) > 0.15
        call = exchange.ring()
        console.take(call.ticket)
        pick_the_middle(console)
        expect(console.see("#map-title")).not_to_be_empty()
        exchange.close()
        assert people.leave() == []
