"""Who may have a password checked next: argon2 costs tenths of a second of a core, so its queue is short and fair.

Three lanes: browsers that signed in as this name before, then networks the name is known to sign in from, then
strangers; within a lane whoever's network was served longest ago. Whoever would wait longer than a few seconds is told
so at once instead of waiting in vain.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from enum import IntEnum
from time import monotonic
from typing import TypeVar

from gevent.threadpool import ThreadPool

Result = TypeVar("Result")

WORKERS = 2  #: two at a time: whoever floods the sign-in page takes no thread, and few cores, from the writer
SHARES = (16, 4)  #: the most that may wait for one network, and for one name
_FIRST_GUESS_S = 0.1  #: what one check costs, until some have been measured
_REMEMBERED = 1000  #: networks whose last turn is remembered


class Lane(IntEnum):
    """Who goes first."""

    KNOWN_BROWSER = 0
    KNOWN_NETWORK = 1
    STRANGER = 2


class HashingBusy(Exception):
    """The queue is full; `retry_s` says when to come again."""

    def __init__(self, retry_s: float) -> None:
        self.retry_s = max(1.0, retry_s)
        super().__init__(f"the queue for passwords is full for {self.retry_s:.0f} s")


class _Waiting:
    def __init__(self, lane: Lane, network: str, name: str) -> None:
        self.lane, self.network, self.name = lane, network, name
        self.turn = threading.Event()


class HashingQueue:
    """Runs work on two threads of its own; `longest_wait_s` bounds what anybody waits for a turn."""

    def __init__(self, longest_wait_s: float) -> None:
        self._longest_wait_s = longest_wait_s
        self._threads = ThreadPool(WORKERS)
        self._lock = threading.Lock()
        self._running = 0
        self._waiting: list[_Waiting] = []
        self._cost_s = _FIRST_GUESS_S
        self._last_turn: OrderedDict[str, int] = OrderedDict()  #: network -> number of its last turn
        self._turns = 0
        self.refused = 0  #: how many were told to come again

    def run(self, work: Callable[[], Result], *, lane: Lane, network: str, name: str) -> Result:
        """Run `work` when its turn comes. Raises HashingBusy instead of letting anybody wait too long."""
        self._take_turn(_Waiting(lane, network, name))
        began = monotonic()
        try:
            result: Result = self._threads.apply(work)
            return result
        finally:
            with self._lock:
                self._cost_s += (monotonic() - began - self._cost_s) / 8
                self._running -= 1
                self._wake_next()

    def _take_turn(self, me: _Waiting) -> None:
        with self._lock:
            if self._running < WORKERS:
                self._begin(me)
                return
            ahead = sum(other.lane <= me.lane for other in self._waiting) + 1
            wait_s = ahead * self._cost_s / WORKERS
            same = Counter(count for other in self._waiting for count in self._shared(me, other))
            full = any(same[number] >= most for number, most in enumerate(SHARES))
            if full or wait_s > self._longest_wait_s:
                self.refused += 1
                raise HashingBusy(wait_s)
            self._waiting.append(me)
        if me.turn.wait(self._longest_wait_s):
            return
        with self._lock:
            if me.turn.is_set():
                return  # The turn came in the very last moment.
            self._waiting.remove(me)
            self.refused += 1
        raise HashingBusy(self._longest_wait_s)

    @staticmethod
    def _shared(me: _Waiting, other: _Waiting) -> list[int]:
        """Which shares (by their number) two draw from together."""
        if me.lane != other.lane:
            return []
        return [number for number, same in enumerate((me.network == other.network, me.name == other.name)) if same]

    def _begin(self, waiting: _Waiting) -> None:
        self._running += 1
        self._turns += 1
        self._last_turn.pop(waiting.network, None)
        self._last_turn[waiting.network] = self._turns
        while len(self._last_turn) > _REMEMBERED:
            self._last_turn.popitem(last=False)
        waiting.turn.set()

    def _wake_next(self) -> None:
        if self._waiting and self._running < WORKERS:
            following = min(self._waiting, key=lambda one: (one.lane, self._last_turn.get(one.network, 0)))
            self._waiting.remove(following)
            self._begin(following)
