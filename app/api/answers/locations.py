"""Location links and the positions that callers' telephones sent."""

from __future__ import annotations

from typing import Literal

from app.api.answers.basics import Answer, Instant
from app.api.answers.tickets import Done

SmsProblem = Literal["withheld", "landline", "short"]
AddressProblem = Literal["not_set", "not_https"]


class LinkDelivery(Answer):
    """What became of the SMS that carries a link; `problem` is a code, such as `http_500` or `timeout`."""

    state: Literal["waiting", "accepted", "failed"]
    problem: str | None
    attempts: int


class LocationLink(Answer):
    """A one-time link; `delivery` is None where it was read out or copied."""

    id: int
    call_id: int | None
    state: Literal["sent", "opened", "sharing", "ended", "expired"]
    ended_by: Literal["phone", "operator", "replaced", "ticket"] | None
    created_at: Instant
    expires_at: Instant
    opened_at: Instant | None
    consented_at: Instant | None
    live_until: Instant | None
    ended_at: Instant | None
    delivery: LinkDelivery | None


class LocationReport(Answer):
    """Where a telephone said it was, WGS 84; `accuracy_m` is a radius. `sip`: the call itself carried it."""

    id: int | None
    call_id: int | None
    link_id: int | None
    source: Literal["link", "sip"]
    lat: float
    lon: float
    accuracy_m: float | None
    measured_at: Instant
    kelurahan_code: str | None
    outside_city: bool


class Locations(Answer):
    """What is known of where a ticket's callers are; `stale_s` is the age from which a position counts as old."""

    link: LocationLink | None
    reports: list[LocationReport]
    sms_problem: SmsProblem | None
    sms_configured: bool
    address_problem: AddressProblem | None
    stale_s: int


class NewLink(Answer):
    """A link as it is sent, copied (`text`) or read out (`spoken`); it is told once and kept nowhere."""

    id: int
    url: str
    spoken: str
    text: str
    queued: bool
    sms_configured: bool
    sms_problem: SmsProblem | None
    address_problem: AddressProblem | None


class RequestedLocation(Done):
    """What the command did, and the link."""

    link: NewLink
