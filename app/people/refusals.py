"""The record that is kept when somebody asks for what is not theirs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import gevent

from app.people.person import Person
from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from dispatch.people.commands import record_refusal, record_refusals_left_out
from dispatch.roles import Actor

log = logging.getLogger(__name__)

WINDOW = timedelta(minutes=1)


@dataclass(slots=True)
class _Minute:
    actor: Actor
    began: datetime
    written: int = 0
    left_out: int = 0


class Refusals:
    """Writes each person's first refusals of a minute into the journal one by one, and of the others how many.

    A program that runs into the same wall forty times a second would otherwise fill the journal, which is for ever.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._minutes: dict[int, _Minute] = {}

    def note(self, person: Person, entity: str, key: str, via: str) -> None:
        """Write one down, or count it. Raises StorageUnavailable."""
        now = self._centre.clock.now()
        self.tell_left_out(before=now - WINDOW)
        minute = self._minutes.setdefault(person.user_id, _Minute(person.actor, now))
        if minute.written < self._centre.city.policy.load.refusals_per_minute:
            minute.written += 1
            self._centre.run(record_refusal, actor=person.actor, entity=entity, key=key, via=via)
            return
        minute.left_out += 1
        if minute.left_out == 1:
            gevent.spawn_later(WINDOW.total_seconds() + 1, self._tell_later)

    def tell_left_out(self, before: datetime | None = None) -> None:
        """Write down how many were left out of the minutes that began until then; None: of all, because we stop.

        Raises StorageUnavailable; what was not written is then told the next time.
        """
        over = [user for user, minute in self._minutes.items() if before is None or minute.began <= before]
        for user_id in over:
            minute = self._minutes.pop(user_id, None)
            if minute is None:
                continue  # told by another request meanwhile
            if minute.left_out:
                try:
                    self._centre.run(record_refusals_left_out, actor=minute.actor, count=minute.left_out)
                except StorageUnavailable:
                    self._minutes.setdefault(user_id, minute)
                    raise

    def _tell_later(self) -> None:
        try:
            self.tell_left_out(before=self._centre.clock.now() - WINDOW)
        except StorageUnavailable:
            log.warning("how many refusals were left out could not be recorded yet")
