"""The registry of operations: each names its path, who may call it, what it takes and what it answers.

The routes, the validation and the OpenAPI description are all made from it, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import flask
from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.people.person import Person
from app.services import services
from app.web.guard import NO_SCOPE, PUBLIC, access, for_walls, signed_in
from dispatch.errors import CommandRefused, InvalidValue, OfAnotherPast, RequirementMissing
from dispatch.roles import Role, TokenScope
from dispatch.tickets.another_past import is_another

REQUEST_ID_HEADER = "Idempotency-Key"
REQUEST_ID_LIMIT = 80
#: In which epoch of the database whoever asks has seen what the path names (`dispatch.storage.epochs`).
EPOCH_HEADER = "X-Siaga-Epoch"

#: Any id that our tables can hold; a longer number is no id of ours.
ID_PATH = f"<int(max={2**63 - 1}):assignment_id>"
NUMBER_PATH = "<string:number>"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request, read and checked."""

    body: Any  #: an instance of the operation's body model, None where it takes none
    query: Any  #: an instance of the operation's query model, None where it takes none
    request_id: str | None
    path: dict[str, Any]

    @property
    def person(self) -> Person:
        """Whoever asks; operations that are open to everybody must not use it."""
        return signed_in()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    method: Literal["GET", "POST"]
    path: str  #: below /api/v1, in Flask's notation
    summary: str
    tag: str
    roles: frozenset[Role]
    handler: Callable[[ApiRequest], Any]
    answer: Any  #: the type of what it answers, by which the description names it
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    scopes: frozenset[TokenScope] = NO_SCOPE  #: narrow tokens that may call it, whatever their user's role
    wall: bool = False  #: whether a wall's screen may call it


class Operations:
    """The operations of one API, in the order in which they were declared."""

    def __init__(self) -> None:
        self.all: list[Operation] = []

    def get(
        self,
        path: str,
        *,
        tag: str,
        roles: frozenset[Role],
        answer: Any,
        query: type[BaseModel] | None = None,
        scopes: frozenset[TokenScope] = NO_SCOPE,
        wall: bool = False,
    ) -> Callable[[Callable[[ApiRequest], Any]], Callable[[ApiRequest], Any]]:
        """Declare something that can be read; the first line of the handler's docstring is its summary."""
        return self._declare("GET", path, tag, roles, answer, None, query, scopes, wall)

    def post(
        self,
        path: str,
        *,
        tag: str,
        roles: frozenset[Role],
        answer: Any,
        body: type[BaseModel] | None = None,
        scopes: frozenset[TokenScope] = NO_SCOPE,
    ) -> Callable[[Callable[[ApiRequest], Any]], Callable[[ApiRequest], Any]]:
        """Declare something that can be done."""
        return self._declare("POST", path, tag, roles, answer, body, None, scopes)

    def _declare(
        self,
        method: Literal["GET", "POST"],
        path: str,
        tag: str,
        roles: frozenset[Role],
        answer: Any,
        body: type[BaseModel] | None,
        query: type[BaseModel] | None,
        scopes: frozenset[TokenScope],
        wall: bool = False,
    ) -> Callable[[Callable[[ApiRequest], Any]], Callable[[ApiRequest], Any]]:
        def declare(handler: Callable[[ApiRequest], Any]) -> Callable[[ApiRequest], Any]:
            summary = (handler.__doc__ or "").partition("\n")[0]
            name = handler.__name__
            models = (answer, body, query)
            self.all.append(Operation(name, method, path, summary, tag, roles, handler, *models, scopes, wall))
            return handler

        return declare

    def mount(self, blueprint: Blueprint) -> None:
        """Give every operation its route."""
        for operation in self.all:
            view = access(operation.roles, operation.scopes)(_view(operation))
            if operation.wall:
                view = for_walls(view)
            blueprint.add_url_rule(operation.path, operation.name, view, methods=[operation.method])


def _view(operation: Operation) -> Callable[..., Response]:
    def answer(**path: Any) -> Response:
        if operation.method == "POST":
            _refuse_another_past(path)
        request = ApiRequest(
            body=_body(operation.body) if operation.body else None,
            query=_query(operation.query) if operation.query else None,
            request_id=_request_id() if operation.method == "POST" else None,
            path=path,
        )
        result = operation.handler(request)
        return result if isinstance(result, Response) else jsonify(result)

    return answer


def _refuse_another_past(path: Mapping[str, Any]) -> None:
    """Do nothing for whoever means a thing that went with a restore, to another thing that has its number now."""
    epoch = flask.request.headers.get(EPOCH_HEADER)
    if not epoch or path.keys().isdisjoint(("number", "assignment_id")):
        return
    with services().centre.read() as connection:
        meant = {"ticket_number": path.get("number"), "assignment_id": path.get("assignment_id")}
        if is_another(connection, epoch, **meant):
            raise OfAnotherPast


def is_public(operation: Operation) -> bool:
    """Whether the operation can be called without signing in."""
    return operation.roles == PUBLIC


def _body(model: type[BaseModel]) -> BaseModel:
    raw = flask.request.get_data(cache=False)
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_input=False)[0]) from None


def _query(model: type[BaseModel]) -> BaseModel:
    try:
        return model.model_validate_strings(cast("dict[str, Any]", flask.request.args.to_dict()))
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_input=False)[0]) from None


def _request_id() -> str | None:
    given = flask.request.headers.get(REQUEST_ID_HEADER)
    if given is None:
        return None
    if not (0 < len(given) <= REQUEST_ID_LIMIT and given.isascii() and given.isprintable()):
        raise InvalidValue(REQUEST_ID_HEADER, "form")
    return given


#: pydantic's kinds of errors by the problem that people are told; whatever is not listed is a wrong type.
_PROBLEMS = {
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "empty",
    "too_short": "empty",
    "extra_forbidden": "unexpected",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "literal_error": "unknown",
    "enum": "unknown",
    "string_pattern_mismatch": "control_character",
    "timezone_aware": "no_time_zone",
}


def _refusal(error: ErrorDetails) -> CommandRefused:
    field = ".".join(str(part) for part in error["loc"])[:80]
    if error["type"] == "json_invalid" or not field:
        return CommandRefused("invalid_json")
    if error["type"] == "missing":
        return RequirementMissing(field)
    return InvalidValue(field, _PROBLEMS.get(error["type"], "wrong_type"))
