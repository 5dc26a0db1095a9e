"""Turns the rows of a pack's CSV files into the values of `model`, noting every row that does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dispatch.city.model import (
    Agency,
    AgencySupport,
    DeclineReason,
    DemoUser,
    HarmWords,
    IncidentType,
    PhonePrefixes,
    Priority,
    Seat,
)
from dispatch.city.rows import Problems, Row, keyed, read_rows
from dispatch.roles import Role

DECLINE_REASONS = 5  # the agency page has room for five big choices
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
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
        check_slug(row, "code", code)
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


def read_agency_support(
    folder: Path, agencies: Mapping[str, Agency], types: Mapping[str, IncidentType], problems: Problems
) -> tuple[AgencySupport, ...]:
    """agency_support.csv: why and when a supporting agency goes too; an empty category stands for every one."""
    columns = ("agency", "category", "preselect_from", "reason_id", "reason_en", "words")
    categories = sorted({type_.category for type_ in types.values()})
    support: list[AgencySupport] = []
    for row in read_rows(folder, "agency_support.csv", columns, problems):
        agency, category, least = row.text("agency"), row.optional("category"), row.optional("preselect_from")
        if agency and not (agency in agencies and agencies[agency].dispatchable):
            row.problem("agency", f"agency '{agency}' {_why_not(agency, agencies)}")
        if category and category not in categories:
            row.problem("category", f"'{category}' is no category of incident_types.csv; write one or leave it empty")
        if any(other.agency == agency and (other.category or "") == category for other in support):
            row.problem("category", f"{agency} has a row for it already; keep one")
        if least:
            row.one_of("preselect_from", list(Priority), "a priority")
        support.append(
            AgencySupport(
                agency=agency,
                category=category or None,
                preselect_from=Priority(least) if least in list(Priority) else None,
                reason_id=row.text("reason_id"),
                reason_en=row.text("reason_en"),
                words=row.items("words"),
            )
        )
    return tuple(support)


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
    rows = keyed(read_rows(folder, "seats.csv", ("code", "name_id", "name_en", "extension"), problems))
    keyed([row for _, row in rows], "extension")  # two seats must not ring together
    return MappingProxyType(
        {code: Seat(code, row.text("name_id"), row.text("name_en"), row.text("extension")) for code, row in rows}
    )


def read_demo_users(folder: Path, agencies: Mapping[str, Agency], problems: Problems) -> tuple[DemoUser, ...]:
    """demo_users.csv: who can sign in to the demo; responders belong to an agency that can be sent."""
    columns = ("username", "display_name", "role", "agency_code")
    users = []
    for username, row in keyed(read_rows(folder, "demo_users.csv", columns, problems), "username"):
        check_slug(row, "username", username)
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


def read_harm_words(folder: Path, problems: Problems) -> HarmWords:
    """harm_words.csv: words that say a body is hurt, and those that only contain such a word."""
    means: dict[str, list[str]] = {"harm": [], "calm": []}
    for words, row in keyed(read_rows(folder, "harm_words.csv", ("words", "means"), problems), "words"):
        kind = row.text("means")
        if kind in means:
            means[kind].append(words)
        else:
            row.problem("means", f"'{kind}' is unknown; write harm or calm")
    return HarmWords(tuple(means["harm"]), tuple(means["calm"]))


def read_decline_reasons(folder: Path, problems: Problems) -> tuple[DeclineReason, ...]:
    """decline_reasons.csv: the five answers an agency can give instead of going."""
    rows = keyed(read_rows(folder, "decline_reasons.csv", ("code", "name_id", "name_en"), problems))
    if rows and len(rows) != DECLINE_REASONS:
        words = f"has {len(rows)} reasons; write {DECLINE_REASONS}, one for each button"
        problems.add("decline_reasons.csv", rows[-1][1].line, "file", words)
    for code, row in rows:
        check_slug(row, "code", code)
    return tuple(DeclineReason(code, row.text("name_id"), row.text("name_en")) for code, row in rows)


def check_slug(row: Row, field: str, value: str) -> None:
    """Note a key that is not of small letters, digits and hyphens."""
    if not _SLUG.fullmatch(value):
        row.problem(field, f"'{value}' must be small letters, digits and hyphens, such as kebakaran-bangunan")


def _why_not(agency: str, agencies: Mapping[str, Agency]) -> str:
    if agency in agencies:
        return "cannot be sent (dispatchable is no); choose one that can, or write yes in agencies.csv"
    return "is not in agencies.csv; add it there or correct the code"
