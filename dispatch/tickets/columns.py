"""What commands change of a ticket's row, as columns with their values, so that mypy knows a misspelt one.

How a ticket ended stands in none of these: only `closing` writes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Required, TypedDict

from sqlalchemy import ColumnElement


class RunningClock(TypedDict):
    """A clock that runs, on a ticket or an assignment."""

    clock_kind: str
    clock_started_at: datetime
    clock_due_at: datetime


class Clock(TypedDict):
    """A clock, or that none runs."""

    clock_kind: str | None
    clock_started_at: datetime | None
    clock_due_at: datetime | None


class Pickup(TypedDict):
    """Until when a ticket that was taken by hand is to be picked up; None: it need not be."""

    pickup_due_at: datetime | None


class FirstClaim(TypedDict, total=False):
    """When somebody owned a ticket for the first time; nothing where that was before."""

    claimed_at: datetime


class Words(TypedDict, total=False):
    """Words as typed; nothing where none are new."""

    words: str


class NoCallback(TypedDict, total=False):
    """That a ticket waits for no callback any more; nothing where it waited for none."""

    callback_id: None


class StateAndClock(TypedDict, total=False):
    """A state and its clock; nothing where they stay as they are."""

    state: str
    clock_kind: str | None
    clock_started_at: datetime | None
    clock_due_at: datetime | None


class Sorted(TypedDict, total=False):
    """What a genuine call was found to be."""

    type_code: Required[str | None]
    priority: str
    priority_by_hand: bool


class Attachment(TypedDict, total=False):
    """What a ticket is attached to, and how many are attached to it."""

    duplicate_of_id: int | None
    incident_id: int | None
    attached_at: datetime | None
    joined_count: int


class ClosingChanges(Attachment, total=False):
    """What may change together with a ticket's closing; a classification is None only where nobody has sorted it."""

    classification: str | None
    words: str
    callback_id: int | None


class TicketChanges(ClosingChanges, total=False):
    """What commands may change of a ticket's row."""

    state: str
    owner_id: int | None
    claimed_at: datetime
    first_dispatched_at: datetime
    type_code: str | None
    priority: str
    priority_by_hand: bool
    place_text: str | None
    kelurahan_code: str
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    place_source: str
    place_approximate: bool
    last_joined_at: datetime
    clock_kind: str | None
    clock_started_at: datetime | None
    clock_due_at: datetime | None
    answer_rows: int | ColumnElement[int]
    pickup_due_at: datetime | None


NO_PICKUP: Pickup = {"pickup_due_at": None}
NO_CLOCK: Clock = {"clock_kind": None, "clock_started_at": None, "clock_due_at": None}
