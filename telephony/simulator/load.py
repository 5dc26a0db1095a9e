"""Load: as many `incoming` sessions as the server takes, at the least cost to the machine that asks.

One thread, one epoll, prebuilt bytes and no parsing beyond what tells the commands apart, so that on two cores it is
the server that is measured.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from itertools import count

ACCEPTED = b"200 result=1\n"
NOT_SET = b"200 result=0\n"
#: A session that says nothing for this long has failed.
SILENCE_S = 10.0

_BEFORE_ID = (
    b"agi_network: yes\n"
    b"agi_network_script: incoming\n"
    b"agi_request: agi://127.0.0.1:4573/incoming\n"
    b"agi_channel: PJSIP/trunk-00000001\n"
    b"agi_language: id\n"
    b"agi_type: PJSIP\n"
    b"agi_uniqueid: %(id)s\n"
    b"agi_version: 22.5.2\n"
    b"agi_callerid: %(number)s\n"
    b"agi_calleridname: unknown\n"
    b"agi_callingpres: 0\n"
    b"agi_callingani2: 0\n"
    b"agi_callington: 0\n"
    b"agi_callingtns: 0\n"
    b"agi_dnid: 112\n"
    b"agi_rdnis: unknown\n"
    b"agi_context: siaga-112\n"
    b"agi_extension: 112\n"
    b"agi_priority: 5\n"
    b"agi_enhanced: 0.0\n"
    b"agi_accountcode: \n"
    b"agi_threadid: 140245345343232\n"
    b"agi_arg_1: %(id)s\n"
    b"agi_arg_2: load\n"
    b"agi_arg_3: 0\n"
    b"agi_arg_4: allowed_not_screened\n"
    b"agi_arg_5: 0\n"
    b"\n"
)


@dataclass(slots=True)
class LoadResult:
    """What a load run measured; `failed` sessions ended without a ticket."""

    sessions: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


#: As Asterisk counts its channels: two runs within one second bring different calls.
_places = count(1)


@dataclass(slots=True)
class _Session:
    connection: socket.socket
    began: float
    received: bytes = b""
    ticket: bool = False


def run_load(address: tuple[str, int], *, concurrency: int, sessions: int) -> LoadResult:
    """Run `sessions` calls' `incoming`, `concurrency` at a time, and measure from connecting to the server's close."""
    began = time.perf_counter()
    load = _Load(address)
    while len(load.durations) + load.failed < sessions:
        while load.started < sessions and len(load.under_way) < concurrency:
            load.start()
        if not load.follow():
            break
    seconds = time.perf_counter() - began
    load.close()
    durations = sorted(load.durations)
    return LoadResult(
        sessions=len(durations),
        seconds=round(seconds, 3),
        per_second=round(len(durations) / seconds, 1),
        p50_ms=_percentile_ms(durations, 0.50),
        p99_ms=_percentile_ms(durations, 0.99),
        failed=load.failed,
    )


class _Load:
    """The sessions that are under way, and how long those took that are over."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._poll = select.epoll()
        self._run_id = int(time.time())
        self.under_way: dict[int, _Session] = {}
        self.durations: list[float] = []
        self.started = self.failed = 0

    def start(self) -> None:
        """Begin one session."""
        self.started += 1
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        now = time.perf_counter()
        connection.connect(self._address)
        connection.setblocking(False)
        number = b"08120000%04d" % (self.started % 10000)
        connection.send(_BEFORE_ID % {b"id": b"%d.%d" % (self._run_id, next(_places)), b"number": number})
        self.under_way[connection.fileno()] = _Session(connection, now)
        self._poll.register(connection, select.EPOLLIN)

    def follow(self) -> bool:
        """Answer what the server says next; False when it has said nothing for too long."""
        events = self._poll.poll(SILENCE_S)
        for descriptor, _ in events:
            session = self.under_way[descriptor]
            try:
                data = session.connection.recv(4096)
            except ConnectionResetError:
                data = b""
            if data:
                _reply(session, data)
            else:
                self._end(descriptor, session)
        if not events:
            self.failed += len(self.under_way)
        return bool(events)

    def _end(self, descriptor: int, session: _Session) -> None:
        del self.under_way[descriptor]
        self._poll.unregister(descriptor)
        session.connection.close()
        if session.ticket:
            self.durations.append(time.perf_counter() - session.began)
        else:
            self.failed += 1

    def close(self) -> None:
        """Leave what is still under way."""
        for session in self.under_way.values():
            session.connection.close()
        self._poll.close()


def _reply(session: _Session, data: bytes) -> None:
    session.received += data
    if not session.received.endswith(b"\n"):
        return
    line, session.received = session.received, b""
    if line.startswith(b"SET VARIABLE "):
        session.ticket = session.ticket or b"SIAGA_TICKET" in line
        session.connection.send(ACCEPTED)
    else:
        session.connection.send(NOT_SET)


def _percentile_ms(durations: list[float], share: float) -> float:
    if not durations:
        return 0.0
    return round(durations[min(len(durations) - 1, int(share * len(durations)))] * 1000, 2)
