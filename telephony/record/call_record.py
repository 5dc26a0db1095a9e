"""Asterisk's own record of its calls (CEL as CSV, telephony/asterisk/cel_custom.conf), read as a stream.

The record is written on Asterisk's machine without network or database, so it has the calls of which nobody told. What
is read may be anything: a line that was cut off, another file, half a gigabyte. A line that is none of ours is counted
and passed over; a call is handed out once it is over, and what is kept of those that are not is bounded.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dispatch.calls.recorded import RecordedCall

FIELDS = (
    "eventtype eventtime linkedid uniqueid channame num name dnid exten context appname appdata peer eventextra"
).split()
#: A longer line is none of Asterisk's.
MAX_LINE_CHARS = 64 * 1024
#: Calls of which the end has not been read yet; the oldest make room.
MAX_OPEN = 20_000
#: Events of one call that are looked at; a caller who is passed on a hundred times makes more.
MAX_EVENTS = 2_000

#: The dialplan's entry; whatever a trunk is called, its calls begin there.
_ENTRY = "siaga-112"
_MESSENGER = "Local/"
#: The channel that cli.conf starts when Asterisk has: whatever was up before is over.
_STARTED = re.compile(r"Local/s@siaga-112-started-[0-9a-f]+;1", re.ASCII)
_TIME = re.compile(r"[0-9]{9,11}(?:\.[0-9]{1,9})?", re.ASCII)
_IDENTIFIER = re.compile(r"[\x21-\x7e]{1,150}", re.ASCII)
#: The second of its beginning in a linkedid, and the system's name before it, if it has one.
_LINKEDID = re.compile(r"(?:(.+)-)?([0-9]{9,11})\.[0-9]{1,12}", re.ASCII)
_SEAT = re.compile(r"[^/]+/([A-Za-z0-9._-]+)-[0-9a-fA-F]{8}(?:;[12])?", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)


@dataclass(slots=True)
class _Open:
    """What has been read of a linkedid so far."""

    events: int = 0
    is_call: bool = False
    channel: str = ""
    number: str = ""
    name: str = ""
    dialled: str = ""
    began: float | None = None
    answered: float | None = None
    seat: str = ""
    ended: float | None = None
    cause: str | None = None


@dataclass(slots=True)
class RecordReader:
    """Takes the record's lines in their order and hands out the calls that are over."""

    lines: int = 0
    garbage: int = 0  #: lines that are no event
    _open: dict[str, _Open] = field(default_factory=dict)

    @property
    def still_up(self) -> int:
        """How many calls have begun in the record and not ended."""
        return sum(call.is_call for call in self._open.values())

    def read(self, lines: Iterable[str]) -> Iterator[RecordedCall]:
        """Read further lines; each call comes out once, when its end is read."""
        for line in lines:
            self.lines += 1
            event = _event(line)
            if event is None:
                self.garbage += bool(line.strip())
                continue
            if event["eventtype"] == "CHAN_START" and _STARTED.fullmatch(event["channame"]):
                yield from self._cut_off(float(event["eventtime"]))
            linkedid = event["linkedid"]
            call = self._open.get(linkedid)
            if call is None:
                if event["eventtype"] == "LINKEDID_END":
                    continue  # the rest of it stands in an older file
                call = self._open[linkedid] = _Open()
                if len(self._open) > MAX_OPEN:
                    del self._open[next(iter(self._open))]
            call.events += 1
            if call.events <= MAX_EVENTS or event["eventtype"] in ("HANGUP", "CHAN_END", "LINKEDID_END"):
                _note(call, event)
            if event["eventtype"] == "LINKEDID_END":
                del self._open[linkedid]
                if call.is_call:
                    yield _made(linkedid, call, float(event["eventtime"]), cut_off=False)

    def _cut_off(self, at: float) -> Iterator[RecordedCall]:
        before, self._open = self._open, {}
        for linkedid, call in before.items():
            if call.is_call:
                yield _made(linkedid, call, at, cut_off=call.ended is None)


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """The complete lines of a stream; its last line may be half written and is then left out."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if len(rest) > MAX_LINE_CHARS:
            rest = rest[: MAX_LINE_CHARS + 1]  # too long to be a line, whatever follows


def _event(line: str) -> dict[str, str] | None:
    if len(line) > MAX_LINE_CHARS or "\0" in line:
        return None
    try:
        rows = list(csv.reader([line], strict=True))
    except csv.Error:
        return None
    if len(rows) != 1 or len(rows[0]) != len(FIELDS):
        return None
    event = dict(zip(FIELDS, rows[0], strict=True))
    known = _TIME.fullmatch(event["eventtime"]) and event["eventtype"].replace("_", "").isalpha()
    # A name of which nothing is left as the dialplan writes it is no call's: it would be refused, with all that follow.
    linkedid = _IDENTIFIER.fullmatch(event["linkedid"]) and _UNSAFE.sub("", event["linkedid"])
    named = linkedid and _IDENTIFIER.fullmatch(event["uniqueid"])
    return event if known and named else None


def _note(call: _Open, event: dict[str, str]) -> None:
    """Take what one event says of a call."""
    kind, at = event["eventtype"], float(event["eventtime"])
    if event["uniqueid"] != event["linkedid"]:
        seat = _SEAT.fullmatch(event["channame"])
        if kind == "BRIDGE_ENTER" and seat and not event["channame"].startswith(_MESSENGER):
            call.seat = seat[1]
            call.answered = at if call.answered is None else call.answered
        return
    if event["channame"].startswith(_MESSENGER):
        return
    # The caller's own channel: its identity is the call's.
    call.is_call = call.is_call or event["context"].startswith(_ENTRY)
    call.channel = event["channame"]
    if kind == "CHAN_START":
        call.began = at
    call.number = call.number or event["num"]
    call.name = call.name or event["name"]
    call.dialled = call.dialled or event["dnid"] or event["exten"]
    if kind in ("HANGUP", "CHAN_END") and call.ended is None:
        call.ended = at
    if kind == "HANGUP":
        call.cause = _cause(event["eventextra"])


def _cause(extra: str) -> str | None:
    try:
        cause = json.loads(extra).get("hangupcause")
    except (ValueError, AttributeError, RecursionError):
        return None
    return str(cause) if isinstance(cause, int) and 0 <= cause < 1000 else None


def _made(linkedid: str, call: _Open, over: float, *, cut_off: bool) -> RecordedCall:
    named = _LINKEDID.fullmatch(linkedid)
    began = call.began
    if began is None:
        # The beginning stands in an older file, and in the linkedid.
        began = float(named[2]) if named else call.answered or call.ended or over
    ended = max(call.ended or over, began)
    # As the dialplan names itself and its calls, so that both mean the same call.
    return RecordedCall(
        system_name=_UNSAFE.sub("", named[1] or "") if named else "",
        linkedid=_UNSAFE.sub("", linkedid),
        channel=call.channel,
        number=call.number,
        name=call.name,
        dialled=call.dialled,
        began_at=_instant(began),
        ended_at=_instant(ended),
        answered_at=_instant(call.answered) if call.answered is not None else None,
        seat=call.seat,
        cause=call.cause,
        cut_off=cut_off,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
