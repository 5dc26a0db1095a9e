"""Operations about the centre's own landmarks and the points of the map."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from app.api import requests
from app.api.answers.landmarks import (
    AddedLandmark,
    MapLandmarks,
    OwnLandmarks,
    PointAnswer,
    RetiredLandmark,
)
from app.api.answers.places import Places
from app.api.commands import run_command
from app.api.operations import Asked, Operations
from app.services import services
from app.web.fair_requests import give_share_back
from app.web.guard import CENTRE, OPERATORS
from dispatch.clock import to_iso
from dispatch.landmarks.commands import add_landmark as add_landmark_command
from dispatch.landmarks.commands import may_retire
from dispatch.landmarks.commands import retire_landmark as retire_landmark_command
from dispatch.places.geocoder_words import place_part
from dispatch.storage.tables import OwnLandmark, User

operations = Operations()
LANDMARK_PATH = f"/landmarks/<int(max={2**63 - 1}):landmark_id>"

_LIVE = (
    select(OwnLandmark.__table__, User.display_name)
    .outerjoin(User, User.id == OwnLandmark.added_by)
    .where(OwnLandmark.retired_at.is_(None))
    .order_by(OwnLandmark.id.desc())
)


@operations.get("/landmarks", tag="places", roles=CENTRE, answer=OwnLandmarks)
def list_landmarks(asked: Asked) -> Any:
    """List the landmarks that the centre's people have added, the newest first."""
    actor, wards = asked.person.actor, services().centre.city.kelurahan
    with services().centre.read() as connection:
        rows = connection.execute(_LIVE).all()
    items = []
    for row in rows:
        ward = wards.get(row.kelurahan_code)
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
    return {"items": items, "next": None}


@operations.post("/landmarks", tag="places", roles=OPERATORS, body=requests.AddLandmark, answer=AddedLandmark)
def add_landmark(asked: Asked) -> Any:
    """Add a landmark; every node's search finds it at once."""
    outcome = run_command(asked, add_landmark_command)
    _search_anew()
    return {"id": outcome.landmark_id}


@operations.post(f"{LANDMARK_PATH}/retire", tag="places", roles=OPERATORS, answer=RetiredLandmark)
def retire_landmark(asked: Asked) -> Any:
    """Take a landmark out of search: a supervisor, or whoever added it."""
    outcome = run_command(asked, retire_landmark_command)
    _search_anew()
    return {"changed": outcome.changed}


@operations.get("/places/landmarks", tag="places", roles=CENTRE, answer=MapLandmarks)
def show_map_landmarks(asked: Asked) -> Any:
    """Show the landmarks that have a point: the city pack's and the centre's own."""
    centre = services().centre
    items = [
        {"key": one.key, "name": one.name, "kind": one.kind, "lat": one.lat, "lon": one.lon, "source": "city"}
        for one in centre.city.landmarks
        if one.lat is not None
    ]
    with centre.read() as connection:
        own = connection.execute(_LIVE).all()
    items += [
        {"key": f"own-{row.id}", "name": row.name, "kind": "own", "lat": row.lat, "lon": row.lon, "source": "own"}
        for row in own
    ]
    return {"items": items, "next": None}


@operations.get("/places/geocode", tag="places", roles=OPERATORS, query=requests.GeocodeQuery, answer=Places)
def geocode(asked: Asked) -> Any:
    """Ask the city's own geocoder, where one is configured; none where it is slow, silent or absent."""
    geocoder, words = services().geocoder, asked.query.q.strip()
    if asked.query.sentence:
        words = place_part(words)
    if geocoder is None or not words:
        return {"items": [], "next": None}
    give_share_back()  # the geocoder bounds by itself how many ask it at once
    found = geocoder.find(words)
    return {"items": [asdict(place) for place in found], "next": None}


@operations.get("/places/at", tag="places", roles=CENTRE, query=requests.PointQuery, answer=PointAnswer)
def show_point(asked: Asked) -> Any:
    """Say which kelurahan a point lies in, and how far it is from the next one where that is near."""
    centre, point = services().centre, asked.query
    located = centre.places.locate(point.lat, point.lon)
    ward = centre.city.kelurahan[located.kelurahan_code] if located else None
    return {
        "kelurahan_code": ward.code if ward else None,
        "kelurahan": ward.name if ward else None,
        "kecamatan": ward.kecamatan if ward else None,
        "approximate": located.approximate if located else False,
        "border_m": located.border_m if located else None,
        "neighbour": located.neighbour if located else None,
    }


def _search_anew() -> None:
    """Let whoever asked find it with the next word; the other nodes hear of it through the journal.

    Where that fails it is durable all the same, and the follower of the journal tries until it succeeds.
    """
    services().readers.refresh()
