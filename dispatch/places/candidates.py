"""What the search answers: a place that words may mean, how it was found, and how far outside the city it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from dispatch.payloads import OneOf
from dispatch.places.names.entries import Source

#: How a place was found: by its name as written in the city pack, by a name spelt nearly like it, by a name that is
#: still being typed, as part of a kecamatan, as two places tied together, or by figures in the text.
HowFound = Literal[
    "name", "spelling", "unfinished", "kecamatan", "pair", "coordinates", "map_link", "plus_code", "km_post"
]


@dataclass(frozen=True, slots=True)
class Located:
    """The kelurahan a point lies in, as a suggestion that the operator can override.

    `approximate` where no polygon holds the point; `border_m` is the distance to the kelurahan's border, and
    `neighbour` the kelurahan on the other side where that is near (policy `border_near_m`).
    """

    kelurahan_code: str
    approximate: bool
    source: Literal["boundary", "nearest_point"]
    border_m: float | None
    neighbour: str | None


@dataclass(frozen=True, slots=True)
class Outside:
    """How far a point lies from the city, and the kelurahan that is nearest to it."""

    km: float
    kelurahan_code: str


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A place that somebody's words may mean; `clear` where it stands clear of the next and may be preselected.

    A kelurahan's point comes with `accuracy_m` as large as the kelurahan; a place known by name only has no point.
    `score` is from 0 to 1; `relation` is where it happened seen from the place ("depan"), None for at the place.
    `found` says how it was found, `read` by which words as typed, `detail` what narrows the address down (RT and RW,
    house number). A place tied to a second one names it in `beside`, as seen from `beside_relation`. A place outside
    the city says how far (`outside_km`) and has no `kelurahan`, so it can't be sent as it is; `near_kelurahan` and
    `near_kecamatan` are the nearest part of the city. `neighbour` is the kelurahan on the other side of a border that
    is close to a point.
    """

    key: str
    name: str
    kind: Annotated[str, OneOf(("kelurahan", "landmark", "street", "junction", "point", "km_post", "outside"))]
    kelurahan_code: str | None
    kelurahan: str | None
    kecamatan: str | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    relation: str | None
    score: float
    clear: bool
    found: HowFound = "name"
    read: str | None = None
    detail: str | None = None
    beside: str | None = None
    beside_key: str | None = None
    beside_relation: str | None = None
    outside_km: float | None = None
    near_kelurahan: str | None = None
    near_kecamatan: str | None = None
    neighbour: str | None = None
    source: Source = "city"


@dataclass(frozen=True, slots=True)
class MentionedPlace:
    """A candidate and where in the text its words stand."""

    candidate: PlaceCandidate
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ReadPlaces:
    """All that a text says about where: the places, best first, and notices about what could not be used."""

    places: tuple[MentionedPlace, ...]
    notices: tuple[str, ...]
