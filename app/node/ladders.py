"""Fires, on each node, the rungs that are due; which node does it, the command decides."""

from __future__ import annotations

import logging
from collections.abc import Callable

import gevent
from sqlalchemy.exc import SQLAlchemyError

from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from dispatch.ladders.adopting import adopt_clocks, any_without_ladder
from dispatch.ladders.firing import any_rung_due, fire_due_rungs

log = logging.getLogger(__name__)

LOOK_S = 0.5  #: how soon a rung fires after it is due
ADOPT_EVERY_S = 20.0  #: how soon a clock that an older node has started gets its ladder
#: Ladders of one command: what it costs the loop stays below ten milliseconds, and calls come in between.
AT_ONCE = 10
#: Between two commands of a thousand rungs: they all fire within a few seconds, and calls have most of that time.
REST_S = 0.02


class LadderWorker:
    """Looks whether anything is due, through an index that holds only what may become due."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Begin to look."""
        self._greenlets = [
            gevent.spawn(self._for_ever, LOOK_S, self.fire),
            gevent.spawn(self._for_ever, ADOPT_EVERY_S, self.adopt),
        ]

    def stop(self) -> None:
        """Look no more."""
        gevent.killall(self._greenlets)

    def fire(self) -> int:
        """Fire everything that is due; return how many rungs that were."""
        with self._centre.read() as connection:
            if not any_rung_due(connection, self._centre.clock.now()):
                return 0
        rungs = 0
        while True:
            fired = self._centre.run(fire_due_rungs, limit=AT_ONCE)
            rungs += fired.rungs
            if fired.holes:
                log.warning("rungs that reached nobody: %d", fired.holes)
            if fired.ladders < AT_ONCE:
                return rungs
            gevent.sleep(REST_S)

    def adopt(self) -> int:
        """Give ladders to the clocks that have none; return how many that were."""
        with self._centre.read() as connection:
            if not any_without_ladder(connection):
                return 0
        adopted = self._centre.run(adopt_clocks)
        log.warning("clocks without a ladder have one now: %d", adopted)
        return adopted

    def _for_ever(self, every_s: float, work: Callable[[], int]) -> None:
        while True:
            try:
                work()
            except (StorageUnavailable, SQLAlchemyError):
                pass  # the alarm stands already, and what is due stays due
            except Exception:
                log.exception("ladders cannot be climbed")
            gevent.sleep(every_s)
