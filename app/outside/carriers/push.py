"""Web Push: wakes a browser that its user has allowed us to wake, also while our page is closed.

A push service calls delivered what it has taken; only our own service worker's receipt proves that a message has come,
so each message carries a token for it. The declarative form goes along, which Apple shows without any worker.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from time import time
from typing import Any
from urllib.parse import urlsplit

import http_ece
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from app.outside.carriers.http import NoAnswer, NotSent, by_status, post
from app.outside.carriers.message import Message
from app.outside.carriers.push_receipts import token_of
from app.outside.carriers.push_services import SERVICES, is_push_service
from dispatch.deliveries.rules import Attempt, AttemptResult

log = logging.getLogger(__name__)

DECLARATIVE = 8030  #: the mark of a declarative message (RFC 8030's number)
_PROOF_S = 12 * 3600  #: how long a proof of ours is good; services take 24 hours at most
_LONGEST_BODY, _LONGEST_TITLE = 1500, 500  #: bytes; a whole message has 3,993


class Push:
    """Sends one message to one browser per call."""

    configured = True

    def __init__(
        self, key: str, subject: str, secret_key: str, timeout_s: float, services: Sequence[str] = SERVICES
    ) -> None:
        """`key`: VAPID's private key, 32 bytes as base64url. `subject`: mailto: of whoever runs this."""
        self._vapid = Vapid02.from_raw(key.rstrip("=").encode())
        self._subject, self._secret_key = subject, secret_key
        self._timeout_s, self._services = timeout_s, services

    @property
    def public_key(self) -> str:
        """What browsers subscribe with (base64url)."""
        return public_key_of(self._vapid)

    def send(self, message: Message) -> AttemptResult:
        """Encrypt for this browser and post; 404 and 410 say that it is gone."""
        if not is_push_service(message.to.address, self._services):
            return AttemptResult(Attempt.NEVER, "bad_address")
        words = json.dumps(self._payload(message), ensure_ascii=False).encode()
        try:
            body = _encrypted(words, message.to.p256dh, message.to.auth)
        except (ValueError, InvalidKey, http_ece.ECEException):
            return AttemptResult(Attempt.NEVER, "bad_keys")
        try:
            answer = post(message.to.address, body, self._headers(message), self._timeout_s)
        except NotSent as error:
            return AttemptResult(Attempt.LATER, str(error))
        except NoAnswer as error:
            return AttemptResult(Attempt.UNKNOWN, str(error))
        if answer.status in (404, 410):
            return AttemptResult(Attempt.NEVER, "gone")
        if answer.status in (400, 401, 403):
            log.error("a push service refuses us status=%d: see docs/follow-up.md", answer.status)
            return AttemptResult(Attempt.NEVER, f"http_{answer.status}", ours=True)
        return by_status(answer)

    def _payload(self, message: Message) -> dict[str, Any]:
        body = "\n".join(part for part in (message.detail, message.reply) if part)
        return {
            "web_push": DECLARATIVE,
            "mutable": True,  # Apple asks our worker first, which tells us that the message has come
            "notification": {
                "title": _cut(message.title, _LONGEST_TITLE),
                "body": _cut(body, _LONGEST_BODY),
                "navigate": message.link or message.page,
                "tag": message.topic,
                "lang": "id",
                "requireInteraction": message.urgent,
            },
            "page": message.page,
            "receipt": f"/hooks/push/{token_of(self._secret_key, message.message_id)}",
        }

    def _headers(self, message: Message) -> dict[str, str]:
        pieces = urlsplit(message.to.address)
        proof = self._vapid.sign(
            {"aud": f"{pieces.scheme}://{pieces.netloc}", "sub": self._subject, "exp": int(time()) + _PROOF_S}
        )
        headers = {
            **proof,
            "TTL": str(message.lasts_s),
            "Urgency": "high",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        return {**headers, "Topic": message.topic} if message.topic else headers


def new_private_key() -> str:
    """A key for SIAGA_PUSH_KEY."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _base64url(number.to_bytes(32, "big"))


def public_key_of(vapid: Vapid02) -> str:
    """The public key that belongs to a private one."""
    numbers = vapid.public_key.public_numbers()
    return _base64url(b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))


def _encrypted(words: bytes, p256dh: str, auth: str) -> bytes:
    own = ec.generate_private_key(ec.SECP256R1())
    sealed: bytes = http_ece.encrypt(
        words, private_key=own, dh=_bytes(p256dh), auth_secret=_bytes(auth), version="aes128gcm"
    )
    return sealed


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode("utf-8", "ignore")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
