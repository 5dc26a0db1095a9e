"""Whatever becomes of the software or of the guard before it: the caller is in the queue within 5 s."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.asterisk.agi_double import (
    Behaviour,
    dies_in_mid_session,
    gives_a_ticket,
    nobody_takes_connections,
    says_nothing,
    sends_half_a_line,
    sends_half_a_ticket,
    talks_without_end,
)
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_parts import wait_until

pytestmark = pytest.mark.real

LIMIT_S = 5.0


@pytest.fixture
def seconds_to_queue(asterisk: Asterisk, place_call: PlaceCall) -> Callable[[], float]:
    """Have somebody call, and return how long it took until they stood in the queue, by Asterisk's own record."""

    def call_and_look() -> float:
        call = place_call(rings_s=LIMIT_S + 1)
        queued = wait_until(
            "a caller in the queue", lambda: [c for c in asterisk.calls() if c.seconds_to_queue], LIMIT_S + 3
        )
        call.vanish()
        return queued[-1].seconds_to_queue

    return call_and_look


def both_well(guard: Guard) -> None:
    """The guard has noticed nothing yet: whatever fails now fails a caller."""
    guard.wait_until_known("one", well=True)
    guard.wait_until_known("two", well=True)


@pytest.mark.parametrize(
    "behaviour", [says_nothing, dies_in_mid_session, sends_half_a_line], ids=lambda function: function.__name__
)
def test_the_second_server_makes_the_ticket_when_the_first_fails(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float], behaviour: Behaviour
) -> None:
    one, two = server("one", behaviour), server("two")
    both_well(guard)
    assert seconds_to_queue() < LIMIT_S
    assert one.told("incoming")
    assert two.told("incoming")


def test_half_a_ticket_number_proves_the_ticket(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    """Asterisk carries out what it has of a line; the ticket was on disk before its number was sent."""
    server("one", sends_half_a_ticket)
    two = server("two")
    guard.wait_until_known("one", well=True)
    assert seconds_to_queue() < LIMIT_S
    assert not two.told("incoming")


def test_the_second_server_makes_the_ticket_when_the_first_refuses(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    one, two = server("one"), server("two")
    both_well(guard)
    one.refuse_calls()
    assert seconds_to_queue() < 1
    assert two.told("incoming")


def test_the_second_server_makes_the_ticket_when_the_first_machine_is_gone(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    one, two = server("one"), server("two")
    both_well(guard)
    one.refuse_calls()
    with nobody_takes_connections(asterisk.ports.agi_one):
        assert seconds_to_queue() < 1
    assert two.told("incoming")


@pytest.mark.parametrize(
    "behaviour",
    [says_nothing, dies_in_mid_session, sends_half_a_line],
    ids=lambda function: function.__name__,
)
def test_a_caller_is_queued_when_both_servers_fail(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float], behaviour: Behaviour
) -> None:
    one, two = server("one", behaviour), server("two", behaviour)
    both_well(guard)
    assert seconds_to_queue() < LIMIT_S
    assert one.told("incoming")
    assert two.told("incoming")


def test_the_fuse_brings_the_caller_to_the_queue_when_a_server_talks_without_end(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    server("one", talks_without_end)
    guard.wait_until_known("one", well=True)
    assert seconds_to_queue() < LIMIT_S


def test_a_caller_is_queued_at_once_when_both_servers_refuse(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    servers = server("one"), server("two")
    both_well(guard)
    for each in servers:
        each.refuse_calls()
    assert seconds_to_queue() < 1


def test_a_caller_is_queued_when_both_machines_are_gone(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    servers = server("one"), server("two")
    both_well(guard)
    for each in servers:
        each.refuse_calls()
    with nobody_takes_connections(asterisk.ports.agi_one), nobody_takes_connections(asterisk.ports.agi_two):
        assert seconds_to_queue() < 2


@pytest.mark.parametrize(("gone", "frozen"), [("one", "two"), ("two", "one")])
def test_a_caller_is_queued_when_one_machine_is_gone_and_the_other_frozen(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float], gone: str, frozen: str
) -> None:
    server(frozen, says_nothing)
    leaving = server(gone)
    both_well(guard)
    leaving.refuse_calls()
    with nobody_takes_connections(asterisk.ports.agi_one if gone == "one" else asterisk.ports.agi_two):
        assert seconds_to_queue() < LIMIT_S


def test_a_server_that_is_said_to_be_unwell_costs_the_next_caller_no_wait(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    """A frozen server does not answer its health check; from then on the other one is asked first."""
    server("one", says_nothing, looks_well=False)
    two = server("two")
    guard.wait_until_known("one", well=False)
    guard.wait_until_known("two", well=True)
    assert seconds_to_queue() < 1
    assert two.told("incoming")


def test_a_server_is_asked_even_when_every_health_check_fails(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    one = server("one", looks_well=False)
    guard.wait_until_known("one", well=False)
    guard.wait_until_known("two", well=False)
    assert seconds_to_queue() < 1
    assert one.told("incoming")


def test_the_servers_are_asked_directly_when_there_is_no_guard(
    asterisk: Asterisk, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    one = server("one")
    assert seconds_to_queue() < 1
    assert one.told("incoming")


def test_a_caller_is_queued_when_there_is_neither_guard_nor_server(
    asterisk: Asterisk, seconds_to_queue: Callable[[], float]
) -> None:
    assert seconds_to_queue() < 1


@pytest.mark.parametrize("behaviour", [says_nothing, talks_without_end], ids=lambda function: function.__name__)
def test_the_fuse_brings_the_caller_to_the_queue_when_no_guard_does(
    asterisk: Asterisk, server: PutServer, seconds_to_queue: Callable[[], float], behaviour: Behaviour
) -> None:
    server("one", behaviour)
    assert 4 < seconds_to_queue() < LIMIT_S


def test_a_caller_is_queued_when_there_is_no_guard_and_both_machines_are_gone(
    asterisk: Asterisk, seconds_to_queue: Callable[[], float]
) -> None:
    with nobody_takes_connections(asterisk.ports.agi_one), nobody_takes_connections(asterisk.ports.agi_two):
        assert seconds_to_queue() < LIMIT_S


def test_the_fuse_brings_the_caller_to_the_queue_when_the_guard_is_frozen(
    asterisk: Asterisk, guard: Guard, server: PutServer, seconds_to_queue: Callable[[], float]
) -> None:
    server("one", gives_a_ticket)
    guard.freeze()
    assert 4 < seconds_to_queue() < LIMIT_S


def test_a_caller_is_queued_when_the_guard_takes_no_connections(
    asterisk: Asterisk, seconds_to_queue: Callable[[], float]
) -> None:
    with nobody_takes_connections(asterisk.ports.guard_1), nobody_takes_connections(asterisk.ports.guard_2):
        assert seconds_to_queue() < LIMIT_S


def test_a_caller_who_hangs_up_over_a_frozen_server_leaves_no_channel_behind(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    server("one", says_nothing)
    place_call(rings_s=1).wait()
    call = asterisk.call_over()
    hung_up = call.first("HANGUP")
    assert hung_up.at - call.began_at < 2


def test_a_conversation_survives_the_end_of_the_software(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown
) -> None:
    one = server("one")
    seat_phone("op1")
    place_call(talks_s=2)
    wait_until("the two connected", lambda: [c for c in asterisk.calls() if c.seat])
    one.close()
    guard.stop()
    call = asterisk.call_over()
    connected, parted = call.first("BRIDGE_ENTER"), call.first("BRIDGE_EXIT")
    assert parted.at - connected.at > 1.5
