"""HTTP connections: bounded by address and in all, and those that send nothing make place for those that do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import gevent
import gevent.socket
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.load.address_shares import AddressShares
from app.load.connections import Connections, address_key
from app.load.whole_requests import WholeRequests


@pytest.fixture
def ends() -> Iterator[Any]:
    """Makes connected pairs (ours, theirs)."""
    made: list[Any] = []

    def pair() -> tuple[Any, Any]:
        made.append(gevent.socket.socketpair())
        return made[-1]

    yield pair
    for ours, theirs in made:
        ours.close()
        theirs.close()


def test_a_new_connection_displaces_the_longest_waiting_of_its_address_and_no_other(ends: Any) -> None:
    connections = Connections(per_address=2, at_once=100)
    other, slow, slower = ends(), ends(), ends()
    assert connections.enter(other[0], "192.0.2.9")
    assert connections.enter(slow[0], "192.0.2.1")
    assert connections.enter(slower[0], "192.0.2.1")
    assert connections.enter(ends()[0], "192.0.2.1")
    assert slow[0].recv(1) == b""  # its reader sees the end, and so does its browser
    assert slow[1].recv(1) == b""
    assert (connections.of("192.0.2.1"), connections.displaced, connections.refused) == (2, 1, 0)
    assert connections.of("192.0.2.9") == 1


def test_a_connection_that_is_being_worked_for_is_never_displaced(ends: Any) -> None:
    connections = Connections(per_address=2, at_once=100)
    worked = [ends()[0] for _ in range(2)]
    for client in worked:
        assert connections.enter(client, "192.0.2.1")
        connections.works(client)
    assert not connections.enter(ends()[0], "192.0.2.1")
    assert connections.refused == 1
    connections.waits(worked[1])  # answered, and kept open
    assert connections.enter(ends()[0], "192.0.2.1")
    worked[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        worked[0].recv(1)


def test_where_all_places_are_taken_the_longest_waiting_of_all_goes(ends: Any) -> None:
    connections = Connections(per_address=0, at_once=3)
    first = ends()
    assert connections.enter(first[0], "192.0.2.1")
    for number in range(2, 30):
        assert connections.enter(ends()[0], f"192.0.2.{number}")
    assert first[0].recv(1) == b""
    assert len(connections) == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("?", "?", True),
    ],
)
def test_a_subscriber_is_one_address(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same


@given(st.lists(st.tuples(st.sampled_from(["enter", "works", "waits", "leave"]), st.integers(0, 9)), max_size=60))
def test_whatever_connections_do_the_bounds_hold_and_nothing_is_kept_of_those_that_left(
    steps: list[tuple[str, int]],
) -> None:
    connections = Connections(per_address=3, at_once=5)
    clients = [socket.socket() for _ in range(10)]
    try:
        for what, which in steps:
            client = clients[which]
            if what == "enter":
                if client not in connections._key_of:
                    connections.enter(client, f"192.0.2.{which % 3}")
            else:
                getattr(connections, what)(client)
            assert len(connections) <= 5
            assert all(connections.of(f"192.0.2.{number}") <= 3 for number in range(3))
        for client in clients:
            connections.leave(client)
        kept = (connections._key_of, connections._count, connections._waiting, connections._waiting_of)
        assert [len(one) for one in kept] == [0, 0, 0, 0]
    finally:
        for client in clients:
            client.close()


def app_that_reads(request_s: float = 5.0) -> WholeRequests:
    app = Flask(__name__)

    @app.post("/")
    def size() -> str:
        from flask import request

        return str(len(request.get_data()))

    return WholeRequests(app.wsgi_app, Connections(0, 10), request_s, 1000)


class Dripping:
    """A body whose end does not come."""

    def read(self, size: int) -> bytes:
        gevent.sleep(60)
        return b"x" * size


def answer_to(application: Any, **environ: Any) -> tuple[str, bytes]:
    statuses: list[str] = []
    made = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
    }
    body = b"".join(application(made | environ, lambda status, _headers, *_: statuses.append(status)))
    return statuses[0], body


def test_a_body_that_drips_is_given_up_when_its_time_is_over() -> None:
    with gevent.Timeout(5):
        status, _ = answer_to(app_that_reads(0.05), **{"CONTENT_LENGTH": "10", "wsgi.input": Dripping()})
    assert status.startswith("408")


def test_a_body_in_chunks_that_drips_is_given_up_too() -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": Dripping()}
    with gevent.Timeout(5):
        status, _ = answer_to(app_that_reads(0.01), **chunked)
    assert status.startswith("408")


def test_a_body_whose_sender_went_away_costs_the_application_nothing() -> None:
    from io import BytesIO

    def application(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        pytest.fail("nobody waits for the answer")

    whole = WholeRequests(application, Connections(0, 10), 5.0, 1000)
    with pytest.raises(StopIteration):
        answer_to(whole, **{"CONTENT_LENGTH": "10", "wsgi.input": BytesIO(b"x")})


def test_a_body_that_is_whole_arrives_as_it_is() -> None:
    from io import BytesIO

    body = {"CONTENT_LENGTH": "1000", "wsgi.input": BytesIO(b"x" * 1000)}
    assert answer_to(app_that_reads(), **body) == ("200 OK", b"1000")


def test_a_body_beyond_the_limit_is_left_to_the_application_unread() -> None:
    read: list[int] = []

    class Watched(Dripping):
        def read(self, size: int) -> bytes:
            read.append(size)
            return b""

    def application(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("413 Too Large", [])
        return [b""]

    whole = WholeRequests(application, Connections(0, 10), 5.0, 1000)
    assert answer_to(whole, **{"CONTENT_LENGTH": "1001", "wsgi.input": Watched()}) == ("413 Too Large", b"")
    assert read == []


def test_behind_a_proxy_each_browsers_own_address_has_its_share() -> None:
    go_on, begun = gevent.event.Event(), []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        begun.append(environ["REMOTE_ADDR"])
        go_on.wait(5)
        start_response("200 OK", [])
        return [b"fine"]

    shares = AddressShares(application, at_once=3)
    held = [gevent.spawn(answer_to, shares, REMOTE_ADDR=f"2001:db8::{number}") for number in range(3)]
    gevent.sleep(0)
    assert answer_to(shares, REMOTE_ADDR="2001:db8::ff")[0].startswith("503")
    other = gevent.spawn(answer_to, shares, REMOTE_ADDR="192.0.2.1")
    go_on.set()
    assert other.get(timeout=5) == ("200 OK", b"fine")
    gevent.joinall(held, timeout=5)
    assert answer_to(shares, REMOTE_ADDR="2001:db8::ff")[0] == "200 OK"
    assert shares._under_way == {}
