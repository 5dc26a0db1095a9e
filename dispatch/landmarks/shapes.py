"""The centre's own landmarks, and the landmarks of the map, as people of the centre receive them."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from dispatch.payloads import Instant


class OwnLandmark(TypedDict):
    """A place that somebody of the centre has named; `may_retire` says whether the one who asks may retire it."""

    id: int
    name: str
    other_names: list[str]
    kelurahan_code: str
    kelurahan: str | None
    kecamatan: str | None
    lat: float
    lon: float
    added_at: Instant
    added_by: str | None
    may_retire: bool


class MapLandmark(TypedDict):
    """A landmark with a point, for the map."""

    key: str
    name: str
    kind: str
    lat: float
    lon: float
    source: Literal["city", "own"]
