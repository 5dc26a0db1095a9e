"""An opener that follows no redirect: it would carry a number, a key or a secret address to another place."""

from __future__ import annotations

from http.client import HTTPMessage
from typing import IO
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener


def opener_without_redirects() -> OpenerDirector:
    """Make one; an answer that redirects is an error, and raised as HTTPError."""
    return build_opener(_NoRedirect)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing."""
