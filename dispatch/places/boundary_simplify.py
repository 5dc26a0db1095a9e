"""Makes a boundary file light: fewer points on every border, and neighbours go on sharing theirs.

A border that two kelurahan share is simplified once for both (a coverage): neither gaps nor overlaps come of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiPolygon, Point, Polygon

from dispatch.city.pack import CityPack
from dispatch.places.boundary_file import BoundaryFileError, read_boundary_file
from dispatch.places.plane import LocalPlane

AREA_SHARE = 0.01  # a kelurahan whose area changes by more has been drawn anew, not simplified


@dataclass(frozen=True, slots=True)
class Simplified:
    """A file's new content, and how far it is from the old one."""

    geojson: Mapping[str, Any]
    points_before: int
    points_after: int
    moved_m: float  #: the farthest that any border went
    area_change: float  #: the largest share by which a kelurahan grew or shrank

    def text(self) -> str:
        """The file: a line for each kelurahan, so that a later change of one shows as one."""
        head = json.dumps({name: value for name, value in self.geojson.items() if name != "features"}, indent=0)
        rows = ",\n".join(
            json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in self.geojson["features"]
        )
        return f'{head.rstrip("}").rstrip()},\n"features": [\n{rows}\n]}}\n'


def simplify_boundaries(
    path: Path, city: CityPack, *, tolerance_m: float, code_property: str | None = None, attribution: str | None = None
) -> Simplified:
    """Simplify a GeoJSON file's polygons so that no border moves farther than about `tolerance_m`.

    Raises BoundaryFileError where the file is of no use, where its kelurahan do not share their borders (which have to
    be mended before), or where the tolerance would put a kelurahan's point outside or change its area by over 1 %.
    """
    read = read_boundary_file(path, code_property=code_property, attribution=attribution)
    codes = sorted(code for code in read.polygons if code in city.kelurahan)
    if not codes:
        raise BoundaryFileError(f"{path.name}: no feature has the code of a kelurahan of {city.name}")
    plane = LocalPlane(*city.centre)
    before = [shapely.transform(read.polygons[code], plane.metres) for code in codes]
    _refuse(path, "do not share their borders; mend the file first", _torn(codes, before))
    degrees = [
        shapely.transform(shape, plane.short_degrees) for shape in shapely.coverage_simplify(before, tolerance_m)
    ]
    after = [shapely.transform(shape, plane.metres) for shape in degrees]
    bad = [code for code, shape in zip(codes, degrees, strict=True) if not shape.is_valid]
    _refuse(path, "would be torn apart; take a smaller tolerance", bad or _torn(codes, degrees))
    changes = [abs(new.area - old.area) / old.area for old, new in zip(before, after, strict=True)]
    grown = [code for code, change in zip(codes, changes, strict=True) if change > AREA_SHARE]
    _refuse(path, "would change their area by more than 1 %; take a smaller tolerance", grown)
    points = [Point(city.kelurahan[code].lon, city.kelurahan[code].lat) for code in codes]
    lost = [
        code
        for code, point, shape in zip(codes, points, degrees, strict=True)
        if read.polygons[code].covers(point) and not shape.covers(point)
    ]
    _refuse(path, "would no longer hold their own point; take a smaller tolerance", lost)
    features = [_feature(city, code, shape) for code, shape in zip(codes, degrees, strict=True)]
    return Simplified(
        geojson={"type": "FeatureCollection", "attribution": read.attribution, "features": features},
        points_before=int(shapely.get_num_coordinates(before).sum()),
        points_after=int(shapely.get_num_coordinates(after).sum()),
        moved_m=max(shapely.hausdorff_distance(old, new) for old, new in zip(before, after, strict=True)),
        area_change=max(changes),
    )


def _torn(codes: list[str], shapes: list[Polygon | MultiPolygon]) -> list[str]:
    """The kelurahan whose edges do not match those of their neighbours."""
    wrong = shapely.coverage_invalid_edges(shapes)
    return [code for code, edges in zip(codes, wrong, strict=True) if not shapely.is_empty(edges)]


def _refuse(path: Path, why: str, codes: list[str]) -> None:
    if codes:
        raise BoundaryFileError(f"{path.name}: {', '.join(codes)} {why}")


def _feature(city: CityPack, code: str, shape: Polygon | MultiPolygon) -> dict[str, Any]:
    ward = city.kelurahan[code]
    return {
        "type": "Feature",
        "properties": {"kode": code, "nama": ward.name, "kecamatan": ward.kecamatan},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }
