"""Settings that contradict each other, or that a real installation must not have."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from app.checks.finding import Finding, ok, wrong
from config import Settings

#: deployment.md and the Asterisk README say the same.
_LISTEN = "set SIAGA_HTTP_HOST=0.0.0.0, and let the firewall take port {port} from the guard and the proxy only"


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Look at the SIAGA_* settings alone."""
    findings = list(_wrong(settings))
    yield from findings or [ok("settings: nothing contradicts anything")]


def _wrong(settings: Settings) -> Iterator[Finding]:
    http_inside, agi_inside = is_loopback(settings.http_host), is_loopback(settings.agi_host)
    listen = _LISTEN.format(port=settings.http_port)
    if http_inside and not agi_inside:
        yield wrong(
            f"SIAGA_AGI_HOST={settings.agi_host} takes calls from another machine, whose guard asks /readyz there too "
            f"and is refused (SIAGA_HTTP_HOST={settings.http_host}): it would hold this node to be dead",
            listen,
        )
    if not http_inside and agi_inside and not settings.demo:
        yield wrong(
            f"SIAGA_AGI_HOST={settings.agi_host} takes calls from this machine only, pages come from others",
            "set SIAGA_AGI_HOST to the address that the Asterisk machine reaches (or 0.0.0.0 and a firewall on "
            f"{settings.agi_port}); is Asterisk on this very machine, set SIAGA_HTTP_HOST=127.0.0.1 too",
        )
    if not agi_inside and not settings.agi_peers:
        yield wrong(
            f"whoever reaches port {settings.agi_port} can make tickets",
            "set SIAGA_AGI_PEERS to the Asterisk machine's address, beside the firewall",
        )
    if settings.trusted_proxies and not http_inside and not is_any(settings.http_host):
        yield wrong(
            f"SIAGA_HTTP_HOST={settings.http_host} is one address: a proxy on this machine that passes to 127.0.0.1 "
            "is refused",
            listen + "; or let the proxy pass to that address",
        )
    if settings.trusted_proxies and not settings.cookie_secure:
        yield wrong("the proxy ends TLS, but cookies may go over plain HTTP", "set SIAGA_COOKIE_SECURE=1")
    if settings.public_url.startswith("https://") and not settings.trusted_proxies:
        yield wrong(
            "SIAGA_PUBLIC_URL is https, so there is a proxy, but none is trusted: every browser seems to come from it, "
            "and the limit on sign-in attempts would lock everybody out together",
            "set SIAGA_TRUSTED_PROXIES to the number of proxies in front",
        )
    if settings.public_url.startswith("http://") and not settings.demo:
        yield wrong(
            "SIAGA_PUBLIC_URL is plain http: a caller's telephone gives no position to such a page",
            "put TLS in front and set SIAGA_PUBLIC_URL=https://...",
        )
    if settings.whatsapp_phone_id and not settings.public_url:
        yield wrong(
            "messages by WhatsApp carry no link to their task, because no telephone would know where we are",
            "set SIAGA_PUBLIC_URL=https://...",
        )
    if settings.demo:
        yield wrong("SIAGA_DEMO=1: sign-ins whose password everybody knows", "unset it where real calls come in")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_any(host: str) -> bool:
    """Whether every address of this machine listens."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
