"""On PostgreSQL the loop goes on while a statement is under way, and the whole application runs as on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gevent
import psycopg
import pytest
from gevent.event import Event

from app.node.postgres_connection import LoopConnection
from telephony.simulator.load import run_load
from tests.app.running_server import Browser, running_server


@pytest.fixture
def connection(postgres_url: str) -> Iterator[LoopConnection]:
    made = LoopConnection.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True)
    yield made
    made.close()


def test_others_run_while_one_waits_for_the_server(connection: LoopConnection, postgres_url: str) -> None:
    """The lock that the first waits for is only freed by the second."""
    with LoopConnection.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(1)")
        waits = gevent.spawn(connection.execute, "SELECT pg_advisory_lock(1)")
        gevent.sleep(0)
        assert not waits.ready()
        other.execute("SELECT pg_advisory_unlock(1)")
        waits.get(timeout=10)


def test_more_than_the_wire_takes_at_once_arrives_whole(connection: LoopConnection) -> None:
    text = "112 " * 5_000_000
    went_on = Event()
    gevent.spawn(went_on.set)
    assert connection.execute("SELECT %s::text", [text]).fetchone() == (text,)
    assert went_on.is_set()


def test_who_waits_learns_that_the_server_ended_the_connection(connection: LoopConnection, postgres_url: str) -> None:
    waits = gevent.spawn(connection.execute, "SELECT pg_sleep(30)")
    gevent.sleep(0)
    with psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as administrator:
        administrator.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        waits.get(timeout=10)


def test_a_killed_greenlet_waits_no_longer(connection: LoopConnection) -> None:
    waits = gevent.spawn(connection.execute, "SELECT pg_sleep(30)")
    gevent.sleep(0)
    waits.kill(timeout=5)
    assert waits.dead


def test_a_limited_wait_ends(connection: LoopConnection) -> None:
    assert list(connection.notifies(timeout=0.05)) == []


def test_a_surge_on_postgresql_is_all_on_the_operators_screen(postgres_url: str, tmp_path: Path) -> None:
    with running_server(tmp_path, SIAGA_DATABASE_URL=postgres_url) as server, Browser(server, "operator1", "1") as sits:
        feed = sits.connect()
        before = sits.get("/api/v1/snapshot").json()["newest"]
        assert run_load(("127.0.0.1", server.agi_port), concurrency=50, sessions=300).failed == 0
        registered = 0
        while registered < 300:
            event = feed.next("journal")
            registered += event["seq"] > before and event["kind"] == "call.registered"
        snapshot = sits.get("/api/v1/snapshot").json()
        assert len(snapshot["tickets"]) == 300
        number = snapshot["tickets"][0]["number"]
        assert sits.post(f"/api/v1/tickets/{number}/claim").status_code == 200
        assert feed.next("journal")["kind"] == "ticket.claimed"
