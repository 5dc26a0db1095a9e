"""Who is asking, and whether they may: every route names its access, and one that names none is closed.

A person is known by a session cookie (browsers) or a bearer token (programs). Both are random; the database holds only
their SHA-256, and is asked on every request, so that ending a session or revoking a token works at once.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, Request, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Row, select

from app.services import services
from app.web.cookies import cookie_name
from app.web.refusals import SignInNeeded, note_refusal
from dispatch.errors import CommandRefused, NotPermitted, ScopeRefused
from dispatch.roles import CENTRE_ROLES, OPERATOR_ROLES, Actor, ActorKind, Role, TokenScope
from dispatch.storage.tables import ApiToken, SeatOccupancy, User, WebSession

log = logging.getLogger(__name__)

SESSION_COOKIE = "siaga_session"
#: A page says for whom it was made. Whoever signs in later in another tab of the browser has the same cookie: what the
#: page still sends must not count as theirs.
PAGE_OF_HEADER = "X-Siaga-Page-Of"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

PUBLIC: frozenset[Role] = frozenset()  #: no sign-in needed
EVERYONE = frozenset(Role)  #: any role, but signed in
CENTRE = CENTRE_ROLES
OPERATORS = OPERATOR_ROLES
RESPONDERS = frozenset({Role.RESPONDER})
SUPERVISORS = frozenset({Role.SUPERVISOR})
OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMIN})

NO_SCOPE: frozenset[TokenScope] = frozenset()  #: tokens of a narrow scope get nowhere

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, or the program that acts for one."""

    user_id: int
    username: str
    display_name: str
    role: Role
    agency_code: str | None
    language: str | None
    seat: str | None
    session_id: int | None  #: None for a bearer token
    token_id: int | None  #: None for a browser
    expires_at: datetime | None  #: when the session or the token ends; None for a token that lasts until it is revoked
    scope: TokenScope = TokenScope.ALL  #: what the token is good for
    idle_at: datetime | None = None  #: when the session ends unless somebody does something; None: not by that
    wall: bool = False  #: a wall's screen: shows the board alone

    @property
    def actor(self) -> Actor:
        """This person as commands name whoever gives them."""
        return Actor(
            ActorKind.USER,
            user_id=self.user_id,
            name=self.display_name,
            role=self.role,
            agency_code=self.agency_code,
            seat=self.seat,
        )


def access(roles: frozenset[Role], scopes: frozenset[TokenScope] = NO_SCOPE) -> Callable[[View], View]:
    """Declare who may call a view: PUBLIC, or one of these roles; and tokens of these scopes, whatever their user's
    role: whoever made the token has decided that."""

    def declare(view: View) -> View:
        view.access = roles  # type: ignore[attr-defined]
        view.scopes = scopes  # type: ignore[attr-defined]
        return view

    return declare


def for_walls(view: View) -> View:
    """Let a view be called from a wall's screen, which shows the board alone."""
    view.for_walls = True  # type: ignore[attr-defined]
    return view


def carries_its_own_proof(view: View) -> View:
    """Exempt a view from the form token (CSRF): it trusts no session, and its address holds a secret of its own."""
    view.carries_its_own_proof = True  # type: ignore[attr-defined]
    return view


def declared_access(app: Flask, endpoint: str) -> frozenset[Role] | None:
    """What a route declared, None when it declared nothing."""
    if endpoint == "static":
        return PUBLIC
    return getattr(app.view_functions[endpoint], "access", None)


def declared_scopes(app: Flask, endpoint: str) -> frozenset[TokenScope]:
    """The narrow scopes of tokens that a route lets in."""
    return getattr(app.view_functions[endpoint], "scopes", NO_SCOPE)


def guard_routes(app: Flask) -> None:
    """Check, before every request of `app`, that the person may call its view; also checks the form token (CSRF)."""
    csrf.init_app(app)

    @app.before_request
    def check() -> None:
        if request.endpoint is None:
            return  # No such page: Flask answers 404.
        wanted = declared_access(app, request.endpoint)
        if wanted is None:
            log.error("route %s declares no access and is closed", request.endpoint)
            abort(403)
        if wanted:
            signed_in()
        proof = getattr(app.view_functions[request.endpoint], "carries_its_own_proof", False)
        if request.method not in SAFE_METHODS and bearer_token(request) is None and not proof:
            # A program sends its token with each request by itself; a browser would send its cookie for anybody.
            csrf.protect()
        if not wanted:
            return
        person = signed_in()
        if person.scope is not TokenScope.ALL:
            if person.scope not in declared_scopes(app, request.endpoint):
                note_refusal(person, *_what_was_asked_for(request), via=via(request))
                raise ScopeRefused(person.scope)
        elif person.wall and not getattr(app.view_functions[request.endpoint], "for_walls", False):
            raise CommandRefused("wall_screen")
        elif person.role not in wanted:
            note_refusal(person, *_what_was_asked_for(request), via=via(request))
            raise NotPermitted(request.endpoint, person.role)
        services().activity.note(person, request)


def via(asked: Request) -> str:
    """Which way a request came: `api` or `page`."""
    return "api" if asked.path.startswith("/api/") else "page"


