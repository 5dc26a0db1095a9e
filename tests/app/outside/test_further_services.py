"""Further services, by Apprise: only to hosts that an admin allows, and never beyond a redirect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.doubles.server import Answered, Asked, Double, Trouble
from app.outside.carriers.further import FurtherService, is_allowed
from app.outside.carriers.message import Message
from dispatch.deliveries.outbox import Address
from dispatch.deliveries.rules import Attempt, AttemptResult


class Anything(Double):
    """Takes everything."""

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        return Answered(200, {})


@pytest.fixture
def server() -> Iterator[Anything]:
    double = Anything()
    double.start()
    yield double
    double.stop()


def message(address: str) -> Message:
    return Message("m" * 32, Address(address), "TUGAS 112 nomor 047", "P1", "")


def test_a_service_that_is_allowed_gets_the_message(server: Anything) -> None:
    host = server.base.removeprefix("http://")
    port = FurtherService([f"json://{host}"], 5.0)
    assert port.send(message(f"json://{host}/hook")) == AttemptResult(Attempt.ACCEPTED)
    assert "TUGAS 112 nomor 047" in server.seen[0].body.decode()
    server.troubles.append(Trouble(answer=Answered(500, {})))
    assert port.send(message(f"json://{host}/hook")).attempt is Attempt.LATER
    server.troubles.append(Trouble(answer=Answered(302, {}, {"Location": f"{server.base}/elsewhere"})))
    assert port.send(message(f"json://{host}/hook")).attempt is Attempt.LATER
    assert "/elsewhere" not in [asked.path for asked in server.seen]
    port.close()


def test_no_other_host_is_ever_reached(server: Anything) -> None:
    host = server.base.removeprefix("http://")
    port = FurtherService(["json://hooks.example.go.id"], 5.0)
    assert port.send(message(f"json://{host}/hook")) == AttemptResult(Attempt.NEVER, "not_allowed")
    assert server.seen == []
    assert not FurtherService([], 1.0).configured


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("json://hooks.example.go.id/x", True),
        ("JSON://Hooks.Example.go.id/x", True),
        ("jsons://hooks.example.go.id/x", False),
        ("json://hooks.example.go.id.evil.id/x", False),
        ("json://user@evil.id/hooks.example.go.id", False),
        ("json://hooks.example.go.id:8080/x", False),
        ("slack://token/whatever", True),
        ("mailto://user:pass@example.org", False),
        ("json://[", False),
    ],
)
def test_which_addresses_are_allowed(address: str, allowed: bool) -> None:
    services = ["json://hooks.example.go.id", "slack://", "mailto://"]
    assert is_allowed(address, services) is allowed
