"""Long reads: on threads, so that calls go on being registered meanwhile, and one for all who want the same.

When a node comes back, every screen asks for its snapshot at once. Two hundred of them, one after the other on the
loop, kept calls waiting for half a minute (measured); read once for all who had asked by then, they do not show.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore
from gevent.threadpool import ThreadPool

Result = TypeVar("Result")

THREADS = 2


class SharedReads:
    """Runs functions on a few threads. They must not touch the request: it belongs to the greenlet that waits."""

    def __init__(self) -> None:
        self._threads = ThreadPool(THREADS)
        self._awaited: dict[Hashable, AsyncResult] = {}
        self._turns: dict[Hashable, BoundedSemaphore] = {}

    def alone(self, read: Callable[[], Result]) -> Result:
        """Run `read` for this caller."""
        result: Result = self._threads.apply(read)
        return result

    def shared(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """The result of a `read` that began after this call, together with everybody who asks for `key` meanwhile."""
        awaited = self._awaited.get(key)
        if awaited is None:
            awaited = self._awaited[key] = AsyncResult()
            gevent.spawn(self._read, key, read, awaited)
        result: Result = awaited.get()
        return result

    def _read(self, key: Hashable, read: Callable[[], Any], awaited: AsyncResult) -> None:
        with self._turns.setdefault(key, BoundedSemaphore(1)):
            del self._awaited[key]  # whoever asks from now on needs what is not read yet
            try:
                awaited.set(self._threads.apply(read))
            except Exception as error:  # noqa: BLE001 it is raised again in everybody who waits
                awaited.set_exception(error)
        if key not in self._awaited:
            self._turns.pop(key, None)
