"""The wire of a session: waits without holding anybody up, sends whatever fits, and ends at once."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pytest
from gevent import socket

from telephony.agi.line import AgiLine


@pytest.fixture
def ends() -> Iterator[tuple[AgiLine, socket.socket]]:
    """Our end and Asterisk's."""
    ours, theirs = socket.socketpair()
    line = AgiLine(ours.detach())
    yield line, theirs
    theirs.close()


def test_a_reply_is_waited_for_while_others_run(ends: tuple[AgiLine, socket.socket]) -> None:
    line, asterisk = ends
    line.send(b"NOOP\n")
    answering = gevent.spawn(lambda: (asterisk.recv(100), asterisk.sendall(b"200 result=0\n")))
    assert line.recv(4096) == b"200 result=0\n"
    assert answering.get(timeout=5)[0] == b"NOOP\n"
    line.close()


def test_more_than_the_wire_holds_arrives_whole_when_the_other_side_reads_late(
    ends: tuple[AgiLine, socket.socket],
) -> None:
    line, asterisk = ends
    sent = bytes(range(256)) * 8192
    sending = gevent.spawn(line.sendall, sent)
    gevent.idle()
    received = b""
    while len(received) < len(sent):
        received += asterisk.recv(65536)
    sending.get(timeout=5)
    assert received == sent
    line.close()


def test_the_end_of_the_stream_and_of_the_line(ends: tuple[AgiLine, socket.socket]) -> None:
    line, asterisk = ends
    asterisk.shutdown(socket.SHUT_WR)
    assert line.recv(10) == b""
    line.close()
    assert asterisk.recv(10) == b""
