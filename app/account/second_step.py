"""The second step of signing in: the code of an authenticator, or making one known at the first time.

Between the steps a sealed cookie holds who gave the right password, bound to that password and for ten minutes. It is
no session: all it opens is these pages.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from flask import Flask, render_template, request, url_for
from sqlalchemy import Row, select
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.account import second_factor as factors
from app.account.opening import open_session
from app.account.refused import refused_for_now
from app.account.sealing import Unsealable, seal, unseal
from app.account.tries import TooSoon, attempt, try_of
from app.people.turns import TooManyWaiting
from app.services import services
from app.web.cookies import cookie_name
from app.web.guard import PUBLIC, access
from app.web.languages import current_language
from app.web.messages import explain
from dispatch.people.second_factors import enrol_second_factor, take_code, take_recovery_code
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.tables import User

COOKIE, PATH = "siaga_second_step", "/sign-in"
LASTS = timedelta(minutes=10)
_PURPOSE = "second step"


def add_second_step(app: Flask) -> None:
    """Offer /sign-in/code and /sign-in/enrol."""
    app.add_url_rule("/sign-in/code", "second_step", show_code, methods=["GET"])
    app.add_url_rule("/sign-in/code", "do_second_step", do_code, methods=["POST"])
    app.add_url_rule("/sign-in/enrol", "enrol", show_enrol, methods=["GET"])
    app.add_url_rule("/sign-in/enrol", "do_enrol", do_enrol, methods=["POST"])


def needs_second_factor(user: Row[Any]) -> bool:
    """Whether this user proves more than a password: whoever the policy names, and whoever has an authenticator."""
    if services().settings.demo:
        return False  # Everybody knows the demo's passwords, and nobody has its authenticators.
    if Role(user.role) in services().centre.city.policy.sign_in.second_factor:
        return True
    with services().centre.read() as connection:
        return factors.factor_of(connection, user.id) is not None


def begin_second_step(user: Row[Any], seat: str, following: str) -> Response:
    """Lead on to the page of the second step."""
    with services().centre.read() as connection:
        enrolled = factors.factor_of(connection, user.id) is not None
    pending = {
        "user": user.id,
        "password": _mark_of(user.password_hash),
        "at": services().centre.clock.now().timestamp(),
        "seat": seat,
        "next": following,
        "secret": "" if enrolled else factors.new_secret(),
    }
    answer = redirect(url_for("second_step" if enrolled else "enrol"), 303)
    answer.set_cookie(
        cookie_name(COOKIE, PATH),
        seal(_PURPOSE, pending),
        path=PATH,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=services().settings.cookie_secure,
    )
    return answer


@access(PUBLIC)
def show_code() -> Response:
    """The page that asks for a code."""
    return _code_page(200) if _pending() else _from_the_start()


@access(PUBLIC)
def do_code() -> Response:
    """Check the code, and open the session."""
    found = _pending()
    if found is None:
        return _from_the_start()
    pending, user = found
    with services().centre.read() as connection:
        factor = factors.factor_of(connection, user.id)
    if factor is None:
        return _from_the_start()
    code = request.form.get("code", "")
    actor = _actor(user)

    def is_right(_user: Row[Any] | None) -> bool:
        return use_code(actor, factor, code) or _use_recovery_code(actor, user.id, code)

    try:
        known = attempt(try_of(user.username, "code"), is_right, user.username)
    except (TooSoon, TooManyWaiting) as refusal:
        return refused_for_now(refusal, _code_page)
    if known is None:
        if not _secret_of(factor):
            command = f"flask --app wsgi user reset-second-factor {user.username}"
            return _code_page(401, "second_factor_unreadable", command=command)
        return _code_page(401, "wrong_code")
    return _done(open_session(known, pending["seat"], pending["next"]))


@access(PUBLIC)
def show_enrol() -> Response:
    """The page that makes an authenticator known."""
    found = _pending()
    return _enrol_page(*found, 200) if found and found[0]["secret"] else _from_the_start()


@access(PUBLIC)
def do_enrol() -> Response:
    """Check the first code, keep the authenticator, open the session, and show the recovery codes once."""
    found = _pending()
    if found is None or not found[0]["secret"]:
        return _from_the_start()
    pending, user = found
    centre, secret = services().centre, pending["secret"]
    steps: list[int] = []

    def is_right(_user: Row[Any] | None) -> bool:
        step = factors.step_of(request.form.get("code", ""), secret, centre.clock.now(), 0)
        steps.extend([step] if step is not None else [])
        return step is not None

    try:
        known = attempt(try_of(user.username, "code"), is_right, user.username)
    except (TooSoon, TooManyWaiting) as refusal:
        return refused_for_now(refusal, partial(_enrol_page, pending, user))
    if known is None:
        return _enrol_page(pending, user, 401, "wrong_code")
    codes = factors.new_recovery_codes()
    outcome = centre.run(
        enrol_second_factor,
        actor=_actor(user),
        user_id=user.id,
        sealed_secret=factors.seal_secret(secret),
        step=steps[0],
        code_hashes=factors.recovery_hashes(codes),
    )
    if not outcome.changed:
        return _from_the_start()  # Enrolled on another screen meanwhile: that one counts.
    opened = open_session(known, pending["seat"], pending["next"])
    page = Response(
        render_template("recovery_codes.html", codes=codes, next=pending["next"]), 200, mimetype="text/html"
    )
    for cookie in opened.headers.getlist("Set-Cookie"):
        page.headers.add("Set-Cookie", cookie)
    return _done(page)


def use_code(actor: Actor, factor: Row[Any], code: str) -> bool:
    """Use up a code of this authenticator (a row of second_factors); False where it is none, or was used before."""
    centre = services().centre
    secret = _secret_of(factor)
    step = factors.step_of(code, secret, centre.clock.now(), factor.last_step) if secret else None
    if step is None:
        return False
    return centre.run(take_code, actor=actor, user_id=factor.user_id, step=step).changed


def _secret_of(factor: Row[Any]) -> str:
    """The secret, empty where the installation's key has changed."""
    try:
        return factors.unseal_secret(factor.sealed_secret)
    except Unsealable:
        return ""


