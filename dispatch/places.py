"""Where something is: the kelurahan of a point, and the place that somebody's words mean."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Literal

import numpy as np

from dispatch.boundaries import BoundaryLayer
from dispatch.citypack import CityPack
from dispatch.local_plane import LocalPlane

#: A point farther from every kelurahan point than this many of its radii lies in another regency (999 of 1,000 lie
#: nearer; the nearest point by radii names the right kelurahan in 82% of random points, a polygon is better).
FAR_OUTSIDE_RADII = 2.5


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


class Places:
    """The places of one city; boundaries are optional, without them the nearest kelurahan point answers."""

    def __init__(self, city: CityPack, boundaries: BoundaryLayer | None = None) -> None:
        self._city, self._boundaries = city, boundaries
        self._plane = LocalPlane(*city.centre)
        self._codes = tuple(city.kelurahan)
        wards = city.kelurahan.values()
        self._points = self._plane.metres(np.array([(ward.lon, ward.lat) for ward in wards]))
        self._radii = np.array([sqrt(ward.area_km2 / pi) * 1000 for ward in wards])

    def locate(self, lat: float, lon: float) -> Located | None:
        """The kelurahan of a point, or None where the point lies far outside the city."""
        if not self._city.bbox.holds(lat, lon):  # also refuses NaN, whose every comparison is false
            return None
        near_m = self._city.policy.border_near_m
        if self._boundaries is not None:
            hit = self._boundaries.locate(lat, lon, near_m=near_m)
            if hit is not None:
                return Located(hit.code, hit.in_gap, "boundary", hit.border_m, hit.neighbour)
            if not self._boundaries.report.missing_codes:
                return None
        away = np.hypot(*(self._points - self._plane.metres(np.array([[lon, lat]]))).T)
        radii_away = away / self._radii
        if self._boundaries is not None:
            radii_away[np.isin(self._codes, self._boundaries.codes)] = np.inf
        nearest = int(np.argmin(radii_away))
        if radii_away[nearest] > FAR_OUTSIDE_RADII:
            return None
        return Located(self._codes[nearest], True, "nearest_point", None, None)
