"""The wire of one AGI session: a connected socket by its descriptor, waited for with gevent.

gevent's socket could do this too. It looks for data before it waits, and learns from an exception each time that
nothing is there yet; and it keeps more of the event loop than a session of four lines needs. Of a call's cost at the
server that was a tenth (`make bench`, durable intake).
"""

from __future__ import annotations

import os

from gevent import get_hub, monkey
from gevent.core import READ, WRITE
from gevent.socket import wait

#: gevent's lets a round of its loop pass first, for watchers that an AgiLine has ended already.
close_now = monkey.get_original("os", "close")


class AgiLine:
    """The descriptor of a connected socket, which this closes in the end. All waiting lets other greenlets run."""

    __slots__ = ("_descriptor", "_readable", "_reply_is_due")

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._readable = get_hub().loop.io(descriptor, READ)
        self._reply_is_due = False

    def recv(self, size: int) -> bytes:
        """Wait for bytes; none at the end of the stream. Raises OSError."""
        if self._reply_is_due:
            self._reply_is_due = False
            wait(self._readable)
        while True:
            try:
                return os.read(self._descriptor, size)
            except BlockingIOError:
                wait(self._readable)

    def send(self, data: bytes) -> int:
        """Send at least some of `data`, and tell how much. Raises OSError."""
        self._reply_is_due = True
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return self._send_patiently(data)

    def sendall(self, data: bytes) -> None:
        """Send all of `data`. Raises OSError."""
        while data:
            data = data[self.send(data) :]

    def close(self) -> None:
        """End the connection."""
        self._readable.close()
        close_now(self._descriptor)

    def _send_patiently(self, data: bytes) -> int:
        """Asterisk reads nothing: wait until it does."""
        writable = get_hub().loop.io(self._descriptor, WRITE)
        try:
            while True:
                wait(writable)
                try:
                    return os.write(self._descriptor, data)
                except BlockingIOError:
                    continue
        finally:
            writable.close()
