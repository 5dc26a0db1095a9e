"""Which language a request is answered in: the user's own choice, then the cookie, then Bahasa Indonesia."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_babel import Babel
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.services import services
from app.web.cookies import cookie_name
from app.web.guard import PUBLIC, access, current_person
from dispatch.people.commands import set_language

LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "siaga_language"
_YEAR_S = 365 * 24 * 3600


def add_languages(app: Flask) -> None:
    """Translate pages with Flask-Babel (the message ids are Indonesian) and take POST /language/<code>."""
    app.config["BABEL_DEFAULT_LOCALE"] = "id"
    Babel(app, locale_selector=current_language)
    app.add_url_rule("/language/<any(id,en):code>", "language", choose_language, methods=["POST"])


def current_language() -> str:
    """`id` or `en`."""
    person = current_person()
    for choice in (person.language if person else None, request.cookies.get(cookie_name(LANGUAGE_COOKIE))):
        if choice in LANGUAGES:
            return choice
    return LANGUAGES[0]


@access(PUBLIC)
def choose_language(code: str) -> Response:
    """Remember the language, for the user and on this machine, and go back to where the choice was made."""
    person = current_person()
    if person is not None:
        services().centre.run(set_language, actor=person.actor, user_id=person.user_id, language=code)
    answer = redirect(local_path(request.values.get("next") or urlsplit(request.referrer or "").path), 303)
    answer.set_cookie(
        cookie_name(LANGUAGE_COOKIE),
        code,
        max_age=_YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=services().settings.cookie_secure,
    )
    return answer


def local_path(target: str) -> str:
    """`target` if it is a path on this site, or `/`: nobody is sent elsewhere by a link to us."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and target.isprintable() and "\\" not in target else "/"
