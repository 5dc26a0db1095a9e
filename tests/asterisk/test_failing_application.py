"""The real application down, frozen, dying: the caller is in the queue within 5 s, and the call is there just once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.postgres_server import PostgresMissing, throwaway_postgres
from dispatch.storage.migrate import upgrade
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.call_record import RecordedCall
from tests.asterisk.fixtures import PlaceCall, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_app import RealApp, Wiretap
from tests.asterisk.real_parts import free_port, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

LIMIT_S = 5.0


@pytest.fixture
def durable_postgres_url() -> Iterator[str]:
    """A migrated database on a server that may lose nothing: a node refuses any other."""
    try:
        with throwaway_postgres(durable=True) as server:
            upgrade(server.url)
            yield server.url
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def queued(asterisk: Asterisk, how_many: int = 1) -> list[RecordedCall]:
    """The calls so far, once they all stand in the queue; each got there in time."""

    def look() -> list[RecordedCall]:
        calls = [call for call in asterisk.calls() if call.seconds_to_queue]
        return calls if len(calls) >= how_many else []

    calls = wait_until(f"{how_many} callers in the queue", look, LIMIT_S + 5)
    assert max(call.seconds_to_queue for call in calls) < LIMIT_S
    return calls


def tickets_given(asterisk: Asterisk) -> dict[str, str]:
    """The ticket numbers that Asterisk was told, by channel; its log says so after `agi set debug on`."""
    return dict(re.findall(r'<(PJSIP/trunk-\w+)>AGI Rx << SET VARIABLE "SIAGA_TICKET" "([^"]+)"', asterisk.log()))


def test_calls_while_it_is_down_are_there_when_it_comes_back(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    seat_phone("op1", talks_s=0.5)
    place_call(ani="081200000001").wait()
    seat_phone("op1", answer=False)
    place_call(ani="081200000002", rings_s=2).wait()
    answered, abandoned = (call.linkedid for call in queued(asterisk, 2))
    first_app.start()
    row = first_app.only_row(answered, "ended")
    assert (row["number"], row["seat"]) == ("081200000001", "1")
    assert first_app.only_row(abandoned, "abandoned")["number"] == "081200000002"


def test_a_call_while_it_is_frozen_is_there_once_when_it_goes_on(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall
) -> None:
    first_app.start()
    guard.wait_until_known("one", well=True)
    first_app.freeze()
    place_call(rings_s=5)
    (call,) = queued(asterisk)
    assert call.seconds_to_queue > 3
    first_app.thaw()
    first_app.only_row(call.linkedid, "abandoned")


def test_a_caller_who_hangs_up_before_it_answers_asterisk_is_to_be_called_back(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall
) -> None:
    first_app.start()
    guard.wait_until_known("one", well=True)
    first_app.freeze()
    place_call(ani="081200000003", rings_s=1).wait()
    call = asterisk.call_over()
    first_app.thaw()
    assert first_app.only_row(call.linkedid, "abandoned")["number"] == "081200000003"


def test_a_call_is_there_once_when_it_died_between_commit_and_answer(
    asterisk: Asterisk, guard: Guard, tmp_path: Path, place_call: PlaceCall
) -> None:
    """It is killed as it begins to answer Asterisk; at that moment the ticket is on disk and nobody knows."""
    app = RealApp(tmp_path, web_port=asterisk.ports.web_one, agi_port=free_port())
    app.start()
    with closing(Wiretap(asterisk.ports.agi_one, app.agi_port, at_first_word=app.kill)) as wiretap:
        guard.wait_until_known("one", well=True)
        place_call(ani="081200000004", rings_s=3)
        (call,) = queued(asterisk)
        assert wiretap.words == 1
        ticket = app.only_row(call.linkedid, "ringing")["ticket"]
        wiretap.at_first_word = lambda: None
        app.start()
        try:
            assert app.only_row(call.linkedid, "abandoned")["ticket"] == ticket
        finally:
            app.stop()


def test_every_ticket_that_was_given_is_there_once_after_it_was_killed_among_many_calls(
    asterisk: Asterisk, guard: Guard, first_app: RealApp, place_call: PlaceCall
) -> None:
    first_app.start()
    guard.wait_until_known("one", well=True)
    asterisk.cli("agi set debug on")
    for _ in range(6):
        place_call(rings_s=4)
    wait_until("some of them have tickets", lambda: len(tickets_given(asterisk)) > 1)
    first_app.kill()
    for _ in range(6):
        place_call(rings_s=4)
    calls = queued(asterisk, 12)
    given = tickets_given(asterisk)
    asterisk.cli("agi set debug off")
    first_app.start()
    for call in calls:
        first_app.only_row(call.linkedid, "abandoned")
    tickets = Counter(row["ticket"] for row in first_app.rows())
    assert set(given.values()) <= set(tickets)
    assert set(tickets.values()) == {1}
    assert Counter(row["linkedid"] for row in first_app.rows()) == dict.fromkeys((call.linkedid for call in calls), 1)


def test_a_call_is_there_once_when_both_servers_were_told_of_it(
    asterisk: Asterisk, guard: Guard, durable_postgres_url: str, tmp_path: Path, place_call: PlaceCall
) -> None:
    """The first server is frozen when it is asked, the second makes the ticket, then the first one goes on."""
    ports = asterisk.ports
    one, two = (
        RealApp(tmp_path / name, web_port=web, agi_port=agi, database_url=durable_postgres_url)
        for name, web, agi in (("one", ports.web_one, ports.agi_one), ("two", ports.web_two, ports.agi_two))
    )
    try:
        one.start()
        two.start()
        guard.wait_until_known("one", well=True)
        guard.wait_until_known("two", well=True)
        one.freeze()
        place_call()
        (call,) = queued(asterisk)
        row = two.only_row(call.linkedid, "ringing")
        one.thaw()
        wait_until("the first server done with the call", lambda: call.linkedid in one.log())
        assert two.only_row(call.linkedid, "ringing") == row
    finally:
        one.stop()
        two.stop()
