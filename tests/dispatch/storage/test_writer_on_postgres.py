"""The writer where PostgreSQL fails it: killed connections, a restart, a frozen node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_calls
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import StorageUnavailable
from dispatch.storage.transaction import Transaction
from tests.dispatch.storage.intake_process import SYSTEM_NAME
from tests.dispatch.storage.writing import CALL_PATH_LIMIT_S, CALLER, assert_whole, linkedids, registration
from tests.dispatch.together import in_one_batch
from tests.steppable_clock import SteppableClock


@pytest.fixture
def postgres_centre(postgres_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    opened = open_centre(postgres_url, city, clock=clock)
    yield opened
    opened.close()


def _terminate_writers(postgres_url: str) -> None:
    """End every other connection to this database, as an administrator or a restart does."""
    with psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_connection_that_is_killed_in_the_middle_of_a_batch_leaves_nothing_of_it(
    postgres_centre: Centre, postgres_url: str
) -> None:
    centre = postgres_centre
    registration(centre, "before")()

    def lose_connection(_tx: Transaction) -> None:
        _terminate_writers(postgres_url)

    answers = in_one_batch(
        centre, [registration(centre, "1"), partial(centre.run, lose_connection), registration(centre, "2")]
    )
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 3
    assert not centre.writer.healthy
    assert CALLER not in (centre.writer.last_error or "")
    assert linkedids(centre) == ["before"]
    assert registration(centre, "1")().created
    assert centre.writer.healthy
    assert_whole(centre, entries=2)


def test_the_first_call_after_the_database_was_restarted_gets_its_ticket(
    postgres_centre: Centre, postgres_url: str
) -> None:
    registration(postgres_centre, "before")()
    _terminate_writers(postgres_url)
    assert registration(postgres_centre, "after")().created
    assert_whole(postgres_centre, entries=2)


def test_calls_are_looked_up_by_key_from_a_new_centres_first_one_on(postgres_centre: Centre) -> None:
    """PostgreSQL keeps the plan that it made while the tables were empty; calls must not slow down with each one."""

    def register_and_count_scans(tx: Transaction, *, batch: int) -> int:
        calls = [IncomingCall(SYSTEM_NAME, f"{batch}-{i}", ani=f"0812{batch:04d}{i:04d}") for i in range(100)]
        register_calls(tx, [{"call": call} for call in calls])
        scans = "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname IN ('calls', 'tickets')"
        return int(tx.connection.exec_driver_sql(scans).scalar_one())

    assert [postgres_centre.run(register_and_count_scans, batch=batch) for batch in range(12)] == [0] * 12


def test_what_a_command_reads_whole_is_not_compiled_first(postgres_centre: Centre) -> None:
    def how_the_servers_rows_are_read(tx: Transaction) -> str:
        return "\n".join(tx.connection.exec_driver_sql("EXPLAIN (ANALYZE) SELECT username, id FROM users").scalars())

    assert "JIT" not in postgres_centre.run(how_the_servers_rows_are_read)


def test_a_frozen_node_stops_the_others_for_no_more_than_three_seconds(
    postgres_centre: Centre, postgres_url: str, city: CityPack, clock: SteppableClock
) -> None:
    frozen = open_centre(postgres_url, city, clock=clock)
    holds_lock, thaw = threading.Event(), threading.Event()

    def freeze(_tx: Transaction) -> None:
        holds_lock.set()
        thaw.wait(20)

    thawed: list[Any] = []
    node = threading.Thread(target=lambda: thawed.append(_error_of(partial(frozen.run, freeze))), daemon=True)
    node.start()
    assert holds_lock.wait(5)
    began = time.monotonic()
    assert registration(postgres_centre, "1")().created
    assert time.monotonic() - began < CALL_PATH_LIMIT_S + 0.5
    thaw.set()
    node.join(10)
    assert isinstance(thawed[0], StorageUnavailable)
    assert registration(frozen, "2")().created
    frozen.close()
    assert_whole(postgres_centre, entries=2)


def _error_of(job: Callable[[], Any]) -> Exception | None:
    try:
        job()
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return error
    return None
