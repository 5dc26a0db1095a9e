"""Which open tickets may be about the event that a caller reports: near in time, place and kind. Only a proposal.

Pure: the figures come from the policy of the city, the tickets from `dispatch.incidents.reading`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import cos, hypot, radians

from dispatch.city.policy import SimilarPolicy
from dispatch.places.plane import METRES_PER_DEGREE, distance_m

MOST = 5  #: proposals that a person can look through while somebody shouts into the telephone
#: The flat estimate is within one percent of the ellipsoid over a city; nearer to the radius than this part of it, only
#: the exact distance says on which side a place lies.
_MARGIN = 0.02
#: What the same name weighs, where a place that is right there weighs 0.3.
_NAMED = 0.25


class Likeness(StrEnum):
    """Why a ticket is proposed, in plain parts."""

    SAME_TYPE = "same_type"
    SAME_CATEGORY = "same_category"
    KIND_UNKNOWN = "kind_unknown"  #: one of the two has no type yet
    NEAR = "near"  #: both have a point; `distance_m` says how far
    SAME_PLACE = "same_place"  #: no distance can be told, but both name the same place of the same kelurahan
    SAME_KELURAHAN = "same_kelurahan"  #: one of the two has no point: no distance is claimed


_WEIGHT = {Likeness.SAME_TYPE: 1.0, Likeness.SAME_CATEGORY: 0.8, Likeness.KIND_UNKNOWN: 0.6}


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a reported event: a ticket, or what an operator has typed so far."""

    number: str
    at: datetime  #: when it was last reported
    type_code: str | None = None
    category: str | None = None
    kelurahan_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    place: str | None = None  #: the place's name as chosen, for instance `Pasar Induk Rau, depan`


@dataclass(frozen=True, slots=True)
class Similar:
    """A ticket that may be about the same event; `score` 0 to 1, higher is likelier."""

    number: str
    score: float
    distance_m: float | None
    minutes: int
    reasons: tuple[Likeness, ...]


def find_similar(report: Report, others: Iterable[Report], policy: SimilarPolicy) -> list[Similar]:
    """Return at most five of `others` that may be the event of `report`, the likeliest first."""
    by_number = {other.number: other for other in others}
    # An exact distance costs a hundred times the estimate: it is taken where it decides, and for what is shown.
    rough = [similar for other in by_number.values() if (similar := _compare(report, other, policy)) is not None]
    best = sorted(rough, key=lambda one: (-one.score, one.minutes, one.number))[:MOST]
    return [_exactly(report, by_number[similar.number], similar) for similar in best]


def compare(report: Report, other: Report, policy: SimilarPolicy) -> Similar | None:
    """Say how alike two reports are, None where they are not near enough in kind, time and place."""
    similar = _compare(report, other, policy)
    return None if similar is None else _exactly(report, other, similar)


def _exactly(report: Report, other: Report, similar: Similar) -> Similar:
    if report.lat is None or report.lon is None or other.lat is None or other.lon is None:
        return similar
    return replace(similar, distance_m=round(distance_m(report.lat, report.lon, other.lat, other.lon), 1))


def _compare(report: Report, other: Report, policy: SimilarPolicy) -> Similar | None:
    if report.number == other.number:
        return None
    kind = _kind(report, other)
    if kind is None:
        return None
    near = policy.nearness(report.category or other.category)
    apart_min = abs((report.at - other.at).total_seconds()) / 60
    if apart_min > near.minutes:
        return None
    place = _place(report, other, near.radius_m)
    if place is None:
        return None
    reason, metres = place
    closeness = (
        _NAMED if reason is Likeness.SAME_PLACE else 0.0 if metres is None else 0.3 * (1 - metres / near.radius_m)
    )
    score = _WEIGHT[kind] * (0.5 + closeness + 0.2 * (1 - apart_min / near.minutes))
    return Similar(other.number, round(score, 3), metres, int(apart_min), (kind, reason))


def _kind(report: Report, other: Report) -> Likeness | None:
    if report.type_code is None or other.type_code is None:
        return Likeness.KIND_UNKNOWN
    if report.type_code == other.type_code:
        return Likeness.SAME_TYPE
    same = report.category is not None and report.category == other.category
    return Likeness.SAME_CATEGORY if same else None


def _place(report: Report, other: Report, radius_m: int) -> tuple[Likeness, float | None] | None:
    if report.lat is not None and report.lon is not None and other.lat is not None and other.lon is not None:
        metres = _estimate_m(report.lat, report.lon, other.lat, other.lon)
        if abs(metres - radius_m) <= radius_m * _MARGIN:
            metres = distance_m(report.lat, report.lon, other.lat, other.lon)
        return (Likeness.NEAR, metres) if metres <= radius_m else None
    if report.kelurahan_code is not None and report.kelurahan_code == other.kelurahan_code:
        named = _name(report.place)
        same = named is not None and named == _name(other.place)
        return (Likeness.SAME_PLACE if same else Likeness.SAME_KELURAHAN), None
    return None


def _name(place: str | None) -> str | None:
    """A place's name without how it was said to lie to it (`..., depan`)."""
    name = place.partition(",")[0].strip().casefold() if place else ""
    return name or None


def _estimate_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    east = (lon - other_lon) * cos(radians((lat + other_lat) / 2))
    return METRES_PER_DEGREE * hypot(lat - other_lat, east)
