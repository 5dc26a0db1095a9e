"""Tickets that may be about the same event."""

from __future__ import annotations

from typing import Literal

from app.api.answers.basics import Answer


class SentAgency(Answer):
    """An agency that has the ticket, and how far it is."""

    agency: str
    state: str


class Limits(Answer):
    """Within what distance and time tickets are looked for."""

    radius_m: int
    minutes: int


class SimilarTicket(Answer):
    """A ticket that may be about the same event; `distance_m` is None where one of the two has no point."""

    number: str
    short: str
    state: str
    open: bool
    type_name_id: str | None
    type_name_en: str | None
    priority: Literal["P1", "P2", "P3", "P4"] | None
    place: str | None
    kelurahan: str | None
    callers: int
    agencies: list[SentAgency]
    score: float
    distance_m: float | None
    minutes: int
    reasons: list[Literal["same_type", "same_category", "kind_unknown", "near", "same_place", "same_kelurahan"]]


class SimilarTickets(Answer):
    """The proposals, the likeliest first; `place` says whose place they are near to, None where none is known."""

    limits: Limits
    place: Literal["chosen", "phone"] | None
    items: list[SimilarTicket]
