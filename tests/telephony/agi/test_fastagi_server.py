"""The server's bounds, its counters and its end."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_network

import gevent
import pytest
from gevent import socket

from dispatch.errors import StorageUnavailable, TransitionRefused
from telephony.agi.server import FastAgiServer
from telephony.agi.statistics import Latency, SessionEnd
from tests.telephony.asterisk_wire import Wire, environment, incoming, ticket_in, until
from tests.telephony.fake_centre import FakeCentre

StartServer = Callable[..., FastAgiServer]


def open_wire(server: FastAgiServer) -> Wire:
    return Wire(("127.0.0.1", server.server_port))


@pytest.mark.parametrize(
    "failure",
    [StorageUnavailable("disk full"), KeyError("bug"), TransitionRefused("call", "ended", "answer", [])],
    ids=["storage", "bug", "refusal"],
)
def test_a_call_that_could_not_be_written_down_gets_no_ticket_and_no_delay(
    failure: Exception, server: FastAgiServer, fake_centre: FakeCentre, caplog: pytest.LogCaptureFixture
) -> None:
    fake_centre.failure = failure
    with open_wire(server) as wire:
        wire.send(incoming("1764000000.7"))
        assert wire.rest() == []
    assert server.statistics.ends == {("incoming", SessionEnd.FAILED): 1}
    assert server.statistics.failed == 1
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert type(failure).__name__ in record.getMessage()


def test_the_next_call_after_a_failure_gets_its_ticket(server: FastAgiServer, fake_centre: FakeCentre) -> None:
    fake_centre.failure = StorageUnavailable("locked")
    with open_wire(server) as wire:
        wire.send(incoming("1764000000.7"))
        wire.rest()
    fake_centre.failure = None
    with open_wire(server) as wire:
        wire.send(incoming("1764000000.8"))
        assert ticket_in(wire.obey()) == "261124-001"


def test_a_centre_that_hangs_is_left_in_time(start_server: StartServer, fake_centre: FakeCentre) -> None:
    server = start_server(session_s=0.2)
    fake_centre.open_door.clear()
    with open_wire(server) as wire:
        wire.send(incoming())
        assert wire.rest() == []
    assert server.statistics.ends == {("incoming", SessionEnd.TIMED_OUT): 1}


def test_a_call_after_one_whose_time_ran_out_has_a_time_of_its_own(
    start_server: StartServer, fake_centre: FakeCentre
) -> None:
    server = start_server(session_s=0.4)
    fake_centre.open_door.clear()
    with open_wire(server) as wire:
        wire.send(incoming("1764000000.1"))
        assert wire.rest() == []
    with open_wire(server) as wire:
        wire.send(incoming("1764000000.2"))
        until(lambda: fake_centre.waiting == 2)
        fake_centre.open_door.set()
        assert ticket_in(wire.obey())
    assert server.statistics.ends == {("incoming", SessionEnd.TIMED_OUT): 1, ("incoming", SessionEnd.COMPLETED): 1}


def test_a_connection_too_many_is_closed_at_once(
    start_server: StartServer,
    fake_centre: FakeCentre,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("telephony.agi.server.SILENT_AT_LEAST_S", 60.0)  # none of these is silent for long
    server = start_server(max_sessions=2)
    with open_wire(server) as first, open_wire(server) as second:
        until(lambda: server.statistics.in_progress == 2)
        for _ in range(3):
            with open_wire(server) as third:
                assert third.rest() == []
        assert server.statistics.refused == 3
        # Under overload the log is not flooded.
        assert [record.message for record in caplog.records] == [
            "AGI connections refused: 2 sessions under way, 1 refused so far"
        ]
        first.send(incoming("1764000000.1"))
        assert ticket_in(first.obey()) == "261124-001"
        with open_wire(server) as fourth:
            fourth.send(incoming("1764000000.2"))
            assert ticket_in(fourth.obey()) == "261124-002"
        second.send_no_more()


def test_the_longest_silent_connection_makes_place_for_a_call(
    start_server: StartServer, fake_centre: FakeCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.agi.server.SILENT_AT_LEAST_S", 0.0)
    server = start_server(max_sessions=2)
    fake_centre.open_door.clear()
    with open_wire(server) as call, open_wire(server) as silent:
        call.send(incoming("1764000000.1"))
        until(lambda: fake_centre.waiting == 1)
        with open_wire(server) as next_call:
            assert silent.rest() == []
            next_call.send(incoming("1764000000.2"))
            until(lambda: fake_centre.waiting == 2)
            with open_wire(server) as too_many:  # both have spoken: neither goes
                assert too_many.rest() == []
            fake_centre.open_door.set()
            assert ticket_in(call.obey())
            assert ticket_in(next_call.obey())
    until(lambda: server.statistics.in_progress == 0)
    assert (server.statistics.silent, server.statistics.refused, server.statistics.failed) == (1, 1, 0)


def test_a_connection_that_says_nothing_goes_before_a_sessions_time_is_over(start_server: StartServer) -> None:
    server = start_server(session_s=0.5)
    with open_wire(server) as silent:
        assert silent.rest() == []
    until(lambda: server.statistics.sessions == 1)
    assert server.statistics.ends == {("", SessionEnd.SILENT): 1}


@pytest.mark.parametrize(
    ("peers", "admitted"),
    [
        ((), True),
        (("127.0.0.1",), True),
        (("192.0.2.7", "127.0.0.0/8"), True),
        (("192.0.2.7",), False),
        (("::1", "10.0.0.0/8"), False),
    ],
)
def test_who_is_not_a_peer_is_cut_at_once_and_counted(
    peers: tuple[str, ...], admitted: bool, start_server: StartServer, fake_centre: FakeCentre
) -> None:
    server = start_server(peers=[ip_network(peer) for peer in peers])
    for number in range(3):
        with open_wire(server) as wire:
            if admitted:
                wire.send(incoming(f"1764000000.{number}"))
                assert ticket_in(wire.obey())
            else:
                assert wire.rest() == []
    assert server.statistics.strangers == (0 if admitted else 3)
    assert len(fake_centre.calls) == (3 if admitted else 0)


def test_stopping_lets_the_sessions_under_way_finish(server: FastAgiServer, fake_centre: FakeCentre) -> None:
    fake_centre.open_door.clear()
    with open_wire(server) as wire:
        wire.send(incoming())
        until(lambda: fake_centre.waiting == 1)
        stopping = gevent.spawn(server.stop)
        until(lambda: server.closed)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", server.address[1]), timeout=5)
        assert not stopping.ready()
        fake_centre.open_door.set()
        assert ticket_in(wire.obey()) == "261124-001"
        stopping.get(timeout=5)


def test_stopping_does_not_wait_for_ever(server: FastAgiServer, caplog: pytest.LogCaptureFixture) -> None:
    with open_wire(server):
        until(lambda: server.statistics.in_progress == 1)
        server.stop(timeout=0.05)
        assert [record.message for record in caplog.records] == ["FastAGI server stopped with 1 sessions under way"]


def test_an_idle_server_stops_at_once(server: FastAgiServer) -> None:
    with gevent.Timeout(1):
        server.stop()


def test_the_counters_tell_what_happened(server: FastAgiServer, fake_centre: FakeCentre) -> None:
    for script, *arguments in (
        ("incoming", "1.1", "serang-1", "0", ""),
        ("answered", "1.1", "serang-1", "op1"),
        ("ended", "1.1", "serang-1", "16", "9", "1"),
        ("ended", "1.1", "serang-1", "16", "9", "1"),
    ):
        with open_wire(server) as wire:
            wire.send(environment(script, *arguments))
            assert ticket_in(wire.obey()) == "261124-001"
    statistics = server.statistics
    assert Counter(script for script, _ in statistics.ends.elements()) == {"incoming": 1, "answered": 1, "ended": 2}
    assert (statistics.sessions, statistics.failed, statistics.refused, statistics.in_progress) == (4, 0, 0, 0)
    assert statistics.latency["ended"].count == 2
    assert 0 < statistics.latency["ended"].sum_s < 5


def test_latency_is_counted_in_buckets() -> None:
    latency = Latency()
    for seconds in (0.0004, 0.001, 0.02, 9.0):
        latency.observe(seconds)
    cumulative = dict(latency.cumulative())
    assert (cumulative[0.001], cumulative[0.0025], cumulative[0.025], cumulative[5.0]) == (2, 2, 3, 3)
    assert cumulative[float("inf")] == latency.count == 4
    assert latency.sum_s == pytest.approx(9.0214)


def test_the_server_takes_over_a_listening_socket(fake_centre: FakeCentre) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = FastAgiServer(listener, fake_centre)
    server.start()
    try:
        with Wire(server.address) as wire:
            wire.send(incoming())
            assert ticket_in(wire.obey()) == "261124-001"
    finally:
        server.stop()
