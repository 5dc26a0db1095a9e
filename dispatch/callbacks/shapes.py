"""The callback list, as operators receive it."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from dispatch.callbacks.rules import AttemptOutcome, CallbackReason
from dispatch.payloads import Instant, OneOf
from dispatch.phone_numbers import NumberKind
from dispatch.tickets.shapes import Person


class Attempt(TypedDict):
    """One time that the number was dialled."""

    at: Instant
    outcome: Annotated[str, OneOf(AttemptOutcome)]
    note: str | None
    by: str | None


class CallbackLine(TypedDict):
    """A number to be called back, with all its abandoned and dropped calls; without a number, one call."""

    id: int
    number: str | None
    kind: Annotated[str, OneOf(NumberKind)]
    can_call: bool
    area_code: str | None
    carrier: str | None
    reason: Annotated[str, OneOf(CallbackReason)]
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


class Callbacks(TypedDict):
    """The callback list, first due first; `total` counts those beyond the list's end too."""

    items: list[CallbackLine]
    total: int
