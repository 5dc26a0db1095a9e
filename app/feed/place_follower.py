"""Keeps this node's search as the database has it: whichever node added a landmark or imported an extract."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import gevent
from gevent.event import Event

from app.reading.readers import Readers
from dispatch.landmarks.keeper import PLACES_CHANGED
from dispatch.storage.journal import Entry

log = logging.getLogger(__name__)

RETRY_S = 2.0


class PlaceFollower:
    """Reads the places again when the journal says that they have changed; the live feed hands it the entries."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._wake = Event()
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Read what there is, beside everything else that starts, and follow from then on."""
        self._wake.set()
        self._greenlet = gevent.spawn(self._follow)

    def stop(self) -> None:
        """Follow no more."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def notice(self, entries: Iterable[Entry]) -> None:
        """See whether journal entries are about places; returns at once."""
        if any(entry.kind in PLACES_CHANGED for entry in entries):
            self._wake.set()

    def _follow(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if not self._readers.refresh():
                # Search goes on with what it has; until the database answers nobody can add anything either.
                log.warning("the places of the database cannot be read")
                gevent.sleep(RETRY_S)
                self._wake.set()
