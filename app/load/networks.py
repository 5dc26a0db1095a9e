"""Which network an address belongs to: whoever has the one address of a subscriber has all of them."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def network_of(address: str) -> str:
    """One subscriber: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives out."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return parsed.exploded
    if parsed.ipv4_mapped:
        return parsed.ipv4_mapped.exploded
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
