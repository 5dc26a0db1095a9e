"""Asterisk's own record as the last net: what it has and nobody told becomes a ticket, late, on the callback list.

A worker on the node that has the record at hand (SIAGA_CEL_DIR) reads it every minute, in a thread, so that no caller
waits for a file; the command line and the API take it from elsewhere. All of them end in one command, which changes
nothing the second time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import gevent
from gevent import get_hub
from gevent.event import Event

from dispatch.calls.reconcile import reconcile_calls
from dispatch.calls.recorded import RecordedCall
from dispatch.centre import Centre
from dispatch.errors import CommandRefused, StorageUnavailable
from telephony.record.files import RecordFollower

log = logging.getLogger(__name__)

#: Calls of one transaction: others' commands go between two of them.
BATCH = 8
EVERY_S = 60.0
#: A call that was over this long ago has been told, unless nobody could be told.
SETTLED = timedelta(seconds=120)
#: Calls that wait for `SETTLED`; more than are over within it at any centre.
MAX_WAITING = 20_000


@dataclass(slots=True)
class Totals:
    """What came of reconciling some calls."""

    calls: int = 0
    opened: int = 0  #: had no ticket, and have one now
    ended: int = 0  #: were not known to be over, or not truly

    @property
    def known(self) -> int:
        """Calls that were as they should be."""
        return self.calls - self.opened - self.ended


def reconcile(centre: Centre, calls: Sequence[RecordedCall], totals: Totals | None = None) -> Totals:
    """Bring calls of the record in, in small transactions; adds to `totals` as it goes."""
    totals = totals or Totals()
    for first in range(0, len(calls), BATCH):
        batch = calls[first : first + BATCH]
        outcome = centre.run(reconcile_calls, calls=batch)
        totals.calls += len(batch)
        totals.opened += outcome.opened
        totals.ended += outcome.ended
    return totals


class RecordKeeper:
    """Reads the record of one folder every minute."""

    def __init__(self, centre: Centre, folder: Path, *, every_s: float = EVERY_S) -> None:
        self._centre = centre
        self._follower = RecordFollower(folder)
        self._waiting: list[RecordedCall] = []
        self._every_s = every_s
        self._stop = Event()
        self._worker: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin."""
        self._worker = gevent.spawn(self._work)

    def stop(self) -> None:
        """End; what was not read yet is read at the next start."""
        self._stop.set()
        if self._worker is not None:
            self._worker.join(2.0)
        self._follower.close()

    def look(self) -> Totals:
        """Read what is new and bring in what has settled. Raises OSError, CommandRefused or StorageUnavailable."""
        totals = Totals()
        pool = get_hub().threadpool
        while not self._stop.is_set():
            found: list[RecordedCall] | None = pool.apply(self._follower.read_some)
            if found is None:
                break
            self._waiting = [*self._waiting, *found][-MAX_WAITING:]
            self._bring_in(totals)
        self._bring_in(totals)
        return totals

    def _bring_in(self, totals: Totals) -> None:
        settled_at = self._centre.clock.now() - SETTLED
        settled = [call for call in self._waiting if call.ended_at <= settled_at]
        if not settled:
            return
        for first in range(0, len(settled), BATCH):
            batch = settled[first : first + BATCH]
            reconcile(self._centre, batch, totals)
            done = {id(call) for call in batch}
            self._waiting = [call for call in self._waiting if id(call) not in done]

    def _work(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                totals = self.look()
            except (OSError, CommandRefused, StorageUnavailable) as error:
                # Nothing is lost: what waits is tried again, what was not read is read later.
                log.error("record of calls not read error=%s", type(error).__name__)
                continue
            if totals.opened:
                log.warning("record of calls: %d calls had no ticket", totals.opened)
