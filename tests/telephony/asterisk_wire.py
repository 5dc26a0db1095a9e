"""Asterisk's end of the wire, byte by byte, for tests that do what Asterisk would not."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType

import gevent
from gevent import socket

#: How long a test waits for what must come.
PATIENCE_S = 5.0

#: Every line that the server may ever put on the wire.
OUR_LINES = re.compile(
    r'SET VARIABLE "SIAGA_(?:TREATMENT|PRIORITY|TICKET)" "[\w-]*"'
    r'|GET FULL VARIABLE "\$\{(?:CHANNEL\(linkedid\)|SYSTEMNAME)\}"'
    r'|GET FULL VARIABLE "\$\{GEOLOC_PROFILE\((?:format|effective_location|method)\)\}"'
)


def environment(
    script: str = "incoming",
    *arguments: str,
    callerid: bytes = b"081200001234",
    calleridname: bytes = b"unknown",
    uniqueid: str = "1764000000.7",
) -> bytes:
    """An environment as Asterisk 22 sends it; the caller's number and name may be any bytes."""
    lines = [
        b"agi_network: yes",
        b"agi_network_script: " + script.encode(),
        b"agi_request: agi://127.0.0.1:4573/" + script.encode(),
        b"agi_channel: PJSIP/trunk-00000007",
        b"agi_language: id",
        b"agi_type: PJSIP",
        b"agi_uniqueid: " + uniqueid.encode(),
        b"agi_version: 22.5.2",
        b"agi_callerid: " + callerid,
        b"agi_calleridname: " + calleridname,
        b"agi_callingpres: 0",
        b"agi_callingani2: 0",
        b"agi_callington: 0",
        b"agi_callingtns: 0",
        b"agi_dnid: 112",
        b"agi_rdnis: unknown",
        b"agi_context: siaga-112",
        b"agi_extension: 112",
        b"agi_priority: 12",
        b"agi_enhanced: 0.0",
        b"agi_accountcode: ",
        b"agi_threadid: 139731604539072",
        *(f"agi_arg_{place}: {argument}".encode() for place, argument in enumerate(arguments, start=1)),
    ]
    return b"\n".join(lines) + b"\n\n"


def incoming(linkedid: str = "1764000000.7", locations: str = "0", **caller: bytes) -> bytes:
    """The environment of `incoming` as our dialplan calls it."""
    return environment("incoming", linkedid, "serang-1", locations, "allowed_not_screened", **caller)


class Wire:
    """A connection to the server under test."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=PATIENCE_S)
        self._received = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_no_more(self) -> None:
        """End our half of the stream."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection off, as a killed process does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self._socket.close()

    def line(self) -> str | None:
        """The next line from the server without its line break, None when it has closed the connection."""
        while (end := self._received.find(b"\n")) < 0:
            try:
                data = self._socket.recv(4096)
            except ConnectionResetError:
                data = b""
            if not data:
                assert self._received == b"", "the server stopped inside a line"
                return None
            self._received += data
        line, self._received = self._received[:end], self._received[end + 1 :]
        return line.decode()

    def rest(self) -> list[str]:
        """All lines up to the server's close, to none of which we reply."""
        lines: list[str] = []
        while (line := self.line()) is not None:
            lines.append(line)
        return lines

    def obey(self, reply: bytes = b"200 result=1\n") -> list[str]:
        """Answer every command alike until the server closes; the commands."""
        commands: list[str] = []
        while (line := self.line()) is not None:
            commands.append(line)
            self.send(reply)
        return commands


def ticket_in(commands: list[str]) -> str | None:
    """The ticket number that the commands tell, if it is told last."""
    found = re.fullmatch(r'SET VARIABLE "SIAGA_TICKET" "([\w-]+)"', commands[-1]) if commands else None
    return found[1] if found else None


def until(condition: Callable[[], bool]) -> None:
    """Let the server work until the condition holds; fail if it never does."""
    with gevent.Timeout(PATIENCE_S):
        while not condition():
            gevent.idle()
