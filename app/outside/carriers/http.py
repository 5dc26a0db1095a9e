"""One HTTP request to a carrier: no redirect, no proxy, no endless answer; and whether it can have been taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as Headers
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from dispatch.deliveries.rules import Attempt, AttemptResult

LARGEST_ANSWER = 256 * 1024  #: bytes
#: What a server in front of the carrier answers when it does not know what became of the request.
_IN_BETWEEN = frozenset({502, 504})
LONGEST_WAIT_S = 600.0  #: that a carrier may ask for


@dataclass(frozen=True, slots=True)
class Answer:
    """What a carrier answered."""

    status: int
    body: bytes
    headers: Headers

    @property
    def retry_after_s(self) -> float | None:
        """How long the carrier asks us to wait, where it says so in seconds."""
        given = str(self.headers.get("Retry-After", "")).strip()
        return min(float(given), LONGEST_WAIT_S) if given.isascii() and given.isdigit() else None


class NotSent(Exception):
    """Nothing left this machine: it can be tried again without a mark. Its text is a code."""


class NoAnswer(Exception):
    """The request went out and no answer came: it may have been taken. Its text is a code."""


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Answer:
    """Post to an address; `timeout_s` is for each wait, the worker bounds the whole. Raises NotSent and NoAnswer."""
    pieces = urlsplit(url)
    make: Any = HTTPSConnection if pieces.scheme == "https" else HTTPConnection
    connection = make(pieces.hostname or "", pieces.port, timeout=timeout_s)
    try:
        try:
            connection.connect()
        except (OSError, HTTPException, ValueError):
            raise NotSent("unreachable") from None
        try:
            path = f"{pieces.path or '/'}?{pieces.query}" if pieces.query else pieces.path or "/"
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(LARGEST_ANSWER), answer.headers)
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except (OSError, HTTPException, ValueError):
            raise NoAnswer("cut") from None
    finally:
        connection.close()


def by_status(answer: Answer) -> AttemptResult:
    """What an answer means by its status alone."""
    problem = f"http_{answer.status}"
    if 200 <= answer.status < 300:
        return AttemptResult(Attempt.ACCEPTED)
    if answer.status in _IN_BETWEEN:
        return AttemptResult(Attempt.UNKNOWN, problem)
    if answer.status >= 500 or answer.status in (408, 425, 429):
        return AttemptResult(Attempt.LATER, problem, wait_s=answer.retry_after_s)
    return AttemptResult(Attempt.NEVER, problem)
