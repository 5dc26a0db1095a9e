"""Tickets that may be about the same event, as operators receive them."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from dispatch.city.model import Priority
from dispatch.incidents.likeness import Likeness
from dispatch.payloads import OneOf
from dispatch.tickets.lifecycle import AssignmentState

PlaceSource = Literal["chosen", "phone"]  #: by whom a place was told


class SentAgency(TypedDict):
    """An agency that has the ticket, and how far it is."""

    agency: str
    state: Annotated[str, OneOf(AssignmentState)]


class Limits(TypedDict):
    """Within what distance and time tickets are looked for."""

    radius_m: int
    minutes: int


class SimilarTicket(TypedDict):
    """A ticket that may be about the same event; `distance_m` is None where one of the two has no point."""

    number: str
    short: str
    state: str
    open: bool
    type_name_id: str | None
    type_name_en: str | None
    priority: Annotated[str, OneOf(Priority)] | None
    place: str | None
    kelurahan: str | None
    callers: int
    agencies: list[SentAgency]
    score: float
    distance_m: float | None
    minutes: int
    reasons: list[Annotated[str, OneOf(Likeness)]]


class SimilarTickets(TypedDict):
    """The proposals, the likeliest first; `place` says whose place they are near to, None where none is known."""

    limits: Limits
    place: PlaceSource | None
    items: list[SimilarTicket]
