"""Connections to PostgreSQL that wait in gevent's loop by themselves.

psycopg waits with `select.poll`, which gevent makes cooperative with a new watcher for each wait, and a batch of calls
waits eight times. One watcher for as long as the connection lives took an eighth off a call's cost at the server
(`make bench`, durable intake on PostgreSQL).
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any, TypeVar

import gevent
import psycopg
from gevent import monkey
from gevent.core import READ, WRITE
from gevent.hub import Hub
from psycopg.waiting import Ready, Wait
from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from psycopg.abc import PQGen

T = TypeVar("T")

_poll = monkey.get_original("select", "poll")


class LoopConnection(psycopg.Connection[Any]):
    """A connection whose greenlet sleeps until the server has said something, and lets others run meanwhile."""

    _hub: Hub | None = None
    _readable: Any = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Carry one of psycopg's generators to its end. `interval` is only for a wait with a `timeout` (seconds)."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            wanted = next(gen)
            while True:
                wanted = gen.send(self._wait_readable() if wanted == Wait.R else self._wait_writable(wanted))
        except StopIteration as done:
            result: T = done.value
            return result

    def _wait_readable(self) -> Ready:
        hub = gevent.get_hub()
        if self._hub is not hub:
            self._hub, self._readable = hub, hub.loop.io(self.pgconn.socket, READ)
        hub.wait(self._readable)
        return Ready.R

    def _wait_writable(self, wanted: Wait) -> Ready:
        """The server takes no more for now, or not before it has been heard (RW)."""
        hub, descriptor = gevent.get_hub(), self.pgconn.socket
        watcher = hub.loop.io(descriptor, WRITE if wanted == Wait.W else READ | WRITE)
        try:
            hub.wait(watcher)
        finally:
            watcher.close()
        poll = _poll()
        poll.register(descriptor, select.POLLIN | select.POLLOUT)
        happened = sum(events for _, events in poll.poll(0))
        # An error is both: whatever psycopg tries next will tell which.
        return Ready((Ready.R if happened & ~select.POLLOUT else 0) | (Ready.W if happened & ~select.POLLIN else 0))


def wait_in_loop(engine: Engine) -> None:
    """Let this engine's connections be such, in a process that gevent has patched."""
    if not monkey.is_module_patched("select"):
        return

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return LoopConnection.connect(*arguments, **options)
