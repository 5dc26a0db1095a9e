"""What leaders receive: tickets that reached their office, without anything of who called."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from dispatch.city.model import Priority
from dispatch.ladders.shapes import Instruction, LadderView, PersonReached
from dispatch.payloads import Instant, OneOf
from dispatch.tickets.lifecycle import TicketState
from dispatch.tickets.shapes import IncidentType

Section = Literal["waiting", "running", "done"]


class Office(TypedDict):
    """An office above the agencies."""

    code: str
    name: str


class CasePlace(TypedDict):
    """Where it is, as far as a leader has to know."""

    text: str | None
    kelurahan: str
    kecamatan: str


class CaseStep(TypedDict):
    """One thing that happened, by its kind in the journal; `who`: of a rung whom it told, `hole`: or could not."""

    at: Instant
    kind: str
    agency: str | None
    who: str | None
    hole: bool


class CaseTicket(TypedDict):
    """What a leader sees of a ticket."""

    ticket_number: str
    short: str
    state: Annotated[str, OneOf(TicketState)]
    type: IncidentType | None
    priority: Annotated[str, OneOf(Priority)] | None
    place: CasePlace | None


class CaseTask(TypedDict):
    """What a leader sees of an agency's part of it; all None where it lies with the centre."""

    assignment_id: int | None
    agency: str | None
    agency_short: str | None
    agency_phone: str | None
    assignment_state: str | None


class Case(CaseTicket, CaseTask):
    """A ticket, or an agency's part of one, that a ladder has brought before an office.

    `clock` is the one that was not stopped in time, over since `due_at`; `lies_with` whom the rung before told (as
    `LadderRung.who`). `section`: waiting for the leader, the leader's own due time runs, or over.
    """

    office: str
    reached_at: Instant
    clock: str
    since: Instant
    due_at: Instant
    lies_with: str | None
    next_at: Instant | None
    next_who: str | None
    section: Section
    ladder: LadderView
    people: list[PersonReached]
    instructions: list[Instruction]
    history: list[CaseStep]
    over_at: Instant | None


class Week(TypedDict):
    """The last seven days of an office."""

    reached: int
    answered: int
    done: int


class LeaderOverview(TypedDict):
    """All that reached a leader: what is open, and what was over within the last seven days.

    `due_choices`: due times that the city offers for an instruction now.
    """

    at: Instant
    offices: list[Office]
    items: list[Case]
    week: Week
    due_choices: list[Instant]
    longest_delay_s: int
