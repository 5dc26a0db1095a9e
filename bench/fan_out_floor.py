"""The floor of ring to screen: one commit and one fan-out of the same bytes, and nothing else.

Run by bench.ring_to_screen as `python -m bench.fan_out_floor KIND FOLDER SCREENS`, with the text of one real event on
standard input. It prints the port for screens and the port for rings. A ring is a connection that sends a linkedid on
one line; the row is committed, the event goes to every screen with that linkedid in it, and the line is sent back.

- `socketio`: python-socketio's server on gevent, as it comes: what the product's own kind of server costs by itself.
- `bare`: one thread that writes finished frames to plain sockets: what no server can go below.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

import gevent
import socketio
from gevent.pywsgi import WSGIServer
from gevent.server import StreamServer

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LINKEDID = re.compile(r'("linkedid":\s*")bench-[^"]+(")')


class OneRowStore:
    """Commits one row a ring, on SQLite as the product sets it."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(folder / "fan-out-floor.db", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE IF NOT EXISTS rings (id INTEGER PRIMARY KEY, linkedid TEXT, event TEXT)")

    def commit(self, linkedid: str, event: str) -> None:
        """Make one row durable; one thread at a time."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("INSERT INTO rings (linkedid, event) VALUES (?, ?)", (linkedid, event))
            self._connection.execute("COMMIT")


def with_linkedid(sample: str, linkedid: str) -> str:
    """The sampled event for another ring."""
    return _LINKEDID.sub(rf"\g<1>{linkedid}\g<2>", sample)


def serve_socketio(sample: str, store: OneRowStore) -> None:
    """Fan out with python-socketio, the commit in gevent's thread pool as the product does it."""
    name, payload = json.loads(sample[2:])
    compact = json.dumps(payload, separators=(",", ":"))
    server = socketio.Server(async_mode="gevent", cors_allowed_origins="*")
    web = WSGIServer(("127.0.0.1", 0), socketio.WSGIApp(server), log=None)
    web.start()

    def ring(connection: Any, _address: object) -> None:
        linkedid = connection.makefile("r").readline().strip()
        event = with_linkedid(compact, linkedid)
        gevent.get_hub().threadpool.apply(store.commit, (linkedid, event))
        server.emit(name, json.loads(event))
        connection.sendall(linkedid.encode("ascii") + b"\n")
        connection.close()

    rings = StreamServer(("127.0.0.1", 0), ring)
    rings.start()
    print(web.server_port, rings.server_port, flush=True)
    gevent.wait()


def serve_bare(sample: str, store: OneRowStore, screens: int) -> None:
    """Take that many screens, then rings for ever, in one thread."""
    web, rings = (socket.create_server(("127.0.0.1", 0), backlog=256) for _ in range(2))
    print(web.getsockname()[1], rings.getsockname()[1], flush=True)
    connected = [_accept_screen(web) for _ in range(screens)]
    while True:
        connection, _ = rings.accept()
        with connection:
            linkedid = connection.makefile("r").readline().strip()
            event = with_linkedid(sample, linkedid)
            store.commit(linkedid, event)
            frame = _frame(event)
            for screen in connected:
                screen.sendall(frame)
            connection.sendall(linkedid.encode("ascii") + b"\n")


def _accept_screen(web: socket.socket) -> socket.socket:
    screen, _ = web.accept()
    screen.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request = b""
    while b"\r\n\r\n" not in request:
        request += screen.recv(4096)
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", request)
    assert key is not None
    accept = base64.b64encode(hashlib.sha1(key[1] + _GUID.encode("ascii"), usedforsecurity=False).digest())
    screen.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + _frame('40{"sid":"floor"}')
    )
    return screen


def _frame(text: str) -> bytes:
    data = text.encode("utf-8")
    head = bytes((0x81, len(data))) if len(data) < 126 else b"\x81\x7e" + len(data).to_bytes(2, "big")
    return head + data


def main() -> None:
    """Serve until killed."""
    kind, folder, screens = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    sample, store = sys.stdin.read(), OneRowStore(folder)
    if kind == "bare":
        serve_bare(sample, store, screens)
    else:
        serve_socketio(sample, store)


if __name__ == "__main__":
    main()
