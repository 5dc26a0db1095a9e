"""An OpenStreetMap extract is read: what of it is kept, in which kelurahan, and why the rest is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.city.pack import CityPack
from dispatch.landmarks.osm_file import OsmFileError, OsmReading, read_osm_file
from dispatch.places.finder import Places
from tests.dispatch.landmarks.osm_extract import Extract, square

CIPARE, UNYUR = (-6.125925, 106.16315), (-6.1043, 106.1557)
JAKARTA = (-6.175, 106.827)


@pytest.fixture(scope="module")
def places(city: CityPack) -> Places:
    return Places(city)


def read(extract: Extract, tmp_path: Path, city: CityPack, places: Places) -> OsmReading:
    return read_osm_file(extract.write(tmp_path / "kota.osm.pbf"), city, places)


def test_nodes_ways_and_areas_become_places_with_their_kelurahan(
    tmp_path: Path, city: CityPack, places: Places
) -> None:
    extract = Extract()
    extract.node(CIPARE, amenity="cafe", name="Warung Bu Imas", alt_name="Kopi Imas;Imas", name__id="Warung Imas")
    lat, lon = UNYUR
    extract.way((lat, lon), (lat, lon + 0.001), (lat, lon + 0.002), highway="residential", name="Jalan Melon")
    extract.way(*square(UNYUR), landuse="residential", name="Perumahan Bumi Melon")
    extract.relation(extract.way(*square(CIPARE, 0.002)), leisure="park", name="Taman Kelapa")
    reading = read(extract, tmp_path, city, places)
    found = {place.name: place for place in reading.places}
    assert set(found) == {"Warung Bu Imas", "Jalan Melon", "Perumahan Bumi Melon", "Taman Kelapa"}
    warung, street, estate, park = (
        found[name] for name in ("Warung Bu Imas", "Jalan Melon", "Perumahan Bumi Melon", "Taman Kelapa")
    )
    assert (warung.kind, warung.kelurahan_code) == ("landmark", places.locate(*CIPARE).kelurahan_code)  # type: ignore[union-attr]
    assert set(warung.other_names) == {"Kopi Imas", "Imas", "Warung Imas"}
    assert (street.kind, street.lon) == ("street", pytest.approx(lon + 0.001))
    assert street.accuracy_m == pytest.approx(110, abs=5)
    assert (estate.lat, estate.lon) == (pytest.approx(lat, abs=2e-4), pytest.approx(lon, abs=2e-4))
    assert park.key.startswith("osm-r")
    assert reading.counts.as_dict() == {
        "read": 4, "kept": 4, "outside": 0, "unnamed": 0, "duplicates": 0, "repeated": 0
    }  # fmt: skip


def test_every_thing_that_is_left_out_is_counted(tmp_path: Path, city: CityPack, places: Places) -> None:
    extract = Extract()
    extract.node(CIPARE, amenity="cafe", name="Warung Bu Imas")
    extract.node(CIPARE, amenity="cafe")
    extract.node(CIPARE, shop="convenience", name="24/7")
    extract.node(JAKARTA, amenity="cafe", name="Jauh Sekali")
    terminal = next(one for one in city.landmarks if one.key == "terminal-pakupatan")
    extract.node((terminal.lat, terminal.lon), amenity="bus_station", name="Terminal Pakupatan")  # type: ignore[arg-type]
    extract.node(CIPARE, place="suburb", name="Cipare")
    extract.way(UNYUR, (UNYUR[0], UNYUR[1] + 0.001), highway="primary", name="Jl. Ahmad Yani")
    extract.way(UNYUR, (UNYUR[0], UNYUR[1] + 0.001), highway="residential", name="Jalan Melon")
    extract.way((UNYUR[0], UNYUR[1] + 0.001), (UNYUR[0], UNYUR[1] + 0.002), highway="residential", name="Jl. Melon")
    extract.node(CIPARE, natural="tree", name="Beringin")
    extract.node(CIPARE, highway="traffic_signals")
    extract.way(*square(CIPARE), building="yes")
    counts = read(extract, tmp_path, city, places).counts
    assert counts.as_dict() == {
        "read": 9, "kept": 2, "outside": 1, "unnamed": 2, "duplicates": 3, "repeated": 1
    }  # fmt: skip


def test_a_namesake_far_from_the_packs_is_a_place_of_its_own(tmp_path: Path, city: CityPack, places: Places) -> None:
    extract = Extract()
    extract.node(UNYUR, amenity="fuel", name="Terminal Pakupatan")
    assert [place.name for place in read(extract, tmp_path, city, places).places] == ["Terminal Pakupatan"]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not a map", b"<html></html>", b"\x00\x00\x00\x0d\x0a\x09OSMHeader"]
)
def test_a_file_that_is_no_extract_is_refused(content: bytes, tmp_path: Path, city: CityPack, places: Places) -> None:
    path = tmp_path / "kota.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(OsmFileError, match=r"kota\.osm\.pbf"):
        read_osm_file(path, city, places)


def test_an_extract_that_was_cut_off_is_refused(tmp_path: Path, city: CityPack, places: Places) -> None:
    extract = Extract()
    for number in range(2000):
        extract.node(CIPARE, amenity="cafe", name=f"Warung {chr(97 + number % 26)}{number} {number * 7919}")
    whole = extract.write(tmp_path / "kota.osm.pbf").read_bytes()
    (tmp_path / "kota.osm.pbf").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(OsmFileError, match="cannot be read"):
        read_osm_file(tmp_path / "kota.osm.pbf", city, places)


def test_an_extract_of_another_city_is_refused_with_the_counts(tmp_path: Path, city: CityPack, places: Places) -> None:
    extract = Extract()
    extract.node(JAKARTA, amenity="cafe", name="Jauh Sekali")
    with pytest.raises(OsmFileError, match=r"holds nothing of Kota Serang.*outside 1"):
        read(extract, tmp_path, city, places)


def test_an_extract_without_any_place_is_refused(tmp_path: Path, city: CityPack, places: Places) -> None:
    extract = Extract()
    extract.node(CIPARE)
    with pytest.raises(OsmFileError, match="no place and no street"):
        read(extract, tmp_path, city, places)
