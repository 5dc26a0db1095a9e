"""What stands before two nodes: the guard, as haproxy.cfg has it, for calls; a reverse proxy for pages."""

from __future__ import annotations

import shlex
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

CHECK_EVERY_S, CHECK_LIMIT_S, FALL, RISE = 1.0, 1.0, 2, 1
CONNECT_S = 0.3
FIRST_DOOR_S, SECOND_DOOR_S = 3.0, 1.0  #: how long a server may be silent, at each
_ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: incoming\nagi_request: agi://guard/incoming\n"
    "agi_channel: PJSIP/trunk-00000001\nagi_uniqueid: {id}\nagi_callerid: {number}\nagi_calleridname: unknown\n"
    "agi_callingpres: 0\nagi_dnid: 112\nagi_context: siaga-112\nagi_extension: 112\nagi_priority: 5\n"
    "agi_arg_1: {id}\nagi_arg_2: rolling\nagi_arg_3: 0\nagi_arg_4: allowed_not_screened\n\n"
)


@dataclass
class Door:
    """One node as the guard and the proxy see it."""

    http_port: int
    agi_port: int
    up: bool = True
    _checks: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def check(self) -> None:
        """Ask /readyz, and count as HAProxy does: two failures put it down, one answer up."""
        try:
            well = requests.get(f"{self.base}/readyz", timeout=CHECK_LIMIT_S).status_code == 200
        except requests.RequestException:
            well = False
        self._checks = max(self._checks, 0) + 1 if well else min(self._checks, 0) - 1
        if self._checks >= RISE:
            self.up = True
        elif self._checks <= -FALL:
            self.up = False


@dataclass
class Front:
    """Both doors, callers who come through them, and people who look at pages."""

    doors: Sequence[Door]
    session: requests.Session
    tickets: dict[str, str] = field(default_factory=dict)
    without_ticket: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    pages: int = 0
    pages_down: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def busy(self, calls_per_s: float) -> Iterator[None]:
        """Calls and page views, until the block ends and the last of them is answered."""
        lines: list[threading.Thread] = []
        threads = [
            *(threading.Thread(target=self._every, args=(CHECK_EVERY_S, door.check)) for door in self.doors),
            threading.Thread(target=self._every, args=(1 / calls_per_s, lambda: lines.append(self._start_call()))),
            threading.Thread(target=self._every, args=(0.2, self._view)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in [*threads, *lines]:
                thread.join(20)

    def _every(self, seconds: float, act: Callable[[], object]) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            act()
            due += seconds
            self._over.wait(max(due - time.monotonic(), 0))

    def _start_call(self) -> threading.Thread:
        thread = threading.Thread(target=self._call, args=(f"{time.time_ns() / 1e9:.6f}",))
        thread.start()
        return thread

    def _call(self, linkedid: str) -> None:
        """The dialplan: the first door, then the second; then the caller is queued without a ticket."""
        began = time.monotonic()
        one, two = self.doors
        for order, patience_s in (((one, two), FIRST_DOOR_S), ((two, one), SECOND_DOOR_S)):
            # Where all are said to be unwell, the first is asked all the same: the `backup` without a check.
            for door in [door for door in order if door.up] or order[:1]:
                connection = _connect(door)
                if connection is None:
                    continue  # refused: `option redispatch`
                ticket = _report(connection, linkedid, patience_s)
                if ticket:
                    self.tickets[linkedid] = ticket
                    self.longest_s = max(self.longest_s, time.monotonic() - began)
                    return
                break
        self.without_ticket.append(linkedid)

    def _view(self) -> None:
        """A page, and what its script asks for; whoever does not take the connection is passed over."""
        self.pages += 1
        for path in ("/console", "/api/v1/snapshot"):
            said = ""
            for door in self.doors:
                try:
                    answer = self.session.get(door.base + path, timeout=10, allow_redirects=False)
                except requests.RequestException as error:
                    said += f"{type(error).__name__} "
                    continue
                said = "" if answer.status_code == 200 else f"{answer.status_code} "
                break
            if said:
                self.pages_down.append(f"{path}: {said}")


def _connect(door: Door) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", door.agi_port), CONNECT_S)
    except OSError:
        return None


def _report(connection: socket.socket, linkedid: str, patience_s: float) -> str:
    """Asterisk's side of `incoming`; the ticket's number, or nothing where the server was silent or went away."""
    ticket = ""
    with connection:
        connection.settimeout(patience_s)
        try:
            number = "08" + linkedid[-9:].replace(".", "")
            connection.sendall(_ENVIRONMENT.format(id=linkedid, number=number).encode())
            with connection.makefile("rb") as lines:
                for line in lines:
                    words = shlex.split(line.decode())
                    if words[:3] == ["SET", "VARIABLE", "SIAGA_TICKET"]:
                        ticket = words[3]
                    connection.sendall(b"200 result=1\n")
        except OSError:
            pass
    return ticket
