"""Operations about places and words: search, boundaries, and what a typed line means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import flask
from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from app.api import requests, shapes
from app.api.operations import ApiRequest, Operations
from app.services import PreparedAnswer, services
from app.web.guard import CENTRE, OPERATORS, PUBLIC
from dispatch.city.pack import CityPack
from dispatch.errors import InvalidValue
from dispatch.places.boundaries import BoundaryLayer
from dispatch.reader.readings import Interpretation, Places, Question

operations = Operations()


@operations.get("/places", tag="places", roles=CENTRE, query=requests.PlaceQuery, answer=Places)
def search_places(request: ApiRequest) -> Response:
    """Find places by what somebody calls them: at most five, the likeliest first."""
    return _read(request, Question(read_as="field", text=request.query.q, type_code=None))


@operations.get("/boundaries", tag="places", roles=PUBLIC, answer=shapes.Boundaries)
def show_boundaries(request: ApiRequest) -> AnyResponse:
    """Show the kelurahan as polygons (GeoJSON), or as points where the city has loaded no boundary file."""
    prepared = services().boundaries
    answer = Response(prepared.body, mimetype="application/json")
    answer.set_etag(prepared.etag)
    answer.headers["Cache-Control"] = "no-cache"  # public geography: kept by browsers, and asked about again
    return answer.make_conditional(flask.request)


@operations.post("/interpret", tag="places", roles=OPERATORS, body=requests.Interpret, answer=Interpretation)
def interpret_words(request: ApiRequest) -> Response:
    """Guess type, place and danger from a typed line, and propose agencies for each guess and for a chosen type."""
    body = request.body
    if body.type_code is not None and body.type_code not in services().centre.city.incident_types:
        raise InvalidValue("type_code", "unknown")
    return _read(request, Question(read_as="line", text=body.text, type_code=body.type_code))


def _read(request: ApiRequest, question: Question) -> Response:
    """Outside of this process: what somebody types must not hold up a call."""
    return Response(services().readers.read(request.person.asker, question), mimetype="application/json")


def boundaries_answer(
    city: CityPack, layer: BoundaryLayer | None, areas: Mapping[str, list[tuple[float, float]]]
) -> PreparedAnswer:
    """What /boundaries answers, made once for an application; `areas` are approximate ones, for want of a layer."""
    answer = layer.geojson() if layer is not None else _points(city, areas)
    body = json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()
    return PreparedAnswer(body, hashlib.sha256(body).hexdigest()[:16])


def _points(city: CityPack, areas: Mapping[str, list[tuple[float, float]]]) -> shapes.Points:
    return {
        "points": [
            {
                "code": ward.code,
                "name": ward.name,
                "kecamatan": ward.kecamatan,
                "lat": ward.lat,
                "lon": ward.lon,
                "area": areas[ward.code],
            }
            for ward in city.kelurahan.values()
        ]
    }
