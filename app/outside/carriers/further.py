"""Further services, by the address that Apprise gives them: only those that the installation allows.

Apprise loads a hundred plug-ins and waits in its own ways: it runs in a thread, which the worker leaves behind when its
time is over. It tells of no delivery and takes no answers.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from gevent.threadpool import ThreadPool

from app.outside.carriers.message import Message
from dispatch.deliveries.rules import Attempt, AttemptResult

log = logging.getLogger(__name__)

_AT_ONCE = 2
#: These have channels of their own here, with addresses that are checked; by Apprise they would lead anywhere.
_NEVER = frozenset({"mailto", "mailtos", "file", "syslog", "exec", "script"})


def is_allowed(address: str, services: Sequence[str]) -> bool:
    """Whether an address is of one of these services: `scheme://host`, or `scheme://` whatever stands behind it."""
    try:
        pieces = urlsplit(address)
    except ValueError:
        return False
    for service in services:
        scheme, _, host = service.partition("://")
        if scheme in _NEVER or pieces.scheme.casefold() != scheme.casefold():
            continue
        try:
            own = f"{pieces.hostname}:{pieces.port}" if pieces.port else str(pieces.hostname)
        except ValueError:
            return False
        if not host or host.casefold() == own.casefold():
            return True
    return False


class FurtherService:
    """Hands one message to one service per call."""

    def __init__(self, services: Sequence[str], timeout_s: float) -> None:
        self._services, self._timeout_s = services, timeout_s
        self._pool: ThreadPool | None = None

    @property
    def configured(self) -> bool:
        """Whether any service is allowed."""
        return bool(self._services)

    def send(self, message: Message) -> AttemptResult:
        """Send, in a thread."""
        if not is_allowed(message.to.address, self._services):
            return AttemptResult(Attempt.NEVER, "not_allowed")
        if self._pool is None:
            self._pool = ThreadPool(_AT_ONCE)
        result: AttemptResult = self._pool.apply(_send, (message.to.address, message.title, message.text))
        return result

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.kill()


def _send(address: str, title: str, text: str) -> AttemptResult:
    try:
        return _notify(address, title, text)
    except Exception as error:  # noqa: BLE001  a plug-in's error may hold the address, and gevent would print it
        log.error("a further service broke error=%s", type(error).__name__)
        return AttemptResult(Attempt.UNKNOWN, "broken")


def _notify(address: str, title: str, text: str) -> AttemptResult:
    import apprise  # 30 MB and a quarter of a second, which only those pay who use it

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines show addresses and keys
    one: Any = apprise.Apprise()
    # A redirect would carry the message to a host that nobody has allowed.
    if not one.add(address + ("&" if "?" in address else "?") + "redirect=no"):
        return AttemptResult(Attempt.NEVER, "bad_address")
    told: Any = one.notify(body=text, title=title)
    statuses = [result.status for result in told.results]
    names = {status.name for status in statuses}
    if names == {"SUCCESS"}:
        return AttemptResult(Attempt.ACCEPTED)
    return AttemptResult(Attempt.UNKNOWN if "TIMEOUT" in names else Attempt.LATER, "service_failed")