def _what_was_asked_for(asked: Request) -> tuple[str, str]:
    given = asked.view_args or {}
    if "number" in given:
        return "ticket", str(given["number"])
    if "assignment_id" in given:
        return "assignment", str(given["assignment_id"])
    return "route", asked.endpoint or ""


def current_person() -> Person | None:
    """Whoever sent the current request, None for a stranger, and for a page that was made for somebody else."""
    if "person" not in g:
        g.person = None  # stays so where the database fails: the page that says so must not ask it again
        found = _find(request)
        if found is not None and found.scope is not TokenScope.ALL and _is_public(request.endpoint):
            found = None  # what is open to everybody is not what a narrow token was made for: it is a stranger there
        g.person = found if is_page_of(found, request.headers.get(PAGE_OF_HEADER)) else None
    person: Person | None = g.person
    return person


def _is_public(endpoint: str | None) -> bool:
    return endpoint is None or declared_access(current_app, endpoint) == PUBLIC


def is_page_of(person: Person | None, claimed: object) -> bool:
    """Whether a page that says for whom it was made (a user's id, None where it is no page) was made for `person`."""
    return person is None or claimed is None or str(claimed) == str(person.user_id)


def signed_in() -> Person:
    """Whoever sent the current request; raises SignInNeeded for a stranger."""
    person = current_person()
    if person is None:
        raise SignInNeeded
    return person


def find_person(asked: Request) -> Person | None:
    """Who asks, for whatever checks no scope by itself: a token of a narrow scope is nobody's here."""
    person = _find(asked)
    return person if person is not None and person.scope is TokenScope.ALL else None


def _find(asked: Request) -> Person | None:
    """Look up the bearer token, or else the session cookie, of a request. One that is wrong is never passed over."""
    bearer = bearer_token(asked)
    token = bearer if bearer is not None else asked.cookies.get(cookie_name(SESSION_COOKIE), "")
    if not token:
        return None
    centre = services().centre
    with centre.read() as connection:
        if bearer is not None:
            return person_by_token(connection, token, centre.clock.now())
        return person_by_session(connection, token, centre.clock.now())


def bearer_token(asked: Request) -> str | None:
    """What stands behind `Bearer` in the Authorization header, None without such a header."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def person_by_session(connection: Connection, token: str, now: datetime) -> Person | None:
    """The person whose running session this cookie stands for."""
    statement = (
        _people()
        .add_columns(
            WebSession.id.label("session_id"),
            WebSession.expires_at,
            WebSession.active_at,
            WebSession.wall,
            SeatOccupancy.seat,
        )
        .join(WebSession, WebSession.user_id == User.id)
        .outerjoin(SeatOccupancy, SeatOccupancy.session_id == WebSession.id)
        .where(WebSession.token_hash == hash_token(token), WebSession.revoked_at.is_(None), WebSession.expires_at > now)
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    idle_at = None if row.wall or row.seat else services().activity.ends_at(row.session_id, row.active_at, row.role)
    if idle_at is not None and idle_at <= now:
        return None
    services().presence.seen(row.session_id)
    return _person(
        row, session_id=row.session_id, seat=row.seat, expires_at=row.expires_at, idle_at=idle_at, wall=row.wall
    )


def person_by_token(connection: Connection, token: str, now: datetime) -> Person | None:
    """The person for whom a program with this bearer token acts."""
    in_time = ApiToken.expires_at.is_(None) | (ApiToken.expires_at > now)
    known = ApiToken.token_hash.in_((hash_token(token), hash_scoped_token(token)))
    statement = (
        _people()
        .add_columns(ApiToken.id.label("token_id"), ApiToken.scope, ApiToken.expires_at)
        .join(ApiToken, ApiToken.user_id == User.id)
        .where(known, ApiToken.revoked_at.is_(None), in_time)
    )
    row = connection.execute(statement).first()
    if row is None or row.scope not in list(TokenScope):
        return None  # A scope that only a newer release knows opens nothing here.
    return _person(row, token_id=row.token_id, expires_at=row.expires_at, scope=TokenScope(row.scope))


def _people() -> Any:
    return select(User.id, User.username, User.display_name, User.role, User.agency_code, User.language).where(
        User.deactivated_at.is_(None)
    )


def _person(
    row: Row[Any],
    *,
    session_id: int | None = None,
    token_id: int | None = None,
    seat: str | None = None,
    expires_at: datetime | None = None,
    scope: TokenScope = TokenScope.ALL,
    idle_at: datetime | None = None,
    wall: bool = False,
) -> Person:
    return Person(
        user_id=row.id,
        username=row.username,
        display_name=row.display_name,
        role=Role(row.role),
        agency_code=row.agency_code,
        language=row.language,
        seat=seat,
        session_id=session_id,
        token_id=token_id,
        expires_at=expires_at,
        scope=scope,
        idle_at=idle_at,
        wall=wall,
    )


def new_token() -> str:
    """A token that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What the database keeps of a token. It is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_scoped_token(token: str) -> str:
    """What the database keeps of a token with a narrow scope: a release that knows no scopes must not find it."""
    return hash_token(f"scoped {token}")
