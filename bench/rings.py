"""Calls that ring at a steady rate, whether or not the server keeps up, and when each of them began."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

SESSION_LIMIT_S = 10.0
WORKERS = 64
_ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: incoming\nagi_request: agi://127.0.0.1/incoming\n"
    "agi_channel: PJSIP/trunk-00000001\nagi_language: id\nagi_type: PJSIP\nagi_uniqueid: {linkedid}\n"
    "agi_version: 22.5.2\nagi_callerid: {number}\nagi_calleridname: unknown\nagi_callingpres: 1\n"
    "agi_dnid: 112\nagi_context: siaga-112\nagi_extension: 112\nagi_priority: 5\nagi_enhanced: 0.0\n"
    "agi_arg_1: {linkedid}\nagi_arg_2: bench\nagi_arg_3: 0\nagi_arg_4: allowed_passed_screen\n\n"
)


class RingFailed(Exception):
    """A call was not given a ticket."""


def ring_fastagi(port: int, linkedid: str) -> int:
    """Play Asterisk for one call and return when it began to connect, in ns of CLOCK_MONOTONIC."""
    number = f"0857{hash(linkedid) % 10**8:08d}"
    began_ns = time.monotonic_ns()
    with socket.create_connection(("127.0.0.1", port), SESSION_LIMIT_S) as connection:
        connection.sendall(_ENVIRONMENT.format(linkedid=linkedid, number=number).encode("ascii"))
        has_ticket = False
        for command in connection.makefile("rb"):
            has_ticket = has_ticket or b"SIAGA_TICKET" in command
            connection.sendall(b"200 result=1\n")
    if not has_ticket:
        raise RingFailed(f"{linkedid} ended without SIAGA_TICKET")
    return began_ns


def ring_floor(port: int, linkedid: str) -> int:
    """Ring bench.fan_out_floor; the answer means the same as for `ring_fastagi`."""
    began_ns = time.monotonic_ns()
    with socket.create_connection(("127.0.0.1", port), SESSION_LIMIT_S) as connection:
        connection.sendall(linkedid.encode("ascii") + b"\n")
        if not connection.recv(200):
            raise RingFailed(linkedid)
    return began_ns


def ring_steadily(ring: Callable[[str], int], *, per_s: float, seconds: float, name: str) -> dict[str, int]:
    """Let `per_s` calls a second begin for that long; return each call's linkedid and when it began."""
    began: dict[str, int] = {}

    def one(linkedid: str) -> None:
        began[linkedid] = ring(linkedid)

    with ThreadPoolExecutor(WORKERS) as pool:
        start = time.monotonic()
        running = []
        for index in range(round(per_s * seconds)):
            time.sleep(max(0.0, start + index / per_s - time.monotonic()))
            running.append(pool.submit(one, f"bench-{name}-{index}"))
        for call in running:
            call.result()
    return began
