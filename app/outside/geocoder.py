"""The optional geocoder of the city's own (Nominatim or Photon), asked after the offline answer is on the screen.

It can only add: what it does or fails to do in its time is counted for /metrics, and is nobody's trouble otherwise.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

import gevent
from geopy.exc import GeocoderTimedOut, GeopyError
from geopy.geocoders import Nominatim, Photon
from gevent.lock import BoundedSemaphore

from app.outside.geocoder_wire import OneHost
from config import Settings
from dispatch.city.pack import CityPack
from dispatch.places.finder import PlaceCandidate, Places
from dispatch.text import clean_line

log = logging.getLogger(__name__)

LIMIT = 5
NAME_LIMIT = 120
AT_ONCE = 4  #: questions under way; a geocoder that is slow must not collect them
ACCURACY_M = 100  #: neither of the two says how exact a point is
SCORE = 0.5  #: below what offline search is sure of: never preselected
USER_AGENT = "Siaga-112"


class Geocoder:
    """Asks the configured geocoder; `ends` counts what became of the questions."""

    def __init__(self, settings: Settings, city: CityPack, places: Places) -> None:
        self._city, self._places = city, places
        self._limit_s = settings.geocoder_s
        self._turns = BoundedSemaphore(AT_ONCE)
        self.kind = settings.geocoder
        self.ends: Counter[str] = Counter()
        pieces = urlsplit(settings.geocoder_url)
        options = {
            "scheme": pieces.scheme,
            "domain": f"{pieces.netloc}{pieces.path}",
            "timeout": self._limit_s,
            "user_agent": USER_AGENT,
            "proxies": {},
            "adapter_factory": OneHost,
        }
        self._geopy = Photon(**options) if self.kind == "photon" else Nominatim(**options)

    def find(self, words: str) -> list[PlaceCandidate]:
        """Places in the city by these words, none where it fails or takes too long. Never raises."""
        if not self._turns.acquire(blocking=False):
            self.ends["busy"] += 1
            return []
        try:
            found = self._ask(words)
            self.ends["found" if found else "empty"] += 1
            return found
        except (gevent.Timeout, GeocoderTimedOut):
            self.ends["timeout"] += 1
        except (
            GeopyError,
            LookupError,
            TypeError,
            ValueError,
            ArithmeticError,
            AttributeError,
            RecursionError,
        ) as error:
            # geopy takes the shape of an answer for granted. The words that were asked for stay out of the log.
            log.warning("the geocoder failed error=%s", type(error).__name__)
            self.ends["failed"] += 1
        finally:
            self._turns.release()
        return []

    def _ask(self, words: str) -> list[PlaceCandidate]:
        box = self._city.bbox
        corners = [(box.south, box.west), (box.north, box.east)]
        with gevent.Timeout(self._limit_s):  # geopy's own limit begins anew with every piece of a dripping answer
            if self.kind == "photon":
                answers = self._geopy.geocode(words, exactly_one=False, limit=LIMIT, bbox=corners)
            else:
                answers = self._geopy.geocode(
                    words, exactly_one=False, limit=LIMIT, viewbox=corners, bounded=True, language="id"
                )
        candidates = (self._candidate(number, answer) for number, answer in enumerate((answers or [])[: 4 * LIMIT]))
        return list(_unlike(candidate for candidate in candidates if candidate is not None))[:LIMIT]

    def _candidate(self, number: int, answer: Any) -> PlaceCandidate | None:
        """An answer as a place of the city; None where it lies elsewhere or says nothing."""
        lat, lon = float(answer.latitude), float(answer.longitude)
        if not (isfinite(lat) and isfinite(lon)):
            return None
        located = self._places.locate(lat, lon)
        name = clean_line(str(answer.address or "").partition(",")[0], NAME_LIMIT)
        if located is None or not name:
            return None
        ward = self._city.kelurahan[located.kelurahan_code]
        return PlaceCandidate(
            key=f"geocoder-{number}-{lat:.5f}-{lon:.5f}",
            name=name,
            kind="landmark",
            kelurahan_code=ward.code,
            kelurahan=ward.name,
            kecamatan=ward.kecamatan,
            lat=round(lat, 6),
            lon=round(lon, 6),
            accuracy_m=ACCURACY_M,
            relation=None,
            score=SCORE,
            clear=False,
            source="geocoder",
        )


def _unlike(candidates: Iterable[PlaceCandidate]) -> Iterable[PlaceCandidate]:
    """The candidates without those that repeat a name in the same kelurahan."""
    seen: set[tuple[str, str | None]] = set()
    for candidate in candidates:
        alike = (candidate.name.casefold(), candidate.kelurahan_code)
        if alike not in seen:
            seen.add(alike)
            yield candidate
