"""Several writers at once, and one that crashes: no gap, no call twice, none lost."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.incoming import IncomingCall, RegisteredCall
from dispatch.calls.intake import register_call
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import ClaimedByOther
from dispatch.storage.tables import Call
from dispatch.storage.transaction import Outcome
from tests.dispatch.shift import Shift
from tests.dispatch.storage.writing import assert_whole, linkedids, registration
from tests.dispatch.together import at_once, in_one_batch

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
