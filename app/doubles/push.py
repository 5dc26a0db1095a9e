"""A push service and the browsers behind it: checks who sends, decrypts as a browser does, and can be gone."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.doubles.server import Answered, Asked, Double, Trouble

LARGEST = 4096


@dataclass
class BrowserDouble:
    """A browser that has subscribed."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"
    gone: bool = False
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def p256dh(self) -> str:
        """The key that it tells us (base64url)."""
        return _text(_point(self.key.public_key()))

    @property
    def auth_text(self) -> str:
        """The secret that it tells us (base64url)."""
        return _text(self.auth)


class PushDouble(Double):
    """Takes messages for its browsers."""

    def __init__(self) -> None:
        super().__init__()
        self.browsers: dict[str, BrowserDouble] = {}

    def subscribe(self, name: str) -> BrowserDouble:
        """A browser of this name."""
        self.browsers[name] = BrowserDouble(name)
        return self.browsers[name]

    def endpoint(self, browser: BrowserDouble) -> str:
        """Where a browser is reached."""
        return f"{self.base}/send/{browser.name}"

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        """Check, decrypt and show."""
        browser = self.browsers.get(asked.path.removeprefix("/send/"))
        if browser is None:
            return Answered(404, {})
        if browser.gone:
            return Answered(410, {})
        if len(asked.body) > LARGEST:
            return Answered(413, {})
        if not self._is_well_signed(asked):
            return Answered(403, {})
        if not (asked.headers.get("TTL", "").isdigit() and asked.headers.get("Content-Encoding") == "aes128gcm"):
            return Answered(400, {})
        if len(asked.headers.get("Topic", "")) > 32:
            return Answered(400, {})
        words = http_ece.decrypt(asked.body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm")
        browser.shown.append(json.loads(words))
        return Answered(201, {}, {"Location": f"{self.base}/message/1"})

    def _is_well_signed(self, asked: Asked) -> bool:
        """Whether the VAPID header is signed by the key that it names, for us, and not yet over."""
        scheme, _, rest = asked.headers.get("Authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        head, claims, signature = parts["t"].split(".")
        told = json.loads(_raw(claims))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(parts["k"]))
        raw = _raw(signature)
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            public.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return scheme == "vapid" and told["aud"] == self.base and str(told["sub"]).startswith(("mailto:", "https:"))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    numbers = key.public_numbers()
    return b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
