"""Slows down whoever guesses location links: after ten wrong ones within a quarter of an hour, wrong ones are refused.

Kept in memory, for each node by itself. A link that exists always works, whatever others behind the same address did:
carriers put thousands of telephones behind one. dispatch/locations/links.py has the arithmetic.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from app.load.networks import network_of
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
        return sum(at > since for at in self._wrong.get(network_of(address), ())) >= FREE

    def wrong(self, address: str) -> None:
        """A token that does not exist was tried from this address."""
        network = network_of(address)
        tries = self._wrong.pop(network, [])
        self._wrong[network] = [*tries[-(FREE - 1) :], self._clock.now()]
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)
