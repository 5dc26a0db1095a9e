"""The demo's telephones: WhatsApp's double on this machine carries the notices, and people answer on a page of ours.

It is the real port that sends and the real way in that takes what comes back; only the server behind is a double.
Receipts come after a second or two, and of every fifth message none: then the next rung has to do it.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from itertools import count

from app.doubles.server import Answered, Asked, Trouble
from app.doubles.whatsapp import OnPhone, Tell, WhatsAppDouble
from app.outside.carriers.message import Message
from app.outside.carriers.whatsapp import WhatsApp, WhatsAppSettings
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import store_events
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.errors import StorageUnavailable
from dispatch.phone_numbers import in_form
from dispatch.replies import whatsapp

log = logging.getLogger(__name__)

_PHONE_ID = "112"
_KEPT = 300  #: messages on all telephones
_SILENT_EACH = 5  #: of so many messages one is never heard of again
_POLL_S = 0.5


class DemoPhones:
    """A carrier whose telephones can be looked at; it carries once it is started."""

    configured = True

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._double: _Double | None = None
        self._port: WhatsApp | None = None

    def start(self) -> None:
        """Switch the telephones on."""
        token = secrets.token_hex(8)
        double = _Double(token, self._told)
        double.now = lambda: self._centre.clock.now().timestamp()
        double.start()
        settings = WhatsAppSettings(double.url, _PHONE_ID, token, ("siaga_tugas",), ("siaga_kabar",))
        policy = self._centre.city.policy
        self._double, self._port = double, WhatsApp(settings, policy.deliveries.timeout_s, policy.numbers)

    def stop(self) -> None:
        """Switch them off; what lies on them is gone."""
        if self._double is not None:
            self._double.stop()

    def send(self, message: Message) -> AttemptResult:
        """Send as to WhatsApp."""
        return self._port.send(message) if self._port is not None else AttemptResult(Attempt.LATER, "unreachable")

    def messages(self) -> Sequence[OnPhone]:
        """What lies on all telephones, the newest last."""
        return tuple(self._double.messages) if self._double is not None else ()

    def number(self, address: str) -> str:
        """An address as it stands on a message."""
        return in_form(address, "international", self._centre.city.policy.numbers)

    def press(self, message_id: str, title: str) -> bool:
        """Tap a button of a message; False where it has none of that name."""
        for message in self.messages():
            if message.id == message_id and title in (name for name, _ in message.buttons):
                assert self._double is not None
                self._double.press(message, title)
                return True
        return False

    def say(self, address: str, text: str) -> None:
        """Write to 112 from a telephone."""
        if self._double is not None:
            self._double.say(self.number(address), text)

    def _told(self, body: bytes, headers: Mapping[str, str]) -> None:
        """What the double tells, kept as the webhook keeps it."""
        del headers
        events = whatsapp.events_of(json.loads(body), _PHONE_ID)
        try:
            self._centre.run(store_events, channel=Channel.WHATSAPP.value, events=events)
        except StorageUnavailable:
            log.warning("what the demo's telephones tell cannot be kept")


class _Double(WhatsAppDouble):
    """WhatsApp's double, whose telephones are sometimes off."""

    def __init__(self, token: str, tell: Tell) -> None:
        super().__init__(token=token, phone_id=_PHONE_ID, app_secret=token, tell=tell, poll_s=_POLL_S)
        self._sent = count(1)

    def statuses_of(self, message: OnPhone) -> Sequence[tuple[str, float]]:
        """Delivered after a second or two, read by every second person; now and then nothing."""
        number = next(self._sent)
        if number % _SILENT_EACH == 0:
            return (("sent", 0.3),)
        receipts = [("sent", 0.3), ("delivered", 1.0 + number % 3 * 0.5)]
        return [*receipts, ("read", 5.0)] if number % 2 else receipts

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        """Forget what is old."""
        answered = super().answer(asked, trouble)
        del self.seen[:-1], self.messages[:-_KEPT]
        return answered
