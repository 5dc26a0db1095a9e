"""Starts that would harm somebody, refused with words that say what to do instead."""

from __future__ import annotations

from ipaddress import ip_address

from config import Settings


class DangerousStart(Exception):
    """Why this node does not start: one line that names the settings."""


def refuse_danger(settings: Settings) -> None:
    """Raise DangerousStart where strangers could use the demo's passwords, or pages would be served without TLS."""
    if settings.demo:
        for name, host in (("SIAGA_HTTP_HOST", settings.http_host), ("SIAGA_AGI_HOST", settings.agi_host)):
            if not is_loopback(host):
                raise DangerousStart(
                    f"SIAGA_DEMO=1 with {name}={host}: everybody knows the demo's passwords, so it only listens on "
                    f"this machine; leave {name} out, or start without the demo (SIAGA_DEMO=0)"
                )
    behind_tls = settings.cookie_secure and settings.trusted_proxies > 0
    if not is_loopback(settings.http_host) and not behind_tls and not settings.plain_http:
        raise DangerousStart(
            f"SIAGA_HTTP_HOST={settings.http_host} without TLS: passwords would be readable on the way, and browsers "
            "allow locks, notifications and the microphone on https pages only; put a TLS proxy in front "
            "(docs/deployment.md) with SIAGA_COOKIE_SECURE=1 and SIAGA_TRUSTED_PROXIES=1, or say that you want this: "
            "SIAGA_PLAIN_HTTP=1"
        )


def warnings_of(settings: Settings) -> list[str]:
    """What is allowed and yet should be looked at."""
    if is_loopback(settings.agi_host) or settings.agi_peers:
        return []
    words = (
        f"FastAGI on {settings.agi_host} takes calls from whoever reaches the port: name Asterisk's addresses in "
        "SIAGA_AGI_PEERS, and let the firewall admit nobody else"
    )
    return [words]


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach this host; a name other than localhost is taken to be reachable."""
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
