"""Log lines: one event each, with its fields named; nothing of a caller, no query strings, no texts of exceptions."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from types import TracebackType

from flask import Flask, Response, g, request

from dispatch.clock import to_iso

log = logging.getLogger(__name__)

#: Asked for every few seconds by monitors and once by every page; their lines would hide the others.
_NOT_LOGGED = frozenset({"static", "healthz", "readyz", "metrics"})


class Lines(logging.Formatter):
    """`2026-11-24T02:14:36.120Z INFO telephony.fastagi AGI script=incoming ...`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; where an exception is to be shown, its kind and its places follow on the same line."""
        at = to_iso(datetime.fromtimestamp(record.created, UTC))
        message = record.getMessage().replace("\n", " ")
        line = f"{at} {record.levelname} {record.name} {message}"
        return f"{line} {places_of(record.exc_info)}" if record.exc_info and record.exc_info[0] else line


def places_of(
    error: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
) -> str:
    """An exception as kind and places. Its own text is left out: a database error quotes the row, and so the caller."""
    kind, _, trace = error
    frames = traceback.extract_tb(trace)[-6:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"exception={kind.__name__ if kind else '?'} places={places}"


def log_to_stderr() -> None:
    """Send all log lines of this process to stderr in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # No line names a thread or a process, and looking each up costs the call path more than the line itself.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # It says which database it looks at each time the schema is checked.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("engineio.server", "socketio.server"):
        # They bring handlers of their own, which would write what browsers sent.
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).setLevel(logging.ERROR)


def log_requests(app: Flask) -> None:
    """Write a line for each request that `app` answers: method, route, status, milliseconds."""

    @app.before_request
    def remember_start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def write(response: Response) -> Response:
        if request.endpoint not in _NOT_LOGGED:
            took_ms = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
            route = request.url_rule.rule if request.url_rule else "-"
            log.info(
                "request method=%s route=%s status=%d ms=%.1f", request.method, route, response.status_code, took_ms
            )
        return response
