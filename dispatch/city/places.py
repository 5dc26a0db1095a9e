"""Reads a pack's CSV files about places in the city (kelurahan, landmarks, streets), noting every bad row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dispatch.city.agencies import check_slug
from dispatch.city.files import Problems
from dispatch.city.model import BoundingBox, Kelurahan, Landmark, Street
from dispatch.city.rows import CsvFile, Line, keyed

STREET_KINDS = ("street", "junction")
_KELURAHAN_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")

_KELURAHAN = CsvFile("kelurahan.csv", Kelurahan)
_LANDMARKS = CsvFile("landmarks.csv", Landmark)
_STREETS = CsvFile("streets.csv", Street)


def read_kelurahan(folder: Path, bbox: BoundingBox, problems: Problems) -> Mapping[str, Kelurahan]:
    """kelurahan.csv: the wards, keyed on the Kemendagri code (names repeat)."""
    lines = keyed(_KELURAHAN.read(folder, problems))
    for line in lines:
        ward = line.value
        if not _KELURAHAN_CODE.fullmatch(ward.code):
            line.problem("code", f"'{ward.code}' is not a Kemendagri code; write it as 36.73.01.1001")
        if ward.area_km2 <= 0:
            line.problem("area_km2", "must be more than 0; write the area in square kilometres")
        _check_point(line, ward.lat, ward.lon, bbox)
    return MappingProxyType({line.value.code: line.value for line in lines})


def read_landmarks(
    folder: Path, bbox: BoundingBox, kelurahan: Collection[str], problems: Problems
) -> tuple[Landmark, ...]:
    """landmarks.csv: places callers name; those known by address only have no coordinates."""
    lines = keyed(_LANDMARKS.read(folder, problems), "key")
    for line in lines:
        place = line.value
        check_slug(line, "key", place.key)
        if (place.lat is None) != (place.lon is None):
            field = "lat" if place.lat is None else "lon"
            line.problem(field, "is empty but its partner is not; write both or neither")
        if place.lat is not None and place.lon is not None:
            _check_point(line, place.lat, place.lon, bbox)
            if place.accuracy_m is None or place.accuracy_m <= 0:
                line.problem("accuracy_m", "must say within how many metres the point holds; write a number above 0")
        _check_kelurahan(line, place.kelurahan_code, kelurahan)
    return tuple(line.value for line in lines)


def read_streets(folder: Path, kelurahan: Collection[str], problems: Problems) -> tuple[Street, ...]:
    """streets.csv: streets and junctions by name."""
    lines = keyed(_STREETS.read(folder, problems), "key")
    for line in lines:
        street = line.value
        check_slug(line, "key", street.key)
        if street.kind and street.kind not in STREET_KINDS:
            words = f"'{street.kind}' is not a kind of street; choose one of {', '.join(STREET_KINDS)}"
            line.problem("kind", words)
        _check_kelurahan(line, street.kelurahan_code, kelurahan)
    return tuple(line.value for line in lines)


def _check_point(line: Line[Any], lat: float, lon: float, bbox: BoundingBox) -> None:
    if not bbox.holds(lat, lon):
        hint = "they look swapped" if bbox.holds(lon, lat) else "correct them or widen [bbox] in city.toml"
        line.problem("lat", f"{lat}, {lon} lies outside the city's bounding box; {hint}")


def _check_kelurahan(line: Line[Any], code: str | None, kelurahan: Collection[str]) -> None:
    if code and code not in kelurahan:
        line.problem("kelurahan_code", f"'{code}' is not in kelurahan.csv; write a code from there or leave it empty")
