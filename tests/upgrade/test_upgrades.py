"""Migrating while nodes run: nobody is locked out, nobody waits for long, and older software knows where it may run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

import dispatch.storage.migrate
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.storage.journal import verify
from dispatch.storage.migrate import MigrationRefused, migrate_at_start, newest_revision, read_schema, upgrade
from dispatch.storage.schema import Standing, schema_of
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock
from tests.upgrade.newer_software import AN_INDEX_BESIDE, BOTH_TABLES, CALLS_THEN_TICKETS, NewerSoftware, newer_software

LIMIT_S = 20.0


@pytest.fixture
def node(postgres_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """A node of this version on PostgreSQL."""
    centre = open_centre(postgres_url, city, clock=clock)
    yield centre
    centre.close()


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = create_engine(postgres_url)
    yield made
    made.dispose()


def standing(centre: Centre) -> Standing:
    with centre.read() as connection:
        return schema_of(connection).standing


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class Callers:
    """Calls that come in one after the other on several lines, and what became of them."""

    def __init__(self, centre: Centre, lines: int = 4) -> None:
        self.failures: list[Exception] = []
        self.registered = 0
        self.longest_s = 0.0
        self._centre = centre
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ring, args=(line,), daemon=True) for line in range(lines)]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(LIMIT_S)

    def _ring(self, line: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            began = time.monotonic()
            try:
                linkedid = f"{line}.{number}"
                self._centre.run(register_call, call=IncomingCall("a", linkedid, ani=f"0812{line:04}{number:04}"))
                self._centre.run(call_ended, system_name="a", linkedid=linkedid, cause="16", duration_s=3)
                self.registered += 1
            except Exception as error:  # noqa: BLE001
                self.failures.append(error)
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self._over.wait(0.005)


def test_an_upgrade_under_load_costs_no_call_its_ticket_and_the_old_node_goes_on(
    node: Centre, clock: SteppableClock, newer: Callable[..., NewerSoftware]
) -> None:
    shift = Shift.begin(node, clock)
    software = newer(BOTH_TABLES, AN_INDEX_BESIDE)
    with Callers(node) as callers:
        until(lambda: callers.registered > 20)
        software.upgrade(str(node.engine.url.render_as_string(hide_password=False)))
        after = callers.registered
        until(lambda: callers.registered > after + 20)
    assert callers.failures == []
    assert callers.longest_s < 3  # what the guard waits
    assert standing(node) is Standing.NEWER
    number, _ = shift.sent("DAMKAR")  # people's commands and what they see
    assert shift.ticket(number)["state"] == "dispatched"
    with node.read() as connection:
        assert verify(connection).broken is None
    with software.running():
        assert standing(node) is Standing.NEWEST


def test_a_migration_waits_in_front_of_a_writer_that_is_under_way_and_holds_nothing_meanwhile(
    node: Centre, engine: Engine, newer: Callable[..., NewerSoftware], postgres_url: str
) -> None:
    software = newer(BOTH_TABLES)
    with engine.connect() as writing, engine.connect() as watching:
        watching.execution_options(isolation_level="AUTOCOMMIT")
        writing.execute(text("SELECT pg_advisory_xact_lock(112)"))
        writing.execute(text("LOCK TABLE calls IN ROW EXCLUSIVE MODE"))
        migrating = threading.Thread(target=software.upgrade, args=(postgres_url,), daemon=True)
        migrating.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until(lambda: watching.execute(waiting).scalar())
        writing.execute(text("LOCK TABLE tickets IN ROW EXCLUSIVE MODE"))  # the order in which migrations deadlocked
        writing.commit()
        migrating.join(LIMIT_S)
    assert standing(node) is Standing.NEWER


def test_who_reads_for_long_is_waited_for_while_calls_go_on(
    node: Centre, engine: Engine, newer: Callable[..., NewerSoftware], postgres_url: str
) -> None:
    said: list[str] = []
    software = newer(BOTH_TABLES)
    migrating = threading.Thread(target=software.upgrade, args=(postgres_url,), kwargs={"said": said}, daemon=True)
    with engine.connect() as reading, Callers(node) as callers:
        reading.execute(text("SELECT count(*) FROM tickets"))
        migrating.start()
        until(lambda: len(said) >= 2)
        reading.commit()
        migrating.join(LIMIT_S)
        until(lambda: callers.registered > 20)
    assert callers.failures == []
    assert callers.longest_s < 3
    assert said[0] == "somebody reads the tables, and a lock was not had in time; trying again"
    assert standing(node) is Standing.NEWER


@pytest.mark.alone
def test_readers_who_come_all_the_time_do_not_keep_a_migration_out(
    node: Centre, engine: Engine, newer: Callable[..., NewerSoftware], postgres_url: str
) -> None:
    """Screens read tickets, then their calls; a migration that has the calls and wants the tickets gets nowhere."""
    over = threading.Event()
    failures: list[Exception] = []

    def read() -> None:
        while not over.is_set():
            try:
                with engine.connect() as reading:
                    reading.execute(text("SELECT count(*) FROM tickets"))
                    time.sleep(0.01)  # not a wait for something: what a node does with the rows
                    reading.execute(text("SELECT count(*) FROM calls"))
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for reader in readers:
        reader.start()
    said: list[str] = []
    with Callers(node) as callers:
        newer(CALLS_THEN_TICKETS).upgrade(postgres_url, said=said)
    over.set()
    for reader in readers:
        reader.join(LIMIT_S)
    assert standing(node) is Standing.NEWER
    assert len(said) < 5
    assert failures == callers.failures == []
    assert callers.longest_s < 3


def test_who_reads_without_end_is_named(
    engine: Engine, newer: Callable[..., NewerSoftware], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch.storage.migrate, "PATIENCE_S", 1.0)
    with engine.connect() as reading:
        reading.execute(text("SET application_name = 'pg_dump'"))
        reading.execute(text("SELECT count(*) FROM tickets"))
        with pytest.raises(MigrationRefused, match=r"They are: process \d+ of postgres \(pg_dump\), for \d+ s"):
            newer(BOTH_TABLES).upgrade(postgres_url)
    assert read_schema(postgres_url).standing is Standing.NEWEST


def test_a_step_that_running_nodes_could_not_wait_for_is_taken_back_and_may_be_made_when_they_are_stopped(
    node: Centre, newer: Callable[..., NewerSoftware], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch.storage.migrate, "PATIENCE_S", 0.0)
    software = newer(BOTH_TABLES + 'op.execute("SELECT pg_sleep(1.6)")')
    what_to_do = "stop all nodes, run flask --app wsgi db upgrade --nodes-stopped"
    with Callers(node) as callers, pytest.raises(MigrationRefused, match=what_to_do):
        software.upgrade(postgres_url)
    assert callers.failures == []
    assert callers.longest_s < 3
    assert standing(node) is Standing.NEWEST
    assert software.upgrade(postgres_url, nodes_stopped=True).standing is Standing.NEWEST
    assert standing(node) is Standing.NEWER


def test_an_index_that_was_cut_short_is_built_anew(
    node: Centre, engine: Engine, newer: Callable[..., NewerSoftware], postgres_url: str
) -> None:
    with engine.connect() as connection:
        connection.execute(text("CREATE INDEX ix_tickets_priority_again ON tickets (priority)"))
        mark = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_tickets_priority_again'::regclass"
        connection.execute(text(mark))
        connection.commit()
    newer('create_index_beside("ix_tickets_priority_again", "tickets", ["priority"])').upgrade(postgres_url)
    with engine.connect() as connection:
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_tickets_priority_again'::regclass"
        assert connection.execute(text(valid)).scalar() is True


@pytest.mark.parametrize(
    ("oldest", "expected"),
    [
        (None, Standing.NEWER),
        ("0009", Standing.NEWER),
        (newest_revision(), Standing.NEWER),
        ("future1", Standing.TOO_NEW),
    ],
)
def test_older_software_reads_from_the_database_whether_it_may_run(
    database_url: str, newer: Callable[..., NewerSoftware], oldest: str | None, expected: Standing
) -> None:
    newer("op.execute('SELECT 1')", oldest=oldest).upgrade(database_url)
    assert read_schema(database_url).standing is expected


def test_what_one_migration_takes_away_no_later_one_gives_back(
    database_url: str, tmp_path: Path, newer: Callable[..., NewerSoftware]
) -> None:
    newer_software(tmp_path / "first", "op.execute('SELECT 1')", oldest="future1").upgrade(database_url)
    newer("op.execute('SELECT 1')", "op.execute('SELECT 2')").upgrade(database_url)
    assert read_schema(database_url).standing is Standing.TOO_NEW


def test_a_schema_whose_migrations_said_nothing_is_not_trusted(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert read_schema(database_url).standing is Standing.TOO_NEW
    with pytest.raises(MigrationRefused, match="newer version"):
        upgrade(database_url)


def test_at_the_start_sqlite_and_an_empty_database_migrate_and_an_old_postgresql_says_what_to_do(
    empty_database_url: str, newer: Callable[..., NewerSoftware]
) -> None:
    assert migrate_at_start(empty_database_url).standing is Standing.NEWEST
    with newer(BOTH_TABLES).running():
        if empty_database_url.startswith("sqlite"):
            assert migrate_at_start(empty_database_url).standing is Standing.NEWEST
            return
        with pytest.raises(MigrationRefused, match="other nodes may go on running while you run: flask --app wsgi db"):
            migrate_at_start(empty_database_url)
        assert read_schema(empty_database_url).standing is Standing.OLD


def test_at_the_start_a_newer_schema_that_leaves_room_is_used_as_it_is(
    database_url: str, newer: Callable[..., NewerSoftware]
) -> None:
    newer(BOTH_TABLES).upgrade(database_url)
    assert migrate_at_start(database_url).standing is Standing.NEWER
    assert upgrade(database_url).standing is Standing.NEWER
