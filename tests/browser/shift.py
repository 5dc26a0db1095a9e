"""What a shift has already seen when a test begins: tickets at every stage, made by its people through the API."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from tests.app.running_server import Browser as Session
from tests.app.running_server import RunningServer
from tests.browser.telephone import Exchange

#: (number, type, place, agencies, how far the first agency got)
EARLIER = (
    ("081300000038", "listrik-padam", "36.73.03.1013", ["PLN"], ["acknowledge", "en-route"]),
    ("085700000040", "evakuasi-hewan", "36.73.01.1007", ["DAMKAR"], ["acknowledge", "en-route", "on-scene"]),
    ("081200000043", "pohon-tumbang", "36.73.05.1002", ["DLH", "BPBD"], ["acknowledge"]),
)


class Office:
    """The people of the shift at their keyboards, without a screen."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._open = ExitStack()
        self._sessions: dict[str, Session] = {}

    def close(self) -> None:
        """Everybody signs out."""
        self._open.close()

    def of(self, username: str) -> Session:
        """The session of one of them."""
        if username not in self._sessions:
            self._sessions[username] = self._open.enter_context(Session(self._server, username))
        return self._sessions[username]

    def ticket(self, number: str) -> dict[str, Any]:
        """A ticket as it is now."""
        return dict(self.of("supervisor").get(f"/api/v1/tickets/{number}").json())

    def does(self, username: str, number: str, command: str, **body: Any) -> dict[str, Any]:
        """An operator's command on a ticket."""
        answer = self.of(username).post(f"/api/v1/tickets/{number}/{command}", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["ticket"])

    def dispatched(self, username: str, number: str, type_code: str, ward: str, agencies: list[str]) -> None:
        """A ticket from the first ring to the agencies."""
        self.does(username, number, "claim")
        self.does(username, number, "classify", classification="genuine", type_code=type_code)
        self.does(username, number, "locate", kelurahan_code=ward)
        self.does(username, number, "dispatch", agencies=agencies)

    def agency_does(self, agency: str, number: str, *commands: str, note: str = "Selesai, aman.") -> None:
        """An agency's steps, through the API."""
        ticket = self.ticket(number)
        assignment = next(one["id"] for one in ticket["assignments"] if one["agency"] == agency)
        for command in commands:
            body = {"note": note} if command == "clear" else {}
            answer = self.of(agency.lower()).post(f"/api/v1/assignments/{assignment}/{command}", body)
            assert answer.status_code == 200, answer.text


def begin_shift(office: Office, exchange: Exchange, by: str = "operator2") -> None:
    """Some tickets under way, so that the screens look as they do at work."""
    for number, type_code, ward, agencies, steps in EARLIER:
        call = exchange.ring(number)
        office.dispatched(by, call.ticket, type_code, ward, agencies)
        exchange.answered(call, "op2")
        exchange.ended(call, answered=True)
        office.agency_does(agencies[0], call.ticket, *steps)
