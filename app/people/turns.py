"""One at a time for each key, and only a few waiting: many guesses at once count one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_WAITING = 3


class TooManyWaiting(Exception):
    """There is a queue for this already."""


class Turns:
    """Turns by key; a key that nobody holds or waits for is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, tuple[threading.Lock, int]] = {}  #: key -> its lock, how many hold it or wait

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Hold the turn of `key`. Raises TooManyWaiting."""
        with self._lock:
            turn, together = self._turns.get(key, (threading.Lock(), 0))
            if together > MOST_WAITING:
                raise TooManyWaiting(key)
            self._turns[key] = (turn, together + 1)
        turn.acquire()
        try:
            yield
        finally:
            turn.release()
            with self._lock:
                turn, together = self._turns[key]
                if together == 1:
                    del self._turns[key]
                else:
                    self._turns[key] = (turn, together - 1)
