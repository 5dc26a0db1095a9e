"""Lets the calls of a simulated day happen: each rings, is answered or given up, and ends, all of it over FastAGI.

It reports what the dialplan would report (telephony/asterisk/extensions.conf), in the same order and with the same
arguments. Works in greenlets, so the demo can have it in its own process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import gevent
from gevent.event import Event
from gevent.pool import Pool

from dispatch.tickets.lifecycle import Classification
from telephony.simulator.agi_client import AgiClient
from telephony.simulator.channel import SimulatedChannel
from telephony.simulator.simulated_day import SimulatedCall

log = logging.getLogger(__name__)

#: How often a ringing call asks whether somebody answers: every so many of the day's own seconds,
#: and no oftener than so many real ones.
POLL_S = 0.25
SHORTEST_POLL_S = 0.02
NORMAL_CLEARING = "16"
TICKET = "SIAGA_TICKET"
#: How long a caller stands at the gate, in the day's own seconds: with a 1, and through both prompts without.
GATE_PRESSED_S = 6.0
GATE_SILENT_S = 28.0

#: Given a linkedid, the extension that answers now, or None while nobody does. It must not block for long; if it
#: raises, that caller hangs up.
AnsweredBy = Callable[[str], str | None]


@dataclass(slots=True)
class SimulatorStatistics:
    """What became of the calls so far; `without_ticket` counts those that the server gave none at first.

    One that is let go at the gate is neither answered nor abandoned.
    """

    placed: int = 0
    answered: int = 0
    abandoned: int = 0
    without_ticket: int = 0


class CallSimulator:
    """Places the calls of `day` to the FastAGI server at `address`, `speed` times as fast as they would come."""

    def __init__(
        self,
        day: Iterable[SimulatedCall],
        address: tuple[str, int],
        *,
        answered_by: AnsweredBy = lambda linkedid: None,
        speed: float = 1.0,
        count: int | None = None,
    ) -> None:
        self.statistics = SimulatorStatistics()
        self._day = day if count is None else islice(day, count)
        self._client = AgiClient(address)
        self._answered_by = answered_by
        self._speed = speed
        self._stopping = Event()
        self._calls = Pool()
        self._under_way: dict[str, SimulatedCall] = {}
        self._placing: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin the day."""
        self._placing = gevent.spawn(self._place_calls)

    def stop(self) -> None:
        """Place no more calls, let those under way hang up, and wait until they have."""
        self._stopping.set()
        self.join()

    def join(self) -> None:
        """Wait until every call of the day is over."""
        if self._placing is not None:
            self._placing.join()
        self._calls.join()

    def call(self, linkedid: str) -> SimulatedCall | None:
        """The call under way with this linkedid: what its caller says, for whoever plays the operator."""
        return self._under_way.get(linkedid)

    def _place_calls(self) -> None:
        began = monotonic()
        for call in self._day:
            if self._stopping.wait(max(0.0, call.at_s / self._speed - (monotonic() - began))):
                break
            self._calls.spawn(self._live, call)

    def _live(self, call: SimulatedCall) -> None:
        """One call from its first ring to its end, which is reported whatever becomes of the rest."""
        self._under_way[call.linkedid] = call
        channel = call.channel()
        extension: str | None = None
        began = answered_at = monotonic()
        try:
            self._report_arrival(channel)
            if not self._passes_gate(call, channel, began):
                return
            extension = self._ring(call)
            if extension is not None:
                answered_at = monotonic()
                self._report(channel, began, ("answered", extension, "0", "0"))
                self._stopping.wait(call.talk_s / self._speed)
        finally:
            channel.hung_up = True
            duration_s = round((monotonic() - began) * self._speed)
            self._report_end(channel, began, extension, answered_at, duration_s)
            del self._under_way[call.linkedid]

    def _passes_gate(self, call: SimulatedCall, channel: SimulatedChannel, began: float) -> bool:
        """Stand at the gate if the call is sent there: only who needs help presses 1. Says whether it is queued."""
        treatment = channel.variables.get("SIAGA_TREATMENT", "normal")
        if treatment == "normal":
            return True
        pressed = call.kind is Classification.GENUINE
        self._stopping.wait((GATE_PRESSED_S if pressed else GATE_SILENT_S) / self._speed)
        self._report(channel, began, ("gate", "passed" if pressed else "failed", "0"))
        return pressed or treatment == "gate"

    def _ring(self, call: SimulatedCall) -> str | None:
        """Wait for an answer as long as the caller would; the extension that answered, or None."""
        pause_s = max(POLL_S / self._speed, SHORTEST_POLL_S)
        gives_up = monotonic() + call.patience_s / self._speed
        while (left := gives_up - monotonic()) > 0:
            extension = self._answered_by(call.linkedid)
            if extension is not None:
                self.statistics.answered += 1
                return extension
            if self._stopping.wait(min(pause_s, left)):
                break
        self.statistics.abandoned += 1
        return None

    def _report_arrival(self, channel: SimulatedChannel) -> None:
        self.statistics.placed += 1
        self._tell(channel, "incoming", *_arrival(channel, monotonic()))
        if TICKET not in channel.variables:
            self.statistics.without_ticket += 1
            log.warning("simulated call got no ticket linkedid=%s", channel.linkedid)

    def _report_end(
        self, channel: SimulatedChannel, began: float, extension: str | None, answered_at: float, duration_s: int
    ) -> None:
        """Report the end; of an answered call the answer again, lest it be taken for abandoned."""
        if extension is None:
            self._report(channel, began, ("ended", NORMAL_CLEARING, str(duration_s), "0", "0"))
            return
        ended = ("ended", NORMAL_CLEARING, str(duration_s), "1", "0", extension)
        self._report(channel, began, ("answered", extension, _age(answered_at), "0"), ended)

    def _report(self, channel: SimulatedChannel, began: float, *news: tuple[str, ...]) -> None:
        """Report what happened, script and arguments; of a call without a ticket, the call itself first."""
        if TICKET not in channel.variables:
            self._tell(channel, "incoming", *_arrival(channel, began))
        for script, *arguments in news:
            self._tell(channel, script, *arguments)

    def _tell(self, channel: SimulatedChannel, script: str, *arguments: str) -> None:
        self._client.run(channel, script, channel.linkedid, channel.system_name, *arguments)


def _arrival(channel: SimulatedChannel, began: float) -> tuple[str, ...]:
    return ("1" if channel.location else "0", channel.presentation, _age(began))


def _age(began: float) -> str:
    """Seconds since an instant of the monotonic clock, as the dialplan tells them."""
    return f"{max(monotonic() - began, 0.0):.3f}"
