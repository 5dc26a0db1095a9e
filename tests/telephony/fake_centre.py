"""A centre in memory: keeps what telephony told it, once per call, as the real one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gevent.event import Event

from dispatch.calls.answering import call_answered
from dispatch.calls.gate import call_gated
from dispatch.calls.incoming import IncomingCall, RegisteredCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended, exchange_started
from dispatch.storage.transaction import Outcome

Key = tuple[str, str]


@dataclass
class FakeCentre:
    """`failure`, when set, is raised by every command; `open_door`, when cleared, holds every command up."""

    calls: dict[Key, IncomingCall] = field(default_factory=dict)
    tickets: dict[Key, str] = field(default_factory=dict)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    ends: list[tuple[str, str, str | None, int | None]] = field(default_factory=list)
    gates: list[tuple[str, str, str]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)  #: the arguments of all but the arrivals
    failure: Exception | None = None
    treatment: str = "normal"
    waiting: int = 0
    open_door: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.open_door.set()

    def run(self, command: Callable[..., Any], /, **arguments: Any) -> Any:
        self.waiting += 1
        self.open_door.wait()
        self.waiting -= 1
        if self.failure is not None:
            raise self.failure
        if command is register_call:
            return self._register(arguments["call"])
        self.told.append(arguments)
        if command is exchange_started:
            return Outcome(changed=True)
        key = (arguments["system_name"], arguments["linkedid"])
        registered = self._register(IncomingCall(*key))
        if command is call_answered:
            self.answers.append((*key, arguments["extension"]))
        elif command is call_gated:
            self.gates.append((*key, arguments["result"]))
        else:
            assert command is call_ended
            self.ends.append((*key, arguments["cause"], arguments["duration_s"]))
        return Outcome(changed=True, ticket_number=registered.ticket_number)

    def _register(self, call: IncomingCall) -> RegisteredCall:
        key = (call.system_name, call.linkedid)
        created = key not in self.tickets
        if created:
            self.calls[key] = call
            self.tickets[key] = f"261124-{len(self.tickets) + 1:03d}"
        return RegisteredCall(self.tickets[key], self.treatment, 10, created)

    @property
    def only_call(self) -> IncomingCall:
        """The one call that was registered."""
        (call,) = self.calls.values()
        return call
