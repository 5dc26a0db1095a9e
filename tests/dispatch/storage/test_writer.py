"""The writer: many commands to a commit, each answered only when it is durable, none lost and none done twice."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.engine import make_url

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket
from dispatch.calls.incoming import IncomingCall, RegisteredCall
from dispatch.calls.intake import register_call, register_calls
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import ClaimedByOther, CommandRefused, InvalidValue, StorageUnavailable
from dispatch.places.finder import Places
from dispatch.roles import Actor
from dispatch.storage.engine import SQLITE_BUSY_MS, make_engine
from dispatch.storage.journal import Entry, read_entries, verify
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Call, HandledRequest, Ticket
from dispatch.storage.transaction import Outcome, Transaction
from tests.dispatch.shift import CIPARE, Shift
from tests.dispatch.storage.intake_process import SYSTEM_NAME
from tests.dispatch.together import at_once, in_one_batch
from tests.steppable_clock import SteppableClock

CALL_PATH_LIMIT_S = 3.0  #: what the dialplan's guard allows
CALLER = "081298765001"


def registration(centre: Centre, linkedid: str, **call: Any) -> Callable[[], RegisteredCall]:
    return partial(centre.run, register_call, call=IncomingCall(SYSTEM_NAME, linkedid, ani=CALLER, **call))


def linkedids(centre: Centre) -> list[str]:
    with centre.read() as connection:
        return list(connection.execute(select(Call.linkedid).order_by(Call.id)).scalars())


def assert_whole(centre: Centre, entries: int | None = None) -> None:
    """The chain holds without gaps, and every call has its one ticket and its one entry."""
    with centre.read() as connection:
        found = verify(connection)
        assert found.broken is None
        assert found.entries == found.newest
        assert entries is None or found.entries == entries
        calls = connection.execute(select(Call.ticket_id)).scalars().all()
        assert sorted(calls) == sorted(connection.execute(select(Ticket.id)).scalars())


@pytest.fixture
def other_centre(centre: Centre, database_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """A second node on the same database."""
    opened = open_centre(database_url, city, clock=clock)
    yield opened
    opened.close()


# --- Group commit.


def test_commands_that_wait_together_share_a_commit_and_are_numbered_in_their_order(centre: Centre) -> None:
    answers = in_one_batch(centre, [registration(centre, str(i)) for i in range(40)])
    assert [answer.ticket_number[-3:] for answer in answers] == [f"{i:03d}" for i in range(1, 41)]
    assert linkedids(centre) == [str(i) for i in range(40)]
    assert_whole(centre, entries=40)
    assert centre.writer.statistics.largest_batch == 40
    assert centre.writer.statistics.batches == 2  # the one that held the writer, and one for all of these


def test_many_threads_are_all_answered_and_need_fewer_commits_than_commands(centre: Centre) -> None:
    def ten(thread: int) -> list[RegisteredCall]:
        return [registration(centre, f"{thread}.{i}")() for i in range(10)]

    answers = at_once(*(partial(ten, thread) for thread in range(20)))
    assert len({answer.ticket_number for ten_answers in answers for answer in ten_answers}) == 200
    assert_whole(centre, entries=200)
    assert centre.writer.statistics.commands == 200
    assert centre.writer.statistics.batches < 200


def test_an_answer_is_given_only_when_another_connection_can_read_it(centre: Centre, database_url: str) -> None:
    with make_engine(database_url).connect() as elsewhere:
        for linkedid in ("1", "2", "3"):
            number = registration(centre, linkedid)().ticket_number
            found = elsewhere.execute(select(Ticket.number).where(Ticket.number == number)).scalar()
            assert found == number
            elsewhere.rollback()
        engine = elsewhere.engine
    engine.dispose()


def test_followers_are_handed_what_was_written_as_the_database_has_it(shift: Shift) -> None:
    centre = shift.centre
    newest = shift.newest()
    handed: list[Entry] = []
    centre.journal_followers.append(handed.extend)
    number = shift.ring("1").ticket_number
    with pytest.raises(CommandRefused):
        shift.run(release_ticket, actor=shift.dewi, number=number)
    assert shift.ring("1").created is False
    assert centre.probe_storage()
    centre.close()  # whoever was to be told has been
    with centre.read() as connection:
        assert handed == read_entries(connection, newest, 10)
    assert [entry.kind for entry in handed] == ["call.registered"]


def test_a_follower_that_fails_ends_neither_the_writer_nor_the_other_followers(
    centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    told = threading.Event()

    def fail(_entries: Sequence[Entry]) -> None:
        raise RuntimeError("the follower's own trouble")

    centre.journal_followers += [fail, lambda _entries: told.set()]
    assert registration(centre, "1")().created
    assert told.wait(5)
    assert registration(centre, "2")().created
    assert "could not be told" in caplog.text


def test_whoever_comes_before_or_while_the_writer_is_closed_is_answered(centre: Centre) -> None:
    for each in range(5):
        jobs = [registration(centre, f"{each}.{i}") for i in range(12)]
        answers = at_once(*jobs[:4], centre.close, *jobs[4:8], centre.close, *jobs[8:])
        assert [answer.created for answer in answers if answer is not None] == [True] * 12
    assert_whole(centre, entries=60)


# --- A command that fails takes no other with it.


def _break(tx: Transaction, actor: Actor) -> None:
    tx.connection.execute(text("DELETE FROM calls"))
    tx.record(JournalKind.TICKET_CLOSED, actor)
    raise RuntimeError("a bug")


def _break_the_database_s_rules(tx: Transaction) -> None:
    tx.connection.execute(text("UPDATE tickets SET number = 'same'"))


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        pytest.param(
            lambda c: partial(c.run, claim_ticket, actor=Actor.system(), number="0"), CommandRefused, id="refusal"
        ),
        pytest.param(lambda c: registration(c, " \r\n"), InvalidValue, id="refusal of a kind that runs together"),
        pytest.param(lambda c: partial(c.run, _break, actor=Actor.system()), RuntimeError, id="bug"),
        pytest.param(lambda c: partial(c.run, _break_the_database_s_rules), Exception, id="broken constraint"),
    ],
)
def test_a_command_that_fails_takes_no_other_of_its_batch_with_it(
    centre: Centre, failing: Callable[[Centre], Callable[[], Any]], error: type[Exception]
) -> None:
    jobs = [registration(centre, "1"), registration(centre, "2"), failing(centre), registration(centre, "3")]
    answers = in_one_batch(centre, [*jobs, failing(centre), registration(centre, "4")])
    assert [isinstance(answer, RegisteredCall) for answer in answers] == [True, True, False, True, False, True]
    assert isinstance(answers[2], error)
    assert isinstance(answers[4], error)
    assert not isinstance(answers[2], StorageUnavailable)
    assert linkedids(centre) == ["1", "2", "3", "4"]
    assert [answers[i].ticket_number[-3:] for i in (0, 1, 3, 5)] == ["001", "002", "003", "004"]
    assert_whole(centre, entries=4)
    assert centre.writer.healthy


def test_an_error_of_the_database_does_not_quote_the_values_of_the_statement(centre: Centre) -> None:
    registration(centre, "1")()
    failing = {  # each is refused with words that hold no value by themselves
        "sqlite": "UPDATE calls SET caller_name = :caller, number_as_sent = NULL",
        "postgresql": "SELECT 1 / length(replace(:caller, :caller, ''))",
    }[centre.engine.dialect.name]

    def fail(tx: Transaction, caller: str) -> None:
        tx.connection.execute(text(failing), {"caller": caller})

    with pytest.raises(Exception, match=r"NOT NULL|division by zero") as failure:
        centre.run(fail, caller=CALLER)
    assert not isinstance(failure.value, StorageUnavailable)
    assert CALLER not in str(failure.value)


def test_each_caller_of_a_failed_batch_gets_the_refusal_of_his_own_command(shift: Shift) -> None:
    number = shift.claimed(shift.rizki)
    jobs = [
        partial(shift.run, claim_ticket, actor=shift.dewi, number=number),
        partial(shift.run, locate_ticket, actor=shift.rizki, number=number, kelurahan_code="99"),
        partial(shift.run, locate_ticket, actor=shift.rizki, number=number, kelurahan_code=CIPARE),
        partial(shift.run, classify_ticket, actor=shift.rizki, number=number, classification="genuine"),
    ]
    refused = in_one_batch(shift.centre, jobs)
    assert [getattr(answer, "code", None) for answer in refused] == [
        "claimed_by_other",
        "invalid_value",
        None,
        "requirement_missing",
    ]
    assert refused[0].details == {"owner_name": "Rizki"}


# --- Request ids.


def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(shift: Shift) -> None:
    number = shift.ready()
    first = shift.run_once("r1", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    before = shift.everything()
    again = shift.run_once("r1", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    assert first.changed
    assert again == replace(first, changed=False)
    assert shift.everything() == before


def test_a_repeated_dispatch_names_the_assignments_it_made_the_first_time(shift: Shift) -> None:
    number = shift.ready()
    give = partial(shift.run_once, "r1", dispatch_ticket, actor=shift.dewi, number=number, agencies=["DAMKAR", "PLN"])
    first, again = give(), give()
    assert first.changed
    assert not again.changed
    assert again.assignment_ids == first.assignment_ids
    assert len(shift.ticket(number)["assignments"]) == 2


def test_two_requests_with_one_id_at_once_are_carried_out_once(shift: Shift) -> None:
    number = shift.claimed()
    give = partial(
        shift.run_once, "double-click", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE
    )
    answers = in_one_batch(shift.centre, [give, give])
    assert [answer.changed for answer in answers] == [True, False]
    assert shift.kinds().count("ticket.located") == 1


def test_two_requests_with_one_id_at_once_on_two_nodes_are_carried_out_once(shift: Shift, other_centre: Centre) -> None:
    number = shift.claimed()
    arguments: dict[str, Any] = {"actor": shift.dewi, "number": number, "kelurahan_code": CIPARE}
    answers = at_once(
        *(partial(node.run_once, "r", locate_ticket, **arguments) for node in (shift.centre, other_centre))
    )
    assert sorted(answer.changed for answer in answers) == [False, True]
    assert shift.kinds().count("ticket.located") == 1


def test_request_ids_of_other_people_and_other_commands_are_other_requests(shift: Shift) -> None:
    number = shift.claimed()
    located = shift.run_once("1", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    by_ratna = shift.run_once("1", locate_ticket, actor=shift.ratna, number=number, kelurahan_code=CIPARE)
    released = shift.run_once("1", release_ticket, actor=shift.dewi, number=number)
    assert (located.changed, by_ratna.changed, released.changed) == (True, True, True)
    assert len(shift.rows(HandledRequest)) == 3


def test_a_refused_request_may_be_given_again_under_its_id(shift: Shift) -> None:
    number = shift.ring().ticket_number
    locate = partial(shift.run_once, "too early", locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    with pytest.raises(CommandRefused):
        locate()
    shift.run(claim_ticket, actor=shift.dewi, number=number)
    assert locate().changed


# --- Storage that fails: SQLite.


@pytest.fixture
def impatient_centre(
    sqlite_url: str, city: CityPack, clock: SteppableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    """Waits 0.2 s for another process's lock instead of 2 s."""
    monkeypatch.setattr("dispatch.storage.engine.SQLITE_BUSY_MS", 200)
    opened = open_centre(sqlite_url, city, clock=clock)
    yield opened
    opened.close()


