"""The worker that sends messages to the outside: the only place that does. It also erases what is kept long enough."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import gevent
from gevent.pool import Pool

from app.outside.sms import ConsolePort, DeliveryPort
from dispatch.centre import Centre
from dispatch.deliveries.commands import LeasedDelivery, any_due, finish_attempt, lease_deliveries
from dispatch.deliveries.inbound import forget_traces
from dispatch.errors import StorageUnavailable
from dispatch.locations.commands import forget_locations

log = logging.getLogger(__name__)

POLL_S = 0.5  #: how soon a message is found; waking at every commit would cost the call path in a surge
AT_ONCE = 4
ERASE_EVERY_S = 3600.0


class DeliveryWorker:
    """Leases what is due, sends it, and marks it only after its carrier has accepted it.

    Any number of nodes may run one. A message whose worker died, or whose mark could not be written, is sent again
    under the same id as soon as its lease has ended.
    """

    def __init__(self, centre: Centre, ports: Mapping[str, DeliveryPort]) -> None:
        self._centre, self._ports = centre, ports
        self._pool = Pool(AT_ONCE)
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Begin to send."""
        self._greenlets = [gevent.spawn(self._send_for_ever), gevent.spawn(self._erase_for_ever)]

    def stop(self) -> None:
        """Take no more; what is under way is either marked or sent again by whoever starts next."""
        gevent.killall(self._greenlets)
        self._pool.join(timeout=1)
        self._pool.kill()

    def _send_for_ever(self) -> None:
        while True:
            try:
                self.send_due()
            except StorageUnavailable:
                pass  # the alarm stands already; what is due stays due
            except Exception:
                log.exception("deliveries cannot be sent")
            gevent.sleep(POLL_S)

    def send_due(self) -> None:
        """Start to send what is due, as many at once as there is room for."""
        free = self._pool.free_count()
        if not free:
            return
        with self._centre.read() as connection:
            if not any_due(connection, self._centre.clock.now()):
                return
        for leased in self._centre.run(lease_deliveries, limit=free):
            self._pool.spawn(self.attempt, leased)

    def attempt(self, leased: LeasedDelivery) -> None:
        """Send one message and note how it ended."""
        port = self._ports.get(leased.channel) or ConsolePort()
        result = port.send(leased.message_id, leased.recipient, leased.body)
        log.info(
            "delivery id=%d channel=%s attempt=%s problem=%s",
            leased.id,
            leased.channel,
            result.attempt,
            result.problem or "-",
        )
        try:
            self._centre.run(finish_attempt, delivery_id=leased.id, lease=leased.lease, result=result)
        except StorageUnavailable:
            log.warning("delivery id=%d could not be marked; it will be sent again under the same id", leased.id)

    def _erase_for_ever(self) -> None:
        while True:
            try:
                self._centre.run(forget_locations)
                self._centre.run(forget_traces)
            except StorageUnavailable:
                log.warning("old positions could not be erased; tried again later")
            except Exception:
                log.exception("old positions cannot be erased")
            gevent.sleep(ERASE_EVERY_S)
