"""The wire of one AGI session: the system's own socket, waited for with gevent.

gevent's socket could do this too. It looks for data before it waits, and learns from an exception each time that
nothing is there yet; and it keeps more of the event loop than a session of four lines needs. Of a call's cost at the
server that was a tenth (`make bench`, durable intake).
"""

from __future__ import annotations

import socket
from typing import cast

from gevent import get_hub, monkey
from gevent.core import READ, WRITE
from gevent.socket import wait

#: The system's socket, also where gevent has put its own in its place.
SystemSocket = cast("type[socket.socket]", monkey.get_original("socket", "socket"))


class AgiLine:
    """A connected socket of the system, which this closes in the end. All waiting lets other greenlets run."""

    __slots__ = ("_connection", "_readable", "_reply_is_due")

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._readable = get_hub().loop.io(connection.fileno(), READ)
        self._reply_is_due = False

    def recv(self, size: int) -> bytes:
        """Wait for bytes; none at the end of the stream. Raises OSError."""
        if self._reply_is_due:
            self._reply_is_due = False
            wait(self._readable)
        while True:
            try:
                return self._connection.recv(size)
            except BlockingIOError:
                wait(self._readable)

    def send(self, data: bytes) -> int:
        """Send at least some of `data`, and tell how much. Raises OSError."""
        self._reply_is_due = True
        try:
            return self._connection.send(data)
        except BlockingIOError:
            return self._send_patiently(data)

    def sendall(self, data: bytes) -> None:
        """Send all of `data`. Raises OSError."""
        while data:
            data = data[self.send(data) :]

    def close(self) -> None:
        """End the connection."""
        self._readable.close()
        self._connection.close()

    def _send_patiently(self, data: bytes) -> int:
        """Asterisk reads nothing: wait until it does."""
        writable = get_hub().loop.io(self._connection.fileno(), WRITE)
        try:
            while True:
                wait(writable)
                try:
                    return self._connection.send(data)
                except BlockingIOError:
                    continue
        finally:
            writable.close()
