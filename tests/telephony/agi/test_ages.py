"""What the dialplan tells of time: ages by Asterisk's own clock, and the second that a linkedid names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from telephony.agi.scripts import linkedid_second
from tests.telephony.asterisk_wire import Wire, environment
from tests.telephony.fake_centre import FakeCentre

LINKEDID = "1764000000.7"
Connect = Callable[[], Wire]


def tell(connect: Connect, script: str, *arguments: str) -> list[str]:
    """Run one script to its end and return the variables that it set."""
    wire = connect()
    wire.send(environment(script, *arguments))
    lines = []
    while (line := wire.line()) is not None:
        lines.append(line)
        wire.send(b"200 result=1\n")
    return lines


@pytest.mark.parametrize(
    ("told", "age_s"),
    [
        ("0", 0.0),
        ("17", 17.0),
        ("17.25", 17.25),
        ("86400", 86400.0),
        *((odd, None) for odd in ("", " ", "-1", "+1", "nan", "inf", "1e3", "0x10", "1.", ".5", "1,5", "٣", "9" * 40)),
    ],
)
def test_an_age_is_a_plain_number_of_seconds_or_unknown(
    told: str, age_s: float | None, connect: Connect, fake_centre: FakeCentre
) -> None:
    tell(connect, "incoming", LINKEDID, "serang-1", "0", "allowed", told, "2")
    tell(connect, "gate", LINKEDID, "serang-1", "passed", told)
    tell(connect, "answered", LINKEDID, "serang-1", "op2", told, "1")
    tell(connect, "ended", LINKEDID, "serang-1", "16", "31", "1", told, "op2")
    assert (fake_centre.only_call.age_s, fake_centre.only_call.telephones) == (age_s, 2)
    assert [news["age_s"] for news in fake_centre.told] == [age_s] * 3
    answered, ended = fake_centre.told[1:]
    assert answered["others"] == 1
    assert (ended["answered"], ended["extension"], ended["duration_s"]) == (True, "op2", 31)


def test_a_dialplan_that_tells_no_ages_is_served(connect: Connect, fake_centre: FakeCentre) -> None:
    tell(connect, "incoming", LINKEDID, "serang-1", "0", "allowed")
    tell(connect, "answered", LINKEDID, "serang-1", "op2")
    tell(connect, "ended", LINKEDID, "serang-1", "16", "31", "0")
    call = fake_centre.only_call
    assert (call.age_s, call.telephones, call.linkedid_s) == (None, None, 1764000000)
    answered, ended = fake_centre.told
    assert (answered["age_s"], answered["others"], ended["answered"], ended["extension"]) == (None, 0, False, None)


@pytest.mark.parametrize("age", [(), ("",), ("12",)])
def test_a_start_of_asterisk_is_told_with_its_proof(
    age: tuple[str, ...], connect: Connect, fake_centre: FakeCentre
) -> None:
    lines = tell(connect, "started", "serang-1", *age)
    assert lines == ['SET VARIABLE "SIAGA_TICKET" "started"']
    wanted: dict[str, Any] = {"system_name": "serang-1", "age_s": 12.0 if age == ("12",) else None}
    assert fake_centre.told == [wanted]


@pytest.mark.parametrize(
    ("linkedid", "second"),
    [
        ("1795485240.7", 1795485240),
        ("serang-1-1795485240.57", 1795485240),
        ("946684800.0", 946684800),
        ("1.3", None),
        ("G1", None),
        ("1795485240", None),
        ("1795485240.", None),
        ("99999999999999.1", None),
        ("", None),
    ],
)
def test_a_linkedid_names_the_second_in_which_the_call_began(linkedid: str, second: int | None) -> None:
    assert linkedid_second(linkedid) == second
