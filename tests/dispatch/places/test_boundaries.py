"""The pack brings borders, the city loads its own, and is told plainly what a file covers and what is wrong with it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from dispatch.city.model import Kelurahan
from dispatch.city.pack import CityPack
from dispatch.places.boundaries import BoundaryFileError, BoundaryLayer, load_boundaries
from dispatch.places.finder import Places

SHIPPED = Path(__file__).resolve().parents[3] / "city" / "serang" / "boundaries.geojson"
LEFT, RIGHT = "36.73.01.1001", "36.73.01.1002"
Ring = list[tuple[float, float]]


def square(west: float, south: float, size: float = 0.01) -> Ring:
    """A ring of (longitude, latitude); 0.01 degrees are about 1.1 km here."""
    east, north = west + size, south + size
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


#: Two squares side by side; their shared border is the meridian 106.16.
SIDE_BY_SIDE = [(LEFT, square(106.15, -6.13)), (RIGHT, square(106.16, -6.13))]


@pytest.fixture
def two_wards(city: CityPack) -> CityPack:
    """Kota Serang cut down to two kelurahan whose points lie in the squares."""
    left = replace(city.kelurahan[LEFT], lat=-6.125, lon=106.155, area_km2=1.22)
    right = replace(city.kelurahan[RIGHT], lat=-6.125, lon=106.165, area_km2=1.22)
    return replace(city, kelurahan={LEFT: left, RIGHT: right}, landmarks=(), streets=())


def write(path: Path, rings: list[tuple[str, Ring]], *, key: str = "kode", **members: Any) -> Path:
    features = [
        {"type": "Feature", "properties": {key: code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code, ring in rings
    ]
    content = {"type": "FeatureCollection", "attribution": "Bagian Pemerintahan", "features": features, **members}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def layer(tmp_path: Path, two_wards: CityPack) -> BoundaryLayer:
    return load_boundaries(write(tmp_path / "batas.geojson", SIDE_BY_SIDE), two_wards)


def test_a_sound_file_covers_the_city_and_has_nothing_to_report(layer: BoundaryLayer) -> None:
    report = layer.report
    assert (report.coverage, report.points_in_own) == (1.0, 1.0)
    assert (report.missing_codes, report.unknown_codes, report.overlaps, report.invalid) == ((), (), (), ())
    assert report.area_km2 == pytest.approx(2 * 1.105 * 1.112, rel=0.01)
    assert layer.attribution == "Bagian Pemerintahan"


def test_a_point_is_found_in_its_polygon_far_from_the_border(layer: BoundaryLayer, two_wards: CityPack) -> None:
    located = Places(two_wards, layer).locate(-6.125, 106.155)
    assert located is not None
    assert (located.kelurahan_code, located.approximate, located.source) == (LEFT, False, "boundary")
    assert located.border_m == pytest.approx(553, abs=6)
    assert located.neighbour is None


def test_a_point_near_the_border_names_the_neighbour_and_how_near_it_is(
    layer: BoundaryLayer, two_wards: CityPack
) -> None:
    located = Places(two_wards, layer).locate(-6.125, 106.1595)
    assert located is not None
    assert (located.kelurahan_code, located.neighbour) == (LEFT, RIGHT)
    assert located.border_m == pytest.approx(55, abs=2)


def test_the_edge_of_the_city_is_a_border_without_a_neighbour(layer: BoundaryLayer, two_wards: CityPack) -> None:
    located = Places(two_wards, layer).locate(-6.125, 106.1503)
    assert located is not None
    assert located.border_m == pytest.approx(33, abs=2)
    assert located.neighbour is None


def test_a_point_on_the_border_itself_always_gets_the_same_kelurahan(layer: BoundaryLayer, two_wards: CityPack) -> None:
    located = Places(two_wards, layer).locate(-6.125, 106.16)
    assert located is not None
    assert (located.kelurahan_code, located.neighbour) == (LEFT, RIGHT)


def test_a_point_outside_a_complete_layer_is_outside_the_city(layer: BoundaryLayer, two_wards: CityPack) -> None:
    assert Places(two_wards, layer).locate(-6.14, 106.155) is None


def test_a_point_in_a_sliver_between_two_polygons_takes_the_nearest_and_says_approximate(
    tmp_path: Path, two_wards: CityPack
) -> None:
    apart = [(LEFT, square(106.15, -6.13, 0.0098)), (RIGHT, square(106.16, -6.13))]
    places = Places(two_wards, load_boundaries(write(tmp_path / "b.geojson", apart), two_wards))
    located = places.locate(-6.125, 106.1599)
    assert located is not None
    assert (located.source, located.approximate) == ("boundary", True)


def test_where_the_file_has_no_polygon_the_nearest_point_of_the_missing_kelurahan_answers(
    tmp_path: Path, two_wards: CityPack
) -> None:
    layer = load_boundaries(write(tmp_path / "b.geojson", SIDE_BY_SIDE[:1]), two_wards)
    assert layer.report.coverage == 0.5
    assert layer.report.missing_codes == (RIGHT,)
    located = Places(two_wards, layer).locate(-6.125, 106.161)
    assert located is not None
    assert (located.kelurahan_code, located.source, located.approximate) == (RIGHT, "nearest_point", True)


def test_two_kelurahan_that_claim_the_same_ground_are_reported_but_a_sliver_is_not(
    tmp_path: Path, two_wards: CityPack
) -> None:
    def overlaps(west: float) -> int:
        rings = [SIDE_BY_SIDE[0], (RIGHT, square(west, -6.13))]
        return len(load_boundaries(write(tmp_path / "b.geojson", rings), two_wards).report.overlaps)

    assert overlaps(106.159) == 1  # 110 m
    assert overlaps(106.15995) == 0  # 5 m


def test_an_overlap_names_both_codes_and_its_area(tmp_path: Path, two_wards: CityPack) -> None:
    rings = [SIDE_BY_SIDE[0], (RIGHT, square(106.159, -6.13))]
    (overlap,) = load_boundaries(write(tmp_path / "b.geojson", rings), two_wards).report.overlaps
    assert overlap.codes == (LEFT, RIGHT)
    assert overlap.area_m2 == pytest.approx(110.5 * 1112, rel=0.02)


def test_codes_that_are_not_of_this_city_are_named_and_left_out(tmp_path: Path, two_wards: CityPack) -> None:
    rings = [*SIDE_BY_SIDE, ("36.04.05.2001", square(106.17, -6.13))]
    layer = load_boundaries(write(tmp_path / "b.geojson", rings), two_wards)
    assert layer.report.unknown_codes == ("36.04.05.2001",)
    assert layer.codes == (LEFT, RIGHT)


@pytest.mark.parametrize(
    ("key", "code"),
    [("kode", LEFT), ("KODE", LEFT), ("kdepum", LEFT), ("ADM4_PCODE", "ID3673011001"), ("kode_desa", "3673011001")],
)
def test_the_code_is_found_under_the_names_that_indonesian_files_use(
    tmp_path: Path, two_wards: CityPack, key: str, code: str
) -> None:
    path = write(tmp_path / "b.geojson", [(code, square(106.15, -6.13))], key=key)
    assert load_boundaries(path, two_wards).codes == (LEFT,)


def test_a_code_under_any_other_name_can_be_pointed_at(tmp_path: Path, two_wards: CityPack) -> None:
    path = write(tmp_path / "b.geojson", SIDE_BY_SIDE, key="ID_KEL")
    with pytest.raises(BoundaryFileError, match="no feature has a code property"):
        load_boundaries(path, two_wards)
    assert load_boundaries(path, two_wards, code_property="ID_KEL").codes == (LEFT, RIGHT)


def test_a_polygon_that_bites_its_own_edge_is_repaired_and_said_so(tmp_path: Path, two_wards: CityPack) -> None:
    spike = [*square(106.15, -6.13)[:2], (106.16, -6.125), (106.161, -6.125), (106.16, -6.125), (106.16, -6.12)]
    ring = [*spike, (106.15, -6.12), (106.15, -6.13)]
    layer = load_boundaries(write(tmp_path / "b.geojson", [(LEFT, ring), SIDE_BY_SIDE[1]]), two_wards)
    assert layer.codes == (LEFT, RIGHT)
    (invalid,) = layer.report.invalid
    assert invalid.startswith(f"{LEFT} (feature 1): repaired, ")


def test_a_figure_of_eight_is_refused_because_nobody_knows_what_was_meant(tmp_path: Path, two_wards: CityPack) -> None:
    eight = [(106.15, -6.13), (106.16, -6.12), (106.16, -6.13), (106.15, -6.121), (106.15, -6.13)]
    layer = load_boundaries(write(tmp_path / "b.geojson", [(LEFT, eight), SIDE_BY_SIDE[1]]), two_wards)
    assert layer.codes == (RIGHT,)
    assert layer.report.missing_codes == (LEFT,)
    assert "refused, self-intersection and a repair would change its area" in layer.report.invalid[0]


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (None, "is not a Polygon or MultiPolygon"),
        ({"type": "Point", "coordinates": [106.1, -6.1]}, "is not a Polygon or MultiPolygon"),
        ({"type": "Polygon", "coordinates": []}, "is empty"),
        ({"type": "Polygon", "coordinates": [[[106.1, -6.1], [106.2, -6.1]]]}, "its coordinates cannot be read"),
        ({"type": "Polygon", "coordinates": "x"}, "its coordinates cannot be read"),
        ({"type": "Polygon", "coordinates": [[[6e5, 9e6], [7e5, 9e6], [7e5, 8e6], [6e5, 9e6]]]}, "are not degrees"),
        ({"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [3, 3], [1, 1]]]}, "it encloses no area"),
    ],
)
def test_a_feature_that_is_no_area_is_refused_and_the_others_are_kept(
    tmp_path: Path, two_wards: CityPack, geometry: Any, why: str
) -> None:
    path = write(tmp_path / "b.geojson", SIDE_BY_SIDE[1:])
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"].append({"type": "Feature", "properties": {"kode": LEFT}, "geometry": geometry})
    path.write_text(json.dumps(content), encoding="utf-8")
    layer = load_boundaries(path, two_wards)
    assert layer.codes == (RIGHT,)
    assert why in layer.report.invalid[0]
    assert "refused" in layer.report.invalid[0]


def test_the_parts_of_one_kelurahan_may_come_as_several_features(tmp_path: Path, two_wards: CityPack) -> None:
    rings = [*SIDE_BY_SIDE, (LEFT, square(106.15, -6.15))]
    places = Places(two_wards, load_boundaries(write(tmp_path / "b.geojson", rings), two_wards))
    island = places.locate(-6.145, 106.155)
    assert island is not None
    assert island.kelurahan_code == LEFT


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not JSON in UTF-8"),
        ("[]", "is not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "is not a GeoJSON FeatureCollection with features"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature"}]}', "names no attribution"),
        ('{"type": "FeatureCollection", "attribution": "x", "features": [7]}', "no feature has a code property"),
        ("[" * 100_000, "is not JSON in UTF-8"),
    ],
)
def test_a_file_of_no_use_is_refused_with_what_to_do(
    tmp_path: Path, two_wards: CityPack, content: str, problem: str
) -> None:
    path = tmp_path / "b.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BoundaryFileError, match=rf"b\.geojson: {problem}.*; "):
        load_boundaries(path, two_wards)


def test_a_file_of_another_city_is_refused(tmp_path: Path, two_wards: CityPack) -> None:
    path = write(tmp_path / "b.geojson", [("32.73.01.1001", square(107.6, -6.9))])
    with pytest.raises(BoundaryFileError, match=r"no feature has the code of .* Kota Serang \(found: 32\.73"):
        load_boundaries(path, two_wards)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, two_wards: CityPack) -> None:
    with pytest.raises(BoundaryFileError, match=r"batas\.geojson: cannot be read"):
        load_boundaries(tmp_path / "batas.geojson", two_wards)


def test_the_map_gets_every_kelurahan_with_its_names_and_whose_borders_they_are(layer: BoundaryLayer) -> None:
    drawn = layer.geojson()
    assert drawn["attribution"] == "Bagian Pemerintahan"
    left = drawn["features"][0]["properties"]
    assert left == {"code": LEFT, "name": "Serang", "kecamatan": "Serang", "label": [106.155, -6.125]}
    ring = drawn["features"][0]["geometry"]["coordinates"][0]
    corners = {(round(lon, 6), round(lat, 6)) for lon, lat in square(106.15, -6.13)}
    assert {tuple(point) for point in ring} == corners


def test_without_any_boundary_the_nearest_kelurahan_point_answers_and_says_approximate(city: CityPack) -> None:
    located = Places(city).locate(-6.1045, 106.1935)
    assert located is not None
    assert (located.kelurahan_code, located.approximate, located.source) == ("36.73.01.1008", True, "nearest_point")
    assert (located.border_m, located.neighbour) == (None, None)


@pytest.mark.parametrize(
    ("lat", "lon"), [(-6.2, 106.8), (0.0, 0.0), (106.15, -6.12), (float("nan"), 106.15), (float("inf"), 106.15)]
)
def test_a_point_far_outside_the_city_has_no_kelurahan(city: CityPack, lat: float, lon: float) -> None:
    assert Places(city).locate(lat, lon) is None


def test_each_kelurahan_point_lies_in_its_own_kelurahan(city: CityPack) -> None:
    places = Places(city)

    def found(ward: Kelurahan) -> str | None:
        located = places.locate(ward.lat, ward.lon)
        return located.kelurahan_code if located else None

    assert {ward.code: found(ward) for ward in city.kelurahan.values()} == {code: code for code in city.kelurahan}


@pytest.fixture(scope="session")
def real_layer(city: CityPack) -> BoundaryLayer:
    """The 67 polygons of HDX COD-AB (BPS 2020) that the pack brings."""
    return load_boundaries(SHIPPED, city)


def test_the_public_polygons_of_serang_cover_all_67_kelurahan_without_a_fault(
    real_layer: BoundaryLayer,
) -> None:
    report = real_layer.report
    assert (report.coverage, report.points_in_own, report.overlaps, report.invalid) == (1.0, 1.0, (), ())
    assert report.area_km2 == pytest.approx(266.015, abs=0.01)  # as before its borders were simplified
    assert real_layer.attribution == "HDX COD-AB / BPS 2020, CC BY-IGO"


def test_the_shipped_borders_share_every_point_and_leave_no_gap() -> None:
    features = json.loads(SHIPPED.read_text(encoding="utf-8"))["features"]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    assert shapely.coverage_is_valid(shapes)
    assert all(len(part.interiors) == 0 for part in shapely.get_parts(shapely.union_all(shapes)))
    assert SHIPPED.stat().st_size < 260_000


def test_a_kelurahan_whose_point_lies_outside_of_its_polygon_is_named(tmp_path: Path, two_wards: CityPack) -> None:
    rings = [(LEFT, square(106.155, -6.13)), SIDE_BY_SIDE[1]]
    moved = replace(two_wards.kelurahan[LEFT], lon=106.151)
    city = replace(two_wards, kelurahan={**two_wards.kelurahan, LEFT: moved})
    report = load_boundaries(write(tmp_path / "b.geojson", rings), city).report
    assert (report.outside_own, report.points_in_own) == ((LEFT,), 0.5)


def test_the_real_map_is_light_enough_for_the_first_load_and_tears_no_shared_border(
    city: CityPack, real_layer: BoundaryLayer, tmp_path: Path
) -> None:
    drawn = json.dumps(real_layer.geojson(), separators=(",", ":"))
    assert len(drawn) < 250_000
    path = tmp_path / "again.geojson"
    path.write_text(drawn, encoding="utf-8")
    again = load_boundaries(path, city)
    assert (again.report.coverage, again.report.overlaps, again.report.invalid) == (1.0, (), ())


def test_real_points_find_their_kelurahan_and_the_nearest_point_mostly_agrees(
    city: CityPack, real_layer: BoundaryLayer
) -> None:
    """Four in five random points (82% measured): good enough for a suggestion that says approximate."""
    surveyed = Places(city, real_layer)
    guessed = Places(city)
    chance = random.Random(112)
    agreed = total = 0
    while total < 1000:
        lat, lon = chance.uniform(-6.22, -5.98), chance.uniform(106.06, 106.26)
        located = surveyed.locate(lat, lon)
        if located is not None:
            total += 1
            guess = guessed.locate(lat, lon)
            agreed += guess is not None and guess.kelurahan_code == located.kelurahan_code
    assert agreed / total > 0.78


def test_the_landmarks_that_have_a_point_lie_in_the_kelurahan_that_the_pack_says_or_across_its_border(
    city: CityPack, real_layer: BoundaryLayer
) -> None:
    """Public sources draw Terminal Pakupatan 29 m to one side of a border or 52 m to the other."""
    places = Places(city, real_layer)
    for landmark in city.landmarks:
        if landmark.lat is not None and landmark.lon is not None:
            located = places.locate(landmark.lat, landmark.lon)
            assert located is not None
            assert landmark.kelurahan_code in (located.kelurahan_code, located.neighbour), landmark.name
