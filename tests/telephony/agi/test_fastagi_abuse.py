"""What may come over the wire, and must neither lose a call nor harm the next."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

import gevent
import pytest

from telephony.agi.server import FastAgiServer
from telephony.agi.statistics import SessionEnd
from tests.telephony.asterisk_wire import OUR_LINES, Wire, environment, incoming, ticket_in, until
from tests.telephony.fake_centre import FakeCentre

Connect = Callable[[], Wire]

CALLERS = {
    "no number": b"",
    "blank": b" ",
    "anonymous": b"anonymous",
    "300 digits": b"8" * 300,
    "control characters": b"0812\x00\x07\x1b[31m\x7f\x9b1",
    "emoji": "0812\N{FIRE}\N{FAMILY}".encode(),
    "quotes": b'0812" "x"\\',
    "carriage return": b'0812\rSET VARIABLE SIAGA_TICKET "1"',
    "a second line": b'0812\nSET VARIABLE SIAGA_TICKET "1"',
    "a second header": b"0812\nagi_arg_1: 1.1\nagi_channel: PJSIP/other",
    "an end of the environment": b"0812\n\n200 result=1 (x)",
    "not UTF-8": b"0812\xff\xfe\xc3(",
    "line separators": "0812\u2028\u2029\x85".encode(),
    "dialplan expressions": b"${SHELL(reboot)}$[1+1]",
    "64 kB": b"7" * 65_536,
}


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS.keys())
@pytest.mark.parametrize("field", ["callerid", "calleridname"])
def test_whatever_the_caller_is_called_the_call_gets_its_ticket(
    caller: bytes, field: str, connect: Connect, fake_centre: FakeCentre
) -> None:
    wire = connect()
    wire.send(incoming("1764000000.7", **{field: caller}))
    commands = wire.obey()
    assert ticket_in(commands) == "261124-001"
    assert all(OUR_LINES.fullmatch(command) for command in commands)
    call = fake_centre.only_call
    assert call.linkedid == "1764000000.7"
    assert call.channel == "PJSIP/trunk-00000007"
    assert max(len(call.ani), len(call.caller_name)) <= 1024


def test_the_callers_name_arrives_as_it_was_sent(connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(incoming(calleridname='Ujang "Jago" \\ \N{FIRE}: 1'.encode()))
    wire.obey()
    assert fake_centre.only_call.caller_name == 'Ujang "Jago" \\ \N{FIRE}: 1'


def test_what_the_centre_decides_cannot_break_out_of_its_quotes(connect: Connect, fake_centre: FakeCentre) -> None:
    fake_centre.treatment = 'normal"\nSET VARIABLE "SIAGA_TICKET" "1'
    wire = connect()
    wire.send(incoming())
    assert wire.obey()[0] == 'SET VARIABLE "SIAGA_TREATMENT" "normal\\" SET VARIABLE \\"SIAGA_TICKET\\" \\"1"'


def test_the_same_call_on_two_connections_at_once_gets_one_ticket(
    connect: Connect, server: FastAgiServer, fake_centre: FakeCentre
) -> None:
    fake_centre.open_door.clear()
    first, second = connect(), connect()
    first.send(incoming("1764000000.9"))
    second.send(incoming("1764000000.9"))
    until(lambda: fake_centre.waiting == 2)
    fake_centre.open_door.set()
    assert {ticket_in(first.obey()), ticket_in(second.obey())} == {"261124-001"}
    assert len(fake_centre.calls) == 1


def test_a_health_check_is_no_call(connect: Connect, server: FastAgiServer, fake_centre: FakeCentre) -> None:
    connect().send_no_more()
    connect().reset()
    until(lambda: server.statistics.sessions == 2)
    assert server.statistics.ends == {("", SessionEnd.UNUSED): 2}
    assert server.statistics.failed == 0
    assert fake_centre.calls == {}


@pytest.mark.parametrize(
    "kept", [1, 30, 200, -1], ids=["one byte", "in a name", "in the middle", "all but the last byte"]
)
def test_half_an_environment_registers_no_call(
    kept: int, connect: Connect, server: FastAgiServer, fake_centre: FakeCentre
) -> None:
    wire = connect()
    wire.send(incoming()[:kept])
    wire.send_no_more()
    assert wire.rest() == []
    assert server.statistics.ends == {("", SessionEnd.TRUNCATED): 1}
    assert fake_centre.calls == {}


def test_an_environment_may_come_byte_by_byte(connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    for byte in incoming():
        wire.send(bytes([byte]))
        gevent.idle()
    assert ticket_in(wire.obey()) == "261124-001"


def test_line_breaks_may_be_those_of_windows(connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(incoming().replace(b"\n", b"\r\n"))
    assert ticket_in(wire.obey(b"200 result=1\r\n")) == "261124-001"
    assert fake_centre.only_call.ani == "081200001234"


@pytest.mark.parametrize(
    "flood",
    [b"agi_x: " + b"x" * 200_000, b"agi_x: y\n" * 400 + b"\n", b"\n".join([b"x"] * 100_000)],
    ids=["one line", "more lines than Asterisk sends", "short lines without end"],
)
def test_an_endless_environment_is_cut_off(
    flood: bytes, connect: Connect, server: FastAgiServer, fake_centre: FakeCentre
) -> None:
    wire = connect()
    sending = gevent.spawn(_send_what_is_taken, wire, flood)
    assert wire.rest() == []
    sending.join()
    assert server.statistics.ends == {("", SessionEnd.REFUSED_BY_ASTERISK): 1}
    assert fake_centre.calls == {}


def test_a_sender_that_drips_is_cut_off_in_time(
    start_server: Callable[..., FastAgiServer], fake_centre: FakeCentre
) -> None:
    server = start_server(session_s=0.2)
    with Wire(("127.0.0.1", server.server_port)) as wire:
        dripping = gevent.spawn(_send_what_is_taken, wire, b"agi_drip: 1\n" * 1000, pause_s=0.02)
        assert wire.rest() == []
        dripping.kill()
    assert server.statistics.ends == {("", SessionEnd.SILENT): 1}
    assert fake_centre.calls == {}


def test_an_asterisk_that_never_replies_is_left_in_time(start_server: Callable[..., FastAgiServer]) -> None:
    server = start_server(session_s=0.2)
    with Wire(("127.0.0.1", server.server_port)) as wire:
        wire.send(incoming())
        assert wire.rest() == ['SET VARIABLE "SIAGA_TREATMENT" "normal"']
    assert server.statistics.ends == {("incoming", SessionEnd.TIMED_OUT): 1}
    assert server.statistics.failed == 1


def test_a_location_that_does_not_come_costs_no_ticket(
    connect: Connect, fake_centre: FakeCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.agi.scripts.LOCATION_WAIT_S", 0.05)
    wire = connect()
    wire.send(incoming(locations="1"))
    assert wire.line() == 'GET FULL VARIABLE "${GEOLOC_PROFILE(format)}"'
    assert wire.line() == 'SET VARIABLE "SIAGA_TREATMENT" "normal"'
    # Both replies come now, the late one first: it must not be taken for the answer to what was asked since.
    wire.send(b"520-Usage\n Usage: GET FULL VARIABLE\n520 End of proper usage.\n200 result=1\n")
    assert ticket_in(wire.obey()) == "261124-001"
    assert fake_centre.only_call.location is None


@pytest.mark.parametrize("reply", [b"HANGUP\n", b"200 resu", b""], ids=["HANGUP", "half a line", "nothing"])
def test_a_connection_that_ends_in_mid_session_leaves_the_call_registered(
    reply: bytes, connect: Connect, server: FastAgiServer, fake_centre: FakeCentre
) -> None:
    wire = connect()
    wire.send(incoming())
    wire.line()
    wire.send(reply)
    wire.send_no_more()
    assert wire.rest() == []
    assert len(fake_centre.calls) == 1
    assert server.statistics.ends == {("incoming", SessionEnd.HUNG_UP): 1}


def test_a_caller_who_hangs_up_at_once_still_gets_a_ticket(connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(incoming() + b"HANGUP\n")
    assert ticket_in(wire.obey()) == "261124-001"


def test_a_hangup_while_the_location_is_read_still_registers_the_call(
    connect: Connect, fake_centre: FakeCentre
) -> None:
    wire = connect()
    wire.send(incoming(locations="1"))
    wire.line()
    wire.reset()
    until(lambda: len(fake_centre.calls) == 1)


#: What Asterisk, or something that is none, may answer; and how many commands it then still gets.
ODD_REPLIES = {
    "510": (b"510 Invalid or unknown command\n", 1),
    "511": (b"511 Command Not Permitted on a dead channel or intercept routine\n", 1),
    "520": (b"520 Invalid command syntax.  Proper usage not available.\n", 1),
    "520 in lines": (b"520-Usage follows:\nUsage\n520 End of proper usage.\n", 1),
    "-1": (b"200 result=-1\n", 1),
    "no result": (b"200 result\n", 1),
    "999": (b"999 what\n", 1),
    "endless value": (b"200 result=1 (" + b"x" * 60_000 + b")\n", 1),
    "endless nonsense": (b"x\n" * 300, 1),
    "100": (b"100 Trying...\n200 result=1\n", 3),
    "bytes": (b"\xff\xfe nonsense\n200 result=1\n", 3),
    "CR": (b"200 result=1\r\n", 3),
}


@pytest.mark.parametrize(("reply", "sends"), ODD_REPLIES.values(), ids=ODD_REPLIES.keys())
def test_odd_replies_end_the_session_or_are_passed_over(
    reply: bytes, sends: int, connect: Connect, server: FastAgiServer, fake_centre: FakeCentre
) -> None:
    wire = connect()
    wire.send(incoming())
    commands = wire.obey(reply)
    assert len(commands) == sends
    assert len(fake_centre.calls) == 1
    assert server.statistics.in_progress == 0


def test_an_unknown_script_ends_at_once(connect: Connect, server: FastAgiServer, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(environment("../../etc/passwd", "1764000000.7", "serang-1"))
    assert wire.rest() == []
    assert Counter(script for script, _ in server.statistics.ends.elements()) == {"unknown": 1}
    assert fake_centre.calls == {}


@pytest.mark.parametrize("path", ["incoming", "incoming?x=1", "incoming/"])
def test_a_script_may_be_asked_for_with_a_query(path: str, connect: Connect) -> None:
    wire = connect()
    wire.send(environment(path, "1764000000.7", "serang-1", "0", ""))
    assert ticket_in(wire.obey()) == "261124-001"


def test_an_empty_linkedid_falls_back_to_the_uniqueid(connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(environment("incoming", "", "serang-1", "0", "", uniqueid="1764000000.5"))
    assert ticket_in(wire.obey()) == "261124-001"
    assert fake_centre.only_call.linkedid == "1764000000.5"


def test_a_call_without_any_identity_is_not_registered(connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(environment("incoming", "", "serang-1", "0", "", uniqueid=""))
    assert wire.rest() == []
    assert fake_centre.calls == {}


@pytest.mark.parametrize("duration", ["", "-1", "1e3", "9999999", "²", "x"])
def test_a_duration_that_is_none_is_left_out(duration: str, connect: Connect, fake_centre: FakeCentre) -> None:
    wire = connect()
    wire.send(environment("ended", "1764000000.7", "serang-1", "16", duration, "0"))
    assert ticket_in(wire.obey()) == "261124-001"
    assert fake_centre.ends == [("serang-1", "1764000000.7", "16", None)]


def test_nothing_of_the_caller_gets_into_the_log(
    connect: Connect, server: FastAgiServer, fake_centre: FakeCentre, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for failure in (None, ValueError("row: ('0812-SECRET', 'Mr SECRET')")):
        fake_centre.failure = failure
        wire = connect()
        wire.send(incoming("1764000000.7", callerid=b"0812-SECRET", calleridname=b"Mr SECRET"))
        wire.obey()
    wire = connect()
    wire.send(environment("SECRET SECRET", "SECRET\x1b[2J", "x"))
    wire.rest()
    assert "SECRET" not in caplog.text
    assert "AGI script=incoming linkedid=1764000000.7 ticket=261124-001" in caplog.text
    assert "AGI script failed script=incoming linkedid=1764000000.7 error=ValueError at run:" in caplog.text
    assert "AGI script unknown script=? linkedid=?" in caplog.text


def _send_what_is_taken(wire: Wire, flood: bytes, pause_s: float = 0.0) -> None:
    """Send until the server has had enough."""
    try:
        for at in range(0, len(flood), 4096 if not pause_s else 12):
            wire.send(flood[at : at + (4096 if not pause_s else 12)])
            gevent.sleep(pause_s)
    except OSError:
        return
