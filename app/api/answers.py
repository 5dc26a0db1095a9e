"""What the API answers, as models for its description; the values themselves are made by dispatch's views.

A test holds every real answer against these.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, RootModel

Instant = str  #: ISO-8601, UTC, milliseconds: 2026-11-24T02:14:36.120Z


class Answer(BaseModel):
    """An object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Person(Answer):
    """A colleague."""

    id: int
    name: str


class Owner(Person):
    """Whoever works a ticket, and where the owner sits."""

    seat: str | None


class CallLocation(Answer):
    """Where the telephone said it was, WGS 84; uncertainty as a radius in metres."""

    lat: float
    lon: float
    uncertainty_m: float | None


class Nuisance(Answer):
    """How many prank calls this number had made when it called, and how many are tolerated."""

    count: int
    limit: int


class Call(Answer):
    """One phone call."""

    id: int
    linkedid: str
    state: Literal["ringing", "answered", "abandoned", "ended"]
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


class CallWithTicket(Call):
    """One phone call and the ticket it belongs to."""

    ticket_number: str


class IncidentType(Answer):
    """What happened."""

    code: str
    category: str
    name_id: str
    name_en: str
    icon: str


class Place(Answer):
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


class Assignment(Answer):
    """A ticket given to an agency; `due_at` is when its running clock runs out."""

    id: int
    agency: str
    agency_name: str
    agency_short: str
    role: Literal["primary", "supporting"]
    state: Literal["sent", "acknowledged", "en_route", "on_scene", "cleared", "declined", "cancelled"]
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


class Clock(Answer):
    """A running clock; `assignment_id` is None for the ticket's own."""

    kind: str
    assignment_id: int | None
    started_at: Instant
    due_at: Instant


class AllowedBy(Answer):
    """The commands that each kind of viewer could give now."""

    owner: list[str]
    call_taker: list[str]
    supervisor: list[str]


class _TicketBase(Answer):
    number: str
    short: str
    state: Literal["new", "callback", "claimed", "dispatched", "in_progress", "verify", "closed"]
    public_status: Literal["menunggu", "proses", "selesai"]
    words: str | None
    type: IncidentType | None
    priority: Literal["P1", "P2", "P3", "P4"] | None
    place: Place | None
    opened_at: Instant


class Ticket(_TicketBase):
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
    calls: list[Call]
    assignments: list[Assignment]
    clocks: list[Clock]
    allowed: AllowedBy


class AgencyTicket(_TicketBase):
    """A ticket as an agency sees it that it was sent to: no caller, no other agency's work."""

    closed_at: Instant | None
    also_sent: list[str]
    assignment: Assignment
    allowed: list[str]


class Actor(Answer):
    """Who acted."""

    kind: Literal["user", "system", "asterisk", "centre"]
    id: int | None
    name: str | None


class Entry(Answer):
    """What happened; `seq` numbers it in the whole journal."""

    seq: int
    at: Instant
    kind: str
    actor: Actor
    ticket_number: str | None
    assignment_id: int | None
    call_id: int | None
    data: dict[str, Any]


class Event(Entry):
    """A journal entry as the live feed carries it: `prev` is the number before it in the same person's stream."""

    prev: int
    ticket: Ticket | AgencyTicket | None


class Done(Answer):
    """What a command did; `changed` is false when it had been done before."""

    changed: bool
    ticket: Ticket | AgencyTicket | None
    seq: int | None


class EarlierCall(Answer):
    """An earlier call from the same number."""

    ticket: str
    at: Instant
    state: str
    classification: str | None
    type_name_id: str | None
    type_name_en: str | None


class CallerHistory(Answer):
    """What the caller's number did before."""

    calls: int
    genuine: int
    recent: list[EarlierCall]


class TicketWithTimeline(Ticket):
    """A ticket and everything that happened to it, oldest first; `caller` is None where no number was sent."""

    timeline: list[Entry]
    caller: CallerHistory | None


class AgencyTicketWithTimeline(AgencyTicket):
    """An agency's ticket and what of its history concerns the agency, oldest first."""

    timeline: list[Entry]


class WholeTicket(RootModel[TicketWithTimeline | AgencyTicketWithTimeline]):
    """One ticket with its history, cut to whoever asks."""


class Tickets(Answer):
    """A page of tickets; `next` is what `after` has to be for the next page."""

    items: list[Ticket | AgencyTicket]
    next: int | None


class Calls(Answer):
    """The calls that were found."""

    items: list[CallWithTicket]
    next: None


class Events(Answer):
    """A page of the person's stream; `next` is what `after` has to be for the next page, none at its end."""

    items: list[Event]
    next: int | None


