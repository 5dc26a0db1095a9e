"""Calls to 112 as Asterisk reports them, over the real FastAGI port."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from telephony.simulator.agi_client import AgiClient, AgiExchange
from telephony.simulator.channel import SimulatedChannel

_numbers = count(1)


@dataclass(repr=False)
class Ring:
    """One call and its ticket; `ticket` is empty where the server gave none."""

    channel: SimulatedChannel
    exchange: AgiExchange
    took_s: float

    @property
    def ticket(self) -> str:
        return self.channel.variables.get("SIAGA_TICKET", "")

    @property
    def short(self) -> str:
        return self.ticket.split("-")[-1]


@dataclass(repr=False)
class Exchange:
    """The telephone exchange. Its connections are made in a thread of their own: Playwright keeps this one busy."""

    agi_port: int
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def ring(self, number: str | None = "081200000417", **details: str) -> Ring:
        """Somebody calls 112: `name`, `location` (as Asterisk writes it), `presentation`, `telephones` (that ring).

        `waited_s`: has waited for so long already, as when the news of it came late.
        """
        began_at = int(time.time()) - int(details.get("waited_s", "0"))
        channel = SimulatedChannel(
            linkedid=f"{began_at}.{next(_numbers)}",
            system_name="serang-uji",
            number=number,
            caller_name=details.get("name"),
            location=details.get("location"),
            presentation=details.get("presentation", "allowed_not_screened"),
        )
        began = time.monotonic()
        has_location = "1" if channel.location else "0"
        later = ("0", details["telephones"]) if "telephones" in details else ()
        exchange = self._tell(channel, "incoming", has_location, channel.presentation, *later)
        return Ring(channel, exchange, time.monotonic() - began)

    def answered(self, ring: Ring, extension: str) -> None:
        """The telephone at a seat was picked up."""
        self._tell(ring.channel, "answered", extension)

    def gate(self, ring: Ring, result: str) -> None:
        """What the caller did at the gate: passed, failed, left or unheard."""
        self._tell(ring.channel, "gate", result)

    def ended(self, ring: Ring, *, answered: bool, duration_s: int = 21) -> None:
        """The call is over."""
        ring.channel.hung_up = True
        self._tell(ring.channel, "ended", "16", str(duration_s), "1" if answered else "0")

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _tell(self, channel: SimulatedChannel, script: str, *arguments: str) -> AgiExchange:
        client = AgiClient(("127.0.0.1", self.agi_port))
        told = self._thread.submit(client.run, channel, script, channel.linkedid, channel.system_name, *arguments)
        return told.result(20)
