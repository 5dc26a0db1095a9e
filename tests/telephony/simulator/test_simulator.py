"""The simulator plays Asterisk truly, and its day is like Serang's."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import gevent
import pytest

from dispatch.city.pack import CityPack
from dispatch.errors import StorageUnavailable
from dispatch.places.finder import Places
from dispatch.tickets.lifecycle import Classification
from dispatch.triage.interpret import interpret
from telephony.agi.geolocation import parse_location
from telephony.simulator.__main__ import main
from telephony.simulator.agi_client import AgiClient
from telephony.simulator.automatic_seats import AutomaticSeats
from telephony.simulator.call_simulator import CallSimulator
from telephony.simulator.caller_lines import GENUINE_LINES
from telephony.simulator.channel import SimulatedChannel, split_command
from telephony.simulator.load import run_load
from telephony.simulator.simulated_day import SimulatedCall, SimulatedDay
from tests.telephony.fake_centre import FakeCentre

Address = tuple[str, int]
LOCATION = 'shape="Circle",crs="2d",pos="-6.1186 106.1537",radius="30"'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('SET VARIABLE "A" "B C"', ["SET", "VARIABLE", "A", "B C"]),
        ('SET VARIABLE A "say \\"hi\\" \\\\"', ["SET", "VARIABLE", "A", 'say "hi" \\']),
        ('X ""  y', ["X", "", "y"]),
        ("a\\ b", ["a b"]),
        ("", []),
    ],
)
def test_commands_are_split_as_asterisk_does(line: str, words: list[str]) -> None:
    assert split_command(line) == words


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ('SET VARIABLE "A" "1"', "200 result=1\n"),
        ("set variable A", "520-"),
        ('GET VARIABLE "UNSET"', "200 result=0\n"),
        ('GET FULL VARIABLE "${CHANNEL(linkedid)} at ${SYSTEMNAME}"', "200 result=1 (1.1 at simulator)\n"),
        ('GET FULL VARIABLE "${GEOLOC_PROFILE(format)}"', "200 result=1 (GML)\n"),
        ("NOOP", "200 result=0\n"),
        ("ANSWER", "511 "),
        ("DANCE", "510 Invalid or unknown command\n"),
        ("", "510 Invalid or unknown command\n"),
    ],
)
def test_a_dead_channel_answers_as_asterisks_do(line: str, reply: str) -> None:
    channel = SimulatedChannel("1.1", location=LOCATION, hung_up=True)
    assert channel.answer(line).startswith(reply)


def test_the_client_keeps_what_the_server_tells_the_channel(address: Address, fake_centre: FakeCentre) -> None:
    channel = SimulatedChannel("1.1", number="081200001234", location=LOCATION, location_method="GPS")
    exchange = AgiClient(address).run(channel, "incoming", "1.1", "simulator", "1", "allowed_not_screened")
    assert exchange.status == "SUCCESS"
    assert list(channel.variables) == ["SIAGA_TREATMENT", "SIAGA_PRIORITY", "SIAGA_TICKET"]
    assert fake_centre.only_call.ani == "081200001234"
    assert fake_centre.only_call.location == parse_location(LOCATION, "GPS")


def test_nobody_there_is_a_failure_at_once() -> None:
    exchange = AgiClient(("127.0.0.1", 1)).run(SimulatedChannel("1.1"), "incoming")
    assert exchange.status == "FAILURE"


def test_the_same_seed_is_the_same_day(city: CityPack) -> None:
    assert calls_of(SimulatedDay(city, seed=7), 200) == calls_of(SimulatedDay(city, seed=7), 200)
    assert calls_of(SimulatedDay(city, seed=7), 200) != calls_of(SimulatedDay(city, seed=8), 200)


def test_a_day_is_mostly_nuisance_as_in_serang(city: CityPack) -> None:
    calls = calls_of(SimulatedDay(city, calls_per_minute=6), 4000)
    kinds = Counter(call.kind for call in calls)
    assert kinds[Classification.GENUINE] / 4000 == pytest.approx(0.02, abs=0.007)
    assert [kind for kind, _ in kinds.most_common(3)] == [
        Classification.DROPPED,
        Classification.PRANK,
        Classification.GHOST,
    ]
    assert 4000 / (calls[-1].at_s / 60) == pytest.approx(6, rel=0.1)
    assert len({call.linkedid for call in calls}) == 4000


def test_numbers_are_nobodys_and_some_callers_have_none(city: CityPack) -> None:
    calls = calls_of(SimulatedDay(city), 2000)
    numbers = Counter(call.number for call in calls)
    assert {number for number in numbers if number and not re.fullmatch(r"08\d\d0000\d{4}", number)} == {"anonymous"}
    assert numbers[None] > 0
    assert all(city.prefixes.carrier(number) for number in numbers if number not in (None, "anonymous"))
    pranks = Counter(call.number for call in calls if call.kind is Classification.PRANK and call.number)
    assert pranks.most_common(1)[0][1] > city.policy.nuisance.limit


def test_locations_lie_in_the_city(city: CityPack) -> None:
    located = [call.location for call in calls_of(SimulatedDay(city), 3000) if call.location]
    assert len(located) > 50
    for shape in located:
        location = parse_location(shape)
        assert location is not None
        assert city.bbox.holds(location.lat, location.lon)


def test_what_genuine_callers_say_names_what_happened_and_where(city: CityPack) -> None:
    """The demo's script has to be workable: most sentences are understood as the type that the caller means."""
    places = Places(city, None)
    genuine = [call for call in calls_of(SimulatedDay(city), 12_000) if call.kind is Classification.GENUINE]
    understood = [call for call in genuine if call.type_code in types_in(call.words, city, places)]
    placed = [call for call in genuine if interpret(call.words, city, places).places]
    assert len(understood) / len(genuine) > 0.9
    assert len(placed) / len(genuine) > 0.9


