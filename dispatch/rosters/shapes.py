"""People, their channels, their shifts and the holes between them, as pages and programs receive them."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from dispatch.city.ladders import Channel
from dispatch.payloads import Instant, OneOf
from dispatch.roles import LadderRole
from dispatch.rosters.holes import HoleKind

RoleName = Annotated[str, OneOf(LadderRole)]
ChannelName = Annotated[str, OneOf(Channel)]


class ContactChannel(TypedDict):
    """One way to reach a contact; `address` only for whoever may edit. `proved`: a test was answered not long ago."""

    id: int
    channel: ChannelName
    address: str | None
    tested_at: Instant | None
    test_sent_at: Instant | None
    waiting: bool
    proved: bool
    problem: str | None
    problem_at: Instant | None


class Contact(TypedDict):
    """A person whom ladders may tell; `browsers` are those that ring by push while the page is closed."""

    id: int
    agency: str
    area: str | None
    area_name: str | None
    role: RoleName
    name: str
    username: str | None
    channels: list[ContactChannel]
    browsers: int


class Duty(TypedDict):
    """A shift, by the city's wall (`2026-11-25T07:00`) and as instants."""

    id: int
    contact_id: int
    name: str
    role: RoleName
    area: str | None
    starts_local: str
    ends_local: str
    starts_at: Instant
    ends_at: Instant
    asked_at: Instant | None
    checked_in_at: Instant | None
    swapped_from_id: int | None


class Hole(TypedDict):
    """Where nobody would be told; where one is not `deep`, somebody would, but late or by what nobody has proved."""

    kind: Annotated[str, OneOf(HoleKind)]
    deep: bool
    agency: str
    area: str | None
    area_name: str | None
    role: RoleName
    starts_at: Instant
    ends_at: Instant | None
    contact_id: int | None
    name: str | None
    channel: ChannelName | None


class RosterOfAgency(TypedDict):
    """An agency in the list: how many holes, and the first."""

    code: str
    short_name: str
    name: str
    holes: int
    first: Hole | None


class RosterCell(TypedDict):
    """A shift of the policy on one day: whose it is, whether some of its time is nobody's, who gave it away."""

    day: str
    shift: int
    starts_local: str
    ends_local: str
    starts_at: Instant
    ends_at: Instant
    over: bool
    hole: bool
    duties: list[Duty]
    given_away: list[Duty]


class ShiftOfPolicy(TypedDict):
    """One of the day's shifts, by the wall: 07:00."""

    name: str
    starts: str
    ends: str


class Office(TypedDict):
    """One of an agency's offices; `area` is None where it has none."""

    area: str | None
    name: str | None


class RosterWeek(TypedDict):
    """An agency's week. `version` goes with every change: of two that build on one, the first counts.

    `others` are shifts of another role, office or time than the cells; `now` those for which SIAP counts at present.
    """

    at: Instant
    agency: str
    short_name: str
    name: str
    may_edit: bool
    version: int
    monday: str
    today: str
    days: list[str]
    shifts: list[ShiftOfPolicy]
    offices: list[Office]
    area: str | None
    cells: list[RosterCell]
    others: list[Duty]
    now: list[Duty]
    contacts: list[Contact]
    holes: list[Hole]


class StepPerson(TypedDict):
    """Whom a rung would tell; `present` is false for the shift before, which is told until SIAP has come."""

    contact_id: int | None
    name: str
    role: RoleName
    agency: str
    present: bool
    channels: list[ContactChannel]
    browsers: int


class Step(TypedDict):
    """A rung of the ladder, and whom it would tell; `hole`: nobody of the present shift could be reached."""

    rung: int
    after_s: int
    who: str
    roles: list[RoleName]
    office: str | None
    office_name: str | None
    people: list[StepPerson]
    hole: bool


class Candidate(TypedDict):
    """Somebody who could have a shift, and what it costs: how long without a break, counting what touches it."""

    contact_id: int
    name: str
    busy: bool
    hours_in_a_row: float
    proved: bool
    reachable: bool
    to_give: list[Duty]


class ShiftView(TypedDict):
    """A shift that was chosen: the ladder of a task sent at `at`, and who could replace whom."""

    starts_local: str
    ends_local: str
    starts_at: Instant
    ends_at: Instant
    at: Instant
    priority: str
    steps: list[Step]
    candidates: list[Candidate]
