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
    poll = select.epoll()
    under_way: dict[int, _Session] = {}
    durations: list[float] = []
    failed = started = 0
    run_id = int(time.time())
    began = time.perf_counter()

    def start() -> None:
        nonlocal started
        started += 1
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        now = time.perf_counter()
        connection.connect(address)
        connection.setblocking(False)
        connection.send(
            _BEFORE_ID % {b"id": b"%d.%d" % (run_id, next(_places)), b"number": b"08120000%04d" % (started % 10000)}
        )
        under_way[connection.fileno()] = _Session(connection, now)
        poll.register(connection, select.EPOLLIN)

    while len(durations) + failed < sessions:
        while started < sessions and len(under_way) < concurrency:
            start()
        events = poll.poll(SILENCE_S)
        if not events:
            failed += len(under_way)
            break
        for descriptor, _ in events:
            session = under_way[descriptor]
            try:
                data = session.connection.recv(4096)
            except ConnectionResetError:
                data = b""
            if data:
                _reply(session, data)
                continue
            del under_way[descriptor]
            poll.unregister(descriptor)
            session.connection.close()
            if session.ticket:
                durations.append(time.perf_counter() - session.began)
            else:
                failed += 1
    seconds = time.perf_counter() - began
    for session in under_way.values():
        session.connection.close()
    poll.close()
    durations.sort()
    return LoadResult(
        sessions=len(durations),
        seconds=round(seconds, 3),
        per_second=round(len(durations) / seconds, 1),
        p50_ms=_percentile_ms(durations, 0.50),
        p99_ms=_percentile_ms(durations, 0.99),
        failed=failed,
    )


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
