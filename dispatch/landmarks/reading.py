"""The landmarks as the centre's people receive them: their own, and all that have a point on the map."""

from __future__ import annotations

from sqlalchemy import Connection, select

from dispatch.city.pack import CityPack
from dispatch.clock import to_iso
from dispatch.landmarks import shapes
from dispatch.landmarks.commands import may_retire
from dispatch.roles import Actor
from dispatch.storage.tables import OwnLandmark, User

_LIVE = (
    select(OwnLandmark.__table__, User.display_name)
    .outerjoin(User, User.id == OwnLandmark.added_by)
    .where(OwnLandmark.retired_at.is_(None))
    .order_by(OwnLandmark.id.desc())
)


def own_landmarks(connection: Connection, city: CityPack, actor: Actor) -> list[shapes.OwnLandmark]:
    """Return the landmarks that the centre's people have added, the newest first."""
    items: list[shapes.OwnLandmark] = []
    for row in connection.execute(_LIVE):
        ward = city.kelurahan.get(row.kelurahan_code)
        items.append(
            {
                "id": row.id,
                "name": row.name,
                "other_names": row.other_names,
                "kelurahan_code": row.kelurahan_code,
                "kelurahan": ward.name if ward else None,
                "kecamatan": ward.kecamatan if ward else None,
                "lat": row.lat,
                "lon": row.lon,
                "added_at": to_iso(row.added_at),
                "added_by": row.display_name,
                "may_retire": may_retire(actor, row.added_by),
            }
        )
    return items


def map_landmarks(connection: Connection, city: CityPack) -> list[shapes.MapLandmark]:
    """Return the landmarks that have a point: the city pack's, then the centre's own."""
    items: list[shapes.MapLandmark] = [
        {"key": one.key, "name": one.name, "kind": one.kind, "lat": one.lat, "lon": one.lon, "source": "city"}
        for one in city.landmarks
        if one.lat is not None and one.lon is not None
    ]
    items += [
        {"key": f"own-{row.id}", "name": row.name, "kind": "own", "lat": row.lat, "lon": row.lon, "source": "own"}
        for row in connection.execute(_LIVE)
    ]
    return items
