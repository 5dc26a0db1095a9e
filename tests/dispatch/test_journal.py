"""The journal: whoever changes what has happened breaks the chain, and the first broken link is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dispatch.centre import Centre
from dispatch.commands.people import create_user
from dispatch.journal import (
    GENESIS_HASH,
    BrokenLink,
    JournalHead,
    Verification,
    entry_hash,
    newest_seq,
    read_head,
    verify,
)
from dispatch.roles import Actor
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


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        pytest.param(["UPDATE journal SET kind = 'call.abandoned' WHERE seq = 12"], (12, "wrong_hash"), id="kind"),
        pytest.param(["UPDATE journal SET actor_kind = 'user', actor_id = 1 WHERE seq = 12"], (12, "wrong_hash"), id="actor"),
        pytest.param(["UPDATE journal SET ticket_id = 1 WHERE seq = 12"], (12, "wrong_hash"), id="ticket"),
        pytest.param(["UPDATE journal SET call_id = NULL WHERE seq = 12"], (12, "wrong_hash"), id="call"),
        pytest.param(["UPDATE journal SET assignment_id = 1 WHERE seq = 12"], (12, "wrong_hash"), id="assignment"),
        pytest.param(["UPDATE journal SET data = '{}' WHERE seq = 12"], (12, "wrong_hash"), id="data"),
        pytest.param(["UPDATE journal SET at = '2026-11-24 02:13:59.000000+00' WHERE seq = 12"], (12, "wrong_hash"), id="time"),
        pytest.param(["UPDATE journal SET hash = 'f00' WHERE seq = 12"], (12, "wrong_hash"), id="hash"),
        pytest.param(
            ["UPDATE journal SET previous_hash = 'f00' WHERE seq = 12"], (12, "wrong_previous_hash"), id="link"
        ),
        pytest.param(["DELETE FROM journal WHERE seq = 1"], (1, "missing_entry"), id="first removed"),
        pytest.param(["DELETE FROM journal WHERE seq = 12"], (12, "missing_entry"), id="one removed"),
        pytest.param(["DELETE FROM journal WHERE seq BETWEEN 5 AND 12"], (5, "missing_entry"), id="a stretch removed"),
        pytest.param(
            [
                "DELETE FROM journal WHERE seq = 12",
                *(f"UPDATE journal SET seq = {seq - 1} WHERE seq = {seq}" for seq in range(13, 19)),
            ],
            (12, "wrong_previous_hash"),
            id="one removed and the gap closed",
        ),
        pytest.param(
            [f"UPDATE journal SET seq = {to} WHERE seq = {seq}" for seq, to in ((12, 99), (13, 12), (99, 13))],
            (12, "wrong_previous_hash"),
            id="two exchanged",
        ),
        pytest.param(
            [
                f"INSERT INTO journal {_A_ROW}",
                *(f"UPDATE journal SET seq = {seq + 1} WHERE seq = {seq}" for seq in range(18, 12, -1)),
                "UPDATE journal SET seq = 13 WHERE seq = 912",
            ],
            (13, "wrong_previous_hash"),
            id="one inserted",
        ),
        pytest.param([f"INSERT INTO journal {_A_ROW.replace('900 + seq', '0')}"], (1, "missing_entry"), id="one put before"),
        pytest.param([f"INSERT INTO journal {_A_ROW.replace('900 + seq', '19')}"], (19, "wrong_previous_hash"), id="one put after"),
        pytest.param([f"INSERT INTO journal {_A_ROW}"], (19, "missing_entry"), id="one far ahead"),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_found(calls: Shift, statements: list[str], broken: tuple[int, str]) -> None:
    hashes = [entry.hash for entry in calls.entries()]
    tamper(calls.centre, *statements)
    for batch in (5, 5000):
        result = found(calls.centre, batch)
        assert result.broken == BrokenLink(*broken)
        whole = broken[0] - 1
        assert (result.entries, result.newest) == (whole, whole)
        assert result.head_hash == (hashes[whole - 1] if whole else GENESIS_HASH)


def test_rewriting_one_entry_with_its_own_new_hash_breaks_the_next_link(calls: Shift) -> None:
    entry = dict(calls.entries()[11]._mapping)
    entry["kind"] = "call.abandoned"
    tamper(
        calls.centre, f"UPDATE journal SET kind = 'call.abandoned', hash = '{entry_hash(entry)}' WHERE seq = 12"
    )
    assert found(calls.centre).broken == BrokenLink(13, "wrong_previous_hash")


def test_a_journal_cut_off_at_its_end_no_longer_reaches_the_head_that_was_noted(calls: Shift) -> None:
    noted = found(calls.centre)
    tamper(calls.centre, "DELETE FROM journal WHERE seq > 15")
    cut = found(calls.centre)
    assert cut.broken is None
    assert cut.newest == 15
    assert cut.head_hash != noted.head_hash
    for _ in range(3):
        calls.ring()  # what is written from then on does not lead there either
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
    assert all(row["hash"] == entry_hash(row) for row in head.pending)


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
    assert len({row["hash"] for row in head.pending}) == 3
    assert [row["previous_hash"] for row in head.pending] == [GENESIS_HASH, *(r["hash"] for r in head.pending[:2])]
