"""Browsers that signed in before: a signed cookie names the browser and the users who did (OWASP's device cookie).

Whoever comes with it is held to what was tried with it, not to what strangers try in the same name or from the same
address. It proves nothing but that: without the password it opens nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app.services import services
from app.web.cookies import cookie_name

COOKIE, PATH = "siaga_known", "/sign-in"
MOST_USERS = 30  #: of one browser: a seat that three shifts share; who was here longest ago is forgotten


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser and who signed in with it, by user id, with the second since 1970 at which each last did."""

    id: str
    users: dict[int, int]

    def knows(self, user_id: int | None, now: datetime, lasts: timedelta) -> bool:
        """Whether this user signed in with it within that time."""
        at = self.users.get(user_id) if user_id is not None else None
        return at is not None and at > (now - lasts).timestamp()


def browser_of(asked: Request) -> KnownBrowser | None:
    """The known browser that sends a request, None for one that nobody signed in with or whose cookie is forged."""
    try:
        read = _signer().loads(asked.cookies.get(cookie_name(COOKIE, PATH), ""))
        return KnownBrowser(str(read["b"])[:22], {int(user): int(at) for user, at in read["u"].items()})
    except (BadSignature, KeyError, TypeError, ValueError, AttributeError):
        return None


def remember(answer: Response, before: KnownBrowser | None, user_id: int, now: datetime) -> None:
    """Let the browser that receives `answer` be known as one that this user signed in with."""
    settings, policy = services().settings, services().centre.city.policy.sign_in
    users = dict(before.users) if before else {}
    users[user_id] = int(now.timestamp())
    newest = dict(sorted(users.items(), key=lambda item: -item[1])[:MOST_USERS])
    browser_id = before.id if before else secrets.token_urlsafe(16)
    answer.set_cookie(
        cookie_name(COOKIE, PATH),
        _signer().dumps({"b": browser_id, "u": {str(user): at for user, at in newest.items()}}),
        path=PATH,
        max_age=policy.known_browser_days * 86_400,
        httponly=True,
        samesite="Strict",
        secure=settings.cookie_secure,
    )


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(services().settings.secret_key, salt="siaga known browser")
