"""What is answered when something was refused: JSON with a stable code to programs, a page to people."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, jsonify, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from typing_extensions import TypedDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.load.fair_turns import TooBusy
from app.people.person import SignInNeeded
from app.reading.readers import NotRead
from app.web.languages import current_language
from app.web.messages import explain, heading
from dispatch.errors import CommandRefused, StorageUnavailable

log = logging.getLogger(__name__)

API_PREFIX = "/api/"

_STATUS_BY_CODE = {
    "transition_refused": 409,
    "claimed_by_other": 409,
    "not_owner": 409,
    "callback_over": 409,
    "restored": 409,
    "agencies_on_it": 409,
    "incident_closed": 409,
    "roster_changed": 409,
    "not_permitted": 403,
    "scope_refused": 403,
    "wall_screen": 403,
    "not_found": 404,
    "requirement_missing": 400,
    "invalid_value": 400,
    "invalid_json": 400,
}
_CODE_BY_STATUS = {403: "not_permitted", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class ErrorBody(TypedDict):
    """What was refused and why: a stable code, a sentence in the user's language, and what could be done instead."""

    code: str
    message: str
    details: dict[str, Any]
    allowed: list[str]


class Error(TypedDict):
    """A refusal."""

    error: ErrorBody


def add_error_answers(app: Flask) -> None:
    """Answer every refusal and every failure of `app` in the form its caller can use."""
    app.register_error_handler(SignInNeeded, _sign_in_needed)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(CommandRefused, _refused)
    for failure in (StorageUnavailable, OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(failure, _storage_unavailable)
    app.register_error_handler(TooBusy, _too_busy)
    app.register_error_handler(NotRead, _not_read)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)


def error_answer(
    status: int, code: str, details: dict[str, Any] | None = None, allowed: tuple[str, ...] = ()
) -> Response:
    """The answer for an error code, with its words in the user's language."""
    language = current_language()
    message = explain(code, details or {}, language)
    if request.path.startswith(API_PREFIX):
        refusal: Error = {
            "error": {"code": code, "message": message, "details": details or {}, "allowed": list(allowed)}
        }
        answer: Response = jsonify(refusal)
        answer.status_code = status
        return answer
    page = render_template("error.html", status=status, title=heading(status, language), message=message, code=code)
    return Response(page, status, mimetype="text/html")


def _sign_in_needed(_error: SignInNeeded) -> Response:
    if request.path.startswith(API_PREFIX) or request.method != "GET":
        return error_answer(401, "sign_in_needed")
    return redirect(url_for("sign_in", next=request.path if request.path != "/" else None), 303)


def _form_expired(_error: CSRFError) -> Response:
    return error_answer(400, "form_expired")


def _refused(error: CommandRefused) -> Response:
    return error_answer(_STATUS_BY_CODE.get(error.code, 400), error.code, dict(error.details), error.allowed)


def _storage_unavailable(_error: Exception) -> Response:
    # What the driver said stands in the log; people are told what it means for them.
    answer = error_answer(503, "storage_unavailable")
    answer.headers["Retry-After"] = "5"
    return answer


def _too_busy(_error: TooBusy) -> Response:
    answer = error_answer(503, "busy")
    answer.headers["Retry-After"] = "1"
    return answer


def _not_read(error: NotRead) -> Response:
    return error_answer(503, error.code)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    details: dict[str, Any] = {}
    if isinstance(error, RequestEntityTooLarge):
        details["limit_kb"] = (request.max_content_length or 0) // 1024
    answer = error_answer(error.code, _CODE_BY_STATUS.get(error.code, "bad_request"), details)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _failed(error: Exception) -> Response:
    # The text of an exception may hold what a caller said, so only its kind and place are logged.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "?"
    log.error("request failed: %s %s: %s at %s", request.method, request.url_rule, type(error).__name__, where)
    return error_answer(500, "server_error")
