"""Names of our cookies: behind TLS with a prefix by which browsers take them from nobody but this very host."""

from __future__ import annotations

from app.services import services


def cookie_name(name: str, path: str = "/") -> str:
    """`__Host-NAME` for the whole site, `__Secure-NAME` for a part of it; the bare name where there is no TLS."""
    if not services().settings.cookie_secure:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"
