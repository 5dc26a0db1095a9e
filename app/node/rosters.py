"""Asks whoever's shift begins to say SIAP, and tells of holes every day; which node does it, the commands decide."""

from __future__ import annotations

import logging
from datetime import datetime

import gevent
from sqlalchemy.exc import SQLAlchemyError

from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from dispatch.rosters.asking import any_to_ask, ask_for_check_in
from dispatch.rosters.holes import holes_due_since, nobody_sleeps, tell_holes

log = logging.getLogger(__name__)

LOOK_S = 15.0  #: how late the question may come


class RosterWorker:
    """Looks a few times a minute whether somebody has to be asked, and once a day for holes."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._holes_told_for: datetime | None = None
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin to look."""
        self._greenlet = gevent.spawn(self._look_for_ever)

    def stop(self) -> None:
        """Look no more."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def look(self) -> None:
        """Ask and tell what is due."""
        city, now = self._centre.city, self._centre.clock.now()
        with self._centre.read() as connection:
            asking = any_to_ask(connection, city, now)
        while asking and self._centre.run(ask_for_check_in):
            pass  # a shift change asks many at once, in slices, because the writer's turn is also the calls' turn
        due_since = holes_due_since(city, now)
        if due_since != self._holes_told_for and nobody_sleeps(city, now):
            self._centre.run(tell_holes)
            self._holes_told_for = due_since

    def _look_for_ever(self) -> None:
        while True:
            gevent.sleep(LOOK_S)
            try:
                self.look()
            except (StorageUnavailable, SQLAlchemyError):
                pass  # the alarm stands already, and what is due stays due
            except Exception:
                log.exception("shifts that begin, or holes, cannot be told")
