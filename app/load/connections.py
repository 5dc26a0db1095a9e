"""The HTTP connections of one node: how many there may be, of one address and in all, and who goes when it is too many.

A connection that has sent a whole request is being worked for and stays; one that has not (slow, idle, kept open) goes,
the oldest first, as soon as a new one needs its place. So whoever opens thousands and sends nothing displaces nobody.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections import Counter, OrderedDict, defaultdict
from contextlib import suppress

log = logging.getLogger(__name__)

IPV6_NETWORK_BITS = 64  #: what one subscriber is given


def address_key(address: str) -> str:
    """Whose address it is: IPv6 by the network of /64 that one subscriber has, IPv4 written as IPv6 as itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))


class Connections:
    """All connections of one node; `per_address` 0: only their sum is bounded (a proxy's address is everybody's)."""

    def __init__(self, per_address: int, at_once: int) -> None:
        self._per_address, self._at_once = per_address, at_once
        self._key_of: dict[socket.socket, str] = {}
        self._count: Counter[str] = Counter()
        #: Connections without a whole request, the longest waiting first: of each address and of all.
        self._waiting_of: defaultdict[str, OrderedDict[socket.socket, None]] = defaultdict(OrderedDict)
        self._waiting: OrderedDict[socket.socket, None] = OrderedDict()
        self.refused = 0  #: new ones that found no place
        self.displaced = 0  #: waiting ones that made place

    def __len__(self) -> int:
        return len(self._key_of)

    def of(self, address: str) -> int:
        """How many connections an address has."""
        return self._count[address_key(address)]

    def enter(self, client: socket.socket, address: str) -> bool:
        """Take a new connection in; False: there is no place for it."""
        key = address_key(address)
        if self._per_address and self._count[key] >= self._per_address and not self._displace(self._waiting_of[key]):
            return self._refuse(key)
        if len(self._key_of) >= self._at_once and not self._displace(self._waiting):
            return self._refuse(key)
        self._key_of[client] = key
        self._count[key] += 1
        self.waits(client)
        return True

    def leave(self, client: socket.socket) -> None:
        """The connection is closed; one that was displaced has left already."""
        key = self._key_of.pop(client, None)
        if key is None:
            return
        self._stop_waiting(client, key)
        self._count[key] -= 1
        if not self._count[key]:
            del self._count[key]
            self._waiting_of.pop(key, None)

    def works(self, client: socket.socket | None) -> None:
        """A whole request is here, or whoever is behind a socket is known."""
        if client is not None and client in self._key_of:
            self._stop_waiting(client, self._key_of[client])

    def waits(self, client: socket.socket) -> None:
        """A request is expected: the first one, or the next after an answer."""
        if client in self._key_of:
            self._waiting[client] = None
            self._waiting_of[self._key_of[client]][client] = None

    def shut_down_reads(self) -> None:
        """Let every connection end after the answer it is waiting for; idle ones end at once."""
        for client in list(self._key_of):
            _shut(client, socket.SHUT_RD)

    def _stop_waiting(self, client: socket.socket, key: str) -> None:
        self._waiting.pop(client, None)
        self._waiting_of[key].pop(client, None)

    def _displace(self, waiting: OrderedDict[socket.socket, None]) -> bool:
        if not waiting:
            return False
        oldest = next(iter(waiting))
        self.leave(oldest)
        self.displaced += 1
        _shut(oldest, socket.SHUT_RDWR)
        return True

    def _refuse(self, key: str) -> bool:
        self.refused += 1
        log.warning("an HTTP connection was refused: all places are taken")
        return False


def _shut(client: socket.socket, how: int) -> None:
    # Through a second descriptor: gevent would take the first one's reader for an error, not for the end.
    with suppress(OSError), client.dup() as same:
        same.shutdown(how)