class Me(Answer):
    """Whoever asks."""

    id: int
    name: str
    role: str
    agency: str | None
    seat: str | None


class Operator(Answer):
    """Who sits where: ready, or on a call since."""

    id: int
    name: str
    seat: str
    state: Literal["ready", "on_call"]
    since: Instant
    ticket: str | None


class Answered(Answer):
    """From the first ring to a seat's answer; callers who gave up count as not within the target."""

    within: int
    of: int
    target_s: int
    goal: float
    window_h: int


class Share(Answer):
    """How many of how many."""

    n: int
    of: int


class WorstClock(Answer):
    """The assignment of an agency that needs somebody first."""

    ticket: str
    short: str
    type_name_id: str | None
    type_name_en: str | None
    priority: str | None
    state: str
    due_at: Instant | None
    due_kind: str | None


class AgencyLine(Answer):
    """An agency with open assignments."""

    code: str
    name: str
    open: int
    worst: WorstClock


class Unacknowledged(Answer):
    """An assignment that its agency has not answered."""

    ticket: str
    agency: str
    priority: str | None
    due_at: Instant


class OpenTickets(Answer):
    """Open tickets by priority."""

    total: int
    P1: int
    P2: int
    P3: int
    P4: int
    none: int


class Pin(Answer):
    """An open ticket on the map; `due_at` where an agency has not answered yet."""

    short: str
    priority: str | None
    lat: float
    lon: float
    due_at: Instant | None


class Board(Answer):
    """The figures of the last 24 hours and of this moment; no caller's number or name."""

    at: Instant
    waiting: int
    longest_wait_since: Instant | None
    answered: Answered
    abandoned: int
    callbacks_open: int
    not_emergency: Share
    mix: dict[str, int]
    agencies: list[AgencyLine]
    unacknowledged: list[Unacknowledged]
    operators: list[Operator]
    open: OpenTickets
    pins: list[Pin]


class CentreSnapshot(Answer):
    """What a page of the centre starts from."""

    newest: int
    server_time: Instant
    me: Me
    tickets: list[Ticket]
    recent: list[Entry]
    colleagues: list[Operator]
    stats: Board


class AgencySnapshot(Answer):
    """What an agency's page starts from: its open tickets, and those closed within a day."""

    newest: int
    server_time: Instant
    me: Me
    tickets: list[AgencyTicket]


class Snapshot(RootModel[CentreSnapshot | AgencySnapshot]):
    """The state of things, cut to whoever asks."""


class PlaceCandidate(Answer):
    """A place that somebody's words may mean; `clear` where it stands clear of the next."""

    key: str
    name: str
    kind: Literal["kelurahan", "landmark", "street", "junction"]
    kelurahan_code: str | None
    kelurahan: str | None
    kecamatan: str | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    relation: str | None
    score: float
    clear: bool


class Places(Answer):
    """The places that were found, the likeliest first."""

    items: list[PlaceCandidate]
    next: None


class KelurahanPoint(Answer):
    """A kelurahan, as a point inside it."""

    code: str
    name: str
    kecamatan: str
    lat: float
    lon: float


class Points(Answer):
    """The kelurahan, where no boundary file was loaded."""

    points: list[KelurahanPoint]


class FeatureCollection(Answer):
    """GeoJSON (RFC 7946): one feature per kelurahan; `attribution` has to be shown with it."""

    type: Literal["FeatureCollection"]
    attribution: str
    features: list[dict[str, Any]]


class Boundaries(RootModel[FeatureCollection | Points]):
    """The kelurahan as polygons or as points."""


class TypeGuess(Answer):
    """What may have happened, with the words that say so."""

    code: str
    matched: list[str]
    score: float


class Span(Answer):
    """A stretch of the typed text, in characters, end not included."""

    start: int
    end: int
    kind: Literal["type", "place", "danger"]


class ProposedAgency(Answer):
    """An agency to send to, and why."""

    code: str
    role: Literal["primary", "supporting"]
    preselected: bool
    reason_id: str
    reason_en: str


class Interpretation(Answer):
    """What a typed line may mean; `agencies` by type code."""

    types: list[TypeGuess]
    places: list[PlaceCandidate]
    danger: list[Span]
    spans: list[Span]
    agencies: dict[str, list[ProposedAgency]]


class Seated(Answer):
    """Where the person sits now."""

    changed: bool
    seat: str


class ErrorBody(Answer):
    """What was refused and why: a stable code, a sentence in the user's language, and what could be done instead."""

    code: str
    message: str
    details: dict[str, Any]
    allowed: list[str]


class Error(Answer):
    """A refusal."""

    error: ErrorBody
