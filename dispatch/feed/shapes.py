"""The journal, the board and the snapshots, as people receive them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from dispatch.city.model import Priority
from dispatch.ladders.shapes import REACHED
from dispatch.payloads import Instant, OneOf
from dispatch.roles import ActorKind
from dispatch.tickets.lifecycle import AssignmentState
from dispatch.tickets.shapes import AgencyTicket, Ticket


class Actor(TypedDict):
    """Who acted."""

    kind: Annotated[str, OneOf((*ActorKind, "centre"))]
    id: int | None
    name: str | None


class Entry(TypedDict):
    """What happened; `seq` numbers it in the whole journal."""

    seq: int
    at: Instant
    kind: str
    actor: Actor
    ticket_number: str | None
    assignment_id: int | None
    call_id: int | None
    data: dict[str, Any]


class EntryWithTicket(Entry):
    """What happened, and the ticket as it is now; None where the entry concerns no ticket."""

    ticket: Ticket | AgencyTicket | None


class Event(EntryWithTicket):
    """A journal entry as the live feed carries it: `prev` is the number before it in the same person's stream."""

    prev: int


class Me(TypedDict):
    """Whoever asks."""

    id: int
    name: str
    role: str
    agency: str | None
    seat: str | None


class Operator(TypedDict):
    """Who sits where: ready, or on a call since."""

    id: int
    name: str
    seat: str
    state: Literal["ready", "on_call"]
    since: Instant
    ticket: str | None


class Answered(TypedDict):
    """From the first ring to a seat's answer; callers who gave up count as not within the target."""

    within: int
    of: int
    target_s: int
    goal: float
    window_h: int


class Share(TypedDict):
    """How many of how many."""

    n: int
    of: int


class RunningClock(TypedDict):
    """Since when the clock of an assignment runs, and when it runs out."""

    clock_started_at: Instant
    due_at: Instant


class WorstClock(TypedDict):
    """The assignment of an agency that needs somebody first."""

    ticket: str
    short: str
    type_name_id: str | None
    type_name_en: str | None
    priority: Annotated[str, OneOf(Priority)] | None
    state: Annotated[str, OneOf(AssignmentState)]
    clock_started_at: Instant
    due_at: Instant | None
    due_kind: str | None
    reach: Annotated[str, OneOf(REACHED)] | None  #: how far the news has come while the agency has not answered


class AgencyLine(TypedDict):
    """An agency with open assignments."""

    code: str
    name: str
    open: int
    worst: WorstClock


class Unacknowledged(TypedDict):
    """An assignment that its agency has not answered."""

    ticket: str
    agency: str
    priority: Annotated[str, OneOf(Priority)] | None
    clock_started_at: Instant
    due_at: Instant


class Escalation(TypedDict):
    """A task whose ladder has gone beyond its first people: `rung` of `rungs` have been told, `next_who` is next."""

    ticket: str
    agency: str
    priority: Annotated[str, OneOf(Priority)] | None
    clock: str
    due_at: Instant
    rung: int
    rungs: int
    next_who: str | None  #: None: all have been told
    next_at: Instant | None
    then_who: str | None
    paused_until: Instant | None
    held: bool


class Stranded(TypedDict):
    """A ticket that every agency has declined: nobody goes, since the last of them."""

    ticket: str
    priority: Annotated[str, OneOf(Priority)] | None
    agencies: list[str]
    since: Instant


class OpenTickets(TypedDict):
    """Open tickets by priority."""

    total: int
    P1: int
    P2: int
    P3: int
    P4: int
    none: int


class Pin(TypedDict):
    """An open ticket on the map; `due_at` where an agency has not answered yet."""

    short: str
    priority: Annotated[str, OneOf(Priority)] | None
    lat: float
    lon: float
    clock_started_at: Instant | None
    due_at: Instant | None


class UncertainCall(TypedDict):
    """A call that counts as up and hardly is: it rings, or is answered, for too long."""

    ticket: str
    call_id: int
    state: Annotated[str, OneOf(("ringing", "answered"))]
    since: Instant


class Board(TypedDict):
    """The figures of the last 24 hours and of this moment; no caller's number or name."""

    at: Instant
    waiting: int
    doubtful: int  #: ring for so long that there is hardly anybody
    uncertain_calls: list[UncertainCall]
    longest_wait_since: Instant | None
    answered: Answered
    abandoned: int
    callbacks_open: int
    callbacks_late: int
    not_emergency: Share
    mix: dict[str, int]
    agencies: list[AgencyLine]
    unacknowledged: list[Unacknowledged]
    stranded: list[Stranded]
    escalations: list[Escalation]  #: the first due first; those with nobody left before them
    escalations_total: int  #: those beyond the list's end too
    operators: list[Operator]
    open: OpenTickets
    pins: list[Pin]


class CentreState(TypedDict):
    """The state of things as everybody of the centre sees it, at one journal number."""

    newest: int
    epoch: str | None  #: the database's identity; None before anything was written
    server_time: Instant
    tickets: list[Ticket]
    still_ringing: list[Ticket]  #: closed with one key while their calls ring
    recent: list[Entry]
    colleagues: list[Operator]
    stats: Board


class CentreSnapshot(CentreState):
    """What a page of the centre starts from."""

    me: Me


class AgencyState(TypedDict):
    """The same for the people of an agency: its open tickets, and those closed within a day."""

    newest: int
    epoch: str | None
    server_time: Instant
    tickets: list[AgencyTicket]


class AgencySnapshot(AgencyState):
    """What an agency's page starts from: its open tickets, and those closed within a day."""

    me: Me
