"""The writer: commands that wait share a commit, and one that fails takes no other with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket
from dispatch.calls.incoming import RegisteredCall
from dispatch.centre import Centre
from dispatch.errors import CommandRefused, InvalidValue, StorageUnavailable
from dispatch.roles import Actor
from dispatch.storage.engine import make_engine
from dispatch.storage.journal import Entry, read_entries
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Ticket
from dispatch.storage.transaction import Transaction
from tests.dispatch.shift import CIPARE, Shift
from tests.dispatch.storage.writing import CALLER, assert_whole, linkedids, registration
from tests.dispatch.together import at_once, in_one_batch

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


def _break(tx: Transaction, actor: Actor) -> None:
    tx.connection.execute(text("DELETE FROM calls"))
    tx.record(JournalKind.TICKET_CLOSED, actor)
    raise RuntimeError("a bug")


def _break_the_database_s_rules(tx: Transaction) -> None:
    tx.connection.execute(text("UPDATE tickets SET number = 'same'"))


# --- A command that fails takes no other with it.


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
