"""Puts the points that a text gives before the names it gives, and sees whether they contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dispatch.places.candidates import MentionedPlace, PlaceCandidate
from dispatch.places.plane import distance_m

SAME_SPOT_KM = 3.0  # a point and a name within this distance do not contradict each other
NAMED_SURELY = 0.95  # "pintu tol serang timur, km 72": the name is surer than the post


def points_first(placed: Sequence[MentionedPlace], named: Sequence[MentionedPlace]) -> list[MentionedPlace]:
    """Points, then names. Only one is clear, and none where two points, or a point and a sure name, contradict.

    A km post gives way to a landmark of the road ("pintu tol serang timur km 72") that is named surely.
    """
    if not placed:
        return list(named)
    first = placed[0].candidate
    sure = [one for one in named if one.candidate.score >= NAMED_SURELY and one.candidate.kind == "landmark"]
    if first.kind == "km_post" and sure and _together(sure[0].candidate, first):
        return [*named, *placed]
    several = len({(one.candidate.lat, one.candidate.lon) for one in placed}) > 1
    against = any(one.candidate.clear and not _together(one.candidate, first) for one in named)
    clear = first.clear and not several and not against
    return [
        replace(one, candidate=replace(one.candidate, clear=clear and at == 0))
        for at, one in enumerate([*placed, *named])
    ]


def _together(one: PlaceCandidate, other: PlaceCandidate) -> bool:
    """Whether two candidates may be the same spot: near each other, in one kelurahan, or one without a point."""
    if one.kelurahan_code is not None and one.kelurahan_code == other.kelurahan_code:
        return True
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return True
    reach_km = SAME_SPOT_KM + ((one.accuracy_m or 0) + (other.accuracy_m or 0)) / 1000
    return distance_m(one.lat, one.lon, other.lat, other.lon) <= reach_km * 1000
