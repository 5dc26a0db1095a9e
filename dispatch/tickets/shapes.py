"""Tickets, their calls and assignments, as people receive them."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from dispatch.city.model import Priority
from dispatch.ladders.shapes import Instruction, LadderView, ReachView
from dispatch.payloads import Instant, OneOf
from dispatch.tickets.lifecycle import AssignmentState, CallState, EndedHow, PublicStatus, TicketState


class Person(TypedDict):
    """A colleague."""

    id: int
    name: str


class Owner(Person):
    """Whoever works a ticket, and where the owner sits."""

    seat: str | None


class CallLocation(TypedDict):
    """Where the telephone said it was, WGS 84; uncertainty as a radius in metres."""

    lat: float
    lon: float
    uncertainty_m: float | None


class Nuisance(TypedDict):
    """How many prank calls this number had made when it called, and how many are tolerated."""

    count: int
    limit: int


class Call(TypedDict):
    """One phone call."""

    id: int
    linkedid: str
    state: Annotated[str, OneOf(CallState)]
    late: bool  #: told long after it came
    doubtful_at: Instant | None  #: from when a call that still rings is doubted
    ended_how: Annotated[str, OneOf(EndedHow)] | None
    cut_off: bool
    number: str | None
    presentation: str
    carrier: str | None
    received_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None
    answered_by: Person | None
    seat: str | None
    location: CallLocation | None
    nuisance: Nuisance | None
    treatment: Annotated[str, OneOf(("normal", "gate", "blocked"))]
    gate: Annotated[str, OneOf(("passed", "failed", "left", "unheard"))] | None
    gate_at: Instant | None


class IncidentType(TypedDict):
    """What happened."""

    code: str
    category: str
    name_id: str
    name_en: str
    icon: str


class Place(TypedDict):
    """Where it happened; without a point the map shows the kelurahan's own."""

    text: str | None
    kelurahan_code: str
    kelurahan: str
    kecamatan: str
    lat: float | None
    lon: float | None
    kelurahan_lat: float | None
    kelurahan_lon: float | None
    accuracy_m: float | None
    source: str | None
    approximate: bool


class Assignment(TypedDict):
    """A ticket given to an agency; `due_at` is when its running clock runs out."""

    id: int
    agency: str
    agency_name: str
    agency_short: str
    role: Annotated[str, OneOf(("primary", "supporting"))]
    state: Annotated[str, OneOf(AssignmentState)]
    reason: str | None
    note: str | None
    sent_at: Instant
    acknowledged_at: Instant | None
    en_route_at: Instant | None
    on_scene_at: Instant | None
    cleared_at: Instant | None
    declined_at: Instant | None
    cancelled_at: Instant | None
    clock_started_at: Instant | None
    due_at: Instant | None
    due_kind: str | None
    ladder: LadderView | None  #: of the clock that runs
    reach: ReachView | None  #: for the centre alone: who was told, and how far that came
    instructions: list[Instruction]  #: what leaders have asked of the agency


class Clock(TypedDict):
    """A running clock; `assignment_id` is None for the ticket's own."""

    kind: str
    assignment_id: int | None
    started_at: Instant
    due_at: Instant


class Caller(TypedDict):
    """A further caller of the same event, with the ticket that the call came in with."""

    number: str
    short: str
    attached_at: Instant
    owner: Person | None
    words: str | None
    calls: list[Call]


class FurtherWords(TypedDict):
    """What a further caller of the same event said."""

    at: Instant
    words: str


class QuestionAnswer(TypedDict):
    """What the caller answered to a question of a card; `version` counts how often it was answered."""

    id: int
    card: str
    question: str
    version: int
    value: str
    amount: int | None
    tells_id: str
    tells_en: str
    words_id: str
    words_en: str
    at: Instant


class AllowedBy(TypedDict):
    """The commands that each kind of viewer could give now."""

    owner: list[str]
    call_taker: list[str]
    supervisor: list[str]


class EveryonesTicket(TypedDict):
    """What the centre and an agency both see of a ticket."""

    number: str
    short: str
    state: Annotated[str, OneOf(TicketState)]
    public_status: Annotated[str, OneOf(PublicStatus)]
    words: str | None
    type: IncidentType | None
    priority: Annotated[str, OneOf(Priority)] | None
    place: Place | None
    opened_at: Instant


class Ticket(EveryonesTicket):
    """A ticket as the centre sees it."""

    version: int
    classification: str | None
    disposition: str | None
    closing_note: str | None
    priority_by_hand: bool
    owner: Owner | None
    claimed_at: Instant | None
    first_dispatched_at: Instant | None
    closed_at: Instant | None
    pickup_due_at: Instant | None
    calls: list[Call]
    assignments: list[Assignment]
    clocks: list[Clock]
    ladder: LadderView | None  #: of the ticket's own clock
    answers: list[QuestionAnswer]
    allowed: AllowedBy
    duplicate_of: str | None
    joined: list[Caller]


class AgencyTicket(EveryonesTicket):
    """A ticket as an agency sees it that it was sent to: no caller, no other agency's work."""

    answers: list[QuestionAnswer]
    closed_at: Instant | None
    callers: int
    further_words: list[FurtherWords]
    also_sent: list[str]
    assignment: Assignment
    allowed: list[str]
