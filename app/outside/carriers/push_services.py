"""The browsers' push services: a subscription is whatever a browser says, and must not lead us elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)


def is_push_service(endpoint: str, services: Sequence[str] = SERVICES) -> bool:
    """Whether an endpoint is one of a browser's own push service."""
    try:
        pieces = urlsplit(endpoint)
        host = pieces.hostname or ""
    except ValueError:
        return False
    known = any(host == service or (service.startswith(".") and host.endswith(service)) for service in services)
    return known and (pieces.scheme == "https" or host == "127.0.0.1")
