"""When a person last did something in each session, and the end of those that nobody uses.

A request counts as its person's doing, unless the page says (X-Siaga-Idle) for how many seconds nobody has touched it:
pages ask by themselves too. Kept in memory and brought to the database a few times a minute, so that reading costs no
write; the database's instant and this node's, whichever is later, counts.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import gevent
from flask import Request
from sqlalchemy.exc import SQLAlchemyError

from app.people.person import Person
from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from dispatch.people.sessions import end_idle_sessions, idle_session_ids, note_activity
from dispatch.roles import Actor, Role

log = logging.getLogger(__name__)

HEADER = "X-Siaga-Idle"  #: seconds, as the page counts them
EVERY_S = 15.0
LONGEST_IDLE_S = 30 * 86_400
_AT_ONCE = 500  #: sessions brought to the database by one command


class Activity:
    """Notes activity; `start` lets a greenlet store it and end idle sessions."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._seen: dict[int, datetime] = {}  #: session -> activity that the database may not know yet
        self._greenlet: gevent.Greenlet | None = None

    def note(self, person: Person, asked: Request) -> None:
        """Count a request as what its person did, so many seconds ago as it says."""
        if person.session_id is None:
            return
        said = asked.headers.get(HEADER, "0")
        idle_s = min(int(said), LONGEST_IDLE_S) if said.isascii() and said.isdigit() and len(said) < 10 else 0
        at = self._centre.clock.now() - timedelta(seconds=idle_s)
        known = self._seen.get(person.session_id)
        if known is None or at > known:
            self._seen[person.session_id] = at

    def ends_at(self, session_id: int, active_at: datetime | None, role: str) -> datetime | None:
        """When a session ends unless somebody does something in it; None: it may rest."""
        limit = self._centre.city.policy.sign_in.idle_s.get(Role(role), 0)
        newest = max(filter(None, (active_at, self._seen.get(session_id))), default=None)
        return newest + timedelta(seconds=limit) if limit and newest is not None else None

    def start(self) -> None:
        """Store and end from now on."""
        self._greenlet = gevent.spawn(self._go_on)

    def stop(self) -> None:
        """Store what is known, and no more."""
        if self._greenlet is not None:
            self._greenlet.kill()
            self._store()

    def _go_on(self) -> None:
        while True:
            gevent.sleep(EVERY_S)
            self.settle()

    def settle(self) -> None:
        """Bring what is known to the database, then end what is idle; a failure is tried again in a moment."""
        if not self._store():
            return
        try:
            with self._centre.read() as connection:
                policy, now = self._centre.city.policy.sign_in, self._centre.clock.now()
                idle = idle_session_ids(connection, policy, now - timedelta(seconds=EVERY_S))
            if idle:
                self._centre.run(end_idle_sessions, actor=Actor.system(), grace_s=EVERY_S)
        except (SQLAlchemyError, StorageUnavailable) as error:
            log.warning("idle sessions could not be ended: %s", type(error).__name__)

    def _store(self) -> bool:
        some = dict(list(self._seen.items())[:_AT_ONCE])
        if not some:
            return True
        try:
            self._centre.run(note_activity, actor=Actor.system(), active_at=some)
        except (SQLAlchemyError, StorageUnavailable) as error:
            log.warning("activity could not be stored: %s", type(error).__name__)
            return False
        for session_id, at in some.items():
            if self._seen.get(session_id) == at:
                del self._seen[session_id]
        return len(some) < _AT_ONCE or self._store()
