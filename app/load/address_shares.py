"""Behind a proxy: how many requests of one address, live feeds among them, may be under way at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.load.connections import address_key

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

log = logging.getLogger(__name__)

_WORDS = "Terlalu banyak sambungan dari alamat ini. Coba lagi. / Too many connections from this address. Try again.\n"


class AddressShares:
    """A WSGI application in front of `application`; REMOTE_ADDR must be the browser's own address by now."""

    def __init__(self, application: WSGIApplication, at_once: int) -> None:
        self._application, self._at_once = application, at_once
        self._under_way: Counter[str] = Counter()
        self.refused = 0

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or refuse one too many."""
        key = address_key(environ.get("REMOTE_ADDR") or "?")
        if self._under_way[key] >= self._at_once:
            self.refused += 1
            log.warning("a request was refused: its address has too many under way")
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "5")]
            start_response("503 Service Unavailable", headers)
            return [_WORDS.encode()]
        self._under_way[key] += 1
        try:
            return self._application(environ, start_response)
        finally:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]
