"""Reads a pack's policy.toml: its tables as written, the rules between their figures, and the policy they make.

A figure's bounds stand beside it in `policy`, or here where the file keeps it in another place than the policy does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from dispatch.city.checking import Fault, TomlFile, obeys
from dispatch.city.fields import Between
from dispatch.city.files import Problems, no_member
from dispatch.city.model import Agency, IncidentType, Priority
from dispatch.city.policy import (
    DAY_S,
    AgencyPolicy,
    CallbackPolicy,
    CallNews,
    CallPolicy,
    ClockKind,
    DeliveryPolicy,
    FirstGuessPolicy,
    LoadPolicy,
    LocationPolicy,
    Nearness,
    NuisancePolicy,
    NumberingPlan,
    Policy,
    PresencePolicy,
    ReadingPolicy,
    Shift,
    SignInPolicy,
    SimilarPolicy,
)
from dispatch.roles import Role

ALL = "all"  #: in a clock's table: one figure for every priority
_LONGEST_CLOCK_S = 31 * DAY_S
_DAY_MINUTES = 24 * 60

Clocks = Mapping[str, Mapping[str, Annotated[int, Between(1, _LONGEST_CLOCK_S)]]]


def _clocks_are_complete(clocks: Clocks) -> Iterator[Fault]:
    for kind in ClockKind:
        if kind not in clocks:
            yield Fault("table", f"is missing; write [clocks.{kind}]", kind)
    for name, figures in clocks.items():
        if name not in list(ClockKind):
            yield Fault(name, no_member(ClockKind))
        for field in figures:
            if field not in (ALL, *Priority):
                yield Fault(field, "is not a priority; write P1 to P4, or all", name)
        for priority in Priority if ALL not in figures else ():
            if priority not in figures:
                yield Fault(priority, f"is missing; write a whole number from 1 to {_LONGEST_CLOCK_S}", name)


def _shifts_cover_the_day(shifts: tuple[Shift, ...]) -> Iterator[Fault]:
    for minute in range(_DAY_MINUTES):
        local = time(*divmod(minute, 60))
        on_duty = sum(shift.covers(local) for shift in shifts)
        if on_duty != 1:
            yield Fault("", f"{on_duty} shifts cover {local:%H:%M}; let each minute of the day belong to exactly one")
            return


def _location(policy: LocationPolicy) -> Iterator[Fault]:
    if not policy.mobile_prefixes or not all(map(_is_digits, policy.mobile_prefixes)):
        yield Fault("mobile_prefixes", 'must name how mobile numbers begin, digits only; write it as ["08"]')


def _deliveries(policy: DeliveryPolicy) -> Iterator[Fault]:
    if policy.lease_s <= policy.timeout_s:
        yield Fault("lease_s", "must be longer than timeout_s, or two workers send the same message; raise it")
    if policy.longest_retry_s < policy.first_retry_s:
        yield Fault("longest_retry_s", "must not be below first_retry_s; raise it")


def _sign_in(policy: SignInPolicy) -> Iterator[Fault]:
    for role in Role:
        if role not in policy.idle_s:
            yield Fault(role, f"is missing; write a whole number from 0 to {7 * DAY_S}", "idle_s")
    for role, limit in policy.idle_s.items():
        if 0 < limit < 2 * policy.idle_warn_s:
            words = f"must be 0 or at least twice idle_warn_s ({policy.idle_warn_s}); raise it"
            yield Fault(role, words, "idle_s")


def _numbers(plan: NumberingPlan) -> Iterator[Fault]:
    if not (_is_digits(plan.country_code) and len(plan.country_code) <= 3):
        yield Fault("country_code", "is no country code; write its digits, such as 62")
    for field in fields(plan)[1:]:
        for digits in getattr(plan, field.name):
            if not (_is_digits(digits) and len(digits) <= 20):
                yield Fault(field.name, f"'{digits}' is no number; write digits only")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _presence(policy: PresencePolicy) -> Iterator[Fault]:
    if policy.note_every_s * 2 > policy.seen_within_s:
        yield Fault("note_every_s", "must be at most half of seen_within_s, or who is there counts as gone; lower it")


@dataclass(frozen=True, slots=True)
class _Answer:
    target_s: Annotated[int, Between(1, 3600)]
    goal: Annotated[float, Between(0, 1)]
    ring_near_s: Annotated[int, Between(1, 3600)]
    pickup_s: Annotated[int, Between(5, 600)]
    doubtful_after_s: Annotated[int, Between(60, DAY_S)]


@dataclass(frozen=True, slots=True)
class _Dispatch:
    target_s: Annotated[int, Between(1, 3600)]


@dataclass(frozen=True, slots=True)
class _Screen:
    undo_s: Annotated[int, Between(1, 600)]
    border_near_m: Annotated[int, Between(0, 5000)]


@dataclass(frozen=True, slots=True)
class _Similar(Nearness):
    closed_minutes: Annotated[int, Between(0, 1440)]
    category: Mapping[str, Nearness]


@dataclass(frozen=True, slots=True)
class _PolicyFile:
    answer: _Answer
    calls: CallNews
    presence: Annotated[PresencePolicy, obeys(_presence)]
    dispatch: _Dispatch
    screen: _Screen
    numbers: Annotated[NumberingPlan, obeys(_numbers)]
    first_guess: FirstGuessPolicy
    nuisance: NuisancePolicy
    callback: CallbackPolicy
    similar: _Similar
    agency: AgencyPolicy
    load: LoadPolicy
    reading: ReadingPolicy
    clocks: Annotated[Clocks, obeys(_clocks_are_complete)]
    location: Annotated[LocationPolicy, obeys(_location)]
    deliveries: Annotated[DeliveryPolicy, obeys(_deliveries)]
    sign_in: Annotated[SignInPolicy, obeys(_sign_in)]
    shifts: Annotated[tuple[Shift, ...], obeys(_shifts_cover_the_day)]


_FILE = TomlFile("policy.toml", _PolicyFile)


def read_policy(folder: Path, problems: Problems) -> Policy | None:
    """policy.toml: targets, clocks, the nuisance rule, the shifts and all others; None where it cannot be used."""
    file = _FILE.read(folder, problems)
    return None if file is None else _policy(file)


def _policy(file: _PolicyFile) -> Policy:
    answer, calls, similar = file.answer, file.calls, file.similar
    return Policy(
        answer_target_s=answer.target_s,
        answer_goal=answer.goal,
        dispatch_target_s=file.dispatch.target_s,
        ring_near_s=answer.ring_near_s,
        undo_s=file.screen.undo_s,
        border_near_m=file.screen.border_near_m,
        clocks=MappingProxyType(
            {
                (kind, priority): file.clocks[kind].get(ALL) or file.clocks[kind][priority]
                for kind in ClockKind
                for priority in Priority
            }
        ),
        nuisance=file.nuisance,
        shifts=file.shifts,
        location=file.location,
        deliveries=file.deliveries,
        callback=file.callback,
        similar=SimilarPolicy(
            default=Nearness(similar.radius_m, similar.minutes),
            closed_minutes=similar.closed_minutes,
            by_category=MappingProxyType(dict(similar.category)),
        ),
        sign_in=replace(file.sign_in, idle_s=MappingProxyType({role: file.sign_in.idle_s[role] for role in Role})),
        first_guess=file.first_guess,
        load=file.load,
        reading=file.reading,
        agency=file.agency,
        numbers=file.numbers,
        calls=CallPolicy(
            **{field.name: getattr(calls, field.name) for field in fields(calls)},
            pickup_s=answer.pickup_s,
            doubtful_after_s=answer.doubtful_after_s,
        ),
        presence=file.presence,
    )


def check_categories(similar: SimilarPolicy, types: Mapping[str, IncidentType], problems: Problems) -> None:
    """Note a category of [similar.category] that no incident type has: its figures would never be used."""
    known = sorted({type_.category for type_ in types.values()})
    for name in similar.by_category if known else ():
        if name not in known:
            words = f"is not a category of incident_types.csv; choose from {', '.join(known)}"
            problems.add(_FILE.name, "similar.category", name, words)


def check_first_guess(
    policy: FirstGuessPolicy, agencies: Mapping[str, Agency], types: Mapping[str, IncidentType], problems: Problems
) -> None:
    """Note an agency or a type of [first_guess] that the pack does not have: nobody would go to whoever is hurt."""
    if agencies and policy.harm_agency not in agencies:
        words = f"'{policy.harm_agency}' is not in agencies.csv; write a code from there"
        problems.add(_FILE.name, "first_guess", "harm_agency", words)
    if types and policy.harm_type not in types:
        words = f"'{policy.harm_type}' is not in incident_types.csv; write a code from there"
        problems.add(_FILE.name, "first_guess", "harm_type", words)
