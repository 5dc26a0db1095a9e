"""What the handlers of a request can reach: one object per application, made by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from app.account.activity import Activity
    from app.account.tries import SignIns
    from app.alarms import Alarms
    from app.connections import Connections
    from app.fair_shares import FairShares
    from app.geocoder import Geocoder
    from app.guessing_limits import GuessingLimits
    from app.live_feed import LiveFeed
    from app.passwords import Passwords
    from app.prepared_json import PreparedJson
    from app.presence import Presence
    from app.readers import Readers
    from app.refusals import Refusals
    from app.shared_reads import SharedReads
    from app.sms import DeliveryPort
    from app.snapshots import Snapshots
    from app.sockets import Sockets
    from config import Settings
    from dispatch.centre import Centre
    from telephony.fastagi import FastAgiServer
    from telephony.simulator.call_simulator import CallSimulator

_KEY = "siaga"


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """A JSON answer that is the same for everybody, written once."""

    body: bytes
    etag: str


@dataclass
class Services:
    """The parts of one running node."""

    settings: Settings
    centre: Centre
    boundaries: PreparedAnswer
    catalogue: PreparedJson
    passwords: Passwords
    reads: SharedReads
    readers: Readers
    shares: FairShares
    snapshots: Snapshots
    refusals: Refusals
    sockets: Sockets
    connections: Connections
    live_feed: LiveFeed
    alarms: Alarms
    sms: DeliveryPort
    guessing: GuessingLimits
    sign_ins: SignIns
    activity: Activity
    presence: Presence
    geocoder: Geocoder | None = None  #: only where one is configured
    agi_server: FastAgiServer | None = None  #: None: this process takes no calls (the command line)
    simulator: CallSimulator | None = None  #: only in the demo


def attach(app: Flask, services: Services) -> None:
    """Make the services reachable from this application's requests."""
    app.extensions[_KEY] = services


def services_of(app: Flask) -> Services:
    """The services of an application, outside of a request."""
    return cast("Services", app.extensions[_KEY])


def services() -> Services:
    """The services of the application that handles the current request."""
    return services_of(current_app)
