"""Many signed-in screens in one cheap process: bare WebSockets that note when each call's journal entry arrives.

Run by bench.ring_to_screen as `python -m bench.feed_clients PORT CLIENTS SETTLE_S`, with the session's cookie on
standard input. It prints `ready` once all are connected and, SETTLE_S after the end of its input, one JSON object:
`{"arrivals": {linkedid: [screens reached, ns of the last one]}, "sample": one frame's text}`.
The instants are CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import base64
import json
import os
import re
import selectors
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

CONNECT_LIMIT_S = 20.0
RECEIVE_BYTES = 262_144
_LINKEDID = re.compile(rb'"linkedid":\s*"(bench-[^"]+)"')
_PING, _PONG, _CONNECT, _EVENT = b"2", b"3", b"40", b"42"


class ScreenRefused(Exception):
    """The server did not let a screen in; the text is what it said."""


@dataclass
class Arrivals:
    """What has arrived so far, over all screens."""

    by_linkedid: dict[str, list[int]] = field(default_factory=dict)
    sample: str = ""

    def note(self, message: bytes, at_ns: int) -> None:
        """Take one event; only the ring itself counts, not what follows it."""
        if b'"call.registered"' not in message:
            return
        found = _LINKEDID.search(message)
        if found is None:
            return
        arrival = self.by_linkedid.setdefault(found[1].decode("ascii"), [0, 0])
        arrival[0] += 1
        arrival[1] = at_ns
        if not self.sample:
            self.sample = message.decode("utf-8")


class Screen:
    """One connected client, which answers pings and reads everything it is sent."""

    def __init__(self, port: int, cookie: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), CONNECT_LIMIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._upgrade(port, cookie)
        self._send(_CONNECT)
        while True:
            message = self._next_message()
            if message.startswith(_CONNECT):
                break
            if message.startswith(b"44"):
                raise ScreenRefused(message.decode("utf-8", "replace"))
        self.socket.setblocking(False)

    def _upgrade(self, port: int, cookie: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        lines = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Origin: http://127.0.0.1:{port}",
            f"Cookie: {cookie}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ScreenRefused(head.decode("latin-1"))
        self._buffer[:] = rest

    def _send(self, message: bytes) -> None:
        # Clients must mask (RFC 6455, 5.3); a mask of zeros leaves the bytes as they are.
        self.socket.sendall(bytes((0x81, 0x80 | len(message))) + bytes(4) + message)

    def _receive(self) -> None:
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise ScreenRefused("the server closed the connection")
        self._buffer += data

    def _next_message(self) -> bytes:
        while (message := self._take_message()) is None:
            self._receive()
        return message

    def _take_message(self) -> bytes | None:
        """Cut the next whole frame out of what has been received."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            start = 4
        elif length == 127:
            start = 10
        if len(buffer) < start:
            return None
        if start == 4:
            (length,) = struct.unpack_from("!H", buffer, 2)
        elif start == 10:
            (length,) = struct.unpack_from("!Q", buffer, 2)
        if len(buffer) < start + length:
            return None
        message = bytes(buffer[start : start + length])
        del buffer[: start + length]
        return message

    def read(self, arrivals: Arrivals) -> None:
        """Take all that has come."""
        self._receive()
        at_ns = time.monotonic_ns()
        while (message := self._take_message()) is not None:
            if message.startswith(_EVENT):
                arrivals.note(message, at_ns)
            elif message == _PING:
                self._send(_PONG)


def main() -> int:
    """Connect, say so, and collect until the input ends."""
    port, clients, settle_s = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    cookie = sys.stdin.readline().strip()
    selector = selectors.DefaultSelector()
    for _ in range(clients):
        screen = Screen(port, cookie)
        selector.register(screen.socket, selectors.EVENT_READ, screen)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    print("ready", flush=True)
    arrivals = Arrivals()
    ends_at = float("inf")
    while (now := time.monotonic()) < ends_at:
        for key, _ in selector.select(None if ends_at == float("inf") else ends_at - now):
            if key.data is None:
                selector.unregister(sys.stdin)
                ends_at = time.monotonic() + settle_s
            else:
                key.data.read(arrivals)
    print(json.dumps({"arrivals": arrivals.by_linkedid, "sample": arrivals.sample}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