def _use_recovery_code(actor: Actor, user_id: int, code: str) -> bool:
    code_hash = factors.recovery_hash(code)
    if code_hash is None:
        return False
    return services().centre.run(take_recovery_code, actor=actor, user_id=user_id, code_hash=code_hash).changed


def _pending() -> tuple[dict[str, Any], Row[Any]] | None:
    """What the first step left, and the user's row as it is now; None where it is over or worth nothing."""
    centre = services().centre
    try:
        pending = unseal(_PURPOSE, request.cookies.get(cookie_name(COOKIE, PATH), ""))
    except Unsealable:
        return None
    if centre.clock.now() - datetime.fromtimestamp(pending["at"], UTC) > LASTS:
        return None
    with centre.read() as connection:
        active = (User.id == pending["user"]) & User.deactivated_at.is_(None)
        user = connection.execute(select(User.__table__).where(active)).first()
    if user is None or _mark_of(user.password_hash) != pending["password"]:
        return None
    return pending, user


def _mark_of(password_hash: str) -> str:
    return sha256(password_hash.encode()).hexdigest()[:32]


def _actor(user: Row[Any]) -> Actor:
    return Actor(ActorKind.USER, user.id, user.display_name, Role(user.role), user.agency_code)


def _done(answer: Response) -> Response:
    secure = services().settings.cookie_secure
    answer.delete_cookie(cookie_name(COOKIE, PATH), path=PATH, httponly=True, samesite="Lax", secure=secure)
    return answer


def _from_the_start() -> Response:
    return _done(redirect(url_for("sign_in", over=1), 303))


def _code_page(status: int, problem: str | None = None, **details: str) -> Response:
    error = explain(problem, details, current_language()) if problem else None
    return Response(render_template("second_step.html", error=error), status, mimetype="text/html")


def _enrol_page(
    pending: dict[str, Any], user: Row[Any], status: int, problem: str | None = None, **details: str
) -> Response:
    address = factors.address_of(pending["secret"], user.username)
    secret = pending["secret"]
    page = render_template(
        "enrol.html",
        picture=factors.picture_of(address),
        address=address,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        username=user.username,
        error=explain(problem, details, current_language()) if problem else None,
    )
    return Response(page, status, mimetype="text/html")
