"""Opening a session for whoever has proved who they are: the row, the seat, the cookies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g, request, session
from sqlalchemy import Row
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.account.devices import device_in_words
from app.account.known_browsers import browser_of, remember
from app.load.networks import network_of
from app.people.person import hash_token, new_token
from app.services import services
from app.web.cookies import cookie_name
from app.web.guard import OPERATORS, SESSION_COOKIE, current_person
from app.web.languages import local_path
from dispatch.people.commands import close_web_session, open_web_session, take_seat
from dispatch.roles import Actor, ActorKind, Role

_FORMS_OF = "user"  #: whose form token the browser's form cookie holds


def open_session(user: Row[Any], seat: str, following: str) -> Response:
    """Sign `user` (a row of users) in: ends what this browser had before, sits down, and answers with the cookies."""
    centre, settings = services().centre, services().settings
    close_current()  # The seat of whoever used this browser before must not stay taken.
    actor = Actor(ActorKind.USER, user.id, user.display_name, Role(user.role), user.agency_code, None)
    token = new_token()
    lifetime = timedelta(hours=settings.session_hours)
    now = centre.clock.now()
    opened = centre.run(
        open_web_session,
        actor=actor,
        token_hash=hash_token(token),
        expires_at=now + lifetime,
        device=device_in_words(request.user_agent.string),
        address=network_of(request.remote_addr or ""),
    )
    if seat and actor.role in OPERATORS:
        centre.run(take_seat, actor=actor, session_id=opened.session_id, seat=seat)
    if session.get(_FORMS_OF) != user.id:
        # A form token from before is worth nothing now, except to the pages that the same user left open.
        session.clear()
        session[_FORMS_OF] = user.id
    answer = redirect(local_path(following), 303)
    answer.set_cookie(
        cookie_name(SESSION_COOKIE),
        token,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.cookie_secure,
    )
    remember(answer, browser_of(request), user.id, now)
    return answer


def close_current() -> None:
    """End the session of the browser that sends this request, if there is one."""
    person = current_person()
    if person is not None and person.session_id is not None:
        services().centre.run(close_web_session, actor=person.actor, session_id=person.session_id)
        g.person = None
