"""A whole server, and strangers who open connections and send little: pages and calls go on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from telephony.simulator.load import run_load
from tests.app.running_server import Browser, RunningServer, running_server, until

PER_ADDRESS, SESSIONS = 40, 20
SECRET = b"081200000417"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    bounds = {"CONNECTIONS_PER_ADDRESS": PER_ADDRESS, "AGI_MAX_SESSIONS": SESSIONS, "REQUEST_S": 1}
    variables = {f"SIAGA_{name}": str(value) for name, value in bounds.items()}
    with running_server(tmp_path_factory.mktemp("strangers"), **variables) as started:
        yield started


def opened(stack: ExitStack, port: int, count: int, sent: bytes = b"") -> list[socket.socket]:
    """Connections on which something is sent, and nothing after it."""
    made = []
    for _ in range(count):
        made.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)))
        made[-1].sendall(sent)
    return made


def everything_from(client: socket.socket) -> bytes:
    """What the server sends until it closes the connection."""
    return b"".join(iter(lambda: client.recv(1000), b""))


SLOW_BODY = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 6000\r\n\r\nu"
SOCKET = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SLOW_CHUNKS = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nuse"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /sign-in HT", SLOW_BODY, SLOW_CHUNKS, SOCKET],
    ids=["nothing", "head", "body", "chunks", "sockets of nobody"],
)
def test_more_slow_connections_than_an_address_may_have_keep_no_page_waiting(
    server: RunningServer, sent: bytes
) -> None:
    with ExitStack() as stack, Browser(server) as browser:
        slow = opened(stack, server.http_port, 3 * PER_ADDRESS, sent)
        assert browser.get("/sign-in").status_code == 200
        assert browser.get("/healthz").status_code == 200
        everything_from(slow[0])  # ends: the oldest made place for the others


def test_strangers_sockets_displace_one_another_and_no_socket_of_a_person(server: RunningServer) -> None:
    with ExitStack() as stack, Browser(server, "operator1", "1") as operator:
        live = operator.connect()
        opened(stack, server.http_port, 3 * PER_ADDRESS, SOCKET)
        assert live.resume(0)["items"]
        assert operator.get("/api/v1/me").status_code == 200


def test_a_request_that_does_not_arrive_is_given_up_in_time(server: RunningServer) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        slow = [
            opened(stack, server.http_port, 1, sent)[0] for sent in (b"GET /sign-in HT", SLOW_BODY, SLOW_BODY + b"se")
        ]
        answers = [everything_from(client) for client in slow]
    assert [answer[:12] for answer in answers] == [b"", b"HTTP/1.1 408", b"HTTP/1.1 408"]
    assert time.monotonic() - began < 8.0


MALFORMED = {
    "no HTTP": b"tolong " + SECRET + b"\r\n\r\n",
    "method": b"G\x00T /" + SECRET + b" HTTP/1.1\r\n\r\n",
    "version": b"GET /l/" + SECRET + b" HTTP/9.9\r\n\r\n",
    "header": b"GET / HTTP/1.1\r\nHost: x\r\nbad header " + SECRET + b"\r\n\r\n",
    "two lengths": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + SECRET,
    "both": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + SECRET,
    "chunk": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + SECRET + b"zz\r\n\r\n",
    "long line": b"GET /" + SECRET * 1000 + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"X-A: " + SECRET + b"\r\n" + b"X-B: b\r\n" * 300 + b"\r\n",
    "bytes": bytes(range(256)) + SECRET + b"\r\n\r\n",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_writes_at_most_one_line_and_nothing_of_what_was_sent(
    server: RunningServer, sent: bytes
) -> None:
    before = len(server.lines)
    with ExitStack() as stack:
        (client,) = opened(stack, server.http_port, 1, sent)
        with suppress(OSError):  # where the server had read enough and is gone
            client.shutdown(socket.SHUT_WR)
            everything_from(client)
    with Browser(server) as browser:
        assert browser.get("/a-page-that-is-not-there").status_code == 404  # its line comes after all others
    until(lambda: "status=404" in "".join(server.lines[before:]))
    written = [line for line in server.lines[before:] if "status=404" not in line]
    assert len(written) <= 1, written
    assert all(len(line) < 200 and SECRET.decode() not in line for line in written)


@pytest.mark.parametrize("sent", [b"", b"agi_network: yes\n"], ids=["nothing", "one header line"])
def test_idle_fastagi_connections_refuse_no_call(server: RunningServer, sent: bytes) -> None:
    with ExitStack() as stack:
        idle = opened(stack, server.agi_port, SESSIONS, sent)
        time.sleep(0.3)  # not a wait for something: they have been silent for longer than Asterisk ever is
        began = time.monotonic()
        result = run_load(("127.0.0.1", server.agi_port), concurrency=5, sessions=10)
        assert result.failed == 0
        assert time.monotonic() - began < 2.0
        assert idle[0].recv(1) == b""
    with Browser(server) as browser:
        assert "siaga_agi_refused_total 0.0" in browser.get("/metrics").text
