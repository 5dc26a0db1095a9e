"""Ladders and how far their messages have come, as people receive them."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from dispatch.city.ladders import Reach
from dispatch.city.model import Priority
from dispatch.payloads import Instant, OneOf
from dispatch.roles import LadderRole

#: A level, or `failed` (no channel got through) or `hole` (there was no channel).
REACHED = (*Reach, "failed", "hole")


class LadderRung(TypedDict):
    """One rung: whom it tells (`duty`, `duty+chief`, `leader:SETDA`), when it is due, and what came of it.

    `hole`: nobody could be told, or nothing got through; `late`: it fired later than it was due.
    """

    after_s: int
    who: str
    due_at: Instant
    fired_at: Instant | None
    people: int | None
    hole: bool
    late: bool


class Pause(TypedDict):
    """Why a clock stands still, by whom, and until when."""

    reason: str
    since: Instant
    until: Instant
    by_id: int | None


class LadderView(TypedDict):
    """Who is told while one clock runs. `rung`: how many have fired; `next_at`: None once all have."""

    id: int
    clock: str
    rung: int
    next_at: Instant | None
    next_who: str | None
    held: bool  #: since the database was brought back from a backup: waits for a person
    paused: Pause | None
    rungs: list[LadderRung]


class PersonReached(TypedDict):
    """Who was told of an assignment, and how far that came."""

    notice_id: int
    name: str | None
    role: Annotated[str, OneOf(LadderRole)]
    level: Annotated[str, OneOf(REACHED)]
    at: Instant
    channel: str | None
    problem: str | None
    late: bool
    uncertain: bool  #: an attempt ended unknown: possibly sent twice


class ReachView(TypedDict):
    """How far the messages about an assignment have come: the highest level of all who were told.

    `hole` where nobody of the agency has a channel, `failed` where none got through.
    """

    level: Annotated[str, OneOf(REACHED)]
    at: Instant
    channel: str | None
    people: list[PersonReached]


class Instruction(TypedDict):
    """What a leader asks of an agency, until when; `done_why`: answered, finished (with its task), closed."""

    id: int
    office: str
    office_name: str
    assignment_id: int | None
    agency: str | None
    words: str
    given_at: Instant
    due_at: Instant
    done_at: Instant | None
    done_why: str | None


class OpenLadder(LadderView):
    """A ladder with the ticket it belongs to."""

    ticket_number: str
    assignment_id: int | None
    agency: str | None
    priority: Annotated[str, OneOf(Priority)] | None
    started_at: Instant
    due_at: Instant
    ended_at: Instant | None
    ended_why: str | None


class HeldMessage(TypedDict):
    """A message that came back with a backup: to whom, by what."""

    kind: str
    channel: str
    role: Annotated[str, OneOf(LadderRole)]
    name: str | None


class HeldTicket(TypedDict):
    """A ticket for which something waits for a person since the database was brought back, with what was planned."""

    ticket_number: str
    priority: Annotated[str, OneOf(Priority)] | None
    type_code: str | None
    state: str
    opened_at: Instant
    ladders: list[OpenLadder]
    messages: list[HeldMessage]


class Held(TypedDict):
    """What waits for a person since the database was brought back from a backup, and when that was."""

    restored_at: Instant | None
    items: list[HeldTicket]
    loose_messages: list[HeldMessage]  #: that belong to no ticket


class PersonPreview(TypedDict):
    """Somebody who would be told, by which channels in which order; `checked_in` is None for whoever has no shift."""

    name: str
    role: Annotated[str, OneOf(LadderRole)]
    channels: list[str]
    at_screen: bool  #: has a page of ours open
    checked_in: bool | None


class RungPreview(TypedDict):
    """One rung as it would be now: `hole` where nobody could be told, `tested` where some channel was ever answered."""

    after_s: int
    who: str
    people: list[PersonPreview]
    hole: bool
    tested: bool


class AgencyPreview(TypedDict):
    """An agency's ladder as it would begin now; a hole is its first rung's, and `phone` the number to dial then."""

    agency: str
    phone: str | None
    hole: bool
    tested: bool
    rungs: list[RungPreview]
