"""What a carrier can tell us: how far a message has come, or that somebody has answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.city.ladders import Channel, Reach


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a message has come; `level` None: the carrier has given it up, for the reason `problem`."""

    channel: Channel
    provider_id: str | None
    message_id: str | None  #: our own reference, where the carrier gives it back
    level: Reach | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody wrote or pressed. Personal data."""

    channel: Channel
    addresses: tuple[str, ...]  #: how the sender is known: the address, and what the carrier calls the person
    at: datetime | None  #: when it was written; None: the carrier does not say
    payload: str | None = None  #: of the button
    quoted: str | None = None  #: the carrier's name for the message that is answered
    words: str = ""
    readable: bool = True  #: False: a voice, a picture, a reaction, an edit
    person: str | None = None  #: what the carrier calls the person, whatever the number


@dataclass(frozen=True, slots=True)
class Moved:
    """A group that has become another chat."""

    channel: Channel
    address: str
    becomes: str


Told = Receipt | Answer | Moved | None
