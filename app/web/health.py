"""/healthz: the process answers. /readyz: it can do its work; a load balancer sends nobody to a node that cannot."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.feed.alarms import FEED_FAILING
from app.services import services
from app.web.guard import PUBLIC, access
from dispatch.storage.schema import schema_of


def add_health(app: Flask) -> None:
    """Offer both."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


@access(PUBLIC)
def healthz() -> Response:
    """The process is alive."""
    return jsonify({"status": "ok"})


@access(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Whether database, schema, writer, FastAGI server and live feed can do their work; 503 when one cannot.

    A newer schema will do where its migrations say so: while nodes are upgraded one by one, the old ones go on.
    """
    checks: dict[str, Any] = {
        **_storage(),
        "writer": services().centre.writer.healthy,
        "agi": _agi_listens(),
        "live_feed": all(alarm["code"] != FEED_FAILING for alarm in services().alarms.current()),
    }
    ready = all(checks.values())
    return jsonify({"status": "ready" if ready else "not_ready", "checks": checks}), 200 if ready else 503


def _storage() -> dict[str, bool]:
    try:
        with services().centre.read() as connection:
            return {"database": True, "schema": schema_of(connection).serves}
    except SQLAlchemyError:
        return {"database": False, "schema": False}


def _agi_listens() -> bool:
    server = services().agi_server
    return server is not None and server.started
