"""Turns the rows of a pack's place files (kelurahan, landmarks, streets) into values, noting every bad row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from dispatch.city.agencies import check_slug
from dispatch.city.model import BoundingBox, Kelurahan, Landmark, Street
from dispatch.city.rows import Problems, Row, keyed, read_rows

STREET_KINDS = ("street", "junction")
_KELURAHAN_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")


def read_kelurahan(folder: Path, bbox: BoundingBox, problems: Problems) -> Mapping[str, Kelurahan]:
    """kelurahan.csv: the wards, keyed on the Kemendagri code (names repeat)."""
    columns = ("code", "name", "kecamatan", "aliases", "lat", "lon", "area_km2")
    wards = {}
    for code, row in keyed(read_rows(folder, "kelurahan.csv", columns, problems)):
        if not _KELURAHAN_CODE.fullmatch(code):
            row.problem("code", f"'{code}' is not a Kemendagri code; write it as 36.73.01.1001")
        area = row.number("area_km2")
        if area <= 0:
            row.problem("area_km2", "must be more than 0; write the area in square kilometres")
        lat, lon = row.number("lat"), row.number("lon")
        _check_point(row, lat, lon, bbox)
        wards[code] = Kelurahan(
            code=code,
            name=row.text("name"),
            kecamatan=row.text("kecamatan"),
            kecamatan_code=code.rpartition(".")[0],
            aliases=row.items("aliases"),
            lat=lat,
            lon=lon,
            area_km2=area,
        )
    return MappingProxyType(wards)


def read_landmarks(
    folder: Path, bbox: BoundingBox, kelurahan: Collection[str], problems: Problems
) -> tuple[Landmark, ...]:
    """landmarks.csv: places callers name; those known by address only have no coordinates."""
    columns = (
        "key",
        "name",
        "kind",
        "aliases",
        "address",
        "phone",
        "kelurahan_code",
        "lat",
        "lon",
        "accuracy_m",
        "basis",
    )
    landmarks = []
    for key, row in keyed(read_rows(folder, "landmarks.csv", columns, problems), "key"):
        check_slug(row, "key", key)
        lat, lon, accuracy = (row.optional_number(field) for field in ("lat", "lon", "accuracy_m"))
        if (lat is None) != (lon is None):
            row.problem("lat" if lat is None else "lon", "is empty but its partner is not; write both or neither")
        if lat is not None and lon is not None:
            _check_point(row, lat, lon, bbox)
            if accuracy is None or accuracy <= 0:
                row.problem(
                    "accuracy_m",
                    "must say within how many metres the point holds; write a number above 0",
                )
        landmarks.append(
            Landmark(
                key=key,
                name=row.text("name"),
                kind=row.text("kind"),
                aliases=row.items("aliases"),
                address=row.optional("address"),
                phone=row.optional("phone") or None,
                kelurahan_code=_known_kelurahan(row, kelurahan),
                lat=lat,
                lon=lon,
                accuracy_m=None if accuracy is None else round(accuracy),
                basis=row.optional("basis"),
            )
        )
    return tuple(landmarks)


def read_streets(folder: Path, kelurahan: Collection[str], problems: Problems) -> tuple[Street, ...]:
    """streets.csv: streets and junctions by name."""
    columns = ("key", "name", "kind", "aliases", "note", "kelurahan_code")
    streets = []
    for key, row in keyed(read_rows(folder, "streets.csv", columns, problems), "key"):
        check_slug(row, "key", key)
        kind = row.one_of("kind", STREET_KINDS, "a kind of street")
        code = _known_kelurahan(row, kelurahan)
        streets.append(Street(key, row.text("name"), kind, row.items("aliases"), row.optional("note"), code))
    return tuple(streets)


def _check_point(row: Row, lat: float, lon: float, bbox: BoundingBox) -> None:
    if not bbox.holds(lat, lon):
        hint = "they look swapped" if bbox.holds(lon, lat) else "correct them or widen [bbox] in city.toml"
        row.problem("lat", f"{lat}, {lon} lies outside the city's bounding box; {hint}")


def _known_kelurahan(row: Row, kelurahan: Collection[str]) -> str | None:
    code = row.optional("kelurahan_code")
    if code and code not in kelurahan:
        row.problem("kelurahan_code", f"'{code}' is not in kelurahan.csv; write a code from there or leave it empty")
    return code or None
