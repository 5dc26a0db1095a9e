"""Reads a pack's CSV files about who works and what is done: agencies, routing, seats, words; notes each bad row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dispatch.city.fields import Text
from dispatch.city.files import Problems
from dispatch.city.model import (
    Agency,
    AgencySupport,
    DeclineReason,
    DemoUser,
    HarmWords,
    IncidentType,
    PhonePrefixes,
    Seat,
)
from dispatch.city.rows import CsvFile, Line, keyed
from dispatch.roles import Role

DECLINE_REASONS = 5  # the agency page has room for five big choices
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_PREFIX = re.compile(r"0\d{3}")


@dataclass(frozen=True, slots=True)
class _Prefix:
    prefix: Text
    carrier: Text


@dataclass(frozen=True, slots=True)
class _DangerWords:
    words: Text


@dataclass(frozen=True, slots=True)
class _HarmWords:
    words: Text
    means: Text


_AGENCIES = CsvFile("agencies.csv", Agency)
_INCIDENT_TYPES = CsvFile("incident_types.csv", IncidentType, may_lack=("basis",))
_AGENCY_SUPPORT = CsvFile("agency_support.csv", AgencySupport)
_PREFIXES = CsvFile("phone_prefixes.csv", _Prefix)
_SEATS = CsvFile("seats.csv", Seat)
_DEMO_USERS = CsvFile("demo_users.csv", DemoUser)
_DANGER_WORDS = CsvFile("danger_words.csv", _DangerWords)
_HARM_WORDS = CsvFile("harm_words.csv", _HarmWords)
_DECLINE_REASONS = CsvFile("decline_reasons.csv", DeclineReason)


def read_agencies(folder: Path, problems: Problems) -> Mapping[str, Agency]:
    """agencies.csv: who can be sent, and who is only reported to (`dispatchable` no)."""
    lines = keyed(_AGENCIES.read(folder, problems))
    for line in lines:
        if not re.fullmatch(r"[A-Z0-9]+", line.value.code):
            line.problem("code", f"'{line.value.code}' must be capital letters and digits, such as DAMKAR")
    return MappingProxyType({line.value.code: line.value for line in lines})


def read_incident_types(folder: Path, agencies: Mapping[str, Agency], problems: Problems) -> Mapping[str, IncidentType]:
    """incident_types.csv: the routing matrix with the words callers use; in the order a list shows them."""
    lines = keyed(_INCIDENT_TYPES.read(folder, problems))
    for line in lines:
        type_ = line.value
        check_slug(line, "code", type_.code)
        for field, agency in [("primary", type_.primary), *(("supporting", other) for other in type_.supporting)]:
            if agency and not _can_be_sent(agency, agencies):
                line.problem(field, f"agency '{agency}' {_why_not(agency, agencies)}")
        if type_.primary in type_.supporting:
            line.problem("supporting", f"'{type_.primary}' is the primary agency already; leave it out here")
        if len(set(type_.supporting)) < len(type_.supporting):
            line.problem("supporting", "names an agency twice; leave one out")
        if not type_.keywords:
            line.problem("keywords", "has no keyword; write the words callers use, separated by |")
    return MappingProxyType({line.value.code: line.value for line in lines})


def read_agency_support(
    folder: Path, agencies: Mapping[str, Agency], types: Mapping[str, IncidentType], problems: Problems
) -> tuple[AgencySupport, ...]:
    """agency_support.csv: why and when a supporting agency goes too; an empty category stands for every one."""
    categories = {type_.category for type_ in types.values()}
    support: list[AgencySupport] = []
    for line in _AGENCY_SUPPORT.read(folder, problems):
        agency, category = line.value.agency, line.value.category
        if agency and not _can_be_sent(agency, agencies):
            line.problem("agency", f"agency '{agency}' {_why_not(agency, agencies)}")
        if category and category not in categories:
            line.problem("category", f"'{category}' is no category of incident_types.csv; write one or leave it empty")
        if any((other.agency, other.category) == (agency, category) for other in support):
            line.problem("category", f"{agency} has a row for it already; keep one")
        support.append(line.value)
    return tuple(support)


def read_prefixes(folder: Path, problems: Problems) -> PhonePrefixes:
    """phone_prefixes.csv: the first four digits of a mobile number and who issued it."""
    lines = keyed(_PREFIXES.read(folder, problems), "prefix")
    for line in lines:
        prefix = line.value.prefix
        if not _PREFIX.fullmatch(prefix):
            words = f"'{prefix}' is not a prefix; write four digits that start with 0, such as 0812"
            line.problem("prefix", words)
    return PhonePrefixes(MappingProxyType({line.value.prefix: line.value.carrier for line in lines}))


def read_seats(folder: Path, problems: Problems) -> Mapping[str, Seat]:
    """seats.csv: the desks and the queue member that rings at each."""
    lines = keyed(_SEATS.read(folder, problems))
    keyed(lines, "extension")  # two seats must not ring together
    return MappingProxyType({line.value.code: line.value for line in lines})


def read_demo_users(folder: Path, agencies: Mapping[str, Agency], problems: Problems) -> tuple[DemoUser, ...]:
    """demo_users.csv: who can sign in to the demo; responders belong to an agency that can be sent."""
    lines = keyed(_DEMO_USERS.read(folder, problems), "username")
    for line in lines:
        user, agency = line.value, line.value.agency_code or ""
        check_slug(line, "username", user.username)
        if user.role is Role.RESPONDER and not _can_be_sent(agency, agencies):
            line.problem("agency_code", f"agency '{agency}' {_why_not(agency, agencies)}")
        if user.role is not Role.RESPONDER and agency:
            line.problem("agency_code", f"a {user.role} belongs to the centre; leave this empty")
    return tuple(line.value for line in lines)


def read_danger_words(folder: Path, problems: Problems) -> tuple[str, ...]:
    """danger_words.csv: words after which one key press must not set a call aside."""
    return tuple(line.value.words for line in keyed(_DANGER_WORDS.read(folder, problems), "words"))


def read_harm_words(folder: Path, problems: Problems) -> HarmWords:
    """harm_words.csv: words that say a body is hurt, and those that only contain such a word."""
    means: dict[str, list[str]] = {"harm": [], "calm": []}
    for line in keyed(_HARM_WORDS.read(folder, problems), "words"):
        kind = line.value.means
        if kind in means:
            means[kind].append(line.value.words)
        elif kind:
            line.problem("means", f"'{kind}' is unknown; write harm or calm")
    return HarmWords(tuple(means["harm"]), tuple(means["calm"]))


def read_decline_reasons(folder: Path, problems: Problems) -> tuple[DeclineReason, ...]:
    """decline_reasons.csv: the five answers an agency can give instead of going."""
    lines = keyed(_DECLINE_REASONS.read(folder, problems))
    if lines and len(lines) != DECLINE_REASONS:
        lines[-1].problem("file", f"has {len(lines)} reasons; write {DECLINE_REASONS}, one for each button")
    for line in lines:
        check_slug(line, "code", line.value.code)
    return tuple(line.value for line in lines)


def check_slug(line: Line[Any], field: str, value: str) -> None:
    """Note a key that is not of small letters, digits and hyphens."""
    if value and not _SLUG.fullmatch(value):
        line.problem(field, f"'{value}' must be small letters, digits and hyphens, such as kebakaran-bangunan")


def _can_be_sent(agency: str, agencies: Mapping[str, Agency]) -> bool:
    return agency in agencies and agencies[agency].dispatchable


def _why_not(agency: str, agencies: Mapping[str, Agency]) -> str:
    if agency in agencies:
        return "cannot be sent (dispatchable is no); choose one that can, or write yes in agencies.csv"
    return "is not in agencies.csv; add it there or correct the code"
