"""Signing in and out: password, seat, session cookie."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from flask import Flask, g, render_template, request, session, url_for
from sqlalchemy import Row, select
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.access import (
    EVERYONE,
    OPERATORS,
    PUBLIC,
    SESSION_COOKIE,
    access,
    current_person,
    hash_token,
    new_token,
    signed_in,
)
from app.languages import current_language, local_path
from app.messages import explain, waiting_time
from app.services import services
from app.sign_in_limits import wait_s
from dispatch.commands.people import close_web_session, open_web_session, record_sign_in_attempt, take_seat
from dispatch.roles import Actor, ActorKind, Role
from dispatch.tables import User
from dispatch.text import clean_line

log = logging.getLogger(__name__)

#: What to type when nobody can sign in yet; there is no page for it that a stranger could reach.
CREATE_ADMIN_COMMAND = "flask --app wsgi create-admin admin"

_FORMS_OF = "user"  #: whose form token the browser's form cookie holds

_locks: WeakValueDictionary[str, _Turn] = WeakValueDictionary()


class _Turn:
    def __init__(self) -> None:
        self.lock = threading.Lock()


def add_sign_in(app: Flask) -> None:
    """Offer /sign-in and /sign-out."""
    app.add_url_rule("/sign-in", "sign_in", show_sign_in, methods=["GET"])
    app.add_url_rule("/sign-in", "do_sign_in", do_sign_in, methods=["POST"])
    app.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])


@access(PUBLIC)
def show_sign_in() -> Response:
    """The sign-in page; whoever is signed in goes on."""
    if current_person() is not None:
        return redirect(local_path(request.args.get("next") or "/"), 303)
    return _page(200)


@access(PUBLIC)
def do_sign_in() -> Response:
    """Check name and password, open a session, sit down at the seat, and set the cookie.

    1. Wait for the turn of this address and this name, so that many guesses at once count one after the other.
    2. Refuse while the stored tries say so.
    3. Check the password; a name that does not exist takes as long as one that does.
    4. Store the try, successful or not, and only then answer.
    """
    username = clean_line(request.form.get("username", ""), 64).lower()
    password = request.form.get("password", "")
    seat = request.form.get("seat", "")
    centre = services().centre
    if seat and seat not in centre.city.seats:
        return _page(400, "seat_unknown")
    address = request.remote_addr or "?"
    with _one_at_a_time(f"address:{address}", f"name:{username}"):
        with centre.read() as connection:
            wait = wait_s(connection, username, address, centre.clock.now())
            user = connection.execute(
                select(User.__table__).where(User.username == username, User.deactivated_at.is_(None))
            ).first()
        if wait > 0:
            answer = _page(429, "too_many_attempts", wait=waiting_time(wait, current_language()))
            answer.headers["Retry-After"] = str(round(wait) or 1)
            return answer
        right = services().passwords.matches(user.password_hash if user else None, password)
        centre.run(record_sign_in_attempt, username=username, address=address, succeeded=right)
    if user is None or not right:
        return _page(401, "wrong_credentials")
    return _open_session(user, seat)


def _open_session(user: Row[Any], seat: str) -> Response:
    centre, settings = services().centre, services().settings
    _close_current()  # The seat of whoever used this browser before must not stay taken.
    actor = Actor(ActorKind.USER, user.id, user.display_name, Role(user.role), user.agency_code, None)
    token = new_token()
    lifetime = timedelta(hours=settings.session_hours)
    opened = centre.run(
        open_web_session, actor=actor, token_hash=hash_token(token), expires_at=centre.clock.now() + lifetime
    )
    if seat and actor.role in OPERATORS:
        centre.run(take_seat, actor=actor, session_id=opened.detail["session_id"], seat=seat)
    if session.get(_FORMS_OF) != user.id:
        # A form token from before is worth nothing now, except to the pages that the same user left open.
        session.clear()
        session[_FORMS_OF] = user.id
    answer = redirect(local_path(request.values.get("next") or "/"), 303)
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.cookie_secure,
    )
    return answer


@access(EVERYONE)
def sign_out() -> Response:
    """End this browser's session and free its seat."""
    signed_in()
    _close_current()
    session.clear()
    answer = redirect(url_for("sign_in"), 303)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=services().settings.cookie_secure)
    return answer


def _close_current() -> None:
    person = current_person()
    if person is not None and person.session_id is not None:
        services().centre.run(close_web_session, actor=person.actor, session_id=person.session_id)
        g.person = None


def _page(status: int, problem: str | None = None, **details: str) -> Response:
    centre, settings = services().centre, services().settings
    with centre.read() as connection:
        no_users = connection.execute(select(User.id).limit(1)).first() is None
    if no_users and problem is None:
        problem, details = "no_users", {"command": CREATE_ADMIN_COMMAND}
    page = render_template(
        "sign_in.html",
        error=explain(problem, details, current_language()) if problem else None,
        username=request.form.get("username", "")[:64],
        chosen_seat=request.form.get("seat", ""),
        seats=list(centre.city.seats.values()),
        next=local_path(request.values.get("next") or "/"),
        demo_users=centre.city.demo_users if settings.demo else (),
    )
    return Response(page, status, mimetype="text/html")


@contextmanager
def _one_at_a_time(*names: str) -> Iterator[None]:
    """Hold the named locks in the given order; a name that nobody waits for any more is forgotten."""
    turns = [_locks.setdefault(name, _Turn()) for name in names]
    for turn in turns:
        turn.lock.acquire()
    try:
        yield
    finally:
        for turn in reversed(turns):
            turn.lock.release()
