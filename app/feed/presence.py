"""Who is there: browsers with an open page, or that ask for something. A sign-in alone is nobody at the desk."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import gevent

from app.feed.sockets import Sockets
from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from dispatch.people.commands import note_presence

log = logging.getLogger(__name__)


class Presence:
    """Notes, with one statement for all browsers of this node, that they are there."""

    def __init__(self, centre: Centre, sockets: Sockets) -> None:
        self._centre, self._sockets = centre, sockets
        self._every_s = centre.city.policy.presence.note_every_s
        self._asked: set[int] = set()
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Note the open pages from now on."""
        self._greenlet = gevent.spawn(self._beat)

    def stop(self) -> None:
        """Note no more."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def seen(self, session_id: int) -> None:
        """A browser asked for something; that is noted with the open pages, so that no request waits for it."""
        self._asked.add(session_id)

    def note_now(self) -> None:
        """Note whoever is there and whoever asked since the last time."""
        asked, self._asked = self._asked, set()
        self.note(asked | self._sockets.session_ids())

    def note(self, session_ids: Iterable[int]) -> None:
        """Write it down; where that fails, the next time will do: it takes several to count as gone."""
        ids = sorted(set(session_ids))
        if not ids:
            return
        try:
            self._centre.run(note_presence, session_ids=ids)
        except StorageUnavailable:
            pass  # the alarm stands already
        except Exception:
            log.exception("presence cannot be noted")

    def _beat(self) -> None:
        while True:
            gevent.sleep(self._every_s)
            self.note_now()
