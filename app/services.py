"""What the handlers of a request can reach: one object per application, made by `create_app`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from app.feed.alarms import Alarms
from app.feed.live_feed import LiveFeed
from app.feed.prepared_json import PreparedJson
from app.feed.presence import Presence
from app.feed.snapshots import Snapshots
from app.feed.sockets import Sockets
from app.load.connections import Connections
from app.load.fair_shares import FairShares
from app.load.shared_reads import SharedReads
from app.outside.carriers.message import Carrier
from app.outside.demo_phones import DemoPhones
from app.outside.sms import DeliveryPort
from app.people.activity import Activity
from app.people.guessing_limits import GuessingLimits
from app.people.passwords import Passwords
from app.people.refusals import Refusals
from app.people.sign_ins import SignIns
from app.reading.readers import Readers
from config import Settings
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from telephony.agi.server import FastAgiServer
from telephony.simulator.call_simulator import CallSimulator

if TYPE_CHECKING:
    from app.outside.geocoder import Geocoder  # with geopy, which only those load who have a geocoder
    from app.outside.notices import NoticeWorker

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
    carriers: Mapping[Channel, Carrier]  #: by which notices reach people; one that is missing is not configured
    phones: DemoPhones | None  #: only in the demo
    push_key: str  #: what browsers subscribe with; empty: none is woken
    guessing: GuessingLimits
    sign_ins: SignIns
    activity: Activity
    presence: Presence
    notices: NoticeWorker | None = None  #: None: this process sends nothing (the command line)
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
