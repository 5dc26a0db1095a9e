"""What an exchange tells of a call that comes in, and what it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from dispatch.errors import InvalidValue
from dispatch.storage.transaction import Transaction
from dispatch.text import clean_line
from dispatch.tickets.call_times import Arrival, TimedBy, arrival_of

CallKey = tuple[str, str]  #: system name and linkedid: what makes a call the same call, whoever reports it


@dataclass(frozen=True, slots=True)
class SipLocation:
    """Where the telephone says it is (RFC 6442): WGS 84 degrees, uncertainty as a radius in metres."""

    lat: float
    lon: float
    uncertainty_m: float | None = None
    shape: str = "Point"
    method: str | None = None


class IncomingCall(NamedTuple):
    """What Asterisk tells of a call, as it came; any text is accepted, and bounded and cleaned before it is stored."""

    system_name: str
    linkedid: str
    uniqueid: str = ""
    channel: str = ""
    ani: str = ""
    presentation: str = ""
    caller_name: str = ""
    dnid: str = ""
    location: SipLocation | None = None
    age_s: float | None = None  #: how long ago it came, by the exchange's clock
    linkedid_s: int | None = None  #: the second since 1970 that its linkedid names, by the same clock
    telephones: int | None = None  #: how many could ring when it came; None: the dialplan does not know
    arrival: Arrival | None = None  #: when it came, where that is known otherwise
    announced: bool = True  #: False: something that happened to it is all that is known


class RegisteredCall(NamedTuple):
    """The answer to `incoming`: the proof that the ticket exists, and how the call is to be queued."""

    ticket_number: str
    treatment: str  #: normal, gate or blocked
    priority: int  #: queue priority, higher is answered earlier
    created: bool  #: False when this linkedid had been registered before


def key_of(system_name: str, linkedid: str) -> CallKey:
    """The key under which a call is kept. Raises InvalidValue for an empty linkedid."""
    cleaned = clean_line(linkedid, 150)
    if not cleaned:
        raise InvalidValue("linkedid", "empty")
    return clean_system_name(system_name), cleaned


def clean_system_name(raw: str) -> str:
    """The name of an exchange as calls are kept under it; one that tells none is just Asterisk."""
    return clean_line(raw, 80) or "asterisk"


def arrival_of_call(tx: Transaction, call: IncomingCall) -> Arrival:
    """When a call came, and how that is known."""
    return call.arrival or arrival_of(call.age_s, call.linkedid_s, tx.now, tx.city.policy.calls)


def arrival_before(
    tx: Transaction, at: datetime | None, linkedid_s: int | None, lasted_s: int | None = None
) -> Arrival:
    """When a call came, judged from something that happened to it `at` an instant: at the latest then."""
    policy = tx.city.policy.calls
    if at is not None and lasted_s is not None:
        return Arrival(at - timedelta(seconds=lasted_s), TimedBy.AGE)
    arrival = arrival_of(None, linkedid_s, tx.now, policy)
    if at is not None and at < arrival.at:
        return Arrival(at, TimedBy.TOLD)
    return arrival
