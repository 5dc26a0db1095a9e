"""The centre's own landmarks, and what lies at a point of the map."""

from __future__ import annotations

from typing import Literal

from app.api.answers.basics import Answer


class OwnLandmark(Answer):
    """A place that somebody of the centre has named; `may_retire` says whether the one who asks may retire it."""

    id: int
    name: str
    other_names: list[str]
    kelurahan_code: str
    kelurahan: str | None
    kecamatan: str | None
    lat: float
    lon: float
    added_at: str
    added_by: str | None
    may_retire: bool


class OwnLandmarks(Answer):
    """All that are not retired, the newest first."""

    items: list[OwnLandmark]
    next: None


class AddedLandmark(Answer):
    """The id of what was added."""

    id: int


class RetiredLandmark(Answer):
    """Whether it was still searched until now."""

    changed: bool


class MapLandmark(Answer):
    """A landmark with a point, for the map."""

    key: str
    name: str
    kind: str
    lat: float
    lon: float
    source: Literal["city", "own"]


class MapLandmarks(Answer):
    """The landmarks of the city pack that have a point, and the centre's own."""

    items: list[MapLandmark]
    next: None


class PointAnswer(Answer):
    """The kelurahan of a point, as a suggestion; all None outside of the city.

    `approximate` where no polygon says so; `neighbour` is the kelurahan beyond a border that is near.
    """

    kelurahan_code: str | None
    kelurahan: str | None
    kecamatan: str | None
    approximate: bool
    border_m: float | None
    neighbour: str | None
