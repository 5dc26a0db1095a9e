"""Asks the auditor every minute, on each node, and tells the outside that all is well, only if it is.

The heartbeat (SIAGA_HEARTBEAT_URL) goes to a service that rings somebody when it does not come: it also tells of a node
that is down, of one that cannot read its database, and of an auditor that has stopped.
"""

from __future__ import annotations

import logging
from urllib.error import URLError
from urllib.request import Request

import gevent
from gevent import Timeout
from sqlalchemy.exc import SQLAlchemyError

from app.feed.alarms import DEADLINES_MISSED, HELD_AFTER_RESTORE, Alarms
from app.outside.no_redirect import opener_without_redirects
from dispatch.audit.auditor import Audit, audit
from dispatch.centre import Centre

log = logging.getLogger(__name__)

EVERY_S = 60.0
FIRST_S = 10.0  #: after the start, when whatever was due meanwhile has fired
HEARTBEAT_S = 5.0


class AuditWorker:
    """Audits, raises and ends the alarm, and sends the heartbeat after a clean audit."""

    def __init__(self, centre: Centre, alarms: Alarms, heartbeat_url: str = "") -> None:
        self._centre, self._alarms, self._url = centre, alarms, heartbeat_url
        self._opener = opener_without_redirects()
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin."""
        self._greenlet = gevent.spawn(self._for_ever)

    def stop(self) -> None:
        """End; the outside hears nothing more."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def look(self) -> Audit:
        """Audit once, and say what came of it."""
        centre = self._centre
        found = audit(centre.read, centre.city, centre.clock.now(), between_slices=lambda: gevent.sleep(0))
        self._alarms.deadlines_checked(found.at)
        self._alarms.standing(DEADLINES_MISSED, found.missed)
        self._alarms.standing(HELD_AFTER_RESTORE, found.held)
        for missed in found.findings[:10]:
            log.error("missed what=%s subject=%s rung=%s", missed.what, missed.subject, missed.rung)
        if found.clean:
            self.beat()
        return found

    def beat(self) -> bool:
        """Tell the outside that all is well, where an address is set; return whether it was taken."""
        if not self._url:
            return False
        limit = Timeout(HEARTBEAT_S)
        try:
            with limit, self._opener.open(Request(self._url), timeout=HEARTBEAT_S) as answer:  # noqa: S310  config.py
                return bool(200 <= answer.status < 300)
        except Timeout as late:
            if late is not limit:
                raise
            problem = "timeout"
        except (URLError, OSError, ValueError) as error:
            problem = type(error).__name__
        log.warning("heartbeat not taken problem=%s", problem)
        return False

    def _for_ever(self) -> None:
        gevent.sleep(FIRST_S)
        while True:
            try:
                self.look()
            except SQLAlchemyError:
                log.warning("deadlines could not be audited: the database cannot be read")
            except Exception:
                log.exception("deadlines cannot be audited")
            gevent.sleep(EVERY_S)
