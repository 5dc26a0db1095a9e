"""The second operator of a measurement: no screen, works through the API and FastAGI as fast as they answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from bench.real_server import NotMeasurable, RealServer
from dispatch.city.pack import CityPack
from telephony.simulator.agi_client import AgiClient
from telephony.simulator.channel import SimulatedChannel
from telephony.simulator.simulated_day import SimulatedCall

SEAT, EXTENSION = "2", "op2"
SYSTEM = "simulator"


@dataclass
class Colleague:
    """The second operator, without a screen: works through the API as fast as it answers."""

    server: RealServer
    session: requests.Session
    token: str
    _agi: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    @classmethod
    def at(cls, server: RealServer) -> Colleague:
        """Sit down at the second seat."""
        session = server.sign_in("operator2")
        page = session.get(f"{server.origin}/console", timeout=10).text
        token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        colleague = cls(server, session, token)
        colleague.post("/api/v1/seat", {"seat": SEAT})
        return colleague

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give a command; NotMeasurable where it is refused."""
        answer = self.session.post(
            f"{self.server.origin}{path}", json=body or {}, headers={"X-CSRFToken": self.token}, timeout=30
        )
        if not answer.ok:
            raise NotMeasurable(f"{path} was answered {answer.status_code}: {answer.text[:200]}")
        return dict(answer.json())

    def ring(self, call: SimulatedCall) -> str:
        """Let a call ring; the ticket's number."""
        channel = call.channel()
        self.tell(channel, "incoming", "1" if channel.location else "0", channel.presentation, "0")
        return str(channel.variables["SIAGA_TICKET"])

    def tell(self, channel: SimulatedChannel, script: str, *arguments: str) -> None:
        """Play Asterisk, in a thread of its own: Playwright keeps this one's event loop."""
        client = AgiClient(("127.0.0.1", self.server.agi_port))
        self._agi.submit(client.run, channel, script, channel.linkedid, SYSTEM, *arguments).result(30)

    def work(self, call: SimulatedCall, city: CityPack, *, leave_open: bool = False) -> str:
        """Take a call from the ring to its end; the ticket's number."""
        number = self.ring(call)
        ticket = f"/api/v1/tickets/{number}"
        channel = call.channel()
        self.tell(channel, "answered", EXTENSION)
        if call.type_code is None and not leave_open:
            self.post(f"{ticket}/classify", {"classification": call.kind.value, "words": call.words})
        else:
            incident = city.incident_types[call.type_code or "kebakaran-bangunan"]
            self.post(
                f"{ticket}/classify", {"classification": "genuine", "type_code": incident.code, "words": call.words}
            )
            self.post(f"{ticket}/locate", {"kelurahan_code": next(iter(city.kelurahan))})
            if not leave_open:  # sent to nobody: an agency that is late would fill the page's lists with time
                self.post(f"{ticket}/dispatch", {"agencies": [incident.primary]})
                self.post(f"{ticket}/close", {"disposition": "cancelled"})
        channel.hung_up = True
        self.tell(channel, "ended", "16", "30", "1")
        return number

    def leave(self) -> None:
        """Go home."""
        self._agi.shutdown()
        self.session.close()