def test_a_locked_database_is_waited_for_less_long_than_the_call_path_allows() -> None:
    assert SQLITE_BUSY_MS / 1000 < CALL_PATH_LIMIT_S


def test_a_database_that_stands_still_is_a_failure_too_and_lasts_until_it_moves(
    sqlite_centre: Centre, clock: SteppableClock
) -> None:
    centre, entered, moves = sqlite_centre, threading.Event(), threading.Event()

    def stand_still(_tx: Transaction) -> None:
        entered.set()
        assert moves.wait(10)

    began = clock.now()
    waiting = threading.Thread(target=centre.run, args=(stand_still,))
    waiting.start()
    assert entered.wait(10)
    clock.step(4)
    assert centre.writer.healthy
    clock.step(2)
    assert (centre.writer.healthy, centre.writer.failing_since) == (False, began)
    moves.set()
    waiting.join(10)
    assert centre.writer.healthy


def test_a_locked_database_is_reported_and_writes_go_on_when_it_is_free(
    impatient_centre: Centre, sqlite_url: str, clock: SteppableClock, caplog: pytest.LogCaptureFixture
) -> None:
    centre = impatient_centre
    caplog.set_level(logging.INFO)
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    answers = in_one_batch_while_locked(centre)
    assert time.monotonic() - began < CALL_PATH_LIMIT_S
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 3
    assert not centre.writer.healthy
    assert centre.writer.failing_since == clock.now()
    assert centre.writer.last_error == "database is locked"
    assert centre.writer.statistics.failed_batches >= 1
    with pytest.raises(StorageUnavailable):
        centre.probe_storage()

    other.execute("ROLLBACK")
    other.close()
    assert centre.probe_storage()
    assert centre.writer.healthy
    assert centre.writer.last_error is None
    assert registration(centre, "later")().created
    assert linkedids(centre) == ["later"]
    assert_whole(centre, entries=1)
    assert CALLER not in caplog.text


