"""Signing in and out: password, seat, session cookie. A second factor, where one is due, follows on its own page."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template, request, session, url_for
from sqlalchemy import Row, select
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.account.opening import close_current, open_session
from app.account.refused import refused_for_now
from app.account.second_step import add_second_step, begin_second_step, needs_second_factor
from app.account.tries import TooSoon, attempt, lane_of, try_of
from app.people.hashing_queue import HashingBusy
from app.people.turns import TooManyWaiting
from app.services import services
from app.web.cookies import cookie_name
from app.web.guard import EVERYONE, PUBLIC, SESSION_COOKIE, access, current_person, for_walls, signed_in
from app.web.languages import current_language, local_path
from app.web.messages import explain
from dispatch.storage.tables import User
from dispatch.text import clean_line

#: What to type when nobody can sign in yet; there is no page for it that a stranger could reach.
CREATE_ADMIN_COMMAND = "flask --app wsgi create-admin admin"


def add_sign_in(app: Flask) -> None:
    """Offer /sign-in, its second step, and /sign-out."""
    app.add_url_rule("/sign-in", "sign_in", show_sign_in, methods=["GET"])
    app.add_url_rule("/sign-in", "do_sign_in", do_sign_in, methods=["POST"])
    app.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    add_second_step(app)


@access(PUBLIC)
def show_sign_in() -> Response:
    """The sign-in page; whoever is signed in goes on."""
    if current_person() is not None:
        return redirect(local_path(request.args.get("next") or "/"), 303)
    return _page(200, "second_step_over" if request.args.get("over") == "1" else None)


@access(PUBLIC)
def do_sign_in() -> Response:
    """Check name and password, open a session, sit down at the seat, and set the cookies."""
    username = clean_line(request.form.get("username", ""), 64).lower()
    password = request.form.get("password", "")
    seat = request.form.get("seat", "")
    if seat and seat not in services().centre.city.seats:
        return _page(400, "seat_unknown")
    tried = try_of(username, "password")

    def is_right(user: Row[Any] | None) -> bool:
        return services().passwords.matches(
            user.password_hash if user else None, password, lane=lane_of(tried), network=tried.network, name=tried.name
        )

    try:
        user = attempt(tried, is_right, username)
    except (TooSoon, TooManyWaiting, HashingBusy) as refusal:
        return refused_for_now(refusal, _page)
    if user is None:
        return _page(401, "wrong_credentials")
    following = local_path(request.values.get("next") or "/")
    if needs_second_factor(user):
        return begin_second_step(user, seat, following)
    return open_session(user, seat, following)


@access(EVERYONE)
@for_walls
def sign_out() -> Response:
    """End this browser's session and free its seat."""
    signed_in()
    close_current()
    session.clear()
    answer = redirect(url_for("sign_in"), 303)
    secure = services().settings.cookie_secure
    answer.delete_cookie(cookie_name(SESSION_COOKIE), httponly=True, samesite="Lax", secure=secure)
    return answer


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
