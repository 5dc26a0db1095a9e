"""pyst2's verbs on our wire: what one session sends, and how it reads what comes back."""

from __future__ import annotations

import signal
import time
from collections import deque

import pytest
from asterisk.agi import AGI, AGIAppError, AGIError, AGIHangup, AGIInvalidCommand, AGIUnknownError, AGIUsageError
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.agi.session import AgiDeadChannel, AgiMalformed, AgiSession, AgiTruncated, AgiUnused
from telephony.simulator.channel import SimulatedChannel, split_command

ENVIRONMENT = b"agi_request: agi://x/incoming\nagi_uniqueid: 1.1\n\n"


class ScriptedConnection:
    """Gives prepared pieces of a stream, and keeps what is sent."""

    def __init__(self, *pieces: bytes, takes: int = 10_000) -> None:
        self.pieces = deque(pieces)
        self.sent = b""
        self.takes = takes
        self.broken = False

    def recv(self, size: int, /) -> bytes:
        if not self.pieces:
            return b""
        piece = self.pieces.popleft()
        if len(piece) > size:
            self.pieces.appendleft(piece[size:])
        return piece[:size]

    def send(self, data: bytes, /) -> int:
        if self.broken:
            raise BrokenPipeError
        self.sent += data[: self.takes]
        return min(len(data), self.takes)

    def sendall(self, data: bytes, /) -> None:
        self.sent += data


def session(*replies: bytes) -> AgiSession:
    return AgiSession(ScriptedConnection(ENVIRONMENT, *replies))


def sent_by(agi: AgiSession) -> bytes:
    connection = agi._connection
    assert isinstance(connection, ScriptedConnection)
    return connection.sent


def test_a_session_is_pyst2s_agi_without_its_side_effects(capfd: pytest.CaptureFixture[str]) -> None:
    handler = signal.getsignal(signal.SIGHUP)
    agi = session(b"200 result=1\n")
    agi.set_variable("SIAGA_PRIORITY", 10)
    assert isinstance(agi, AGI)
    assert signal.getsignal(signal.SIGHUP) is handler
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        (b"200 result=1 (GML)\n", "GML"),
        (b"200 result=1 ()\n", ""),
        (b"200 result=0\n", ""),
        (b"200 result=1 (a (b) c)\n", "a (b) c"),
        (b'200 result=1 (shape="Circle",pos="-6.1 106.1")\n', 'shape="Circle",pos="-6.1 106.1"'),
        (b"200 result=1 (one\ntwo)\n", "one\ntwo"),
        (b"200 result=1 (one)\ntwo)\n", "one"),
        (b"200 result=1 (caf\xff)\n", "caf\N{REPLACEMENT CHARACTER}"),
        (b"200 result=1 (hangup)\n", "hangup"),
        (b"HANGUP\n200 result=1 (x)\n", "x"),
        (b"100 result=0 Trying...\n\n200 result=1 (x)\n", "x"),
    ],
)
def test_a_variable_is_read_as_asterisk_wrote_it(reply: bytes, value: str) -> None:
    assert session(reply).get_full_variable("${X}") == value


def test_a_reply_may_come_in_pieces() -> None:
    assert session(b"200 ", b"result", b"=1 (G", b"ML)", b"\n").get_full_variable("${X}") == "GML"


def test_a_socket_may_take_a_command_in_pieces() -> None:
    connection = ScriptedConnection(ENVIRONMENT, b"200 result=1\n", takes=5)
    AgiSession(connection).set_variable("A", "B")
    assert connection.sent == b'SET VARIABLE "A" "B"\n'


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"510 Invalid or unknown command\n", AGIInvalidCommand),
        (b"511 Command Not Permitted on a dead channel\n", AgiDeadChannel),
        (b"520 Invalid command syntax.  Proper usage not available.\n", AGIUsageError),
        (b"520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.\n", AGIUsageError),
        (b"200 result=-1\n", AGIAppError),
        (b"200 result=-1 (hangup)\n", AGIHangup),
        (b"HANGUP\n200 result=-1\n", AGIHangup),
        (b"HANGUP\n", AGIHangup),
        (b"", AGIHangup),
        (b"200 resul", AGIHangup),
        (b"200 result=1 (unfinished\n", AGIHangup),
        (b"503 Service unavailable\n", AGIUnknownError),
        (b"200 nothing\n", AGIUnknownError),
        (b"x" * 40_000, AgiMalformed),
        (b"520-Usage\n" + b"and more\n" * 100_000, AgiMalformed),
        (b"x\n" * 100_000, AgiMalformed),
    ],
)
def test_a_refusal_has_its_own_error(reply: bytes, error: type[AGIError]) -> None:
    with pytest.raises(error):
        session(reply).execute("ANSWER")


def test_the_session_goes_on_after_a_refusal() -> None:
    agi = session(b"520-Usage:\nUsage: X\n520 End of proper usage.\n", b"200 result=1 (x)\n")
    with pytest.raises(AGIUsageError):
        agi.execute("X")
    assert agi.get_variable("A") == "x"