def test_the_wait_for_another_process_is_handed_off_so_that_the_loop_goes_on(
    sqlite_url: str, city: CityPack, clock: SteppableClock
) -> None:
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def hand_off(work: Callable[[], None]) -> None:
        # A writer that waited on its own would be refused before it ever got here: nobody else ends the lock.
        if other.in_transaction:
            other.execute("ROLLBACK")
        work()

    centre = open_centre(sqlite_url, city, clock=clock, offload=hand_off)
    assert registration(centre, "first")().created
    assert linkedids(centre) == ["first"]
    assert not other.in_transaction
    centre.close()
    other.close()


def in_one_batch_while_locked(centre: Centre) -> list[Any]:
    return at_once(*(registration(centre, str(i), caller_name="Budi") for i in range(3)))


def test_a_full_disk_refuses_calls_and_leaves_nothing_half_written(
    sqlite_centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    centre = sqlite_centre
    pages = {"most": 90}
    event.listen(
        centre.engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages['most']}").close(),
    )
    answered, refused = [], None
    for number in range(1000):
        try:
            registration(centre, str(number), channel="x" * 200)()
        except StorageUnavailable as error:
            refused = error
            break
        answered.append(str(number))
    assert refused is not None
    assert answered
    assert "full" in str(refused)
    assert centre.writer.last_error == str(refused)
    assert linkedids(centre) == answered
    assert_whole(centre, entries=len(answered))
    assert CALLER not in caplog.text + str(refused)

    pages["most"] = 2**30
    centre.engine.dispose()  # also the connections that tests read through had the limit
    assert centre.probe_storage()
    assert registration(centre, "there is room again")().created
    assert_whole(centre, entries=len(answered) + 1)


