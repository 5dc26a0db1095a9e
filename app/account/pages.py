"""One's own account: password, the browsers that are signed in, recovery codes; and whether the session goes idle.

Plain forms, so that it works in every role and without scripts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, jsonify, redirect, render_template, request, url_for
from sqlalchemy import Connection, func, select
from werkzeug.wrappers import Response

from app.account import second_factor as factors
from app.account.password_rules import context_of, problem_with
from app.account.refused import refused_for_now
from app.account.second_step import use_code
from app.account.tries import TooSoon, attempt
from app.load.networks import network_of
from app.people.hashing_queue import HashingBusy
from app.people.passwords import MAX_LENGTH
from app.people.person import Person
from app.people.sign_in_limits import Try
from app.people.turns import TooManyWaiting
from app.services import services
from app.web.guard import CENTRE, EVERYONE, access, for_walls, signed_in
from app.web.languages import current_language
from app.web.messages import explain
from dispatch.errors import InvalidValue
from dispatch.people.commands import revoke_web_sessions
from dispatch.people.second_factors import renew_recovery_codes
from dispatch.people.sessions import become_wall, change_own_password, end_own_session
from dispatch.storage.tables import ApiToken, SeatOccupancy, SignInAttempt, WebSession

DONE = ("password", "session", "codes")  #: what the page says was done, by the address it is led to


def add_account(app: Flask) -> None:
    """Offer /account and what its forms post to."""
    app.add_url_rule("/account", "account", show_account, methods=["GET"])
    app.add_url_rule("/account/password", "change_own_password", change_password, methods=["POST"])
    app.add_url_rule("/account/sessions", "end_own_sessions", end_sessions, methods=["POST"])
    app.add_url_rule("/account/recovery-codes", "renew_recovery_codes", renew_codes, methods=["POST"])
    app.add_url_rule("/account/wall", "become_wall", show_on_wall, methods=["POST"])
    app.add_url_rule("/account/idle", "show_idle", show_idle, methods=["GET"])
    app.add_url_rule("/account/active", "stay_active", stay_active, methods=["POST"])


@access(EVERYONE)
def show_account() -> Response:
    """The page."""
    return _page(200)


@access(EVERYONE)
def change_password() -> Response:
    """Replace one's own password: asks for the present one; all other sessions and the tokens end."""
    person, session_id = _with_a_session()
    centre, passwords = services().centre, services().passwords
    present, new = request.form.get("present", ""), request.form.get("new", "")
    tried = Try(person.username, network_of(request.remote_addr or ""), f"session {session_id}", True, "own")
    try:
        right = attempt(
            tried,
            lambda user: passwords.matches(user.password_hash if user else None, present, name=person.username),
            person.username,
        )
        if right is None:
            return _page(400, "wrong_current_password")
        if new != request.form.get("again", ""):
            return _page(400, "passwords_differ")
        least = centre.city.policy.sign_in.min_length
        match problem_with(new, least, context_of(centre.city, person.username, person.display_name)):
            case "too_short" | "too_long":
                return _page(400, "password_length", least=str(least), most=str(MAX_LENGTH))
            case "too_easy":
                return _page(400, "password_too_easy")
        new_hash = passwords.hash(new, name=person.username)
    except (TooSoon, TooManyWaiting, HashingBusy) as refusal:
        return refused_for_now(refusal, _page)
    centre.run(change_own_password, actor=person.actor, session_id=session_id, password_hash=new_hash)
    return _back("password")


@access(EVERYONE)
def end_sessions() -> Response:
    """End one of one's own sessions, or all of them."""
    person, centre = signed_in(), services().centre
    which = request.form.get("session", "")
    if which == "all":
        centre.run(revoke_web_sessions, actor=person.actor, user_id=person.user_id)
        return redirect(url_for("sign_in"), 303)
    if not (which.isascii() and which.isdigit() and len(which) < 19):
        raise InvalidValue("session", "unknown")
    centre.run(end_own_session, actor=person.actor, session_id=int(which))
    return _back("session")


@access(EVERYONE)
def renew_codes() -> Response:
    """New recovery codes, against a code of the authenticator; shown once."""
    person, session_id = _with_a_session()
    centre = services().centre
    with centre.read() as connection:
        factor = factors.factor_of(connection, person.user_id)
    if factor is None:
        raise InvalidValue("code", "unknown")
    tried = Try(person.username, network_of(request.remote_addr or ""), f"session {session_id}", True, "own")
    try:
        right = attempt(
            tried, lambda _user: use_code(person.actor, factor, request.form.get("code", "")), person.username
        )
    except (TooSoon, TooManyWaiting) as refusal:
        return refused_for_now(refusal, _page)
    if right is None:
        return _page(400, "wrong_code")
    codes = factors.new_recovery_codes()
    centre.run(
        renew_recovery_codes, actor=person.actor, user_id=person.user_id, code_hashes=factors.recovery_hashes(codes)
    )
    page = render_template("recovery_codes.html", codes=codes, next=url_for("account"))
    return Response(page, 200, mimetype="text/html")


