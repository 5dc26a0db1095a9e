"""A flat map in metres around a city, good to a few parts in a thousand over the extent of a city."""

from __future__ import annotations

from math import cos, radians

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

Points = NDArray[np.float64]  #: an array (n, 2)
METRES_PER_DEGREE = 111_195.0  #: of a great circle; the earth's mean radius is 6371.0 km


class LocalPlane:
    """Turns (lon, lat) in degrees into (x, y) in metres from a centre, and back."""

    def __init__(self, lat: float, lon: float) -> None:
        self._origin: Points = np.array([lon, lat])
        self._scale: Points = np.array([METRES_PER_DEGREE * cos(radians(lat)), METRES_PER_DEGREE])

    def metres(self, lonlat: Points) -> Points:
        """The points, an array (n, 2) of longitude and latitude, in metres."""
        return (lonlat - self._origin) * self._scale

    def degrees(self, xy: Points) -> Points:
        """The points, an array (n, 2) in metres, as longitude and latitude."""
        return xy / self._scale + self._origin

    def short_degrees(self, xy: Points) -> Points:
        """The same to 11 cm, each point by itself: what two areas share stays shared."""
        return np.round(self.degrees(xy), 6)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points on the ellipsoid."""
    return float(Geodesic.WGS84.Inverse(lat, lon, other_lat, other_lon, Geodesic.DISTANCE)["s12"])