def test_a_database_that_went_away_is_reported_and_found_again(sqlite_url: str, city: CityPack, tmp_path: Path) -> None:
    folder = tmp_path / "mounted"
    missing = open_centre(f"sqlite:///{folder / 'siaga.db'}", city)
    try:
        with pytest.raises(StorageUnavailable):
            registration(missing, "1")()
        assert not missing.writer.healthy
        folder.mkdir()
        Path(make_url(sqlite_url).database or "").rename(folder / "siaga.db")
        assert missing.probe_storage()
        assert registration(missing, "1")().created
    finally:
        missing.close()


def test_a_node_that_has_no_connection_left_says_so(sqlite_url: str, city: CityPack, clock: SteppableClock) -> None:
    engine = create_engine(sqlite_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    centre = Centre(engine, city, Places(city), clock, None)
    with engine.connect():
        with pytest.raises(StorageUnavailable):
            registration(centre, "1")()
        assert not centre.writer.healthy
    assert registration(centre, "1")().created
    centre.close()


# --- Storage that fails: PostgreSQL.


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


# --- Several nodes.


def test_two_nodes_that_write_at_once_number_the_journal_without_gaps(centre: Centre, other_centre: Centre) -> None:
    def ten(node: Centre, name: str) -> list[RegisteredCall]:
        return [registration(node, f"{name}.{i}")() for i in range(10)]

    jobs = [partial(ten, node, f"{name}{thread}") for name, node in _nodes(centre, other_centre) for thread in range(4)]
    answers = at_once(*jobs)
    numbers = [answer.ticket_number for ten_answers in answers for answer in ten_answers]
    assert sorted(number[-3:] for number in numbers) == [f"{i:03d}" for i in range(1, 81)]
    assert_whole(centre, entries=80)


def test_one_linkedid_at_once_on_two_nodes_is_one_call_and_one_ticket(centre: Centre, other_centre: Centre) -> None:
    jobs = [registration(node, "1795485240.7") for _, node in _nodes(centre, other_centre) * 5]
    answers = at_once(*jobs)
    assert sorted(answer.created for answer in answers) == [False] * 9 + [True]
    assert len({answer.ticket_number for answer in answers}) == 1
    assert linkedids(centre) == ["1795485240.7"]
    assert_whole(centre, entries=1)


def test_one_linkedid_twice_in_one_batch_is_one_call_as_it_was_told_first(centre: Centre) -> None:
    told = [registration(centre, linkedid, dnid=dnid) for linkedid, dnid in (("a", "112"), ("b", "112"), ("a", "113"))]
    first, other, again = in_one_batch(centre, told)
    assert (first.created, other.created, again.created) == (True, True, False)
    assert first.ticket_number == again.ticket_number != other.ticket_number
    with centre.read() as connection:
        assert connection.execute(select(Call.linkedid, Call.dnid).order_by(Call.id)).all() == [
            ("a", "112"),
            ("b", "112"),
        ]


def test_the_same_linkedid_from_another_exchange_is_another_call(centre: Centre) -> None:
    calls = [IncomingCall("siaga-a", "1.1"), IncomingCall("siaga-b", "1.1"), IncomingCall("", "1.1")]
    answers = in_one_batch(centre, [partial(centre.run, register_call, call=call) for call in calls])
    assert len({answer.ticket_number for answer in answers}) == 3
    assert all(answer.created for answer in answers)


def test_of_two_operators_who_claim_at_the_same_instant_one_wins_and_the_other_learns_who(
    shift: Shift, other_centre: Centre
) -> None:
    for _ in range(5):
        number = shift.ring().ticket_number
        dewi = partial(shift.centre.run, claim_ticket, actor=shift.dewi, number=number)
        rizki = partial(other_centre.run, claim_ticket, actor=shift.rizki, number=number)
        won = {"Dewi": 0, "Rizki": 0}
        for name, answer in zip(won, at_once(dewi, rizki), strict=True):
            if isinstance(answer, Outcome):
                assert answer.changed
                won[name] += 1
            else:
                assert isinstance(answer, ClaimedByOther)
                winner = answer.details["owner_name"]
        assert sum(won.values()) == 1
        assert won[winner] == 1
        assert shift.ticket(number)["owner"]["name"] == winner


def _nodes(centre: Centre, other: Centre) -> list[tuple[str, Centre]]:
    return [("a", centre), ("b", other)]


# --- Crashes.


@pytest.mark.parametrize("crash_at_batch", [None, 4], ids=["at any moment", "between commit and answer"])
def test_every_call_that_was_answered_before_a_crash_is_there_exactly_once(
    database_url: str, city: CityPack, crash_at_batch: int | None
) -> None:
    arguments = [database_url] if crash_at_batch is None else [database_url, str(crash_at_batch)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.dispatch.storage.intake_process", *arguments],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert process.stdout is not None
    lines = []
    with process.stdout:
        for line in process.stdout:
            lines.append(line.decode())
            if crash_at_batch is None and len(lines) == 60:
                process.kill()
    process.wait(20)
    answered = dict(line.split() for line in lines if line.endswith("\n"))
    assert answered

    centre = open_centre(database_url, city)
    try:
        stored = linkedids(centre)
        assert len(stored) == len(set(stored))
        assert set(answered) <= set(stored)
        assert_whole(centre, entries=len(stored))
        if crash_at_batch is not None:
            assert set(stored) - set(answered)  # committed, and nobody was told
        for linkedid in stored:
            again = registration(centre, linkedid)()
            assert not again.created
            assert again.ticket_number == answered.get(linkedid, again.ticket_number)
    finally:
        centre.close()
