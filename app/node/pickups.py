"""Gives back, on each node, what was taken by hand and not picked up; which node does it, the command decides."""

from __future__ import annotations

import logging

import gevent
from sqlalchemy.exc import SQLAlchemyError

from dispatch.calls.pickups import any_pickup_due, return_unanswered
from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable

log = logging.getLogger(__name__)

LOOK_S = 1.0  #: how soon a ticket is given back after its time


class PickupWorker:
    """Looks every second whether anything is due, through an index that holds only what may become due."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin to look."""
        self._greenlet = gevent.spawn(self._look_for_ever)

    def stop(self) -> None:
        """Look no more."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def give_back(self) -> int:
        """Give back what is due; return how many tickets that were."""
        with self._centre.read() as connection:
            if not any_pickup_due(connection, self._centre.clock.now()):
                return 0
        return int(self._centre.run(return_unanswered))

    def _look_for_ever(self) -> None:
        while True:
            gevent.sleep(LOOK_S)
            try:
                self.give_back()
            except (StorageUnavailable, SQLAlchemyError):
                pass  # the alarm stands already, and what is due stays due
            except Exception:
                log.exception("tickets that nobody picked up cannot be given back")
