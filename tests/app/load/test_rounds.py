"""Whatever many browsers ask for at once, what a call exchanges with Asterisk goes between their requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import Any

import gevent
import gevent.socket
import pytest
import websocket

from app.feed.websocket import GeventWebSocket
from app.load.connections import Connections
from app.load.rounds import Rounds
from app.load.whole_requests import ROUNDS, WholeRequests

MANY = 100
STEPS = 4  #: what a call exchanges with Asterisk
#: Begun between two steps of a call, where nothing bounds it: all of them.
FEW = 10

Work = Callable[[], None]
#: Gets everything ready, and returns what lets it all loose without a round of the loop in between.
Flood = Callable[[Work, ExitStack], Callable[[], None]]


def requests(work: Work, _stack: ExitStack) -> Callable[[], None]:
    """Many requests of one stranger are here, whole."""

    def application(_environ: object, _start: object) -> list[bytes]:
        work()
        return [b""]

    whole = WholeRequests(application, Connections(0, MANY), 5.0, 1000)

    def let_loose() -> None:
        for _ in range(MANY):
            environ = {"gunicorn.socket": object(), "REMOTE_ADDR": "203.0.113.9"}
            gevent.spawn(whole, environ, lambda *_: None)

    return let_loose


def messages(work: Work, stack: ExitStack) -> Callable[[], None]:
    """A message has come on each of many sockets of one person."""
    rounds, browsers = Rounds(), []

    def handler(ours: GeventWebSocket) -> None:
        if ours.wait() is not None:
            work()

    def run(environ: dict[str, Any]) -> None:
        with suppress(StopIteration):
            GeventWebSocket(handler, None)(environ, lambda *_: None)

    for _ in range(MANY):
        ours, theirs = gevent.socket.socketpair()
        stack.callback(ours.close)
        stack.callback(theirs.close)
        environ = {
            "gunicorn.socket": ours,
            ROUNDS: rounds,
            "HTTP_HOST": "localhost",
            "HTTP_UPGRADE": "websocket",
            "HTTP_CONNECTION": "Upgrade",
            "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
            "HTTP_SEC_WEBSOCKET_VERSION": "13",
        }
        gevent.spawn(run, environ)
        greeting = b""
        while not greeting.endswith(b"\r\n\r\n"):
            greeting += theirs.recv(1)
        browser = websocket.WebSocket()
        browser.sock, browser.connected = theirs, True
        browsers.append(browser)

    def let_loose() -> None:
        for browser in browsers:
            browser.send("42")

    return let_loose


@pytest.mark.parametrize("flood", [requests, messages])
def test_a_call_waits_for_few_of_the_requests_that_are_ready(flood: Flood) -> None:
    begun: list[int] = []
    seen: list[int] = []

    def call() -> None:
        while ours.recv(1):
            seen.append(len(begun))
            ours.sendall(b"<")

    with ExitStack() as stack:
        ours, asterisk = (stack.enter_context(end) for end in gevent.socket.socketpair())
        gevent.spawn(call)
        let_loose = flood(lambda: begun.append(1), stack)
        gevent.sleep(0)
        let_loose()
        for _ in range(STEPS):
            asterisk.sendall(b">")
            asterisk.recv(1)
        assert max(later - earlier for earlier, later in pairwise([0, *seen])) <= FEW
        with gevent.Timeout(10.0):
            while len(begun) < MANY:  # and all of them are answered
                gevent.idle()


def test_networks_take_turns_and_whoever_gave_up_holds_nobody_up() -> None:
    rounds, order = Rounds(), []

    def ask(network: str) -> None:
        rounds.begin(network)
        order.append(network)

    flood = [gevent.spawn(ask, "stranger") for _ in range(20)]
    gone = gevent.spawn(ask, "gone")
    for network in ("centre", "agency"):
        gevent.spawn(ask, network)
    gevent.sleep(0)
    gone.kill()
    gevent.joinall(flood, timeout=5.0)
    assert set(order[:4]) == {"stranger", "centre", "agency"}
    assert (len(order), len(rounds)) == (22, 0)


def test_who_is_alone_does_not_wait() -> None:
    rounds = Rounds()
    with gevent.Timeout(0.0001, False):  # there is no time for the loop to come by
        rounds.begin("a")
        assert len(rounds) == 0
        return
    pytest.fail("it waited")
