"""The callback list, and what is noted about numbers."""

from __future__ import annotations

from typing import Literal

from app.api.answers.basics import Answer, Instant
from app.api.answers.tickets import Person


class Attempt(Answer):
    """One time that the number was dialled."""

    at: Instant
    outcome: Literal["reached", "no_answer", "busy", "wrong_number", "refused"]
    note: str | None
    by: str | None


class CallbackLine(Answer):
    """A number to be called back, with all its abandoned and dropped calls; without a number, one call."""

    id: int
    number: str | None
    kind: str
    can_call: bool
    area_code: str | None
    carrier: str | None
    reason: Literal["abandoned", "dropped"]
    calls: int
    first_at: Instant
    last_at: Instant
    rang_s: int | None
    has_location: bool
    attempts: int
    max_attempts: int
    history: list[Attempt]
    started_at: Instant
    due_at: Instant
    holder: Person | None
    ticket_owner: str | None
    may_close: bool
    tickets: list[str]


class Callbacks(Answer):
    """The callback list, first due first; `total` counts those beyond the list's end too."""

    items: list[CallbackLine]
    total: int


class CallbackDone(Answer):
    """What was done to a callback; `ticket` is the one to be worked now."""

    changed: bool
    ticket: str | None


class NoteDone(Answer):
    """What was done to a note about a number."""

    changed: bool
    note_id: int
