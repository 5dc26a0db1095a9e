"""What runs in a web node besides answering requests: live feed, deliveries, FastAGI server, simulated calls."""

from __future__ import annotations

import logging
from contextlib import suppress
from ipaddress import ip_network

import gevent
from flask import Flask
from gevent.event import Event

from app.feed.alarms import CARRIER_REFUSES
from app.node.auditing import AuditWorker
from app.node.demo import simulated_calls
from app.node.demo_story import DemoStory
from app.node.journal_mark import MARK_FILE, MarkKeeper
from app.node.ladders import LadderWorker
from app.node.pickups import PickupWorker
from app.node.rosters import RosterWorker
from app.outside.carriers.links import links_of
from app.outside.carriers.telegram import Telegram
from app.outside.deliveries import DeliveryWorker
from app.outside.notices import NoticeWorker
from app.outside.record_keeping import RecordKeeper
from app.outside.telegram_polling import TelegramPolling
from app.services import services_of
from config import IPNetwork
from dispatch.centre import CallPath
from dispatch.city.ladders import Channel
from dispatch.deliveries.rules import SMS
from dispatch.errors import StorageUnavailable
from dispatch.storage.schema import Standing, schema_of
from telephony.agi.server import FastAgiServer

SIMULATOR_END_S = 2.0  #: how long simulated calls may take to hang up when the node stops

log = logging.getLogger(__name__)


class NotMigrated(Exception):
    """The database does not have the schema that this software needs."""


class Node:
    """Starts and stops, in order, what belongs to one application."""

    def __init__(self, app: Flask) -> None:
        self._services = services_of(app)
        self._deliveries = DeliveryWorker(self._services.centre, {SMS: self._services.sms})
        self._notices = NoticeWorker(
            self._services.centre,
            self._services.carriers,
            links_of(self._services.settings),
            on_refused=lambda channels: self._services.alarms.standing(CARRIER_REFUSES, channels),
        )
        self._telegram: TelegramPolling | None = None  #: only where Telegram does not tell us by itself
        self._record: RecordKeeper | None = None  #: only where Asterisk's record is at hand
        self._pickups = PickupWorker(self._services.centre)
        self._rosters = RosterWorker(self._services.centre)
        self._ladders = LadderWorker(self._services.centre)
        self._audits = AuditWorker(self._services.centre, self._services.alarms, self._services.settings.heartbeat_url)
        self._mark = MarkKeeper(self._services.centre, self._services.settings.data_dir / MARK_FILE)
        self._stopping = False
        self._stopped = Event()

    def start(self) -> None:
        """Start everything. Raises NotMigrated, or OSError where the FastAGI port cannot be had."""
        services, settings = self._services, self._services.settings
        with services.centre.read() as connection:
            schema = schema_of(connection)
        if schema.standing is Standing.TOO_NEW:
            raise NotMigrated(
                f"the database was made by a newer version of Siaga 112 ({schema.revision}); update this one"
            )
        if not schema.serves:
            raise NotMigrated("the database needs: flask --app wsgi db upgrade")
        with suppress(StorageUnavailable):
            # A first batch: a database that was brought back from a backup begins its new epoch before anybody looks.
            services.centre.probe_storage()
        self._mark.start()
        services.readers.start()
        services.live_feed.start()
        self._deliveries.start()
        if services.phones is not None:
            services.phones.start()
            DemoStory(services.centre).start()
        self._notices.start()
        services.notices = self._notices
        telegram = services.carriers.get(Channel.TELEGRAM)
        if isinstance(telegram, Telegram) and not settings.telegram_secret:
            self._telegram = TelegramPolling(services.centre, telegram)
            self._telegram.start()
        self._pickups.start()
        self._rosters.start()
        self._ladders.start()
        self._audits.start()
        services.presence.start()
        services.activity.start()
        server = FastAgiServer(
            (settings.agi_host, settings.agi_port),
            CallPath(services.centre),
            max_sessions=settings.agi_max_sessions,
            session_s=settings.agi_session_s,
            peers=self._agi_peers(),
        )
        server.start()
        services.agi_server = server
        log.info("FastAGI listens host=%s port=%d", server.server_host, server.server_port)
        if settings.cel_dir is not None:
            self._record = RecordKeeper(services.centre, settings.cel_dir)
            self._record.start()
        if settings.demo and settings.simulator:
            address = (settings.agi_host, server.server_port)
            services.simulator = simulated_calls(services.centre, address, settings.simulator)
            services.simulator.start()

    def _agi_peers(self) -> tuple[IPNetwork, ...]:
        """Who may speak FastAGI; the demo's own calls come from this machine."""
        settings = self._services.settings
        simulated = settings.agi_peers and settings.demo and settings.simulator
        return (*settings.agi_peers, *((ip_network("127.0.0.0/8"), ip_network("::1")) if simulated else ()))

    def stop(self) -> None:
        """Take no more calls, finish those under way, cut the sockets so that browsers go to another node, close."""
        if self._stopping:
            self._stopped.wait()
            return
        self._stopping = True
        services = self._services
        if services.simulator is not None:
            gevent.spawn(services.simulator.stop).join(SIMULATOR_END_S)
        draining = gevent.spawn(services.agi_server.stop) if services.agi_server is not None else None
        services.sockets.close_all()
        if draining is not None:
            draining.join()
        self._deliveries.stop()
        self._notices.stop()
        if services.phones is not None:
            services.phones.stop()
        if self._telegram is not None:
            self._telegram.stop()
        if self._record is not None:
            self._record.stop()
        self._pickups.stop()
        self._rosters.stop()
        self._audits.stop()
        self._ladders.stop()
        services.presence.stop()
        services.activity.stop()
        services.live_feed.stop()
        services.readers.stop()
        with suppress(StorageUnavailable):
            services.refusals.tell_left_out()
        self._mark.stop()
        services.centre.close()
        log.info("stopped")
        self._stopped.set()
