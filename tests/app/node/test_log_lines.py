"""Log lines: one per event, with fields, and nothing of a caller in them."""

from __future__ import annotations

import io
import logging
import re

import gevent
import pytest

from app.node.log_lines import Lines, Storms, one_line_for_greenlets
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


def test_a_storm_of_one_kind_is_cut_short_and_says_how_much_was_left_out() -> None:
    storms = Storms(burst=3, window_s=10)

    def passed(at: float, message: str, level: int = logging.ERROR) -> str | None:
        one = record(message, "1.1")
        one.created, one.levelno = at, level
        return one.getMessage() if storms.filter(one) else None

    written = [passed(100 + second / 10, "AGI script failed linkedid=%s") for second in range(50)]
    assert written == ["AGI script failed linkedid=1.1"] * 3 + [None] * 47
    assert passed(104, "another error %s") == "another error 1.1"
    assert [passed(104, "request %s", logging.INFO) for _ in range(20)] == ["request 1.1"] * 20
    assert passed(111, "AGI script failed linkedid=%s") == (
        "AGI script failed linkedid=1.1 (47 more like this were left out)"
    )
    assert passed(112, "AGI script failed linkedid=%s") == "AGI script failed linkedid=1.1"


def test_what_ends_a_greenlet_or_a_threads_work_is_one_line_without_its_text(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gevent.get_hub(), "print_exception", gevent.get_hub().print_exception)  # put back afterwards
    one_line_for_greenlets()

    def fail() -> None:
        raise ValueError("caller 081200000417")

    gevent.spawn(fail).join()
    with pytest.raises(ValueError, match="caller"):
        gevent.get_hub().threadpool.apply(fail)
    lines = [written(one) for one in caplog.records]
    assert len(lines) == 2
    assert all("exception=ValueError places=fail" in line and "0812" not in line for line in lines)
    assert capfd.readouterr() == ("", "")
