"""How geopy reaches the city's own geocoder: that host alone, no proxy, no redirect, no endless answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError, GeocoderTimedOut

LARGEST_ANSWER = 256 * 1024  #: bytes


class OneHost(BaseSyncAdapter):  # type: ignore[misc]
    """geopy's way out: `http.client` follows nothing and asks no proxy, which geopy's own adapters may do."""

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        """The JSON at an address. Raises geopy's errors."""
        text = self.get_text(url, timeout=timeout, headers=headers)
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise GeocoderParseError("the answer is no JSON") from None

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """The text at an address. `timeout` is for each wait; whoever calls bounds the whole."""
        pieces = urlsplit(url)
        make = HTTPSConnection if pieces.scheme == "https" else HTTPConnection
        connection = make(pieces.hostname or "", pieces.port, timeout=timeout)
        try:
            connection.request("GET", f"{pieces.path}?{pieces.query}", headers=dict(headers))
            answer = connection.getresponse()
            if answer.status != 200:
                # Also a redirect: the words of a caller go to no other host.
                raise GeocoderServiceError(f"HTTP {answer.status}")
            body = answer.read(LARGEST_ANSWER + 1)
        except TimeoutError:
            raise GeocoderTimedOut("no answer in time") from None
        except (OSError, HTTPException) as error:
            raise GeocoderServiceError(type(error).__name__) from None
        finally:
            connection.close()
        if len(body) > LARGEST_ANSWER:
            raise GeocoderParseError("the answer is too large")
        return body.decode("utf-8", "replace")
