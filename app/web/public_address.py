"""Under which address a caller's telephone reaches us, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from config import Settings

AddressProblem = Literal["not_set", "not_https"]


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """An origin without a slash at its end, and what is wrong with it."""

    origin: str
    problem: AddressProblem | None


def public_address(settings: Settings, asked_at: str) -> PublicAddress:
    """The configured address, or else the one under which the operator's browser asked (`asked_at`).

    Browsers give a position to https pages only, and to pages of the same machine (the demo).
    """
    origin = settings.public_url or asked_at.rstrip("/")
    here = _is_this_machine(urlsplit(origin).hostname or "")
    if not settings.public_url and not (settings.demo and here):
        return PublicAddress(origin, "not_set")
    if urlsplit(origin).scheme != "https" and not here:
        return PublicAddress(origin, "not_https")
    return PublicAddress(origin, None)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
