"""Places, and what a typed line may mean."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import RootModel

from app.api.answers.basics import Answer
from dispatch.city.model import Priority
from dispatch.places.candidates import HowFound


class PlaceCandidate(Answer):
    """A place that somebody's words may mean; `clear` where it stands clear of the next.

    `found` says how it was found, `read` by which words. With `beside` two places were tied together. A place outside
    the city says how far (`outside_km`), from which part of the city, and can't be sent as it is.
    """

    key: str
    name: str
    kind: Literal["kelurahan", "landmark", "street", "junction", "point", "km_post", "outside"]
    kelurahan_code: str | None
    kelurahan: str | None
    kecamatan: str | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    relation: str | None
    score: float
    clear: bool
    found: HowFound
    read: str | None
    detail: str | None
    beside: str | None
    beside_key: str | None
    beside_relation: str | None
    outside_km: float | None
    near_kelurahan: str | None
    near_kecamatan: str | None
    neighbour: str | None
    source: Literal["city", "osm", "own", "geocoder"]


class Places(Answer):
    """The places that were found, the likeliest first."""

    items: list[PlaceCandidate]
    next: None


class KelurahanPoint(Answer):
    """A kelurahan, as a point inside it; `area` is a ring [lon, lat] around what is nearer to it than to others."""

    code: str
    name: str
    kecamatan: str
    lat: float
    lon: float
    area: list[tuple[float, float]]


class Points(Answer):
    """The kelurahan, where no boundary file was loaded."""

    points: list[KelurahanPoint]


class FeatureCollection(Answer):
    """GeoJSON (RFC 7946): one feature per kelurahan; `attribution` has to be shown with it."""

    type: Literal["FeatureCollection"]
    attribution: str
    features: list[dict[str, Any]]


class Boundaries(RootModel[FeatureCollection | Points]):
    """The kelurahan as polygons or as points."""


class TypeGuess(Answer):
    """What may have happened, with the words that say so; `clear` where it stands clear of the next.

    `priority` is the one proposed with it: the type's own, or a higher one where a body is hurt.
    """

    code: str
    matched: list[str]
    score: float
    clear: bool
    priority: Priority


class Span(Answer):
    """A stretch of the typed text, in characters, end not included."""

    start: int
    end: int
    kind: Literal["type", "place", "danger"]


class ProposedAgency(Answer):
    """An agency to send to, and why."""

    code: str
    role: Literal["primary", "supporting"]
    preselected: bool
    reason_id: str
    reason_en: str


class Interpretation(Answer):
    """What a typed line may mean; `agencies` by type code, `notices` about what could not be used.

    `harm` quotes what says that a body is hurt: medical help goes, and at least
    `harm_priority` is proposed, whatever the type.
    """

    types: list[TypeGuess]
    places: list[PlaceCandidate]
    danger: list[Span]
    spans: list[Span]
    harm: list[str]
    harm_priority: Priority | None
    notices: list[Literal["link_without_coordinates"]]
    agencies: dict[str, list[ProposedAgency]]
