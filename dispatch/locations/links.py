"""Rules of location links: the token that is read out by telephone, what a link is worth now, what a position is worth.

A token has 10 characters of Crockford's base 32 (no I, L, O, U): 50 bits, 1.1e15 tokens. With 100 links open at once a
guess is right with a chance of 9e-14; who guesses 1,000 times a second for a year, 3.2e10 times, finds one with a
chance of 0.3%. After 10 wrong guesses in a quarter of an hour an address is answered 429 for what is unknown
(app/people/guessing_limits.py); what exists always works, because a carrier puts thousands of telephones behind one
address.
Whoever finds one learns nothing about the caller; all there is to win is to report a false position, which an operator
has to choose by hand.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from math import isfinite
from typing import Literal

from dispatch.errors import CommandRefused, InvalidValue
from dispatch.links.spelling import ALPHABET, as_written
from dispatch.places.plane import distance_m
from dispatch.storage.rows import LocationLinkRow, LocationReportRow

TOKEN_LENGTH = 10
_SEPARATORS = str.maketrans({"-": None, " ": None})
#: A position less exact than this does not say which part of the city the caller is in.
WORST_ACCURACY_M = 50_000
#: Below this a telephone that lies on a table seems to wander.
MOVED_M = 10

SmsProblem = Literal["withheld", "landline", "short"]


def new_link_token() -> str:
    """A link's token, which nobody can guess and everybody can spell."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def token_for(secret: str, what: str) -> str:
    """The token of one intended action: a repeated request gets the same one, and nobody else can compute it."""
    digest = hmac.new(secret.encode(), f"location link {what}".encode(), sha256).digest()
    number = int.from_bytes(digest[:7], "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(TOKEN_LENGTH))


def canonical(typed: str) -> str | None:
    """A token as it was typed or heard (small letters, hyphens, O for 0, I or L for 1), None for what cannot be one."""
    token = as_written(typed.translate(_SEPARATORS))
    return token if token is not None and len(token) == TOKEN_LENGTH else None


def spelled(token: str) -> str:
    """A token in two halves, as it is read out: `7K3M9-Q2XTD`."""
    return f"{token[:5]}-{token[5:]}"


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


class LinkState(StrEnum):
    """What became of a link."""

    SENT = "sent"  #: waits for the caller
    OPENED = "opened"  #: a page is open somewhere; nobody has consented
    SHARING = "sharing"  #: a telephone shares its position
    ENDED = "ended"  #: stopped, replaced, or its time is over
    EXPIRED = "expired"  #: nobody consented in time


def link_state(link: LocationLinkRow, now: datetime, *, ticket_closed: bool) -> LinkState:
    """Say what a link is now."""
    if link.ended_at is not None or ticket_closed:
        return LinkState.ENDED
    if link.consented_at is not None:
        return LinkState.SHARING if link.live_until is not None and now <= link.live_until else LinkState.ENDED
    if now > link.expires_at:
        return LinkState.EXPIRED
    return LinkState.OPENED if link.opened_at is not None else LinkState.SENT


class LinkRefused(CommandRefused):
    """A link that leads nowhere: `location_link_` and unknown, expired, used or ended."""

    def __init__(self, why: str) -> None:
        super().__init__(f"location_link_{why}")


def check_link(
    link: LocationLinkRow | None, device_hash: str | None, now: datetime, *, ticket_closed: bool
) -> LinkState:
    """Raise LinkRefused unless this telephone may still use the link; return its state.

    `link` is None where no link has the token. The first telephone that consents has the link; any other is refused.
    """
    if link is None:
        raise LinkRefused("unknown")
    if link.device_hash is not None and device_hash != link.device_hash:
        raise LinkRefused("used")
    state = link_state(link, now, ticket_closed=ticket_closed)
    if state is LinkState.EXPIRED:
        raise LinkRefused("expired")
    if state is LinkState.ENDED:
        raise LinkRefused("ended")
    return state


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as a telephone measured it: WGS 84 degrees, radius of uncertainty, age in seconds at its sending.

    The age is the telephone's own difference between two readings of its clock, so that a clock that is wrong does no
    harm; `sequence` counts up with every fix.
    """

    lat: float
    lon: float
    accuracy_m: float
    age_s: float
    sequence: int


def check_fix(fix: Fix) -> None:
    """Raise InvalidValue for what no telephone on Earth measures."""
    for field, value, limit in (("lat", fix.lat, 90), ("lon", fix.lon, 180)):
        if not isfinite(value) or abs(value) > limit:
            raise InvalidValue(field, "out_of_range")
    if abs(fix.lat) < 1e-6 and abs(fix.lon) < 1e-6:
        raise InvalidValue("lat", "implausible")  # what a receiver without a position reports
    if not isfinite(fix.accuracy_m) or not 0 <= fix.accuracy_m <= WORST_ACCURACY_M:
        raise InvalidValue("accuracy_m", "out_of_range")
    if not isfinite(fix.age_s) or fix.age_s < 0:
        raise InvalidValue("age_s", "out_of_range")
    if not 0 < fix.sequence < 2**31:
        raise InvalidValue("sequence", "out_of_range")


def worth_telling(told: LocationReportRow | None, fix: Fix, now: datetime, tell_every_s: float) -> bool:
    """Whether the screens are to hear of a fix now: the first, one that moved or is much more or less exact, or after
    a while. `told` is the report they heard of last, None if of none.
    """
    if told is None or (now - told.received_at).total_seconds() >= tell_every_s:
        return True
    if distance_m(told.lat, told.lon, fix.lat, fix.lon) > max(MOVED_M, told.accuracy_m / 2):
        return True
    return not told.accuracy_m / 1.5 <= max(fix.accuracy_m, 1.0) <= max(told.accuracy_m * 1.5, 1.0)


def sms_problem(number: str | None, mobile_prefixes: tuple[str, ...]) -> SmsProblem | None:
    """Why a number (as `normalise_number` returns it) receives no SMS, None where it does."""
    if number is None:
        return "withheld"
    if number.startswith("+"):
        return None  # abroad: the gateway knows
    if not number.startswith(mobile_prefixes):
        return "landline" if number.startswith("0") else "short"
    return None if 10 <= len(number) <= 14 else "short"
