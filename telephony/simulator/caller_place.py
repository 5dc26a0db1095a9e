"""Places of the city as a caller would name them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from dispatch.city.pack import CityPack
from dispatch.places.plane import METRES_PER_DEGREE

#: How far off a handset's position is, in m, and how wide the circle is that it reports.
_OFF_BY_M = 40.0
_RADII_M = (12, 20, 30, 50, 120, 350)


@dataclass(frozen=True, slots=True)
class CallerPlace:
    """A place in a caller's words (`di depan Terminal Pakupatan`) and, where the city pack knows them, its facts."""

    words: str
    kelurahan_code: str | None
    lat: float | None
    lon: float | None

    def sip_location(self, chance: random.Random) -> str | None:
        """The shape that the network would send for a telephone at this place, as Asterisk writes it."""
        if self.lat is None or self.lon is None:
            return None
        lat = self.lat + chance.gauss(0.0, _OFF_BY_M) / METRES_PER_DEGREE
        lon = self.lon + chance.gauss(0.0, _OFF_BY_M) / METRES_PER_DEGREE
        return f'shape="Circle",crs="2d",pos="{lat:.5f} {lon:.5f}",radius="{chance.choice(_RADII_M)}"'


def places_of(city: CityPack) -> list[CallerPlace]:
    """Every landmark, junction and kelurahan of the pack, always in the same order."""
    landmarks = [
        CallerPlace(f"di {relation} {mark.name}", mark.kelurahan_code, mark.lat, mark.lon)
        for mark in sorted(city.landmarks, key=lambda mark: mark.key)
        for relation in ("depan", "dekat")
    ]
    streets = [
        CallerPlace(f"di {street.name}", street.kelurahan_code, None, None)
        for street in sorted(city.streets, key=lambda street: street.key)
    ]
    kelurahan = [
        CallerPlace(f"di kelurahan {ward.name}, {ward.kecamatan}", ward.code, ward.lat, ward.lon)
        for ward in sorted(city.kelurahan.values(), key=lambda ward: ward.code)
    ]
    return [*landmarks, *streets, *kelurahan]
