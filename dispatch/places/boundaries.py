"""The city's kelurahan as polygons, from its pack's boundary file or its own, and what is wrong with that file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import shapely
from shapely import MultiPolygon, Point, Polygon, STRtree
from typing_extensions import TypedDict

from dispatch.city.pack import CityPack
from dispatch.places.boundary_file import BoundaryFileError, read_boundary_file
from dispatch.places.plane import LocalPlane, distance_m

__all__ = [
    "BoundaryFileError",
    "BoundaryHit",
    "BoundaryLayer",
    "BoundaryReport",
    "FeatureCollection",
    "Overlap",
    "load_boundaries",
]

OVERLAP_WIDTH_M = 10.0  # borders drawn apart cross each other by slivers; a wider overlap is a mistake
SLIVER_GAP_M = 30.0  # a point in a gap this narrow belongs to the nearest polygon
MAP_TOLERANCE_M = 8.0  # one pixel of a map of the whole city


class PolygonGeometry(TypedDict):
    """GeoJSON: an outer ring and its holes, each of [lon, lat]."""

    type: Literal["Polygon"]
    coordinates: list[list[tuple[float, float]]]


class MultiPolygonGeometry(TypedDict):
    """GeoJSON: several polygons."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class KelurahanProperties(TypedDict):
    """Which kelurahan it is; `label` is its point [lon, lat], where its name is written."""

    code: str
    name: str
    kecamatan: str
    label: list[float]


class KelurahanFeature(TypedDict):
    """GeoJSON: the ground of a kelurahan."""

    type: Literal["Feature"]
    properties: KelurahanProperties
    geometry: PolygonGeometry | MultiPolygonGeometry