def test_every_line_belongs_to_a_type_of_the_city(city: CityPack) -> None:
    assert set(GENUINE_LINES) <= set(city.incident_types)


def test_a_call_rings_is_answered_and_ends(address: Address, city: CityPack, fake_centre: FakeCentre) -> None:
    seats = AutomaticSeats(["op1", "op2"], after_s=0)
    simulator = simulate(calls_of(SimulatedDay(city), 6), address, answered_by=seats.answered_by)
    assert (simulator.statistics.placed, simulator.statistics.answered) == (6, 6)
    assert len(fake_centre.calls) == 6
    # The dialplan tells an answer twice: when it happens and, lest it was lost, before the end.
    assert Counter(fake_centre.answers).most_common()[-1][1] == 2
    assert sorted(extension for *_, extension in set(fake_centre.answers)) == ["op1"] * 3 + ["op2"] * 3
    assert {cause for *_, cause, _ in fake_centre.ends} == {"16"}
    assert simulator.statistics.without_ticket == 0


def test_a_caller_whom_nobody_answers_gives_up(address: Address, city: CityPack, fake_centre: FakeCentre) -> None:
    calls = calls_of(SimulatedDay(city), 3)
    simulator = simulate(calls, address)
    assert simulator.statistics.abandoned == 3
    assert fake_centre.answers == []
    rang_s = {linkedid: duration_s for _, linkedid, _, duration_s in fake_centre.ends}
    assert all(rang_s[call.linkedid] >= call.patience_s - 1 for call in calls)


@pytest.mark.parametrize(
    ("treatment", "kind", "told", "answered"),
    [
        ("blocked", Classification.PRANK, ["failed"], 0),
        ("blocked", Classification.GENUINE, ["passed"], 1),
        ("gate", Classification.PRANK, ["failed"], 1),
        ("normal", Classification.PRANK, [], 1),
    ],
)
def test_only_who_needs_help_presses_1_at_the_gate(
    address: Address,
    city: CityPack,
    fake_centre: FakeCentre,
    treatment: str,
    kind: Classification,
    told: list[str],
    answered: int,
) -> None:
    fake_centre.treatment = treatment
    (call,) = calls_of(SimulatedDay(city), 1)
    simulator = simulate([replace(call, kind=kind)], address, answered_by=lambda linkedid: "op1")
    assert [result for *_, result in fake_centre.gates] == told
    assert (simulator.statistics.answered, simulator.statistics.abandoned) == (answered, 0)
    assert len(fake_centre.ends) == 1


