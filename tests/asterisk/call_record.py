"""What Asterisk itself wrote down about its calls: the channel event log that the deployable files set up."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CEL_FIELDS = (
    "eventtype eventtime linkedid uniqueid channame num name dnid exten context appname appdata peer eventextra"
).split()


@dataclass(frozen=True)
class CelEvent:
    """One line of the channel event log; `at` is seconds since 1970."""

    kind: str
    at: float
    channel: str
    app: str
    seat: str
    number: str


@dataclass(frozen=True)
class RecordedCall:
    """One call as Asterisk itself recorded it."""

    linkedid: str
    events: tuple[CelEvent, ...]

    def first(self, kind: str, app: str = "", channel: str = "") -> CelEvent | None:
        """The first event of a kind, of an application or of a channel whose name begins so."""
        for event in self.events:
            if event.kind == kind and event.app.lower().startswith(app) and event.channel.startswith(channel):
                return event
        return None

    @property
    def began_at(self) -> float:
        return self.events[0].at

    @property
    def number(self) -> str:
        return self.events[0].number

    @property
    def seconds_to_queue(self) -> float | None:
        """From the INVITE to the moment the caller stood in the queue, by Asterisk's own clock."""
        queued = self.first("APP_START", app="queue")
        return queued.at - self.began_at if queued else None

    @property
    def is_over(self) -> bool:
        return self.first("LINKEDID_END") is not None

    @property
    def seat(self) -> str:
        """The seat that was connected to the caller, or nothing."""
        connected = self.first("BRIDGE_ENTER", channel="PJSIP/op")
        return connected.seat if connected else ""


def read_events(path: Path) -> list[dict[str, str]]:
    """The lines of the log so far, as the fields are named in cel_custom.conf."""
    if not path.exists():
        return []
    text = path.read_text(errors="replace")
    complete = text[: text.rfind("\n") + 1]
    return [dict(zip(CEL_FIELDS, row, strict=True)) for row in csv.reader(complete.splitlines())]


def sort_by_call(rows: Iterable[dict[str, str]]) -> list[RecordedCall]:
    """The calls that came from the trunk, each with its events; messengers are no calls."""
    by_call: dict[str, list[CelEvent]] = {}
    for row in rows:
        event = CelEvent(
            kind=row["eventtype"],
            at=float(row["eventtime"]),
            channel=row["channame"],
            app=row["appname"],
            seat=(re.findall(r"PJSIP/(op\d)-", row["channame"]) or [""])[0],
            number=row["num"],
        )
        if row["linkedid"] in by_call or event.channel.startswith("PJSIP/trunk-"):
            by_call.setdefault(row["linkedid"], []).append(event)
    return [RecordedCall(linkedid, tuple(events)) for linkedid, events in by_call.items()]
