"""From Asterisk's wire to the database and back, with the real centre on SQLite."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest
from sqlalchemy import create_engine, func, select

from dispatch.centre import Centre
from dispatch.storage.tables import Call, JournalEntry, Ticket
from telephony.agi.server import FastAgiServer
from telephony.agi.statistics import SessionEnd
from telephony.simulator.load import run_load
from tests.telephony.agi.test_fastagi_abuse import CALLERS
from tests.telephony.asterisk_wire import Wire, environment, incoming, ticket_in

ROOT = Path(__file__).parents[2]


@pytest.fixture
def wire(sqlite_centre: Centre) -> Iterator[Callable[[], Wire]]:
    """Opens connections to a server in front of the real centre."""
    server = FastAgiServer(("127.0.0.1", 0), sqlite_centre)
    server.start()
    yield lambda: Wire(server.address)
    server.stop(timeout=5)


def test_a_call_is_registered_answered_and_ended_once_however_often_it_is_told(
    wire: Callable[[], Wire], sqlite_centre: Centre
) -> None:
    for script, *arguments in (
        ("incoming", "1.1", "serang-1", "0", "allowed"),
        ("incoming", "1.1", "serang-1", "0", "allowed"),
        ("answered", "1.1", "serang-1", "op2"),
        ("answered", "1.1", "serang-1", "op2"),
        ("ended", "1.1", "serang-1", "16", "42", "1"),
        ("ended", "1.1", "serang-1", "16", "42", "1"),
    ):
        with wire() as connection:
            connection.send(environment(script, *arguments))
            assert ticket_in(connection.obey()) == "261124-001"
    with sqlite_centre.read() as db:
        (call,) = db.execute(select(Call.state, Call.seat, Call.number, Call.duration_s, Call.hangup_cause)).all()
        kinds = db.execute(select(JournalEntry.kind).order_by(JournalEntry.seq)).scalars().all()
    assert tuple(call) == ("ended", "2", "081200001234", 42, "16")
    assert kinds == ["call.registered", "call.answered", "call.ended"]


def test_an_end_that_comes_first_registers_the_call(wire: Callable[[], Wire], sqlite_centre: Centre) -> None:
    with wire() as connection:
        connection.send(environment("ended", "1.1", "serang-1", "16", "42", "0"))
        assert ticket_in(connection.obey()) == "261124-001"
    with sqlite_centre.read() as db:
        assert db.execute(select(Ticket.state)).scalars().all() == ["callback"]


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS.keys())
def test_whatever_the_caller_is_called_is_stored_safely(
    caller: bytes, wire: Callable[[], Wire], sqlite_centre: Centre
) -> None:
    with wire() as connection:
        connection.send(incoming("1.1", callerid=caller, calleridname=caller))
        assert ticket_in(connection.obey()) == "261124-001"
    with sqlite_centre.read() as db:
        stored = db.execute(select(Call.number_as_sent, Call.caller_name, Call.linkedid)).one()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", stored.number_as_sent + stored.caller_name)
    assert len(stored.number_as_sent) <= 300
    assert stored.linkedid in ("1.1", "1764000000.7")


def test_a_location_is_stored_with_the_call(wire: Callable[[], Wire], sqlite_centre: Centre) -> None:
    answers = {
        "format": "GML",
        "effective_location": 'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="30"',
        "method": "GPS",
    }
    with wire() as connection:
        connection.send(incoming("1.1", locations="1"))
        for name, value in answers.items():
            assert connection.line() == f'GET FULL VARIABLE "${{GEOLOC_PROFILE({name})}}"'
            connection.send(f"200 result=1 ({value})\n".encode())
        assert ticket_in(connection.obey()) == "261124-001"
    with sqlite_centre.read() as db:
        stored = db.execute(select(Call.lat, Call.lon, Call.uncertainty_m, Call.location_method)).one()
    assert tuple(stored) == (-6.1186, 106.1537, 30.0, "GPS")


def test_a_locked_database_costs_the_ticket_and_not_the_next_one(
    wire: Callable[[], Wire], sqlite_centre: Centre, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.storage.engine.SQLITE_BUSY_MS", 20)
    blocker = create_engine(sqlite_url).connect().execution_options(isolation_level="AUTOCOMMIT")
    blocker.exec_driver_sql("BEGIN IMMEDIATE")
    with wire() as connection:
        connection.send(incoming("1.1"))
        assert connection.rest() == []
    blocker.exec_driver_sql("ROLLBACK")
    blocker.close()
    blocker.engine.dispose()
    with wire() as connection:
        connection.send(incoming("1.1"))
        assert ticket_in(connection.obey()) == "261124-001"


@pytest.fixture
def patched_server(sqlite_url: str) -> Iterator[subprocess.Popen[str]]:
    """The server in a process of its own, patched as the web process is."""
    command = [sys.executable, "-m", "tests.telephony.patched_server", sqlite_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_many_calls_at_once_share_commits(patched_server: subprocess.Popen[str], sqlite_url: str) -> None:
    assert patched_server.stdout is not None
    address = ("127.0.0.1", int(patched_server.stdout.readline()))
    result = run_load(address, concurrency=40, sessions=400)
    assert (result.sessions, result.failed) == (400, 0)
    same = [gevent.spawn(_ticket_of_one_call, address) for _ in range(10)]
    gevent.joinall(same, timeout=10)
    assert len({greenlet.value for greenlet in same}) == 1
    patched_server.terminate()
    figures = re.fullmatch(r"sessions=(\d+) batches=(\d+)\n", patched_server.stdout.readline())
    assert figures is not None
    assert int(figures[1]) == 410
    assert int(figures[2]) < 300
    engine = create_engine(sqlite_url)
    with engine.connect() as db:
        assert db.execute(select(func.count()).select_from(Ticket)).scalar_one() == 401
    engine.dispose()


def _ticket_of_one_call(address: tuple[str, int]) -> str | None:
    with Wire(address) as connection:
        connection.send(incoming("7.7"))
        return ticket_in(connection.obey())


def test_a_failed_session_names_no_caller_in_the_log(
    sqlite_centre: Centre, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug whose error quotes the row, as SQLAlchemy's do."""
    server = FastAgiServer(("127.0.0.1", 0), sqlite_centre)
    server.start()
    engine = create_engine(sqlite_url)
    with engine.begin() as db:
        db.exec_driver_sql("ALTER TABLE calls RENAME COLUMN caller_name TO other_name")
    engine.dispose()
    with Wire(server.address) as connection:
        connection.send(incoming("1.1", callerid=b"081277778888", calleridname=b"Rahasia"))
        assert connection.rest() == []
    server.stop(timeout=5)
    assert server.statistics.ends == {("incoming", SessionEnd.FAILED): 1}
    assert "081277778888" not in caplog.text
    assert "Rahasia" not in caplog.text
