"""What the centre knows of a caller's number, as its operators receive it."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from dispatch.nuisance.shapes import CallerStanding
from dispatch.payloads import Instant, OneOf
from dispatch.phone_numbers import NumberKind


class EarlierCall(TypedDict):
    """An earlier call from the same number."""

    ticket: str
    at: Instant
    state: str
    ticket_state: str
    classification: str | None
    disposition: str | None
    kelurahan: str | None
    type_name_id: str | None
    type_name_en: str | None


class CallerName(TypedDict):
    """A caller's name: noted by an operator, or as the exchange sent it."""

    text: str
    source: Literal["note", "sent"]
    at: Instant


class CallerNote(TypedDict):
    """What an operator noted about a number."""

    id: int
    kind: Annotated[str, OneOf(("name", "note"))]
    text: str
    at: Instant
    by: str | None


class CallerHistory(TypedDict):
    """What is known of the caller's number; `calls` and `genuine` count the earlier ones."""

    calls: int
    genuine: int
    recent: list[EarlierCall]
    name: CallerName | None
    notes: list[CallerNote]
    nuisance: CallerStanding


class Callability(TypedDict):
    """What kind of number the caller's is, and whether it can be called back."""

    kind: Annotated[str, OneOf(NumberKind)]
    can_call: bool
    area_code: str | None
