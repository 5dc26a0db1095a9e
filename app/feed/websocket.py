"""The WebSocket that Engine.IO talks through under gunicorn's gevent worker.

simple-websocket, which python-engineio uses otherwise, calls `send` where `sendall` is needed: under gevent a frame
that does not fit into the socket's buffer is cut off and the connection is lost (seen with a slow reader). It also
accepts compression whenever a browser offers it, which a fan-out to hundreds of screens cannot afford.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import gevent
from engineio.packet import MESSAGE, Packet
from gevent.lock import BoundedSemaphore
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from app.load.connections import address_key
from app.load.rounds import Rounds
from app.load.whole_requests import ROUNDS

SEND_LIMIT_S = 10.0  #: a reader that takes nothing for this long is gone; it reconnects and resumes
RECEIVE_BYTES = 4096
MESSAGE_LIMIT_BYTES = 64 * 1024  #: nothing that a browser has to say is longer
#: A browser answers a ping every ten seconds and asks for what it missed now and then; each frame costs the loop.
FRAME_LIMIT, FRAME_WINDOW_S = 60, 10.0

_TEXT, _BINARY = 0x1, 0x2
_FINAL = 0x80


def encode_frame(data: str | bytes) -> bytes:
    """One unmasked final frame (RFC 6455, 5.2), the same bytes for every receiver."""
    opcode, payload = (_TEXT, data.encode()) if isinstance(data, str) else (_BINARY, data)
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", _FINAL | opcode, length)
    elif length < 65536:
        head = struct.pack("!BBH", _FINAL | opcode, 126, length)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, 127, length)
    return head + payload


class Frames(bytes):
    """One or more finished frames, to be written as they are."""


class FramedMessages(Packet):  # type: ignore[misc]
    """Several Engine.IO messages, framed once and written in one go to each of many receivers."""

    def __init__(self, messages: Iterable[str]) -> None:
        super().__init__(MESSAGE, "")
        self.frames = Frames(b"".join(encode_frame(f"{MESSAGE}{message}") for message in messages))

    def encode(self, b64: bool = False) -> Frames:
        """The frames, in place of the text that Engine.IO would frame for each receiver."""
        return self.frames


class GeventWebSocket:
    """What python-engineio expects of a WebSocket: called as a WSGI application, then `wait`, `send`, `close`."""

    def __init__(self, handler: Callable[[GeventWebSocket], Any], server: object) -> None:
        self._handler = handler
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._received: deque[str | bytes] = deque()
        self._parts: list[str | bytes] = []
        self._parts_length = 0
        self._frames = 0
        self._window_began = 0.0
        self._writing = BoundedSemaphore(1)
        self._open = False
        self._rounds = Rounds()
        self._network = ""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Shake hands on the connection that gunicorn holds and serve it until it ends."""
        self._socket = environ["gunicorn.socket"]
        self._rounds = environ.get(ROUNDS, self._rounds)
        self._network = address_key(environ.get("REMOTE_ADDR", ""))
        try:
            self._protocol.receive_data(_request_bytes(environ))
            self._open = any(isinstance(event, Request) for event in self._protocol.events())
            accepted = self._protocol.send(AcceptConnection())
        except (RemoteProtocolError, LocalProtocolError):
            self._open = False
            start_response("400 BAD REQUEST", [("Content-Type", "text/plain")])
            return [b"not a WebSocket handshake"]
        try:
            self._write(accepted)
            self._handler(self)
        finally:
            self._open = False
        # gunicorn takes this to mean that the answer has been given and closes the connection.
        raise StopIteration

    def wait(self) -> str | bytes | None:
        """The next whole message, or None once the connection has ended."""
        while self._open and not self._received:
            try:
                data = self._socket.recv(RECEIVE_BYTES)
                self._protocol.receive_data(data or None)
                for event in self._protocol.events():
                    if not self._is_one_too_many(event):
                        self._take(event)
            except (OSError, LocalProtocolError, RemoteProtocolError):
                self._open = False
        if not self._received:
            return None
        if self._received[0][:1] == str(MESSAGE):  # an answer to a ping starts nothing, and must not come late
            self._rounds.begin(self._network)
        return self._received.popleft()

    def _is_one_too_many(self, event: Event) -> bool:
        """Count frames, and end the connection of whoever sends more of them than any browser has reason to."""
        if not getattr(event, "frame_finished", True):
            return False  # a part of a long frame
        if monotonic() - self._window_began > FRAME_WINDOW_S:
            self._window_began, self._frames = monotonic(), 0
        self._frames += 1
        if self._frames == FRAME_LIMIT + 1:
            self._say_goodbye(CloseReason.POLICY_VIOLATION)
        return self._frames > FRAME_LIMIT

    def _take(self, event: Event) -> None:
        match event:
            case TextMessage() | BytesMessage():
                self._parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
                self._parts_length += len(event.data)
                if self._parts_length > MESSAGE_LIMIT_BYTES:
                    self._say_goodbye(CloseReason.MESSAGE_TOO_BIG)
                elif event.message_finished:
                    empty: Any = b"" if isinstance(event, BytesMessage) else ""
                    self._received.append(empty.join(self._parts))
                    self._parts, self._parts_length = [], 0
            case Ping():
                self._write(self._protocol.send(event.response()))
            case CloseConnection():
                self._open = False
                self._write(self._protocol.send(event.response()))
            case RejectConnection():
                self._open = False

    def send(self, data: str | bytes) -> None:
        """Write one message, or frames made before. Raises OSError where the connection is gone or does not take it."""
        if not self._open:
            raise OSError("the connection has ended")
        self._write(data if isinstance(data, Frames) else encode_frame(data))

    def close(self) -> None:
        """Say goodbye once; the reader then sees the end."""
        if self._open:
            self._say_goodbye(CloseReason.NORMAL_CLOSURE)

    def _say_goodbye(self, reason: CloseReason) -> None:
        self._open = False
        try:
            self._write(self._protocol.send(CloseConnection(reason)))
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the reader
        except (OSError, LocalProtocolError):
            return  # The other side went first: there is nobody left to tell.

    def _write(self, data: bytes) -> None:
        # The writer of journal entries and the answer to a ping must never mix their bytes.
        with self._writing:
            try:
                with gevent.Timeout(SEND_LIMIT_S, OSError("the reader takes nothing")):
                    self._socket.sendall(data)
            except OSError:
                # Half a frame may have gone out: nothing can follow it on this connection.
                self._open = False
                self._socket.close()
                raise


def _request_bytes(environ: dict[str, Any]) -> bytes:
    """The request as wsproto wants to read it, without the extensions: no compression is agreed on."""
    headers = {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_") and name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return ("GET / HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
