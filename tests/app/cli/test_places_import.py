"""An OpenStreetMap extract is imported beside the running server, which finds the new names without a restart."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result

from tests.app.house import House
from tests.app.running_server import Browser, running_server, until
from tests.dispatch.landmarks.osm_extract import Extract
from tests.dispatch.shift import IN_CIPARE

JAKARTA = (-6.175, 106.827)


def extract(path: Path, *names: str, at: tuple[float, float] = IN_CIPARE) -> str:
    made = Extract()
    for name in names:
        made.node(at, amenity="cafe", name=name)
    return str(made.write(path))


def places(house: House, *arguments: str) -> Result:
    result = house.app.test_cli_runner().invoke(args=["places", *arguments])
    house.centre.place_keeper.refresh()
    return result


def finds(house: House, name: str) -> bool:
    return any(place.name == name and place.source == "osm" for place in house.centre.places.search(name))


def test_a_running_server_finds_the_new_names_without_a_restart(tmp_path: Path) -> None:
    with running_server(tmp_path / "siaga") as server, Browser(server, "operator1", "1") as operator:
        done = server.flask("places", "import", extract(tmp_path / "satu.osm.pbf", "Kafe Melati"))
        assert done.returncode == 0, done.stderr

        def found() -> bool:
            items = operator.get("/api/v1/places?q=kafe melati").json()["items"]
            return any(place["name"] == "Kafe Melati" and place["source"] == "osm" for place in items)

        until(found)


def test_an_import_replaces_the_one_before_and_can_be_cleared(house: House, tmp_path: Path) -> None:
    assert "no OpenStreetMap extract" in places(house, "list").output
    assert "2 kept" in places(house, "import", extract(tmp_path / "satu.osm.pbf", "Kafe Melati", "Kafe Kenanga")).output
    assert finds(house, "Kafe Melati")
    assert places(house, "import", extract(tmp_path / "dua.osm.pbf", "Kafe Cempaka")).exit_code == 0
    assert finds(house, "Kafe Cempaka")
    assert not finds(house, "Kafe Melati")
    assert "dua.osm.pbf" in places(house, "list").output
    assert places(house, "clear").exit_code == 0
    assert not finds(house, "Kafe Cempaka")
    assert "no OpenStreetMap extract" in places(house, "clear").output


def test_a_file_that_cannot_be_used_is_named_and_changes_nothing(house: House, tmp_path: Path) -> None:
    places(house, "import", extract(tmp_path / "satu.osm.pbf", "Kafe Melati"))
    broken, empty = tmp_path / "rusak.osm.pbf", tmp_path / "kosong.osm.pbf"
    broken.write_bytes(b"PK\x03\x04 this is a zip file")
    empty.write_bytes(b"")
    foreign = Path(extract(tmp_path / "jakarta.osm.pbf", "Kafe Monas", at=JAKARTA))
    for path, words in ((broken, "cannot be read"), (empty, "kosong.osm.pbf"), (foreign, "nothing of Kota Serang")):
        refused = places(house, "import", str(path))
        assert refused.exit_code == 1
        assert words in refused.output
        assert "Nothing was changed" in refused.output
    assert finds(house, "Kafe Melati")
