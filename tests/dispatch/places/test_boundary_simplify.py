"""A boundary file is made light without tearing the borders that its kelurahan share."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from shapely import Polygon

from dispatch.city.model import Kelurahan
from dispatch.city.pack import CityPack
from dispatch.places.boundaries import BoundaryFileError, load_boundaries
from dispatch.places.boundary_simplify import simplify_boundaries
from dispatch.places.plane import LocalPlane
from tests.dispatch.places.test_boundaries import LEFT, RIGHT, square, write

Point = tuple[float, float]


def border(one: Point, other: Point) -> list[Point]:
    """A wavy way from one corner to another, the same points in either direction."""
    if other < one:
        return border(other, one)[::-1]
    inner = []
    for step in range(1, 24):
        way = step / 24
        bend = 0.0002 * math.sin(math.pi * way)
        x, y = (start + way * (end - start) for start, end in zip(one, other, strict=True))
        inner.append((x + bend * math.sin(25 * way), y + bend * math.cos(31 * way)))
    return [one, *inner, other]


def neighbourhood(chance: random.Random) -> list[Polygon]:
    """Four-cornered kelurahan in rows, whose corners stand anywhere and whose borders are wavy."""
    wide, high = chance.randint(1, 4), chance.randint(1, 3)
    corners = {
        (x, y): (106.10 + 0.01 * x + chance.uniform(0, 0.004), -6.16 + 0.01 * y + chance.uniform(0, 0.004))
        for x in range(wide + 1)
        for y in range(high + 1)
    }
    areas = []
    for x in range(wide):
        for y in range(high):
            round_it = [corners[at] for at in ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y))]
            areas.append(Polygon([point for ends in pairwise(round_it) for point in border(*ends)]))
    return areas


def of_city(city: CityPack, areas: list[Polygon]) -> CityPack:
    """The city cut down to one kelurahan for each area, with its point inside."""
    wards: dict[str, Kelurahan] = {}
    for code, area in zip(sorted(city.kelurahan), areas, strict=False):
        point = area.representative_point()
        wards[code] = replace(city.kelurahan[code], lat=point.y, lon=point.x)
    return replace(city, kelurahan=wards, landmarks=(), streets=())


@pytest.mark.parametrize("tolerance_m", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("seed", range(6))
def test_no_gap_no_overlap_and_no_border_far_from_where_it_was(
    city: CityPack, tmp_path: Path, seed: int, tolerance_m: float
) -> None:
    areas = neighbourhood(random.Random(seed))
    assert shapely.coverage_is_valid(areas)
    pack = of_city(city, areas)
    rings = [(code, list(area.exterior.coords)) for code, area in zip(sorted(pack.kelurahan), areas, strict=True)]
    light = simplify_boundaries(write(tmp_path / "b.geojson", rings), pack, tolerance_m=tolerance_m)
    assert light.points_after < light.points_before
    assert light.moved_m < 2.5 * tolerance_m + 0.2
    target = tmp_path / "light.geojson"
    target.write_text(light.text())
    report = load_boundaries(target, pack).report
    assert (report.coverage, report.points_in_own, report.overlaps, report.invalid) == (1.0, 1.0, (), ())
    plane = LocalPlane(*pack.centre)
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in light.geojson["features"]]
    whole = shapely.union_all(shapes)
    assert sum(len(part.interiors) for part in shapely.get_parts(whole)) == 0
    before, after = (shapely.transform(one, plane.metres).area for one in (shapely.union_all(areas), whole))
    assert math.isclose(before, after, rel_tol=0.01)


def test_kelurahan_that_do_not_share_their_borders_are_named_instead_of_being_torn_further(
    city: CityPack, tmp_path: Path
) -> None:
    apart = [(LEFT, square(106.15, -6.13)), (RIGHT, square(106.1599, -6.13))]
    with pytest.raises(BoundaryFileError, match=rf"{LEFT}, {RIGHT} do not share their borders; mend the file first"):
        simplify_boundaries(write(tmp_path / "b.geojson", apart), city, tolerance_m=1)


def test_a_kelurahan_is_never_drawn_past_its_own_point(city: CityPack, tmp_path: Path) -> None:
    corner = [*square(106.15, -6.13)[:2], (106.16, -6.1251), (106.1604, -6.125), (106.16, -6.1249)]
    ring = [*corner, (106.16, -6.12), (106.15, -6.12), (106.15, -6.13)]
    ward = replace(city.kelurahan[LEFT], lat=-6.125, lon=106.1603)
    pack = replace(city, kelurahan={LEFT: ward}, landmarks=(), streets=())
    path = write(tmp_path / "b.geojson", [(LEFT, ring)])
    assert simplify_boundaries(path, pack, tolerance_m=1).moved_m == pytest.approx(0, abs=0.2)
    with pytest.raises(BoundaryFileError, match="no longer hold their own point; take a smaller tolerance"):
        simplify_boundaries(path, pack, tolerance_m=50)


def test_a_kelurahan_whose_area_would_change_is_refused(city: CityPack, tmp_path: Path) -> None:
    teeth = [(106.15 + step * 0.0002, -6.129 + (step % 2) * 0.0004) for step in range(51)]
    ring = [*teeth, (106.16, -6.1285), (106.15, -6.1285), teeth[0]]
    ward = replace(city.kelurahan[LEFT], lat=-6.1284, lon=106.1550)
    pack = replace(city, kelurahan={LEFT: ward}, landmarks=(), streets=())
    with pytest.raises(BoundaryFileError, match=f"{LEFT} would change their area by more than 1 %"):
        simplify_boundaries(write(tmp_path / "b.geojson", [(LEFT, ring)]), pack, tolerance_m=50)


def test_a_file_of_another_city_is_refused(city: CityPack, tmp_path: Path) -> None:
    path = write(tmp_path / "b.geojson", [("32.73.01.1001", square(107.6, -6.9))])
    with pytest.raises(BoundaryFileError, match="no feature has the code of a kelurahan of Kota Serang"):
        simplify_boundaries(path, city, tolerance_m=1)
