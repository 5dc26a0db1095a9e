"""Location links and the positions that callers' telephones sent, as the centre receives them."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from dispatch.locations.links import LinkState, SmsProblem
from dispatch.payloads import Instant, OneOf


class LinkDelivery(TypedDict):
    """What became of the SMS that carries a link; `problem` is a code, such as `http_500` or `timeout`."""

    state: Literal["waiting", "accepted", "failed"]
    problem: str | None
    attempts: int


class LocationLink(TypedDict):
    """A one-time link; `delivery` is None where it was read out or copied."""

    id: int
    call_id: int | None
    state: Annotated[str, OneOf(LinkState)]
    ended_by: Annotated[str, OneOf(("phone", "operator", "replaced", "ticket"))] | None
    created_at: Instant
    expires_at: Instant
    opened_at: Instant | None
    consented_at: Instant | None
    live_until: Instant | None
    ended_at: Instant | None
    delivery: LinkDelivery | None


class LocationReport(TypedDict):
    """Where a telephone said it was, WGS 84; `accuracy_m` is a radius. `sip`: the call itself carried it."""

    id: int | None
    call_id: int | None
    link_id: int | None
    source: Annotated[str, OneOf(("link", "sip"))]
    lat: float
    lon: float
    accuracy_m: float | None
    measured_at: Instant
    kelurahan_code: str | None
    outside_city: bool


class KnownLocations(TypedDict):
    """What is known of where a ticket's callers are; `stale_s` is the age from which a position counts as old."""

    link: LocationLink | None
    reports: list[LocationReport]
    sms_problem: SmsProblem | None
    stale_s: int
