"""An OpenStreetMap extract is imported beside the running server, which finds the new names without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.running_server import Browser, RunningServer, running_server, until
from tests.dispatch.osm_extract import Extract
from tests.dispatch.shift import IN_CIPARE

JAKARTA = (-6.175, 106.827)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("siaga")) as running:
        yield running


@pytest.fixture(scope="module")
def operator(server: RunningServer) -> Iterator[Browser]:
    with Browser(server, "operator1", "1") as browser:
        yield browser


def extract(path: Path, *names: str, at: tuple[float, float] = IN_CIPARE) -> str:
    made = Extract()
    for name in names:
        made.node(at, amenity="cafe", name=name)
    return str(made.write(path))


def finds(operator: Browser, name: str) -> bool:
    items = operator.get(f"/api/v1/places?q={name}").json()["items"]
    return any(place["name"] == name and place["source"] == "osm" for place in items)


def test_new_names_are_found_without_a_restart_and_the_earlier_import_is_gone(
    server: RunningServer, operator: Browser, tmp_path: Path
) -> None:
    done = server.flask("places", "import", extract(tmp_path / "satu.osm.pbf", "Kafe Melati", "Kafe Kenanga"))
    assert done.returncode == 0, done.stderr
    assert "2 kept" in done.stdout
    until(lambda: finds(operator, "Kafe Melati"))
    assert server.flask("places", "import", extract(tmp_path / "dua.osm.pbf", "Kafe Cempaka")).returncode == 0
    until(lambda: finds(operator, "Kafe Cempaka"))
    assert not finds(operator, "Kafe Melati")
    assert "dua.osm.pbf" in server.flask("places", "list").stdout
    assert server.flask("places", "clear").returncode == 0
    until(lambda: not finds(operator, "Kafe Cempaka"))
    assert "no OpenStreetMap extract" in server.flask("places", "list").stdout


def test_a_file_that_cannot_be_used_is_named_and_changes_nothing(
    server: RunningServer, operator: Browser, tmp_path: Path
) -> None:
    assert server.flask("places", "import", extract(tmp_path / "satu.osm.pbf", "Kafe Melati")).returncode == 0
    until(lambda: finds(operator, "Kafe Melati"))
    broken, empty = tmp_path / "rusak.osm.pbf", tmp_path / "kosong.osm.pbf"
    broken.write_bytes(b"PK\x03\x04 this is a zip file")
    empty.write_bytes(b"")
    foreign = extract(tmp_path / "jakarta.osm.pbf", "Kafe Monas", at=JAKARTA)
    for path, words in (
        (broken, "cannot be read"),
        (empty, "kosong.osm.pbf"),
        (Path(foreign), "nothing of Kota Serang"),
    ):
        refused = server.flask("places", "import", str(path))
        assert refused.returncode == 1
        assert words in refused.stderr
        assert "Nothing was changed" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert finds(operator, "Kafe Melati")
