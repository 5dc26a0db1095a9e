"""Requests reach the application whole and in turn: the body is read first, within a time that its length allows.

A body that drips keeps nothing busy but its own connection, and that not for long. Bodies beyond what the application
takes are left to it: it refuses them by their length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

import gevent

from app.load.connections import Connections, address_key
from app.load.rounds import Rounds

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

LEAST_BYTES_PER_S = 4096  #: beyond the time that every request has
ROUNDS = "siaga.rounds"  #: where a socket finds, in its request's environ, what its messages wait in line for

_TOO_SLOW = b"Permintaan terlalu lambat. / The request came too slowly.\n"
_HEAD = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n" % len(_TOO_SLOW)
)


class WholeRequests:
    """A WSGI application in front of `application`: `request_s` is what every request has, `limit` its longest body."""

    def __init__(
        self,
        application: WSGIApplication,
        connections: Connections,
        request_s: float,
        limit: int,
        longer: Mapping[str, int] | None = None,
    ) -> None:
        """`longer` has the limits of paths that take more."""
        self._application, self._connections = application, connections
        self._request_s, self._limit, self._longer = request_s, limit, longer or {}
        self._rounds = Rounds()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Read the body, then let the application answer; the connection counts as worked for meanwhile."""
        client = environ.get("gunicorn.socket")
        length = _length(environ)
        limit = self._longer.get(environ.get("PATH_INFO", ""), self._limit)
        if length is None or 0 < length <= limit:
            allowed_s = self._request_s + (limit if length is None else length) / LEAST_BYTES_PER_S
            try:
                with gevent.Timeout(allowed_s):
                    body = environ["wsgi.input"].read(limit + 1 if length is None else length)
            except gevent.Timeout:
                return _refuse(client, start_response)
            if length is not None and len(body) < length:
                # Whoever it was has gone, or has made place for somebody else: nobody waits for an answer.
                raise StopIteration
            environ["wsgi.input"] = BytesIO(body)
        if client is None:
            return self._application(environ, start_response)
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            # A socket is worked for once somebody has signed in on it (app.web.socket_events).
            self._connections.works(client)
        try:
            environ[ROUNDS] = self._rounds
            self._rounds.begin(address_key(environ.get("REMOTE_ADDR", "")))
            return self._application(environ, start_response)
        finally:
            self._connections.waits(client)


def _length(environ: dict[str, Any]) -> int | None:
    """The body's length; None: it comes in chunks, and its end says how long it was."""
    text = environ.get("CONTENT_LENGTH") or ""
    if text.isascii() and text.isdigit():
        return int(text)
    return None if environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in environ else 0


def _refuse(client: Any, start_response: StartResponse) -> Iterable[bytes]:
    if client is None:
        start_response("408 Request Timeout", [("Content-Type", "text/plain; charset=utf-8")])
        return [_TOO_SLOW]
    with gevent.Timeout(1.0, False):
        client.sendall(_HEAD + _TOO_SLOW)
    # gunicorn takes this to mean that the answer has been given and closes the connection.
    raise StopIteration
