"""Sends scripts, styles and the city's boundaries compressed: a console on a slow line starts in half the time.

Only what every visitor may have is compressed. Pages and API answers are not: whoever can have their own words put
beside a secret in a compressed answer can find the secret out from its length (BREACH).
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_PUBLIC = frozenset({"static", "api.show_boundaries"})
_WORTH_IT = frozenset({"text/css", "text/javascript", "application/json", "application/geo+json", "image/svg+xml"})
_SMALLEST = 1024  #: bytes; below that nothing is won


def add_compression(app: Flask) -> None:
    """Compress the public answers of `app` for whoever takes gzip."""

    @app.after_request
    def compress(response: Response) -> Response:
        if request.endpoint not in _PUBLIC or response.mimetype not in _WORTH_IT:
            return response
        response.vary.add("Accept-Encoding")
        if response.status_code != 200 or not request.accept_encodings["gzip"]:
            return response
        response.direct_passthrough = False
        plain = response.get_data()
        if len(plain) < _SMALLEST:
            return response
        response.set_data(_gzipped(plain))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag is not None:
            # The same file in two encodings: equal in content, not to the byte.
            response.set_etag(etag, weak=True)
        return response


@lru_cache(maxsize=128)
def _gzipped(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0)