def test_a_broken_pipe_is_a_hangup() -> None:
    connection = ScriptedConnection(ENVIRONMENT)
    connection.broken = True
    with pytest.raises(AGIHangup):
        AgiSession(connection).set_variable("A", "B")


def test_a_hangup_is_remembered_and_can_be_asked_for() -> None:
    agi = session(b"HANGUP\n200 result=1\n", b"200 result=1\n")
    agi.test_hangup()
    agi.set_variable("A", "B")
    assert agi.hung_up
    agi.set_variable("A", "C")
    with pytest.raises(AGIHangup):
        agi.test_hangup()


def test_a_line_that_answers_nothing_is_not_taken_for_the_next_reply() -> None:
    agi = session(b"200 result=1 (one)\n200 result=1 (forged)\nHANGUP\n", b"200 result=1 (two)\n")
    assert agi.get_variable("A") == "one"
    assert agi.get_variable("B") == "two"
    assert agi.hung_up


def test_what_follows_the_environment_at_once_is_kept() -> None:
    agi = AgiSession(ScriptedConnection(ENVIRONMENT + b"HANGUP\n", b"200 result=1 (x)\n"))
    assert agi.get_variable("A") == "x"
    assert agi.hung_up


def test_endpos_is_read() -> None:
    assert session(b"200 result=0 endpos=1840\n").execute("STREAM FILE x") == {
        "result": ("0", ""),
        "endpos": ("1840", ""),
    }


@pytest.mark.parametrize(
    ("stream", "error"),
    [(b"", AgiUnused), (b"agi_request: x\n", AgiTruncated), (b"agi_request: x", AgiTruncated)],
)
def test_an_environment_must_be_complete(stream: bytes, error: type[AGIError]) -> None:
    with pytest.raises(error):
        AgiSession(ScriptedConnection(stream))


def test_an_argument_is_cut_before_asterisk_would_cut_the_command() -> None:
    agi = session(b"200 result=1\n")
    agi.set_variable("A", '"' * 5000)
    line = sent_by(agi)
    assert len(line) < 2048
    assert split_command(line.decode().rstrip("\n")) == ["SET", "VARIABLE", "A", '"' * 400]


def test_a_command_too_long_for_asterisk_is_not_sent() -> None:
    agi = session(b"200 result=1\n")
    with pytest.raises(AGIError, match="too long"):
        agi.execute("SET VARIABLE", "A" * 3000, "B")
    assert sent_by(agi) == b""


@given(st.text(max_size=600))
@example('\\" \\\\ "x" \\')
@example("a\r\nSET VARIABLE B 1\x00\x85\u2028")
def test_any_value_arrives_as_one_argument_of_one_command(value: str) -> None:
    agi = session(b"200 result=1\n")
    agi.set_variable("A", value)
    sent = sent_by(agi)
    assert sent.count(b"\n") == 1
    assert sent.endswith(b"\n")
    channel = SimulatedChannel("1.1")
    assert channel.answer(sent.decode().rstrip("\n")) == "200 result=1\n"
    arrived = channel.variables["A"]
    assert arrived.isprintable() or not value.isprintable()
    if value.isprintable():
        assert arrived == value[:400]


@given(st.text(max_size=100), st.text(max_size=100))
def test_not_even_a_bare_argument_makes_a_second_line(command: str, argument: str) -> None:
    agi = session(b"200 result=1\n")
    agi.execute(command, argument)
    assert sent_by(agi).count(b"\n") == 1
    assert b"\r" not in sent_by(agi)


@given(st.lists(st.binary(max_size=60), max_size=30))
def test_any_stream_ends_in_a_session_or_an_agi_error(pieces: list[bytes]) -> None:
    stream = [piece for piece in pieces if piece]
    try:
        agi = AgiSession(ScriptedConnection(*stream))
        agi.set_variable("A", "B")
        agi.get_full_variable("${X}")
    except AGIError:
        return


@given(
    st.lists(st.sampled_from([b"200 ", b"result=", b"1", b" (", b")", b"\n", b" endpos=", b"9", b"520-", b"HANGUP"]))
)
def test_anything_made_of_asterisks_words_is_read_or_refused(words: list[bytes]) -> None:
    try:
        session(b"".join(words) or b"\n").get_full_variable("${X}")
    except AGIError:
        return


@pytest.mark.parametrize("pattern", [b") endpos=1", b" (", b")", b"( ) ", b"result= (", b"9"])
def test_a_long_reply_takes_no_longer_than_a_short_one_per_byte(pattern: bytes) -> None:
    """Processor time, so that a busy machine changes nothing; pyst2's own expression needs 1.3 s for 16 kB."""
    reply = b"200 result=1 (" + pattern * (14_000 // len(pattern)) + b"\n)\n"
    began = time.process_time()
    session(reply).get_full_variable("${X}")
    assert time.process_time() - began < 0.5
