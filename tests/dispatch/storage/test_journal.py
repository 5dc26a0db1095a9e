"""The journal: whoever changes what has happened breaks the chain, and the first broken link is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dispatch.centre import Centre
from dispatch.people.commands import create_user
from dispatch.roles import Actor
from dispatch.storage.journal import (
    GENESIS_HASH,
    BrokenLink,
    Entry,
    JournalHead,
    Verification,
    entry_hash,
    newest_seq,
    read_head,
    verify,
)
from tests.dispatch.shift import Shift
from tests.steppable_clock import A_TUESDAY_MORNING


def found(centre: Centre, batch: int = 5000) -> Verification:
    with centre.read() as connection:
        return verify(connection, batch)


def tamper(centre: Centre, *statements: str) -> None:
    with centre.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def calls(sqlite_shift: Shift) -> Shift:
    """A journal with an entry for each of eighteen calls."""
    for _ in range(18):
        sqlite_shift.ring()
    return sqlite_shift


def test_an_empty_journal_is_whole(centre: Centre) -> None:
    assert found(centre) == Verification(0, 0, GENESIS_HASH, None)
    with centre.read() as connection:
        assert newest_seq(connection) == 0
        head = read_head(connection)
        assert (head.seq, head.hash) == (0, GENESIS_HASH)


@pytest.mark.parametrize("batch", [1, 7, 18, 5000])
def test_an_untouched_journal_is_whole_up_to_its_head(calls: Shift, batch: int) -> None:
    entries = calls.entries()
    assert found(calls.centre, batch) == Verification(18, 18, entries[-1].hash, None)
    with calls.centre.read() as connection:
        assert newest_seq(connection) == 18


def test_every_kind_of_value_hashes_when_it_is_read_as_it_did_when_it_was_written(shift: Shift) -> None:
    actor = shift.run(
        create_user,
        actor=Actor.system(),
        username="zainab.2",
        display_name="Zainab “Ζ” 👩‍🚒",
        password_hash="x",
        role="responder",
        agency_code="DP3AKB",
    )
    assert actor.changed
    shift.clock.step(0.123456)
    shift.sent("DAMKAR", "PLN", ani="+62 812-9876-5001", caller_name='"Budi"\r\n')
    newest = shift.entries()[-1]
    assert found(shift.centre) == Verification(newest.seq, newest.seq, newest.hash, None)
    with shift.centre.read() as connection:
        assert newest_seq(connection) == newest.seq


_A_ROW = (
    "SELECT 900 + seq, at, kind, actor_kind, actor_id, ticket_id, call_id, assignment_id, data, previous_hash, hash"
    " FROM journal WHERE seq = 12"
)


def _set(what: str) -> str:
    return f"UPDATE journal SET {what} WHERE seq = 12"


def _copy(seq: str) -> str:
    return f"INSERT INTO journal {_A_ROW.replace('900 + seq', seq)}"


def _renumber(*pairs: tuple[int, int]) -> list[str]:
    return [f"UPDATE journal SET seq = {to} WHERE seq = {seq}" for seq, to in pairs]


#: What was done to the entries 1 to 18; the first number at which the chain does not hold, and how.
TAMPERINGS: dict[str, tuple[list[str], int, str]] = {
    "kind": ([_set("kind = 'call.abandoned'")], 12, "wrong_hash"),
    "actor": ([_set("actor_kind = 'user', actor_id = 1")], 12, "wrong_hash"),
    "ticket": ([_set("ticket_id = 1")], 12, "wrong_hash"),
    "call": ([_set("call_id = NULL")], 12, "wrong_hash"),
    "assignment": ([_set("assignment_id = 1")], 12, "wrong_hash"),
    "data": ([_set("data = '{}'")], 12, "wrong_hash"),
    "time": ([_set("at = '2026-11-24 02:13:59.000000'")], 12, "wrong_hash"),
    "hash": ([_set("hash = 'f00'")], 12, "wrong_hash"),
    "link": ([_set("previous_hash = 'f00'")], 12, "wrong_previous_hash"),
    "first removed": (["DELETE FROM journal WHERE seq = 1"], 1, "missing_entry"),
    "one removed": (["DELETE FROM journal WHERE seq = 12"], 12, "missing_entry"),
    "a stretch removed": (["DELETE FROM journal WHERE seq BETWEEN 5 AND 12"], 5, "missing_entry"),
    "one removed and the gap closed": (
        ["DELETE FROM journal WHERE seq = 12", *_renumber(*((seq, seq - 1) for seq in range(13, 19)))],
        12,
        "wrong_previous_hash",
    ),
    "two exchanged": (_renumber((12, 99), (13, 12), (99, 13)), 12, "wrong_previous_hash"),
    "one inserted": (
        [_copy("912"), *_renumber(*((seq, seq + 1) for seq in range(18, 12, -1)), (912, 13))],
        13,
        "wrong_previous_hash",
    ),
    "one put before": ([_copy("0")], 1, "missing_entry"),
    "one put after": ([_copy("19")], 19, "wrong_previous_hash"),
    "one far ahead": ([_copy("912")], 19, "missing_entry"),
}


@pytest.mark.parametrize(("statements", "seq", "problem"), list(TAMPERINGS.values()), ids=list(TAMPERINGS))
def test_the_first_broken_link_is_found(calls: Shift, statements: list[str], seq: int, problem: str) -> None:
    hashes = [entry.hash for entry in calls.entries()]
    tamper(calls.centre, *statements)
    for batch in (5, 5000):
        result = found(calls.centre, batch)
        assert result.broken == BrokenLink(seq, problem)
        assert (result.entries, result.newest) == (seq - 1, seq - 1)
        assert result.head_hash == (hashes[seq - 2] if seq > 1 else GENESIS_HASH)


def test_rewriting_one_entry_with_its_own_new_hash_breaks_the_next_link(calls: Shift) -> None:
    entry = Entry(*calls.entries()[11])._replace(kind="call.abandoned")
    tamper(calls.centre, f"UPDATE journal SET kind = 'call.abandoned', hash = '{entry_hash(entry)}' WHERE seq = 12")
    assert found(calls.centre).broken == BrokenLink(13, "wrong_previous_hash")
    tamper(calls.centre, f"UPDATE journal SET previous_hash = '{entry_hash(entry)}' WHERE seq = 13")
    assert found(calls.centre).broken == BrokenLink(13, "wrong_hash")


def test_a_journal_cut_off_at_its_end_no_longer_reaches_the_head_that_was_noted(calls: Shift) -> None:
    noted = found(calls.centre)
    tamper(calls.centre, "DELETE FROM journal WHERE seq > 15")
    cut = found(calls.centre)
    assert cut.broken is None
    assert cut.newest == 15
    assert cut.head_hash != noted.head_hash
    for _ in range(2):
        calls.ring()  # what is written from then on (first that it went back) does not lead there either
    again = found(calls.centre)
    assert again.broken is None
    assert again.newest == noted.newest
    assert again.head_hash != noted.head_hash


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=3)),
        max_size=4,
    ),
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
)
def test_a_failed_command_s_entries_leave_no_trace_in_the_chain(data: dict[str, object], at: datetime) -> None:
    at = at.replace(tzinfo=UTC)

    def append(head: JournalHead, kind: str) -> int:
        return head.append(kind, Actor.system(), at, ticket_id=None, call_id=None, assignment_id=None, data=data)

    head, undisturbed = JournalHead(0, GENESIS_HASH), JournalHead(0, GENESIS_HASH)
    for each in (head, undisturbed):
        append(each, "first")
    mark = head.mark()
    append(head, "refused")
    append(head, "refused")
    head.take_back(mark)
    for each in (head, undisturbed):
        assert append(each, "second") == 2
    assert head == undisturbed
    assert all(entry.hash == entry_hash(entry) for entry in head.pending)


def test_entries_of_one_instant_still_have_hashes_of_their_own() -> None:
    head = JournalHead(0, GENESIS_HASH)
    for _ in range(3):
        head.append(
            "call.registered",
            Actor.asterisk(),
            A_TUESDAY_MORNING + timedelta(microseconds=1),
            ticket_id=1,
            call_id=1,
            assignment_id=None,
            data={},
        )
    assert len({entry.hash for entry in head.pending}) == 3
    assert [entry.previous_hash for entry in head.pending] == [GENESIS_HASH, *(e.hash for e in head.pending[:2])]
