"""Log lines: one per event, with fields, and nothing of a caller in them."""

from __future__ import annotations

import io
import logging
import re

from app.log_lines import Lines
from tests.app.house import House, Program


def written(record: logging.LogRecord) -> str:
    return Lines().format(record)


def record(message: str, *arguments: object, **options: object) -> logging.LogRecord:
    return logging.LogRecord("app.test", logging.ERROR, __file__, 1, message, arguments, options.get("exc_info"))  # type: ignore[arg-type]


def test_a_line_carries_time_level_name_and_message() -> None:
    line = written(record("request method=%s status=%d", "GET", 200))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ERROR app\.test request method=GET status=200", line)


def test_a_message_with_line_breaks_stays_one_line() -> None:
    assert "\n" not in written(record("first\nsecond"))


def test_an_exception_is_named_with_its_place_but_its_text_is_left_out() -> None:
    try:
        raise ValueError("caller 081200000417")
    except ValueError as error:
        line = written(record("failed", exc_info=(type(error), error, error.__traceback__)))
    assert "exception=ValueError places=test_an_exception_is_named" in line
    assert "081200000417" not in line


def test_requests_are_logged_by_route_without_numbers_queries_or_bodies(staffed: House, dewi: Program) -> None:
    number, linkedid = staffed.call("081234567890")
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        dewi.post(f"/api/v1/tickets/{number}/claim")
        dewi.post(f"/api/v1/tickets/{number}/classify", {"classification": "genuine", "words": "tolong kebakaran"})
        dewi.get(f"/api/v1/calls?linkedid={linkedid}")
        dewi.get("/api/v1/places?q=rumah pak haji")
        dewi.get("/healthz")
    finally:
        root.removeHandler(handler)
        root.setLevel(logging.WARNING)
    lines = out.getvalue()
    assert "method=POST route=/api/v1/tickets/<string:number>/classify status=200" in lines
    for secret in ("081234567890", "tolong", "haji", linkedid, "Bearer", "healthz"):
        assert secret not in lines
