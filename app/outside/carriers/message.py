"""A message as every channel gets it, and what a channel is to the worker."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dispatch.deliveries.outbox import Address
from dispatch.deliveries.rules import Attempt, AttemptResult


class Button(StrEnum):
    """What a person can answer with one tap; the value goes with the message's id as the button's payload."""

    ACCEPT = "terima"
    DECLINE = "tolak"
    EN_ROUTE = "menuju"
    ON_SCENE = "tiba"
    CHECK_IN = "siap"

    def payload(self, message_id: str) -> str:
        """What comes back when it is pressed: opaque, and known to nobody who did not get the message."""
        return f"{self.value}:{message_id}"


BUTTON_TITLES = {
    Button.ACCEPT: "TERIMA",
    Button.DECLINE: "TOLAK",
    Button.EN_ROUTE: "MENUJU",
    Button.ON_SCENE: "TIBA",
    Button.CHECK_IN: "SIAP",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. Nothing of the caller is in it."""

    message_id: str  #: goes with every attempt; the carrier's own reference
    to: Address
    title: str  #: one short line: what is wanted
    detail: str  #: one line: what, where, how urgent, how late
    reply: str  #: one line: how to answer; may be empty
    buttons: tuple[Button, ...] = ()
    link: str | None = None
    page: str = "/"  #: the same for whoever is signed in, below our own address
    urgent: bool = False
    topic: str = ""  #: a newer message with the same one takes its place where a telephone was off
    lasts_s: int = 3600  #: nobody wants it after this

    @property
    def text(self) -> str:
        """All of it, for channels that take free text."""
        return "\n".join(part for part in (self.title, self.detail, self.reply, self.link or "") if part)


class Carrier(Protocol):
    """Carries the messages of one channel."""

    @property
    def configured(self) -> bool:
        """Whether anything is ever sent."""

    def send(self, message: Message) -> AttemptResult:
        """Try once, within the time limit; never raises."""


class NotConfigured:
    """No carrier: whatever was to go this way goes by the next one at once."""

    configured = False

    def send(self, message: Message) -> AttemptResult:
        """Say so."""
        return AttemptResult(Attempt.NEVER, "not_configured")
