"""Who is asking, and whether they may: every route names its access, and one that names none is closed.

A person is known by a session cookie (browsers) or a bearer token (programs): `app.people.person`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from app.people.person import Person, SignInNeeded, person_by_session, person_by_token
from app.services import services
from app.web.cookies import cookie_name
from dispatch.errors import CommandRefused, NotPermitted, ScopeRefused, StorageUnavailable
from dispatch.roles import CENTRE_ROLES, OPERATOR_ROLES, Role, TokenScope

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
TICKET_READERS = CENTRE | RESPONDERS  #: a leader sees only what a ladder has brought up, by ways of its own
SUPERVISORS = frozenset({Role.SUPERVISOR})
LEADERS = frozenset({Role.LEADER})
OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMIN})

NO_SCOPE: frozenset[TokenScope] = frozenset()  #: tokens of a narrow scope get nowhere

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()


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


def csrf_exempt(view: View) -> View:
    """Exempt a view from the form token (CSRF): it trusts no session, and its address holds a secret of its own."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
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
        proof = getattr(app.view_functions[request.endpoint], "csrf_exempt", False)
        if request.method not in SAFE_METHODS and bearer_token(request) is None and not proof:
            # A program sends its token with each request by itself; a browser would send its cookie for anybody.
            csrf.protect()
        if not wanted:
            return
        person = signed_in()
        if person.scope is not TokenScope.ALL:
            if person.scope not in declared_scopes(app, request.endpoint):
                audit_refusal(person, *_what_was_asked_for(request), via=via(request))
                raise ScopeRefused(person.scope)
        elif person.wall and not getattr(app.view_functions[request.endpoint], "for_walls", False):
            raise CommandRefused("wall_screen")
        elif person.role not in wanted:
            audit_refusal(person, *_what_was_asked_for(request), via=via(request))
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
        person = person_by_session(connection, token, centre.clock.now(), services().activity.ends_at)
    if person is not None and person.session_id is not None:
        services().presence.seen(person.session_id)
    return person


def bearer_token(asked: Request) -> str | None:
    """What stands behind `Bearer` in the Authorization header, None without such a header."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def audit_refusal(person: Person, entity: str, key: str, via: str) -> None:
    """Write `access.refused` to the journal; the refusal stands even where it cannot be written down."""
    try:
        services().refusals.note(person, entity, key, via)
    except StorageUnavailable:
        log.warning("a refusal could not be recorded: user %s, %s via %s", person.user_id, entity, via)
