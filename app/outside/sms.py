"""Ports that carry a message to a telephone: an SMS gateway with an HTTP address, or none, which says so.

What a gateway is sent is a template of the installation's (SIAGA_SMS_FIELDS), as JSON or as a form. Its answer's status
decides: 2xx is accepted; 408, 425, 429 and 5xx, silence and slowness are tried again; all else is refused for good.
Neither number, text nor key is ever logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request

from gevent import Timeout

from app.outside.no_redirect import opener_without_redirects
from config import Settings
from dispatch.city.policy import NumberingPlan
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.phone_numbers import in_form

_TRY_AGAIN = frozenset({408, 425, 429})


class DeliveryPort(Protocol):
    """Carries messages of one channel."""

    #: Whether anything is ever sent; where not, nothing should be queued.
    configured: bool

    def send(self, message_id: str, recipient: str, body: str) -> AttemptResult:
        """Try once, within the time limit; never raises."""


class ConsolePort:
    """No gateway: the operator's console shows the text to read out or to copy, and nothing is sent."""

    configured = False

    def send(self, message_id: str, recipient: str, body: str) -> AttemptResult:
        """Refuse: what was queued while there was a gateway must not look as if it were under way."""
        return AttemptResult(Attempt.NEVER, "not_configured")


class HttpSmsGateway:
    """A gateway that takes one message per POST."""

    configured = True

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        header: str = "Authorization",
        form: bool = False,
        fields: tuple[tuple[str, str], ...],
        timeout_s: float,
        address: Callable[[str], str] = str,
    ) -> None:
        """`address` brings a number into the form that this gateway takes."""
        self._address = address
        self._url, self._form, self._fields, self._timeout_s = url, form, fields, timeout_s
        self._headers = {"Content-Type": "application/x-www-form-urlencoded" if form else "application/json"}
        if token:
            self._headers[header] = f"Bearer {token}" if header.lower() == "authorization" else token
        self._opener = opener_without_redirects()

    def send(self, message_id: str, recipient: str, body: str) -> AttemptResult:
        """Post the message; the gateway drops what it has already had under this id."""
        parts = {"to": self._address(recipient), "text": body, "id": message_id}
        values = {name: _filled(template, parts) for name, template in self._fields}
        data = (urlencode(values) if self._form else json.dumps(values)).encode()
        headers = {**self._headers, "Idempotency-Key": message_id}
        request = Request(self._url, data, headers, method="POST")  # noqa: S310  config.py lets only http(s) in
        # The socket's own limit is for each read; a gateway that drips its answer is stopped by the second one.
        limit = Timeout(self._timeout_s)
        try:
            with limit, self._opener.open(request, timeout=self._timeout_s) as answer:
                return _judged(answer.status)
        except Timeout as late:
            if late is not limit:
                raise
            return AttemptResult(Attempt.LATER, "timeout")
        except HTTPError as error:
            with error:
                return _judged(error.code)
        except TimeoutError:
            return AttemptResult(Attempt.LATER, "timeout")
        except (OSError, HTTPException, ValueError) as error:
            slow = isinstance(getattr(error, "reason", None), TimeoutError)
            return AttemptResult(Attempt.LATER, "timeout" if slow else "unreachable")


def _filled(template: str, parts: dict[str, str]) -> str:
    for name, value in parts.items():
        if template == f"{{{name}}}":
            return value
    # Only our own three names, each once: a caller's text never acts as a template.
    pieces, rest = [], template
    while "{" in rest:
        before, _, after = rest.partition("{")
        name, closing, tail = after.partition("}")
        pieces.append(before)
        pieces.append(parts[name] if closing and name in parts else "{" + name + closing)
        rest = tail
    return "".join([*pieces, rest])


def _judged(status: int) -> AttemptResult:
    if 200 <= status < 300:
        return AttemptResult(Attempt.ACCEPTED)
    later = status >= 500 or status in _TRY_AGAIN
    return AttemptResult(Attempt.LATER if later else Attempt.NEVER, f"http_{status}")


def sms_port(settings: Settings, timeout_s: float, plan: NumberingPlan | None = None) -> DeliveryPort:
    """The port that these settings ask for; `plan` is the city's, without one Indonesia's."""
    if not settings.sms_url:
        return ConsolePort()
    options: dict[str, Any] = {"token": settings.sms_token, "header": settings.sms_header}
    form = settings.sms_format == "form"
    options["address"] = partial(in_form, form=settings.sms_number, plan=plan or NumberingPlan())
    return HttpSmsGateway(settings.sms_url, form=form, fields=settings.sms_fields, timeout_s=timeout_s, **options)