@access(CENTRE)
@for_walls
def show_on_wall() -> Response:
    """Make this session a wall's screen: the board, without an idle limit and without orders."""
    person, session_id = _with_a_session()
    services().centre.run(become_wall, actor=person.actor, session_id=session_id)
    return redirect(url_for("board"), 303)


@access(EVERYONE)
@for_walls
def show_idle() -> Response:
    """In how many seconds this session ends unless somebody does something; null: it may rest."""
    return _idle_answer(signed_in())


@access(EVERYONE)
@for_walls
def stay_active() -> Response:
    """Somebody is there: the request itself counts."""
    person = signed_in()
    return _idle_answer(person, since_now=True)


def _idle_answer(person: Person, *, since_now: bool = False) -> Response:
    centre = services().centre
    ends_in_s = None
    if person.idle_at is not None:
        now = centre.clock.now()
        ends_at = services().activity.ends_at(person.session_id or 0, now if since_now else None, person.role)
        ends_in_s = ((ends_at or person.idle_at) - now).total_seconds()
    answer: Response = jsonify({"ends_in_s": ends_in_s})
    return answer


def _with_a_session() -> tuple[Person, int]:
    person = signed_in()
    if person.session_id is None:
        raise InvalidValue("session", "missing")  # a program's token changes no password
    return person, person.session_id


def _back(done: str) -> Response:
    return redirect(url_for("account", done=done), 303)


def _page(status: int, problem: str | None = None, **details: str) -> Response:
    person, centre = signed_in(), services().centre
    now = centre.clock.now()
    done = request.args.get("done")
    with centre.read() as connection:
        factor = factors.factor_of(connection, person.user_id)
        page = render_template(
            "account.html",
            error=explain(problem, details, current_language()) if problem else None,
            done=done if done in DONE and request.method == "GET" else None,
            sessions=_sessions(connection, person, now),
            failures=_failures(connection, person, now),
            tokens=_tokens(connection, person, now),
            least=centre.city.policy.sign_in.min_length,
            enrolled_at=_local(factor.enrolled_at) if factor else None,
            codes_left=factors.codes_left(connection, person.user_id),
        )
    return Response(page, status, mimetype="text/html")


def _sessions(connection: Connection, person: Person, now: datetime) -> list[dict[str, Any]]:
    """One's own sessions that go on, the present one first."""
    own = (WebSession.user_id == person.user_id) & WebSession.revoked_at.is_(None) & (WebSession.expires_at > now)
    columns = select(WebSession.__table__, SeatOccupancy.seat)
    rows = connection.execute(
        columns.outerjoin(SeatOccupancy, SeatOccupancy.session_id == WebSession.id).where(own).limit(200)
    ).all()
    activity, limit = services().activity, services().centre.city.policy.sign_in.idle_s[person.role]
    found = []
    for row in sorted(rows, key=lambda row: (row.id != person.session_id, -row.id)):
        ends_at = None if row.seat or row.wall else activity.ends_at(row.id, row.active_at, person.role)
        if ends_at is not None and ends_at <= now:
            continue
        active_at = ends_at - timedelta(seconds=limit) if ends_at else row.active_at
        found.append(
            {
                "id": row.id,
                "own": row.id == person.session_id,
                "device": row.device,
                "address": row.address,
                "seat": row.seat,
                "wall": row.wall,
                "since": _local(row.created_at),
                "active": _local(active_at) if active_at else None,
            }
        )
    return found


def _failures(connection: Connection, person: Person, now: datetime) -> dict[str, Any]:
    """Wrong tries in one's own name that are still kept: how many, and when the last was."""
    failed = (SignInAttempt.username == person.username) & SignInAttempt.succeeded.is_(False)
    kept = SignInAttempt.at > now - timedelta(hours=services().centre.city.policy.sign_in.attempts_kept_hours)
    count, last = connection.execute(
        select(func.count(), func.max(SignInAttempt.at)).where(failed, kept, SignInAttempt.kind != "own")
    ).one()
    return {"count": count, "last": _local(last) if last else None}


def _tokens(connection: Connection, person: Person, now: datetime) -> int:
    live = ApiToken.revoked_at.is_(None) & (ApiToken.expires_at.is_(None) | (ApiToken.expires_at > now))
    own = (ApiToken.user_id == person.user_id) & live
    return int(connection.execute(select(func.count()).select_from(ApiToken).where(own)).scalar_one())


def _local(at: datetime) -> str:
    """Day and time in the city, as people here write it."""
    return f"{at.astimezone(services().centre.city.timezone):%d.%m.%Y %H.%M}"
