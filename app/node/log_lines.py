"""Log lines: one event each, with its fields named; nothing of a caller, no query strings, no texts of exceptions."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import gevent
from flask import Flask, Response, g, request

from dispatch.clock import to_iso

log = logging.getLogger(__name__)

#: Of one kind of warning or error so many lines within so many seconds.
STORM_BURST, STORM_WINDOW_S = 10, 10.0

#: Asked for every few seconds by monitors and once by every page; their lines would hide the others.
_NOT_LOGGED = frozenset({"static", "healthz", "readyz", "metrics"})


class Lines(logging.Formatter):
    """`2026-11-24T02:14:36.120Z INFO telephony.agi.server AGI script=incoming ...`."""

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


class Storms(logging.Filter):
    """Lets the first warnings and errors of one kind through, and of a storm says how many it left out.

    While the database is away, each call and each round of the live feed has the same to say.
    """

    def __init__(self, burst: int = STORM_BURST, window_s: float = STORM_WINDOW_S) -> None:
        super().__init__()
        self._burst, self._window_s = burst, window_s
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written."""
        if record.levelno < logging.WARNING:
            return True
        kind = self._kinds.setdefault((record.name, str(record.msg)), _Kind(record.created))
        if record.created - kind.began >= self._window_s:
            if kind.left_out:
                record.msg = f"{record.msg} ({kind.left_out} more like this were left out)"
            kind.began, kind.written, kind.left_out = record.created, 0, 0
        if kind.written >= self._burst:
            kind.left_out += 1
            return False
        kind.written += 1
        return True


@dataclass(slots=True)
class _Kind:
    began: float
    written: int = 0
    left_out: int = 0


def one_line_for_greenlets() -> None:
    """Let gevent log what ends a greenlet or a thread's work in one line, where it would print a whole traceback."""

    def write(context: object, kind: Any, error: Any, trace: Any) -> None:
        del context  # it may quote the work's arguments
        failed = kind if isinstance(kind, type) else type(error)
        log.error("work ended with an error", exc_info=(failed, error, trace))

    gevent.get_hub().print_exception = write


def log_to_stderr() -> None:
    """Send all log lines of this process to stderr in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    handler.addFilter(Storms())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # No line names a thread or a process, and looking each up costs the call path more than the line itself.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # It says which database it looks at each time the schema is checked.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("gunicorn.error", "gunicorn.access"):
        # Their own form names the process, which no line does here, and would fail.
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
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
