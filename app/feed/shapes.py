"""What goes over the sockets beside the journal's events, and what the wall starts from."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from dispatch.feed.shapes import Board, Event, Me, Operator
from dispatch.payloads import Instant


class Alarm(TypedDict):
    """What every screen has to be told at once, since when it lasts, and of how many where it counts."""

    code: str
    since: Instant
    n: NotRequired[int]


class Heartbeat(TypedDict):
    """Message `heartbeat`: the stream's newest number, the server's time, and what is wrong."""

    newest: int
    epoch: str | None  #: the database's identity: a page that has another one starts from a new snapshot
    server_time: Instant
    alarms: list[Alarm]
    deadlines_checked_at: Instant | None  #: when the auditor last looked over all clocks


class Resumed(TypedDict):
    """Answer to `resume`: what was missed, and the number reached; with `reset` the page starts from a new snapshot."""

    items: list[Event]
    newest: int
    reset: bool
    epoch: NotRequired[str | None]  #: for whoever said in which epoch it is


class SocketErrorBody(TypedDict):
    """A stable code."""

    code: str


class SocketError(TypedDict):
    """Why a message was not answered."""

    error: SocketErrorBody


class WallSnapshot(TypedDict):
    """What the wall starts from: the figures alone, no ticket."""

    newest: int
    epoch: str | None
    server_time: Instant
    me: Me
    colleagues: list[Operator]
    stats: Board
