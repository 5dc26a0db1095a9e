"""Keeps small secrets unreadable at rest and in cookies, with keys made from the installation's own (SIAGA_SECRET_KEY).

Whoever has the database alone, or a copy of it, has no authenticator's secret.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from app.services import services


class Unsealable(Exception):
    """What was sealed was sealed with another key, or is forged."""


def key_for(purpose: str) -> bytes:
    """A key of 32 bytes for one purpose; the installation's key is long and random, so one HMAC makes it."""
    return hmac.new(services().settings.secret_key.encode(), f"siaga {purpose}".encode(), sha256).digest()


def seal(purpose: str, value: dict[str, Any]) -> str:
    """Encrypt a small value."""
    from cryptography.fernet import Fernet  # only whoever needs it waits for its import

    return Fernet(urlsafe_b64encode(key_for(purpose))).encrypt(json.dumps(value).encode()).decode("ascii")


def unseal(purpose: str, sealed: str) -> dict[str, Any]:
    """Read what `seal` made. Raises Unsealable."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        value = json.loads(Fernet(urlsafe_b64encode(key_for(purpose))).decrypt(sealed.encode("utf-8", "replace")))
    except (InvalidToken, ValueError) as error:
        raise Unsealable(purpose) from error
    if not isinstance(value, dict):
        raise Unsealable(purpose)
    return value


def keyed_name(typed: str) -> str:
    """What is kept of a name that no user has: the same for the same, and unreadable. People mistype passwords here."""
    return "?" + hmac.new(key_for("unknown name"), typed.encode("utf-8", "replace"), sha256).hexdigest()[:24]
