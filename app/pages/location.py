"""The tiny page behind a location link, for a caller's telephone: /l/TOKEN.

Public, because callers have no account; the token is the proof, and from the consent on a secret in the telephone's
cookie. Nothing of the caller or the ticket is on it. Opening it binds nothing: chat programs open links to preview
them. Only the consent, which is posted, binds it to the telephone. No form token (CSRF) is asked for: no session is
trusted, and whoever could forge a post would have to know the token, and then could post by himself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from flask import Blueprint, Flask, jsonify, render_template, request
from flask_babel import force_locale
from pydantic import Field, ValidationError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.api.requests import Body, Latitude, Longitude
from app.people.person import hash_token, new_token
from app.services import services
from app.web.cookies import cookie_name
from app.web.guard import PUBLIC, access, csrf_exempt
from app.web.languages import LANGUAGES
from app.web.location_texts import page_words
from dispatch.errors import CommandRefused
from dispatch.locations import commands
from dispatch.locations.links import Fix, LinkRefused, canonical, check_link, token_hash
from dispatch.locations.reading import find_link
from dispatch.storage.transaction import Outcome

DEVICE_COOKIE, DEVICE_PATH = "siaga_location", "/l/"
_STATUS = {"unknown": 404, "too_many": 429}
_BODY_LIMIT_BYTES = 2048


class SentFix(Body):
    """A position as the page posts it."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[float, Field(ge=0)]
    age_s: Annotated[float, Field(ge=0, le=86_400)]
    sequence: Annotated[int, Field(ge=1, lt=2**31)]


def add_location_page(app: Flask) -> None:
    """Offer the page and what it posts to."""
    blueprint = Blueprint("location_link", __name__)
    routes: tuple[tuple[str, Callable[..., Any], str], ...] = (
        ("", show, "GET"),
        ("/opened", opened, "POST"),
        ("/consent", consent, "POST"),
        ("/fix", fix, "POST"),
        ("/end", end, "POST"),
    )
    for path, view, method in routes:
        open_view = access(PUBLIC)(csrf_exempt(view))
        blueprint.add_url_rule(f"/l/<string:token>{path}", view.__name__, open_view, methods=[method])
    app.register_blueprint(blueprint)


def show(token: str) -> Response:
    """The page, or why the link leads nowhere."""
    language = _language()
    known = canonical(token)
    if known is not None and known != token:
        # Typed from what was read out: the page's script and cookie go by the one spelling.
        query = f"?lang={language}" if request.args.get("lang") in LANGUAGES else ""
        return redirect(f"/l/{known}{query}", 303)
    why = _why_not(known)
    city = services().centre.city
    with force_locale(language):
        words = page_words()
        minutes = city.policy.location.share_s // 60
        page = render_template(
            "location.html", language=language, words=words, why=why, city=city, minutes=minutes, token=known
        )
    return Response(page, _STATUS.get(why, 410) if why else 200, mimetype="text/html")


def opened(token: str) -> Response:
    """The page's script runs: somebody looks at it, and no preview."""
    centre, device = services().centre, _device_hash()
    return _answer(token, lambda link: centre.run(commands.open_location_link, token_hash=link, device_hash=device))


def consent(token: str) -> Response:
    """The caller agrees: from now on the link is this telephone's."""
    secret = request.cookies.get(cookie_name(DEVICE_COOKIE, DEVICE_PATH)) or new_token()
    centre, device = services().centre, hash_token(secret)
    answer = _answer(token, lambda link: centre.run(commands.consent_to_location, token_hash=link, device_hash=device))
    if answer.status_code == 200:
        settings, policy = services().settings, centre.city.policy.location
        answer.set_cookie(
            cookie_name(DEVICE_COOKIE, DEVICE_PATH),
            secret,
            path=DEVICE_PATH,
            max_age=policy.share_s,
            httponly=True,
            samesite="Lax",
            secure=settings.cookie_secure,
        )
    return answer


def fix(token: str) -> Response:
    """A position."""
    if (request.content_length or 0) > _BODY_LIMIT_BYTES:
        return _refused("too_large", 413)
    try:
        sent = SentFix.model_validate_json(request.get_data(cache=False))
    except ValidationError:
        return _refused("invalid", 400)
    position = Fix(sent.lat, sent.lon, sent.accuracy_m, sent.age_s, sent.sequence)
    centre, device = services().centre, _device_hash()
    return _answer(
        token, lambda link: centre.run(commands.report_location, token_hash=link, device_hash=device, fix=position)
    )


def end(token: str) -> Response:
    """The caller wants no more of it."""
    centre, device = services().centre, _device_hash()
    return _answer(token, lambda link: centre.run(commands.stop_sharing, token_hash=link, device_hash=device))


def _answer(token: str, carry_out: Callable[[str], Outcome]) -> Response:
    """Carry a command out on the link of this token, which is handed over as its hash, and say what the page needs."""
    known = canonical(token)
    why = _why_not(known)
    if why is not None or known is None:
        return _refused(why or "unknown", _STATUS.get(why or "unknown", 410))
    try:
        outcome = carry_out(token_hash(known))
    except LinkRefused as refusal:
        why = refusal.code.removeprefix("location_link_")
        return _refused(why, _STATUS.get(why, 410))
    except CommandRefused:
        return _refused("invalid", 400)
    told: dict[str, Any] = {"ok": True, "left_s": None}
    if isinstance(outcome, commands.LinkSeen):
        told |= {"left_s": _left_s(outcome.live_until), "sequence": outcome.sequence}
    if isinstance(outcome, commands.FixReported):
        told |= {"stored": outcome.stored, "too_soon": outcome.too_soon}
    return jsonify(told)


def _left_s(until: datetime | None) -> float | None:
    return max(0.0, (until - services().centre.clock.now()).total_seconds()) if until is not None else None


def _why_not(token: str | None) -> str | None:
    """Why this telephone cannot use the link now: `unknown`, `too_many`, `expired`, `used`, `ended`, or None."""
    centre, guessing = services().centre, services().guessing
    address = request.remote_addr or ""
    link, closed = None, False
    if token is not None:
        with centre.read() as connection:
            link, closed = find_link(connection, token_hash(token))
    if link is None:
        # Only now: a link that exists works whatever others behind the same address did.
        if guessing.locked(address):
            return "too_many"
        guessing.wrong(address)
        return "unknown"
    try:
        check_link(link, _device_hash(), centre.clock.now(), ticket_closed=closed)
    except LinkRefused as refusal:
        return refusal.code.removeprefix("location_link_")
    return None


def _device_hash() -> str | None:
    secret = request.cookies.get(cookie_name(DEVICE_COOKIE, DEVICE_PATH))
    return hash_token(secret) if secret else None


def _refused(why: str, status: int) -> Response:
    answer: Response = jsonify({"ok": False, "why": why})
    answer.status_code = status
    return answer


def _language() -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
