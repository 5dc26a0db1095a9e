"""Puts the operations and their description at /api/v1."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, jsonify

from app.api import (
    assignments,
    browsers,
    call_record,
    callers,
    cards,
    duty,
    incidents,
    ladders,
    landmarks,
    leaders,
    locations,
    number_flags,
    overview,
    places,
    tickets,
)
from app.api.openapi import describe
from app.api.operations import Operation
from app.web.guard import PUBLIC, access

VERSION = "1.0.0"
_PARTS = (
    tickets,
    assignments,
    overview,
    places,
    locations,
    callers,
    number_flags,
    landmarks,
    incidents,
    ladders,
    leaders,
    cards,
    call_record,
    duty,
    browsers,
)


def all_operations() -> list[Operation]:
    """Every operation of the API."""
    return [operation for part in _PARTS for operation in part.operations.all]


@cache
def _description() -> dict[str, Any]:
    return describe(all_operations(), VERSION)


@access(PUBLIC)
def openapi() -> Response:
    """The description of the API."""
    return jsonify(_description())


def add_api(app: Flask) -> None:
    """Serve the API."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    for part in _PARTS:
        part.operations.mount(blueprint)
    blueprint.add_url_rule("/openapi.json", "openapi", openapi)
    app.register_blueprint(blueprint)