class FeatureCollection(TypedDict):
    """GeoJSON (RFC 7946): one feature per kelurahan; `attribution` has to be shown with it."""

    type: Literal["FeatureCollection"]
    attribution: str
    features: list[KelurahanFeature]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two kelurahan that claim the same ground."""

    codes: tuple[str, str]
    area_m2: float


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """What a boundary file covers of the city and what is wrong with it.

    `coverage` is the share of the pack's kelurahan that have a polygon; `points_in_own` the share of those whose
    point in the pack lies in its polygon, `outside_own` the others; `invalid` says for each bad geometry whether it was
    repaired or refused.
    """

    coverage: float
    area_km2: float
    points_in_own: float
    outside_own: tuple[str, ...]
    missing_codes: tuple[str, ...]
    unknown_codes: tuple[str, ...]
    overlaps: tuple[Overlap, ...]
    invalid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoundaryHit:
    """The kelurahan a point lies in; `in_gap` where it lies just outside and the nearest was taken."""

    code: str
    border_m: float
    neighbour: str | None
    in_gap: bool


class BoundaryLayer:
    """Polygons by kelurahan code with a spatial index; made by `load_boundaries`."""

    def __init__(
        self, city: CityPack, polygons: Mapping[str, Polygon | MultiPolygon], attribution: str, report: BoundaryReport
    ) -> None:
        self.attribution, self.report = attribution, report
        self._city = city
        self._plane = LocalPlane(*city.centre)
        self.codes = tuple(sorted(polygons))
        self._shapes = [polygons[code] for code in self.codes]
        self._flat = [shapely.transform(shape, self._plane.metres) for shape in self._shapes]
        self._tree = STRtree(self._flat)

    def locate(self, lat: float, lon: float, *, near_m: float) -> BoundaryHit | None:
        """The polygon the point lies in, with the neighbour that begins within `near_m`; None outside all."""
        x, y = self._plane.metres(shapely.get_coordinates(Point(lon, lat)))[0]
        point = Point(x, y)
        found = sorted(int(index) for index in self._tree.query(point, predicate="intersects"))
        nearest = found[0] if found else int(self._tree.nearest(point))
        if not found and self._flat[nearest].distance(point) > SLIVER_GAP_M:
            return None
        around = (int(index) for index in self._tree.query(point, predicate="dwithin", distance=near_m))
        others = sorted((self._flat[index].distance(point), index) for index in around if index != nearest)
        return BoundaryHit(
            code=self.codes[nearest],
            border_m=self._border_m(nearest, point, lat, lon),
            neighbour=self.codes[others[0][1]] if others else None,
            in_gap=not found,
        )

    def nearest(self, lat: float, lon: float) -> tuple[str, float]:
        """The polygon nearest to a point, and how far away it is in metres."""
        x, y = self._plane.metres(shapely.get_coordinates(Point(lon, lat)))[0]
        index = int(self._tree.nearest(Point(x, y)))
        way = shapely.shortest_line(self._flat[index], Point(x, y))
        border_lon, border_lat = self._plane.degrees(shapely.get_coordinates(way)[:1])[0]
        return self.codes[index], distance_m(lat, lon, float(border_lat), float(border_lon))

    def geojson(self) -> FeatureCollection:
        """A FeatureCollection for the map: simplified without tearing shared borders, code and names as properties."""
        simple = shapely.coverage_simplify(self._flat, MAP_TOLERANCE_M)
        features: list[KelurahanFeature] = []
        for code, flat in zip(self.codes, simple, strict=True):
            ward = self._city.kelurahan[code]
            shape = shapely.transform(flat, self._plane.short_degrees)
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "code": code,
                        "name": ward.name,
                        "kecamatan": ward.kecamatan,
                        "label": [ward.lon, ward.lat],
                    },
                    "geometry": json.loads(shapely.to_geojson(shape)),
                }
            )
        return {"type": "FeatureCollection", "attribution": self.attribution, "features": features}

    def _border_m(self, index: int, point: Point, lat: float, lon: float) -> float:
        way = shapely.shortest_line(self._flat[index].boundary, point)
        border_lon, border_lat = self._plane.degrees(shapely.get_coordinates(way)[:1])[0]
        return distance_m(lat, lon, float(border_lat), float(border_lon))


def load_boundaries(
    path: Path, city: CityPack, *, code_property: str | None = None, attribution: str | None = None
) -> BoundaryLayer:
    """Read a GeoJSON FeatureCollection of (Multi)Polygons in longitude and latitude.

    `code_property` names the property that holds the Kemendagri code (else it is guessed); `attribution` is only
    needed where the file has no such member. Raises `BoundaryFileError` when the file is of no use at all; lesser
    faults stand in the layer's `report`.
    """
    read = read_boundary_file(path, code_property=code_property, attribution=attribution)
    known = {code: shape for code, shape in read.polygons.items() if code in city.kelurahan}
    if not known:
        seen = ", ".join(sorted(read.polygons)[:3]) or "none"
        words = f"no feature has the code of a kelurahan of {city.name} (found: {seen}); name the right property"
        raise BoundaryFileError(f"{path.name}: {words}")
    return BoundaryLayer(city, known, read.attribution, _report(city, known, set(read.polygons), read.invalid))


def _report(
    city: CityPack, known: Mapping[str, Polygon | MultiPolygon], seen: set[str], invalid: tuple[str, ...]
) -> BoundaryReport:
    plane = LocalPlane(*city.centre)
    codes = sorted(known)
    flat = [shapely.transform(known[code], plane.metres) for code in codes]
    outside = tuple(
        code for code in codes if not known[code].intersects(Point(city.kelurahan[code].lon, city.kelurahan[code].lat))
    )
    return BoundaryReport(
        coverage=len(codes) / len(city.kelurahan),
        area_km2=round(sum(shape.area for shape in flat) / 1e6, 3),
        points_in_own=1 - len(outside) / len(codes),
        outside_own=outside,
        missing_codes=tuple(sorted(set(city.kelurahan) - set(known))),
        unknown_codes=tuple(sorted(seen - set(city.kelurahan))),
        overlaps=_overlaps(codes, flat),
        invalid=invalid,
    )


def _overlaps(codes: list[str], flat: list[Polygon | MultiPolygon]) -> tuple[Overlap, ...]:
    if shapely.coverage_is_valid(flat):  # every border is shared to the point: nothing to measure
        return ()
    left, right = STRtree(flat).query(flat, predicate="intersects")
    overlaps = []
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if one < other:
            shared = flat[one].intersection(flat[other])
            if not shared.buffer(-OVERLAP_WIDTH_M / 2).is_empty:
                overlaps.append(Overlap((codes[one], codes[other]), round(shared.area)))
    return tuple(overlaps)