def test_a_call_under_way_tells_what_its_caller_says(address: Address, city: CityPack, fake_centre: FakeCentre) -> None:
    (call,) = calls_of(SimulatedDay(city), 1)
    simulator = CallSimulator([replace(call, at_s=0.0, patience_s=3600.0)], address)
    simulator.start()
    with gevent.Timeout(5):
        while not fake_centre.calls:
            gevent.idle()
        under_way = simulator.call(call.linkedid)
        assert under_way is not None
        assert under_way.words == call.words
        simulator.stop()
    assert simulator.call(call.linkedid) is None
    assert len(fake_centre.ends) == 1


def test_a_call_without_a_ticket_is_reported_again_at_its_end(
    address: Address, city: CityPack, fake_centre: FakeCentre
) -> None:
    (call,) = calls_of(SimulatedDay(city), 1)
    fake_centre.failure = StorageUnavailable("locked")

    def repaired_then_answered(linkedid: str) -> str:
        fake_centre.failure = None
        return "op1"

    simulator = simulate([call], address, answered_by=repaired_then_answered)
    assert simulator.statistics.without_ticket == 1
    assert len(fake_centre.calls) == len(set(fake_centre.answers)) == len(fake_centre.ends) == 1
    assert fake_centre.only_call.ani == (call.number or "")


def test_a_call_ends_even_if_nobody_can_tell_who_answers(
    address: Address, city: CityPack, fake_centre: FakeCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(linkedid: str) -> str:
        raise LookupError

    simulate(calls_of(SimulatedDay(city), 1), address, answered_by=broken)
    assert len(fake_centre.ends) == 1
    assert "LookupError" in capsys.readouterr().err


def test_load_counts_sessions_and_those_without_a_ticket(address: Address, fake_centre: FakeCentre) -> None:
    result = in_a_thread(lambda: run_load(address, concurrency=10, sessions=200))
    assert (result.sessions, result.failed) == (200, 0)
    assert len(fake_centre.calls) == 200
    assert 0 < result.p50_ms <= result.p99_ms
    fake_centre.failure = StorageUnavailable("locked")
    result = in_a_thread(lambda: run_load(address, concurrency=3, sessions=9))
    assert (result.sessions, result.failed) == (0, 9)


def test_the_command_line_plays_a_day(
    address: Address, fake_centre: FakeCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--port", str(address[1]), "--speed", "1000", "--count", "5", "--seats", "op1", "--answer-after", "0"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {"placed": 5, "answered": 5, "abandoned": 0, "without_ticket": 0}
    assert len(fake_centre.ends) == 5


def test_the_command_line_measures(address: Address, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["load", "--port", str(address[1]), "--concurrency", "4", "--sessions", "40"]
    assert in_a_thread(lambda: main(arguments)) == 0
    assert set(json.loads(capsys.readouterr().out)) == {
        "sessions",
        "seconds",
        "per_second",
        "p50_ms",
        "p99_ms",
        "failed",
    }


@pytest.mark.parametrize("arguments", [["--speed", "0"], ["--calls-per-minute", "0"], ["--speed", "2000"]])
def test_the_command_line_refuses_nonsense(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)


def calls_of(day: SimulatedDay, number: int) -> list[SimulatedCall]:
    return list(islice(day, number))


def types_in(words: str, city: CityPack, places: Places) -> set[str]:
    return {guess.code for guess in interpret(words, city, places).types}


def simulate(
    calls: list[SimulatedCall], address: Address, answered_by: Callable[[str], str | None] = lambda linkedid: None
) -> CallSimulator:
    """Let these calls happen a thousand times as fast, to the end."""
    simulator = CallSimulator(calls, address, answered_by=answered_by, speed=1000)
    simulator.start()
    with gevent.Timeout(20):
        simulator.join()
    return simulator


def in_a_thread(function: Callable[[], object]) -> object:
    """Run what blocks its thread, while the server goes on in this one."""
    return gevent.get_hub().threadpool.apply(function)
