"""What wakes an agency's telephone while our page is closed: the service worker's script, and what it keeps.

The script stands below the page that it is for, because its scope hangs on its address. Nothing here is of anybody:
browsers fetch it with no session, and keep it.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, abort, current_app, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from app.services import services
from app.web.guard import PUBLIC, access

SCOPE = "/agency"
#: Browsers ask at each load whether it has changed; an old worker must not outlive an update.
_ASK_AGAIN = "no-cache"
_ICONS = (("siaga-192.png", "192x192"), ("siaga-512.png", "512x512"))


def add_waking(app: Flask) -> None:
    """Offer the worker, the manifest by which iPhones install the page, and the page that is shown without signal."""
    blueprint = Blueprint("waking", __name__, url_prefix=SCOPE)
    blueprint.add_url_rule("/worker.js", "worker_script", worker_script)
    blueprint.add_url_rule("/app.webmanifest", "web_manifest", web_manifest)
    blueprint.add_url_rule("/offline", "offline_page", offline_page)
    app.register_blueprint(blueprint)


@access(PUBLIC)
def worker_script() -> Response:
    """The worker of `/agency` and everything below it."""
    script = Path(current_app.static_folder or "") / "bundle" / "agency_worker.js"
    if not script.is_file():
        abort(404)
    # Read whole: it is small, and a file that is sent stays open where nobody takes the answer.
    answer = Response(script.read_bytes(), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = SCOPE
    answer.headers["Cache-Control"] = _ASK_AGAIN
    answer.add_etag()
    return answer.make_conditional(request)


@access(PUBLIC)
def web_manifest() -> Response:
    """How the page stands on a home screen."""
    answer = jsonify(
        {
            "name": f"Siaga 112 {services().centre.city.name}",
            "short_name": "Siaga 112",
            "id": SCOPE,
            "start_url": SCOPE,
            "scope": "/",
            "display": "standalone",
            "background_color": "#15202a",
            "theme_color": "#15202a",
            "icons": [
                {"src": url_for("static", filename=f"icons/{name}"), "sizes": sizes, "type": "image/png"}
                for name, sizes in _ICONS
            ],
        }
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = _ASK_AGAIN
    return answer


@access(PUBLIC)
def offline_page() -> Response:
    """What the worker shows where the page cannot be loaded; in both languages, because it knows of nobody."""
    answer = Response(render_template("agency_offline.html"), mimetype="text/html")
    answer.headers["Cache-Control"] = _ASK_AGAIN
    return answer
