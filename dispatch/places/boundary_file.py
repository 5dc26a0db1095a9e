"""Reads a GeoJSON boundary file into polygons by code, repairing a bad geometry or saying why it was refused."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape as shape_of

CODE_PROPERTIES = ("kode", "code", "kode_kemendagri", "kode_desa", "kode_kel", "kdepum", "adm4", "adm4_pcode")
ATTRIBUTION_MEMBERS = ("attribution", "atribusi", "sumber", "source")
REPAIR_AREA_SHARE = 0.01  # a repair that changes the area by more than this has guessed, not repaired
MAX_BYTES = 100 * 1024 * 1024


class BoundaryFileError(Exception):
    """A boundary file that cannot be used at all; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """The usable polygons of a file, in longitude and latitude, and what was wrong with the others."""

    polygons: Mapping[str, Polygon | MultiPolygon]
    attribution: str
    invalid: tuple[str, ...]


def read_boundary_file(path: Path, *, code_property: str | None, attribution: str | None) -> BoundaryFile:
    """The file's polygons; features with the same code are joined. Raises `BoundaryFileError`."""
    content = _read_json(path)
    features = content.get("features")
    if content.get("type") != "FeatureCollection" or not isinstance(features, list) or not features:
        raise BoundaryFileError(f"{path.name}: is not a GeoJSON FeatureCollection with features; export it as one")
    credit = attribution or _attribution(content)
    if not credit:
        words = 'names no attribution; add a top-level member "attribution" that says whose borders these are'
        raise BoundaryFileError(f"{path.name}: {words}")
    property_name = code_property or _guess_property(path, features)
    parts: defaultdict[str, list[Polygon | MultiPolygon]] = defaultdict(list)
    invalid: list[str] = []
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = str((properties or {}).get(property_name) or "").strip()
        if not code:
            invalid.append(f"feature {number}: refused, has no '{property_name}'; write its Kemendagri code there")
            continue
        polygon, problem = _usable(feature.get("geometry"))
        if problem:
            invalid.append(f"{code} (feature {number}): {problem}")
        if polygon is not None:
            parts[_dotted(code)].append(polygon)
    polygons = {code: shapely.union_all(shapes) if len(shapes) > 1 else shapes[0] for code, shapes in parts.items()}
    return BoundaryFile(polygons, credit, tuple(invalid))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            words = f"is larger than {MAX_BYTES // 1024 // 1024} MB; cut it to the city"
            raise BoundaryFileError(f"{path.name}: {words}")
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise BoundaryFileError(f"{path.name}: cannot be read ({error.strerror}); check the path") from error
    except (ValueError, RecursionError) as error:
        raise BoundaryFileError(f"{path.name}: is not JSON in UTF-8; export it as GeoJSON") from error
    return content if isinstance(content, dict) else {}


def _attribution(content: Mapping[str, Any]) -> str:
    metadata = content.get("metadata")
    for members in (content, metadata if isinstance(metadata, dict) else {}):
        for name in ATTRIBUTION_MEMBERS:
            written = members.get(name)
            if isinstance(written, str) and written.strip():
                return written.strip()
    return ""


def _guess_property(path: Path, features: list[Any]) -> str:
    """The name, in whatever case the file writes it, of the known code property that most features have."""
    counts: defaultdict[str, int] = defaultdict(int)
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        for name, value in (properties or {}).items():
            if str(name).lower() in CODE_PROPERTIES and value not in (None, ""):
                counts[name] += 1
    if not counts:
        words = f"no feature has a code property ({', '.join(CODE_PROPERTIES)}); name the one it uses"
        raise BoundaryFileError(f"{path.name}: {words}")
    return max(counts, key=lambda name: (counts[name], -CODE_PROPERTIES.index(name.lower())))


def _dotted(code: str) -> str:
    """3673011001 and ID3673011001 (the OCHA form) as the 36.73.01.1001 that the pack uses."""
    digits = code.upper().removeprefix("ID")
    if digits.isdigit() and len(digits) == 10:
        return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
    return code


def _usable(geometry: Any) -> tuple[Polygon | MultiPolygon | None, str]:
    """The geometry if it is or can be made a valid polygon, and what was done to it or why it was refused."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return None, "refused, is not a Polygon or MultiPolygon; export areas, not lines or points"
    try:
        shape = shapely.force_2d(shape_of(geometry))
    except (ShapelyError, ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None, "refused, its coordinates cannot be read; export it again"
    if shape.is_empty:
        return None, "refused, is empty; export it again"
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None, "refused, its coordinates are not degrees; export it in WGS 84 (EPSG:4326)"
    if shape.is_valid:
        return shape, ""
    why = shapely.is_valid_reason(shape).partition("[")[0].strip().lower()
    repaired = _areas_of(shapely.make_valid(shape))
    if repaired is None:
        return None, f"refused, {why} and it encloses no area; draw it again"
    before = abs(shape.area)
    if abs(repaired.area - before) > REPAIR_AREA_SHARE * max(before, repaired.area):
        return None, f"refused, {why} and a repair would change its area; draw it again"
    return repaired, f"repaired, {why}; compare it on the map"


def _areas_of(shape: Any) -> Polygon | MultiPolygon | None:
    areas = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    joined = shapely.union_all(areas) if areas else None
    return joined if joined is not None and not joined.is_empty else None
