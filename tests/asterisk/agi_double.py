"""Servers that stand where Siaga 112 should stand and fail in every way a server can, or do its work."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.asterisk.real_parts import wait_until

TICKET = "261124-001"


@dataclass
class Session:
    """One connection as the double saw it."""

    connection: socket.socket
    environment: dict[str, str]
    at: float = field(default_factory=time.time)  #: when its environment was complete
    replies: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def script(self) -> str:
        return self.environment.get("agi_network_script", "")

    @property
    def arguments(self) -> list[str]:
        """agi_arg_1, agi_arg_2, ..."""
        return [value for name, value in self.environment.items() if name.startswith("agi_arg_")]

    def command(self, line: str) -> None:
        """Send one command and keep the reply."""
        self.connection.sendall(line.encode() + b"\n")
        self.replies.append(self.connection.recv(4096).decode())


Behaviour = Callable[[Session], None]


def gives_a_ticket(session: Session) -> None:
    """What a healthy server does."""
    session.command('SET VARIABLE SIAGA_TREATMENT "normal"')
    session.command('SET VARIABLE SIAGA_PRIORITY "7"')
    session.command(f'SET VARIABLE SIAGA_TICKET "{TICKET}"')


def says_nothing(session: Session) -> None:
    """Frozen after it took the connection."""
    session.closing.wait()


def dies_in_mid_session(session: Session) -> None:
    """Its process is killed after the first command: the connection is reset."""
    session.command('SET VARIABLE SIAGA_TREATMENT "normal"')
    session.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def sends_half_a_line(session: Session) -> None:
    """Stops in the middle of its first line."""
    session.connection.sendall(b"SET VARIABLE SIAGA_TREAT")
    session.closing.wait()


def sends_half_a_ticket(session: Session) -> None:
    """Stops in the middle of the ticket's number."""
    session.connection.sendall(b'SET VARIABLE SIAGA_TICKET "2611')
    session.closing.wait()


def talks_without_end(session: Session) -> None:
    """Always says something, and never what is waited for."""
    while not session.closing.wait(0.4):
        session.command("NOOP")


class AgiDouble:
    """An AGI server on `port` that treats every connection as `behaviour` says; also answers /readyz on `web_port`."""

    def __init__(self, port: int, behaviour: Behaviour = gives_a_ticket, web_port: int | None = None) -> None:
        self.sessions: list[Session] = []
        self.starts: list[Session] = []  #: what an Asterisk said of its own start; no call's
        self._behaviour = behaviour
        self._listeners = [self._listen(port, self._converse)]
        if web_port:
            self._listeners.append(self._listen(web_port, self._say_ready))

    def told(self, script: str) -> list[Session]:
        """The sessions of one AGI script so far."""
        return [session for session in self.sessions if session.script == script]

    def wait_for(self, script: str) -> Session:
        """The first session of one AGI script, as soon as there is one."""
        return wait_until(f"the server told {script}", lambda: self.told(script))[0]

    def refuse_calls(self) -> None:
        """Take no AGI connections any more, and still answer the health check: what a failure looks like at first."""
        _close(self._listeners[0])

    def close(self) -> None:
        """Let go of every connection and accept no more."""
        for listener in self._listeners:
            _close(listener)
        for session in self.sessions:
            session.closing.set()

    def _listen(self, port: int, serve: Callable[[socket.socket], None]) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=50)
        threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            received = b""
            while b"\n\n" not in received:
                data = connection.recv(4096)
                if not data:
                    return
                received += data
            lines = [line.partition(": ") for line in received.decode(errors="replace").splitlines() if line]
            session = Session(connection, {name: value for name, _, value in lines})
            (self.starts if session.script == "started" else self.sessions).append(session)
            self._behaviour(session)

    def _say_ready(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")


def _close(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@contextmanager
def nobody_takes_connections(port: int) -> Iterator[None]:
    """A port whose SYNs are dropped, as from a machine that is gone: a listener with a full backlog."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        try:
            for client in waiting:
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
            yield
        finally:
            for client in waiting:
                client.close()
