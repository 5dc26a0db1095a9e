"""Operations about the centre's own landmarks and the points of the map."""

from __future__ import annotations

from app.api import requests, shapes
from app.api.commands import run_command
from app.api.operations import ApiRequest, Operations
from app.services import services
from app.web.fair_requests import give_share_back
from app.web.guard import CENTRE, OPERATORS
from dispatch.landmarks.commands import add_landmark as add_landmark_command
from dispatch.landmarks.commands import retire_landmark as retire_landmark_command
from dispatch.landmarks.reading import map_landmarks, own_landmarks
from dispatch.places.geocoder_words import place_part
from dispatch.reader.readings import Places

operations = Operations()
LANDMARK_PATH = f"/landmarks/<int(max={2**63 - 1}):landmark_id>"


@operations.get("/landmarks", tag="places", roles=CENTRE, answer=shapes.OwnLandmarks)
def list_landmarks(request: ApiRequest) -> shapes.OwnLandmarks:
    """List the landmarks that the centre's people have added, the newest first."""
    centre = services().centre
    with centre.read() as connection:
        return {"items": own_landmarks(connection, centre.city, request.person.actor), "next": None}


@operations.post("/landmarks", tag="places", roles=OPERATORS, body=requests.AddLandmark, answer=shapes.AddedLandmark)
def add_landmark(request: ApiRequest) -> shapes.AddedLandmark:
    """Add a landmark; every node's search finds it at once."""
    outcome = run_command(request, add_landmark_command)
    _search_anew()
    return {"id": outcome.landmark_id}


@operations.post(f"{LANDMARK_PATH}/retire", tag="places", roles=OPERATORS, answer=shapes.RetiredLandmark)
def retire_landmark(request: ApiRequest) -> shapes.RetiredLandmark:
    """Take a landmark out of search: a supervisor, or whoever added it."""
    outcome = run_command(request, retire_landmark_command)
    _search_anew()
    return {"changed": outcome.changed}


@operations.get("/places/landmarks", tag="places", roles=CENTRE, answer=shapes.MapLandmarks)
def show_map_landmarks(request: ApiRequest) -> shapes.MapLandmarks:
    """Show the landmarks that have a point: the city pack's and the centre's own."""
    centre = services().centre
    with centre.read() as connection:
        return {"items": map_landmarks(connection, centre.city), "next": None}


@operations.get("/places/geocode", tag="places", roles=OPERATORS, query=requests.GeocodeQuery, answer=Places)
def geocode(request: ApiRequest) -> Places:
    """Ask the city's own geocoder, where one is configured; none where it is slow, silent or absent."""
    geocoder, words = services().geocoder, request.query.q.strip()
    if request.query.sentence:
        words = place_part(words)
    if geocoder is None or not words:
        return {"items": [], "next": None}
    give_share_back()  # the geocoder bounds by itself how many ask it at once
    found = geocoder.find(words)
    return {"items": found, "next": None}


@operations.get("/places/at", tag="places", roles=CENTRE, query=requests.PointQuery, answer=shapes.PointAnswer)
def show_point(request: ApiRequest) -> shapes.PointAnswer:
    """Say which kelurahan a point lies in, and how far it is from the next one where that is near."""
    centre, point = services().centre, request.query
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
