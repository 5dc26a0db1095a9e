"""The whole: snapshot, board, seats."""

from __future__ import annotations

from typing import Literal

from pydantic import RootModel

from app.api.answers.basics import Answer, Instant
from app.api.answers.journal import Entry
from app.api.answers.tickets import AgencyTicket, Ticket


class Me(Answer):
    """Whoever asks."""

    id: int
    name: str
    role: str
    agency: str | None
    seat: str | None


class SignedIn(Me):
    """Whoever asks, until when the session lasts (null for a program's token), and the form token of its pages."""

    expires_at: Instant | None
    form_token: str | None


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
    clock_started_at: Instant
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
    clock_started_at: Instant
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
    clock_started_at: Instant | None
    due_at: Instant | None


class UncertainCall(Answer):
    """A call that counts as up and hardly is: it rings, or is answered, for too long."""

    ticket: str
    call_id: int
    state: Literal["ringing", "answered"]
    since: Instant


class Board(Answer):
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
    operators: list[Operator]
    open: OpenTickets
    pins: list[Pin]


class CentreSnapshot(Answer):
    """What a page of the centre starts from."""

    newest: int
    server_time: Instant
    me: Me
    tickets: list[Ticket]
    still_ringing: list[Ticket]  #: closed with one key while their calls ring
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


class Seated(Answer):
    """Where the person sits now."""

    changed: bool
    seat: str
