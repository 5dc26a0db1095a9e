"""Slows down whoever guesses location links: after ten wrong ones within a quarter of an hour an address is refused.

Kept in memory, for each node by itself; dispatch/location_links.py has the arithmetic. A telephone that has a link
already is never refused, whatever others behind the same address do.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from dispatch.clock import Clock

WINDOW = timedelta(minutes=15)
FREE = 10
#: Addresses remembered; the one that was quiet longest is forgotten first.
MOST_ADDRESSES = 20_000


class GuessingLimits:
    """Wrong tokens by network address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, list[datetime]] = OrderedDict()

    def locked(self, address: str) -> bool:
        """Whether this address has guessed too often."""
        since = self._clock.now() - WINDOW
        return sum(at > since for at in self._wrong.get(_network(address), ())) >= FREE

    def wrong(self, address: str) -> None:
        """A token that does not exist was tried from this address."""
        network = _network(address)
        tries = self._wrong.pop(network, [])
        self._wrong[network] = [*tries[-(FREE - 1) :], self._clock.now()]
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)


def _network(address: str) -> str:
    """One subscriber: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives out."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped.exploded if parsed.ipv4_mapped else parsed.exploded[:19]
    return parsed.exploded
