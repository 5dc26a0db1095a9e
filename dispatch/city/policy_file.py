"""Reads a pack's city.toml (what and where the city is) and policy.toml (the figures the centre works by)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.city.model import Agency, BoundingBox, IncidentType, Priority
from dispatch.city.policy import (
    AgencyPolicy,
    CallbackPolicy,
    ClockKind,
    FirstGuessPolicy,
    GatePrompt,
    Nearness,
    NuisancePolicy,
    NumberingPlan,
    Policy,
    Shift,
    SimilarPolicy,
)
from dispatch.city.policy_calls import (
    harmless_call_policy,
    harmless_presence_policy,
    read_call_policy,
    read_presence_policy,
)
from dispatch.city.policy_delivery import (
    harmless_delivery_policy,
    harmless_location_policy,
    read_delivery_policy,
    read_location_policy,
)
from dispatch.city.policy_load import (
    harmless_load_policy,
    harmless_reading_policy,
    read_agency_policy,
    read_load_policy,
    read_reading_policy,
)
from dispatch.city.policy_sign_in import harmless_sign_in_policy, read_sign_in_policy
from dispatch.city.rows import Problems, read_toml

CITY, POLICY = "city.toml", "policy.toml"
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class CityFacts:
    """What city.toml holds."""

    code: str
    name: str
    timezone: ZoneInfo
    centre: tuple[float, float]
    bbox: BoundingBox
    wider_names: tuple[str, ...]


class _Table:
    """A TOML table whose readers note a problem and answer a harmless value when a field is bad."""

    def __init__(self, file: str, name: str, fields: Any, problems: Problems) -> None:
        self.file, self.name, self.problems = file, name, problems
        self.fields: dict[str, Any] = fields if isinstance(fields, dict) else {}

    def inner(self, name: str) -> _Table:
        full = name if self.name == "top" else f"{self.name}.{name}"
        if not isinstance(self.fields.get(name), dict):
            self.problems.add(self.file, full, "table", f"is missing; write [{full}]")
        return _Table(self.file, full, self.fields.get(name), self.problems)

    def problem(self, field: str, words: str) -> None:
        self.problems.add(self.file, self.name, field, words)

    def text(self, field: str) -> str:
        value = self.fields.get(field)
        if not isinstance(value, str) or not value.strip():
            self.problem(field, "must be a text in quotes; write one")
            return ""
        return value

    def maybe_text(self, field: str) -> str:
        value = self.fields.get(field, "")
        if not isinstance(value, str):
            self.problem(field, "must be a text in quotes, or be left out")
            return ""
        return value.strip()

    def texts(self, field: str) -> tuple[str, ...]:
        value = self.fields.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problem(field, 'must be a list of texts; write it as ["Serang", "Banten"]')
            return ()
        return tuple(value)

    def number(self, field: str, low: float, high: float) -> float:
        value = self.fields.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            shown = "is missing" if value is None else f"{value!r} is not a number from {low:g} to {high:g}"
            self.problem(field, f"{shown}; write a number from {low:g} to {high:g}")
            return low
        return float(value)

    def whole(self, field: str, low: int, high: int) -> int:
        value = self.fields.get(field)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            shown = "is missing" if value is None else f"{value!r} is not a whole number from {low} to {high}"
            self.problem(field, f"{shown}; write a whole number from {low} to {high}")
            return low
        return value

    def yes_no(self, field: str) -> bool:
        value = self.fields.get(field)
        if not isinstance(value, bool):
            self.problem(field, "must be true or false; write one of them")
        return value is True

    def time_of_day(self, field: str) -> time:
        value = self.fields.get(field)
        if not isinstance(value, time):
            self.problem(field, "must be a time of day without quotes; write it as 07:00:00")
            return time(0)
        return value


def read_city(folder: Path, problems: Problems) -> CityFacts:
    """city.toml: code, name, time zone, centre and bounding box."""
    fields = read_toml(folder, CITY, problems)
    world = BoundingBox(-90.0, -180.0, 90.0, 180.0)
    if fields is None:
        return CityFacts("", "", ZoneInfo("UTC"), (0.0, 0.0), world, ())
    top = _Table(CITY, "top", fields, problems)
    edges, middle = top.inner("bbox"), top.inner("centre")
    bbox = BoundingBox(
        south=edges.number("south", -90, 90),
        west=edges.number("west", -180, 180),
        north=edges.number("north", -90, 90),
        east=edges.number("east", -180, 180),
    )
    centre = (middle.number("lat", -90, 90), middle.number("lon", -180, 180))
    if bbox.south >= bbox.north or bbox.west >= bbox.east:
        edges.problem("south", "must lie below north, and west left of east; correct the edges")
        bbox = world
    elif not bbox.holds(*centre):
        middle.problem("lat", f"{centre[0]}, {centre[1]} lies outside [bbox]; correct one of the two")
    return CityFacts(top.text("code"), top.text("name"), _zone(top), centre, bbox, top.texts("wider_names"))


def read_policy(folder: Path, problems: Problems) -> Policy:
    """policy.toml: targets, clocks, the nuisance rule and the shifts."""
    top = _Table(POLICY, "top", read_toml(folder, POLICY, problems), problems)
    if not top.fields:
        return _harmless_policy()
    answer, dispatch, screen, nuisance = (top.inner(name) for name in ("answer", "dispatch", "screen", "nuisance"))
    return Policy(
        answer_target_s=answer.whole("target_s", 1, 3600),
        answer_goal=answer.number("goal", 0, 1),
        dispatch_target_s=dispatch.whole("target_s", 1, 3600),
        ring_near_s=answer.whole("ring_near_s", 1, 3600),
        undo_s=screen.whole("undo_s", 1, 600),
        border_near_m=screen.whole("border_near_m", 0, 5000),
        clocks=_clocks(top.inner("clocks")),
        nuisance=NuisancePolicy(
            limit=nuisance.whole("limit", 1, 1000),
            window_days=nuisance.whole("window_days", 1, 3660),
            block_hours=nuisance.whole("block_hours", 1, 8760),
            ministry_limit=nuisance.whole("ministry_limit", 1, 1000),
            enforce=nuisance.yes_no("enforce"),
            gate_undecided=nuisance.yes_no("gate_undecided"),
            gate=_gate(nuisance.inner("gate")),
        ),
        shifts=_shifts(top),
        location=read_location_policy(top.inner("location")),
        deliveries=read_delivery_policy(top.inner("deliveries")),
        callback=_callback(top.inner("callback")),
        similar=_similar(top.inner("similar")),
        sign_in=read_sign_in_policy(top.inner("sign_in"), top.inner("sign_in").inner("idle_s")),
        first_guess=_first_guess(top.inner("first_guess")),
        load=read_load_policy(top.inner("load")),
        reading=read_reading_policy(top.inner("reading")),
        agency=read_agency_policy(top.inner("agency")),
        numbers=_numbers(top.inner("numbers")),
        calls=read_call_policy(answer, top.inner("calls")),
        presence=read_presence_policy(top.inner("presence")),
    )


def _numbers(table: _Table) -> NumberingPlan:
    names = ("international_prefixes", "emergency_numbers", "serial_prefixes", "stand_ins", "trunk_prefixes")
    for name in names:
        for digits in table.texts(name):
            if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
                table.problem(name, f"'{digits}' is no number; write digits only")
    country_code = table.text("country_code")
    if not (country_code.isascii() and country_code.isdigit() and len(country_code) <= 3):
        table.problem("country_code", "write the digits of the country code, such as 62")
    return NumberingPlan(country_code, *(table.texts(name) for name in names))


def _first_guess(table: _Table) -> FirstGuessPolicy:
    priority = table.text("harm_priority")
    if priority not in list(Priority):
        table.problem("harm_priority", f"'{priority}' is not a priority; write P1, P2, P3 or P4")
    return FirstGuessPolicy(
        type_lead=table.number("type_lead", 0, 5),
        harm_agency=table.text("harm_agency"),
        harm_priority=Priority(priority) if priority in list(Priority) else Priority.P1,
        harm_type=table.text("harm_type"),
    )


def check_first_guess(
    policy: FirstGuessPolicy, agencies: Mapping[str, Agency], types: Mapping[str, IncidentType], problems: Problems
) -> None:
    """Note an agency or a type of [first_guess] that the pack does not have: nobody would go to whoever is hurt."""
    if agencies and policy.harm_agency and policy.harm_agency not in agencies:
        problems.add(POLICY, "first_guess", "harm_agency", f"'{policy.harm_agency}' is not in agencies.csv")
    if types and policy.harm_type and policy.harm_type not in types:
        problems.add(POLICY, "first_guess", "harm_type", f"'{policy.harm_type}' is not in incident_types.csv")


def _callback(table: _Table) -> CallbackPolicy:
    return CallbackPolicy(
        short_call_s=table.whole("short_call_s", 0, 60),
        retry_after_s=table.whole("retry_after_s", 1, 86400),
        max_attempts=table.whole("max_attempts", 1, 20),
        hold_s=table.whole("hold_s", 10, 3600),
    )


def _clocks(table: _Table) -> MappingProxyType[tuple[ClockKind, Priority], int]:
    clocks = {}
    for kind in ClockKind:
        figures = table.inner(kind.value)
        for priority in Priority:
            field = "all" if "all" in figures.fields else priority.value
            clocks[kind, priority] = figures.whole(field, 1, 31 * 86400)
        for field in figures.fields:
            if field not in ("all", *Priority):
                figures.problem(field, "is not a priority; write P1 to P4, or all")
    for name in table.fields:
        if name not in list(ClockKind):
            table.problem(name, f"is not a kind of clock; choose from {', '.join(ClockKind)}")
    return MappingProxyType(clocks)


def _gate(table: _Table) -> GatePrompt:
    return GatePrompt(
        table.text("ask_id"), table.maybe_text("ask_en"), table.text("goodbye_id"), table.maybe_text("goodbye_en")
    )


def _similar(table: _Table) -> SimilarPolicy:
    categories = table.inner("category")
    by_category = {name: _nearness(categories.inner(name)) for name in categories.fields}
    return SimilarPolicy(_nearness(table), table.whole("closed_minutes", 0, 1440), MappingProxyType(by_category))


def check_categories(similar: SimilarPolicy, types: Mapping[str, IncidentType], problems: Problems) -> None:
    """Note a category of [similar.category] that no incident type has: its figures would never be used."""
    known = sorted({type_.category for type_ in types.values()})
    for name in similar.by_category if known else ():
        if name not in known:
            words = f"is not a category of incident_types.csv; choose from {', '.join(known)}"
            problems.add(POLICY, "similar.category", name, words)


def _nearness(table: _Table) -> Nearness:
    return Nearness(radius_m=table.whole("radius_m", 1, 20_000), minutes=table.whole("minutes", 1, 2880))


def _shifts(top: _Table) -> tuple[Shift, ...]:
    written = top.fields.get("shifts")
    if not isinstance(written, list) or not written:
        top.problem("shifts", "is missing; write one [[shifts]] table for each shift")
        return (Shift("", "", time(0), time(0)),)
    shifts = []
    for number, fields in enumerate(written, 1):
        table = _Table(POLICY, f"shifts {number}", fields, top.problems)
        names = table.text("name_id"), table.text("name_en")
        shifts.append(Shift(*names, table.time_of_day("starts"), table.time_of_day("ends")))
    for minute in range(_DAY_MINUTES):
        local = time(*divmod(minute, 60))
        on_duty = sum(shift.covers(local) for shift in shifts)
        if on_duty != 1:
            words = f"{on_duty} shifts cover {local:%H:%M}; let each minute of the day belong to exactly one"
            top.problem("shifts", words)
            break
    return tuple(shifts)


def _zone(top: _Table) -> ZoneInfo:
    name = top.text("timezone")
    try:
        return ZoneInfo(name)
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # ZoneInfoNotFoundError is a KeyError; "" and "../x" are ValueErrors
        if name:
            top.problem("timezone", f"'{name}' is not a time zone; write a name such as Asia/Jakarta")
        return ZoneInfo("UTC")


def _harmless_policy() -> Policy:
    clocks = MappingProxyType({(kind, priority): 1 for kind in ClockKind for priority in Priority})
    nothing = NuisancePolicy(
        limit=1,
        window_days=1,
        block_hours=1,
        ministry_limit=1,
        enforce=False,
        gate_undecided=False,
        gate=GatePrompt("", "", "", ""),
    )
    shifts = (Shift("", "", time(0), time(0)),)
    return Policy(
        *(1, 0.0, 1, 1, 1, 0, clocks, nothing, shifts),
        harmless_location_policy(),
        harmless_delivery_policy(),
        callback=CallbackPolicy(short_call_s=0, retry_after_s=1, max_attempts=1, hold_s=10),
        similar=SimilarPolicy(Nearness(1, 1), 0, MappingProxyType({})),
        sign_in=harmless_sign_in_policy(),
        first_guess=FirstGuessPolicy(0.0, "", Priority.P1, ""),
        load=harmless_load_policy(),
        reading=harmless_reading_policy(),
        agency=AgencyPolicy(past_days=1),
        numbers=NumberingPlan(),
        calls=harmless_call_policy(),
        presence=harmless_presence_policy(),
    )
