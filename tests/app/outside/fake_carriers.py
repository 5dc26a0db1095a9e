"""Carriers in memory: they answer as told, hang, break, and remember what they were handed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import gevent
from gevent.event import Event

from app.outside.carriers.message import Message
from dispatch.deliveries.rules import Attempt, AttemptResult


@dataclass
class FakeCarrier:
    """Accepts, unless `answers` say something else, in order."""

    answers: list[AttemptResult] = field(default_factory=list)
    seen: list[Message] = field(default_factory=list)
    hangs: bool = False
    breaks: bool = False
    configured: bool = True
    let_go: Event = field(default_factory=Event)

    def send(self, message: Message) -> AttemptResult:
        self.seen.append(message)
        if self.breaks:
            raise ValueError("0812-secret")
        if self.hangs:
            self.let_go.wait()
        return self.answers.pop(0) if self.answers else AttemptResult(Attempt.ACCEPTED, provider_id=message.message_id)


@contextmanager
def running(worker: object) -> Iterator[None]:
    """Run what has `start` and `stop`."""
    worker.start()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        worker.stop()  # type: ignore[attr-defined]


def until(true: object, limit_s: float = 5.0) -> None:
    """Wait, with the loop running, for a condition."""
    with gevent.Timeout(limit_s):
        while not true():  # type: ignore[operator]
            gevent.sleep(0.005)
