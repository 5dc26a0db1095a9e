"""One AGI conversation with Asterisk over a socket: pyst2's verbs on a wire that can be trusted.

pyst2's `asterisk.agi.AGI` knows the verbs; its reading and writing are replaced here. It installs a signal handler,
copies every header (the caller's number among them) to stderr, escapes nothing, reads half a reply for ever and takes
the end of the stream for a number. What Asterisk 22 does on its side (res_agi.c) decided these rules:

- One command at a time: Asterisk reads commands through a stdio buffer but waits on the file descriptor, so a second
  command sent early lies there unseen.
- Asterisk cuts commands at 2,047 bytes and takes the rest for the next command, so a longer one is never sent.
- After `HANGUP` the channel is dead, yet SET VARIABLE and GET VARIABLE still work; others are answered with 511.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from asterisk.agi import (
    AGI,
    AGIAppError,
    AGIError,
    AGIHangup,
    AGIInvalidCommand,
    AGIResultHangup,
    AGISIGPIPEHangup,
    AGIUnknownError,
    AGIUsageError,
)

from telephony.agi.environment import MAX_ENVIRONMENT_BYTES, end_of_environment, parse_environment

#: A command with its line break: Asterisk's AGI_BUF_LEN is 2048, of which one byte ends the string.
MAX_LINE_BYTES = 2047
#: Longest argument that is sent; the rest is cut off.
MAX_ARGUMENT_CHARS = 400
MAX_REPLY_BYTES = 16 * 1024
MAX_REPLY_LINES = 200

Result = dict[str, tuple[str, str]]

#: No character of these may reach the wire: each C0 and C1 control, DEL, and what some readers take for a line break.
_BLANKED: dict[int, str] = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " ")
_DONE_LINE = b"200 result=1\n"
_REPLY = re.compile(r"[1-9][0-9]{2}(?=[ -]|$)", re.ASCII)
_SUCCESS = re.compile(r"result=(\S*)(?: \((.*)\))?(?: endpos=([0-9]+))?\s*", re.DOTALL | re.ASCII)
_UNFINISHED_VALUE = re.compile(r"200 result=\S* \(", re.ASCII)
_FINISHED_VALUE = re.compile(r"\)(?: endpos=[0-9]+)?$", re.ASCII)


class AgiUnused(AGIHangup):
    """The connection was closed before a single byte came: a health check."""


class AgiTruncated(AGIHangup):
    """The connection ended inside the environment; nothing in it may be believed."""


class AgiMalformed(AGIError):
    """The other side sent more, or something else, than Asterisk would."""


class AgiDeadChannel(AGIHangup):
    """511: the caller has hung up, and this command needs a living channel."""


class Connection(Protocol):
    """What a session needs of a socket."""

    def recv(self, size: int, /) -> bytes:
        """Wait for bytes; none at the end of the stream."""

    def send(self, data: bytes, /) -> int:
        """Send at least some of `data`, and tell how much."""

    def sendall(self, data: bytes, /) -> object:
        """Send all of `data`."""


class AgiSession(AGI):
    """An AGI session on a connected socket; its environment has been read completely when it exists.

    It sets no time limit: whoever holds the socket does. Raises AgiUnused, AgiTruncated or AgiMalformed.
    """

    env: Mapping[str, str]

    def __init__(self, connection: Connection) -> None:
        # AGI.__init__ is left out on purpose: it takes over SIGHUP and writes the caller's number to stderr.
        self._connection = connection
        self._received = b""
        self._lines_left = MAX_REPLY_LINES
        self._unanswered = 0
        #: Whether Asterisk has said that the caller hung up.
        self.hung_up = False
        self._get_agi_env()

    def _get_agi_env(self) -> None:
        received = b""
        while True:
            data = self._receive(8192)
            if not data:
                raise AgiTruncated("end of stream in the environment") if received else AgiUnused("nothing was sent")
            searched = max(len(received) - 3, 0)
            received += data
            found = end_of_environment(received, searched)
            if found is not None:
                break
            if len(received) > MAX_ENVIRONMENT_BYTES:
                raise AgiMalformed("the environment is too long")
        length, rest = found
        self._received = received[rest:]
        environment = parse_environment(received[:length])
        if environment is None:
            raise AgiMalformed("the environment has too many lines")
        self.env = environment

    def test_hangup(self) -> None:
        """Raise AGIHangup when the caller has hung up; commands do not ask, because some work on a dead channel."""
        if self.hung_up:
            raise AGIResultHangup("the caller hung up")

    def execute(self, command: str, *args: object) -> Result:
        """Send a command and return Asterisk's reply, as pyst2 does: `{"result": (value, data)}`.

        Raises AGIHangup (connection or channel gone), AGIError (refused, or not understood).
        """
        self.send_command(command, *args)
        return self.get_result()

    def send_command(self, command: str, *args: object) -> None:
        """Put exactly one line on the wire, or raise AGIError and send nothing."""
        if self._received and not self._unanswered:
            self._drop_unasked()
        text = " ".join([command, *map(str, args)])
        if not text.isprintable():  # controls and line breaks are not, and little else is not
            text = text.translate(_BLANKED)
        line = text.strip().encode("utf-8", "replace") + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise AGIError("command too long for Asterisk")
        try:
            sent = self._connection.send(line)
            if sent < len(line):
                self._connection.sendall(line[sent:])
        except OSError as error:
            raise AGISIGPIPEHangup("connection lost") from error
        self._unanswered += 1

    def get_result(self, stdin: object = None) -> Result:
        """Read the reply to the newest command; late replies to commands that were given up on are skipped."""
        if self._unanswered == 1 and not self._received:
            # Nearly always the whole reply comes at once, and says no more than this.
            self._received = self._receive(4096)
            if self._received == _DONE_LINE:
                self._received = b""
                self._unanswered = 0
                self._count_line()
                return {"result": ("1", "")}
        while True:
            reply = self._read_reply()
            self._unanswered -= 1
            if self._unanswered <= 0:
                self._unanswered = 0
                return self._understand(reply)

    def _quote(self, string: object) -> str:
        escaped = str(string)[:MAX_ARGUMENT_CHARS].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    def _understand(self, reply: str) -> Result:
        code = reply[:3]
        if code == "200":
            return self._understand_success(reply[4:])
        if code == "510":
            raise AGIInvalidCommand("510")
        if code == "511":
            raise AgiDeadChannel("511")
        if code == "520":
            raise AGIUsageError(reply)
        raise AGIUnknownError(code)

    def _understand_success(self, text: str) -> Result:
        match = _SUCCESS.fullmatch(text)
        if match is None:
            raise AGIUnknownError("200")
        value, data, endpos = match.groups(default="")
        if data == "hangup":
            raise AGIResultHangup("the caller hung up")
        if value == "-1":
            raise AGIResultHangup("result=-1") if self.hung_up else AGIAppError("result=-1")
        result = {"result": (value, data)}
        if endpos:
            result["endpos"] = (endpos, "")
        return result

    def _read_reply(self) -> str:
        """Return the next final reply; on its way note HANGUP and pass over what is no reply at all."""
        while True:
            line = self._read_line()
            if line == "HANGUP":
                self.hung_up = True
            elif _REPLY.match(line) and line[0] != "1":  # 1xx: Asterisk is still trying
                if line.startswith("520-"):
                    return self._read_on(line, lambda last: last.startswith("520 "))
                if _UNFINISHED_VALUE.match(line) and not _FINISHED_VALUE.search(line):
                    return self._read_on(line, lambda last: _FINISHED_VALUE.search(last) is not None)
                return line

    def _read_on(self, first: str, is_last: Callable[[str], bool]) -> str:
        lines = [first]
        size = len(first)
        while True:
            line = self._read_line()
            size += len(line) + 1
            if size > MAX_REPLY_BYTES:
                raise AgiMalformed("the reply is too long")
            lines.append(line)
            if is_last(line):
                return "\n".join(lines)

    def _read_line(self) -> str:
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > MAX_REPLY_BYTES:
                raise AgiMalformed("the reply is too long")
            data = self._receive(4096)
            if not data:
                raise AGIHangup("end of stream")
            self._received += data
        self._count_line()
        line = self._received[:end]
        self._received = self._received[end + 1 :]
        return line.decode("utf-8", "replace").rstrip("\r")

    def _count_line(self) -> None:
        self._lines_left -= 1
        if self._lines_left < 0:
            raise AgiMalformed("too many replies")

    def _receive(self, size: int) -> bytes:
        try:
            return self._connection.recv(size)
        except OSError:
            return b""

    def _drop_unasked(self) -> None:
        """Forget lines that answer nothing, so that a value with a line break in it cannot pose as the next reply."""
        *lines, self._received = self._received.split(b"\n")
        self.hung_up = self.hung_up or b"HANGUP" in lines
