"""Notices by SMS, through the gateway that location links use too. It tells of no delivery, and takes no answers."""

from __future__ import annotations

from dataclasses import replace

from app.outside.carriers.message import Message
from app.outside.sms import DeliveryPort
from dispatch.city.policy import NumberingPlan
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.phone_numbers import normalise_number


class SmsCarrier:
    """Hands a message's text to the SMS gateway."""

    def __init__(self, port: DeliveryPort, plan: NumberingPlan) -> None:
        self._port, self._plan = port, plan

    @property
    def configured(self) -> bool:
        """Whether there is a gateway."""
        return self._port.configured

    def send(self, message: Message) -> AttemptResult:
        """Post the text; an answer that did not come in time may mean that it was sent."""
        number = normalise_number(message.to.address, self._plan)
        if number is None:
            return AttemptResult(Attempt.NEVER, "bad_address")
        words = " ".join(part for part in (message.title, message.detail, message.link or "") if part)
        result = self._port.send(message.message_id, number, words)
        return replace(result, attempt=Attempt.UNKNOWN) if result.problem == "timeout" else result
