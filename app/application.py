"""Puts a node's web application together; `app.create_app` is the way to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.account.pages import add_account
from app.account.sign_in import add_sign_in
from app.api.places import boundaries_answer
from app.api.routes import add_api
from app.cli import add_commands
from app.feed.alarms import Alarms
from app.feed.live_feed import LiveFeed
from app.feed.prepared_json import JsonProvider, PreparedJson
from app.feed.presence import Presence
from app.feed.snapshots import Snapshots
from app.feed.sockets import Sockets
from app.hooks.routes import LARGEST_WHATSAPP, WHATSAPP_PATH, add_hooks
from app.load.address_shares import AddressShares
from app.load.connections import Connections
from app.load.fair_shares import FairShares
from app.load.shared_reads import SharedReads
from app.load.whole_requests import WholeRequests
from app.node.log_lines import log_requests
from app.outside.carriers.choice import carriers_of, public_push_key
from app.outside.demo_phones import DemoPhones
from app.outside.sms import sms_port
from app.pages.catalogue import catalogue_of
from app.pages.demo_phones import add_demo_phones
from app.pages.held import add_held_page
from app.pages.leader import add_leader_page
from app.pages.location import add_location_page
from app.pages.numbers import add_number_pages
from app.pages.roster import add_roster_pages
from app.pages.screens import add_pages
from app.pages.task_link import add_task_link_page
from app.pages.waking import add_waking
from app.people.activity import Activity
from app.people.guessing_limits import GuessingLimits
from app.people.passwords import Passwords
from app.people.refusals import Refusals
from app.people.sign_ins import SignIns
from app.reading.readers import Readers
from app.services import Services, attach
from app.web.compression import add_compression
from app.web.errors import add_error_answers
from app.web.fair_requests import share_fairly
from app.web.guard import guard_routes
from app.web.health import add_health
from app.web.languages import add_languages
from app.web.metrics import add_metrics
from app.web.security_headers import add_security_headers
from app.web.socket_events import add_socket_events
from config import Settings
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from dispatch.places.boundaries import BoundaryLayer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from app.outside.geocoder import Geocoder

ROOT = Path(__file__).resolve().parent.parent
BODY_LIMIT_BYTES = 64 * 1024
HTTP_CONNECTIONS = 4000  #: at once, below what gunicorn would stop accepting at


def make_application(
    settings: Settings,
    centre: Centre,
    *,
    boundaries: BoundaryLayer | None = None,
    hasher: PasswordHasher | None = None,
) -> Flask:
    """Make the application of one node; nothing runs until `app.node.serving` starts it.

    `settings` must have a secret key. `hasher` decides how much work a password costs.
    """
    app = Flask("app", template_folder=str(ROOT / "templates"), static_folder="static")
    app.config.update(_flask_settings(settings))
    app.json = JsonProvider(app)
    parts = _parts(settings, centre, boundaries, hasher)
    attach(app, parts)
    log_requests(app)
    guard_routes(app)
    share_fairly(app)
    add_security_headers(app, settings)
    add_compression(app)
    add_languages(app)
    add_error_answers(app)
    add_sign_in(app)
    add_account(app)
    add_pages(app)
    add_waking(app)
    add_location_page(app)
    add_task_link_page(app)
    add_number_pages(app)
    add_held_page(app)
    add_leader_page(app)
    add_roster_pages(app)
    add_hooks(app)
    add_demo_phones(app)
    add_api(app)
    add_health(app)
    add_metrics(app)
    add_commands(app)
    add_socket_events(app)
    app.wsgi_app = _behind(app.wsgi_app, settings, parts.connections)  # type: ignore[assignment, method-assign]
    return app


def _flask_settings(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": BODY_LIMIT_BYTES,
        "MAX_FORM_MEMORY_SIZE": BODY_LIMIT_BYTES,
        # Holds the form token only; who is signed in stands in the database.
        "SESSION_COOKIE_NAME": "__Host-siaga_form" if settings.cookie_secure else "siaga_form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.cookie_secure,
        "WTF_CSRF_CHECK_DEFAULT": False,  # app.web.guard asks for the token, except of bearers
        "WTF_CSRF_TIME_LIMIT": None,  # a console stays open for a shift; the token ends with the session
    }


def _parts(
    settings: Settings, centre: Centre, boundaries: BoundaryLayer | None, hasher: PasswordHasher | None
) -> Services:
    """The parts of the node, each made of those that it needs."""
    policy = centre.city.policy
    sockets = Sockets(settings)
    # A proxy's address is everybody's: behind one, each browser's own is counted by AddressShares.
    connections = Connections(0 if settings.trusted_proxies else settings.connections_per_address, HTTP_CONNECTIONS)
    reads = SharedReads(policy.load)
    readers = Readers(centre, boundaries)
    alarms = Alarms(centre)
    sms = sms_port(settings, policy.deliveries.timeout_s, policy.numbers)
    carriers = carriers_of(settings, centre.city, sms)
    with_phones = settings.demo and settings.demo_phones and Channel.WHATSAPP not in carriers
    phones = DemoPhones(centre) if with_phones else None
    return Services(
        settings=settings,
        centre=centre,
        boundaries=boundaries_answer(centre.city, boundaries, centre.places.areas()),
        catalogue=PreparedJson.of(catalogue_of(centre.city)),
        passwords=Passwords(hasher, policy.sign_in.hashing_wait_s),
        reads=reads,
        readers=readers,
        shares=FairShares(policy.load),
        snapshots=Snapshots(centre, reads),
        refusals=Refusals(centre),
        sockets=sockets,
        connections=connections,
        live_feed=LiveFeed(centre, sockets, alarms, readers),
        alarms=alarms,
        sms=sms,
        carriers=carriers if phones is None else {**carriers, Channel.WHATSAPP: phones},
        phones=phones,
        push_key=public_push_key(carriers),
        guessing=GuessingLimits(centre.clock),
        sign_ins=SignIns(),
        activity=Activity(centre),
        presence=Presence(centre, sockets),
        geocoder=_geocoder(settings, centre) if settings.geocoder else None,
    )


def _behind(app: WSGIApplication, settings: Settings, connections: Connections) -> WSGIApplication:
    """The application behind what each request passes first: proxies' headers, whole requests, addresses' shares."""
    proxies = settings.trusted_proxies
    if proxies and settings.connections_per_address:
        app = AddressShares(app, settings.connections_per_address)
    longer = {WHATSAPP_PATH: LARGEST_WHATSAPP}
    app = WholeRequests(app, connections, settings.request_s, BODY_LIMIT_BYTES, longer)
    return ProxyFix(app, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else app


def _geocoder(settings: Settings, centre: Centre) -> Geocoder:
    from app.outside.geocoder import Geocoder  # with geopy, which only those wait for who have one

    return Geocoder(settings, centre.city, centre.places)
