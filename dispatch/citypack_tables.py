"""Turns the rows of a pack's CSV files into the values of `citypack_model`, noting every row that does not fit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from dispatch.citypack_model import (
    Agency,
    BoundingBox,
    DeclineReason,
    DemoUser,
    IncidentType,
    Kelurahan,
    Landmark,
    PhonePrefixes,
    Priority,
    Seat,
    Street,
)
from dispatch.citypack_rows import Problems, Row, keyed, read_rows
from dispatch.roles import Role

DECLINE_REASONS = 5  # the agency page has room for five big choices
STREET_KINDS = ("street", "junction")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_KELURAHAN_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")
_PREFIX = re.compile(r"0\d{3}")


def read_agencies(folder: Path, problems: Problems) -> Mapping[str, Agency]:
    """agencies.csv: who can be sent, and who is only reported to (`dispatchable` no)."""
    columns = ("code", "name", "short_name", "kind", "dispatchable", "phone", "duties")
    agencies = {}
    for code, row in keyed(read_rows(folder, "agencies.csv", columns, problems)):
        if not re.fullmatch(r"[A-Z0-9]+", code):
            row.problem("code", f"'{code}' must be capital letters and digits, such as DAMKAR")
        agencies[code] = Agency(
            code=code,
            name=row.text("name"),
            short_name=row.text("short_name"),
            kind=row.text("kind"),
            duties=row.optional("duties"),
            phone=row.optional("phone") or None,
            dispatchable=row.yes_no("dispatchable"),
        )
    return MappingProxyType(agencies)


def read_incident_types(folder: Path, agencies: Mapping[str, Agency], problems: Problems) -> Mapping[str, IncidentType]:
    """incident_types.csv: the routing matrix with the words callers use; in the order a list shows them."""
    columns = (
        "code",
        "category",
        "name_id",
        "name_en",
        "priority",
        "icon",
        "primary",
        "supporting",
        "keywords",
        "hints",
    )
    sendable = [code for code, agency in agencies.items() if agency.dispatchable]
    types = {}
    for code, row in keyed(read_rows(folder, "incident_types.csv", columns, problems)):
        _check_slug(row, "code", code)
        primary, supporting = row.text("primary"), row.items("supporting")
        for field, agency in [("primary", primary), *(("supporting", other) for other in supporting)]:
            if agency and agency not in sendable:
                row.problem(field, f"agency '{agency}' {_why_not(agency, agencies)}")
        if primary in supporting:
            row.problem("supporting", f"'{primary}' is the primary agency already; leave it out here")
        if len(set(supporting)) < len(supporting):
            row.problem("supporting", "names an agency twice; leave one out")
        keywords = row.items("keywords")
        if not keywords:
            row.problem("keywords", "has no keyword; write the words callers use, separated by |")
        priority = row.one_of("priority", list(Priority), "a priority")
        types[code] = IncidentType(
            code=code,
            category=row.text("category"),
            name_id=row.text("name_id"),
            name_en=row.text("name_en"),
            priority=Priority(priority) if priority in list(Priority) else Priority.P1,
            icon=row.text("icon"),
            keywords=keywords,
            hints=row.items("hints"),
            primary=primary,
            supporting=supporting,
            basis=row.optional("basis"),
        )
    return MappingProxyType(types)


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
        _check_slug(row, "key", key)
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
        _check_slug(row, "key", key)
        kind = row.one_of("kind", STREET_KINDS, "a kind of street")
        code = _known_kelurahan(row, kelurahan)
        streets.append(Street(key, row.text("name"), kind, row.items("aliases"), row.optional("note"), code))
    return tuple(streets)


def read_prefixes(folder: Path, problems: Problems) -> PhonePrefixes:
    """phone_prefixes.csv: the first four digits of a mobile number and who issued it."""
    carriers = {}
    for prefix, row in keyed(read_rows(folder, "phone_prefixes.csv", ("prefix", "carrier"), problems), "prefix"):
        if not _PREFIX.fullmatch(prefix):
            row.problem("prefix", f"'{prefix}' is not a prefix; write four digits that start with 0, such as 0812")
        carriers[prefix] = row.text("carrier")
    return PhonePrefixes(MappingProxyType(carriers))


def read_seats(folder: Path, problems: Problems) -> Mapping[str, Seat]:
    """seats.csv: the desks and the queue member that rings at each."""
    rows = keyed(read_rows(folder, "seats.csv", ("code", "label", "extension"), problems))
    keyed([row for _, row in rows], "extension")  # two seats must not ring together
    return MappingProxyType({code: Seat(code, row.text("label"), row.text("extension")) for code, row in rows})


def read_demo_users(folder: Path, agencies: Mapping[str, Agency], problems: Problems) -> tuple[DemoUser, ...]:
    """demo_users.csv: who can sign in to the demo; responders belong to an agency that can be sent."""
    columns = ("username", "display_name", "role", "agency_code")
    users = []
    for username, row in keyed(read_rows(folder, "demo_users.csv", columns, problems), "username"):
        _check_slug(row, "username", username)
        role, agency = row.one_of("role", list(Role), "a role"), row.optional("agency_code")
        if role == Role.RESPONDER and not (agency in agencies and agencies[agency].dispatchable):
            row.problem("agency_code", f"agency '{agency}' {_why_not(agency, agencies)}")
        if role != Role.RESPONDER and agency:
            row.problem("agency_code", f"a {role} belongs to the centre; leave this empty")
        users.append(DemoUser(username, row.text("display_name"), role, agency or None))
    return tuple(users)


def read_danger_words(folder: Path, problems: Problems) -> tuple[str, ...]:
    """danger_words.csv: words after which one key press must not set a call aside."""
    return tuple(words for words, _ in keyed(read_rows(folder, "danger_words.csv", ("words",), problems), "words"))


def read_decline_reasons(folder: Path, problems: Problems) -> tuple[DeclineReason, ...]:
    """decline_reasons.csv: the five answers an agency can give instead of going."""
    rows = keyed(read_rows(folder, "decline_reasons.csv", ("code", "name_id", "name_en"), problems))
    if rows and len(rows) != DECLINE_REASONS:
        words = f"has {len(rows)} reasons; write {DECLINE_REASONS}, one for each button"
        problems.add("decline_reasons.csv", rows[-1][1].line, "file", words)
    for code, row in rows:
        _check_slug(row, "code", code)
    return tuple(DeclineReason(code, row.text("name_id"), row.text("name_en")) for code, row in rows)


def _check_slug(row: Row, field: str, value: str) -> None:
    if not _SLUG.fullmatch(value):
        row.problem(field, f"'{value}' must be small letters, digits and hyphens, such as kebakaran-bangunan")


def _check_point(row: Row, lat: float, lon: float, bbox: BoundingBox) -> None:
    if not bbox.holds(lat, lon):
        hint = "they look swapped" if bbox.holds(lon, lat) else "correct them or widen [bbox] in city.toml"
        row.problem("lat", f"{lat}, {lon} lies outside the city's bounding box; {hint}")


def _known_kelurahan(row: Row, kelurahan: Collection[str]) -> str | None:
    code = row.optional("kelurahan_code")
    if code and code not in kelurahan:
        row.problem("kelurahan_code", f"'{code}' is not in kelurahan.csv; write a code from there or leave it empty")
    return code or None


def _why_not(agency: str, agencies: Mapping[str, Agency]) -> str:
    if agency in agencies:
        return "cannot be sent (dispatchable is no); choose one that can, or write yes in agencies.csv"
    return "is not in agencies.csv; add it there or correct the code"
