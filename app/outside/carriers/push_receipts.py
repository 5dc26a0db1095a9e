"""The token by which our own service worker says that a message has come: whoever has it got the message."""

from __future__ import annotations

import hmac
from hashlib import sha256

_LENGTH = 32


def token_of(secret_key: str, message_id: str) -> str:
    """The token that goes with a message."""
    return f"{message_id}.{_seal(secret_key, message_id)}"


def message_of_token(secret_key: str, token: str) -> str | None:
    """The message that a token belongs to; None for one that we have not made."""
    message_id, _, seal = token.partition(".")
    good = hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(secret_key, message_id).encode())
    return message_id if good else None


def _seal(secret_key: str, message_id: str) -> str:
    text = f"push receipt {message_id}".encode("utf-8", "replace")
    return hmac.new(secret_key.encode(), text, sha256).hexdigest()[:_LENGTH]
