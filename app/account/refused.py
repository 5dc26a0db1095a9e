"""What is said to whoever has to try again later: how long, in words and for programs."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from app.account.tries import TooSoon
from app.people.hashing_queue import HashingBusy
from app.web.languages import current_language
from app.web.messages import waiting_time


def refused_for_now(refusal: Exception, page: Callable[..., Response]) -> Response:
    """`page(status, problem, wait=...)` with Retry-After, for a TooSoon, a TooManyWaiting or a HashingBusy."""
    status, problem, wait_s = 429, "too_many_attempts", 1.0
    if isinstance(refusal, TooSoon):
        wait_s = refusal.wait_s
    elif isinstance(refusal, HashingBusy):
        status, problem, wait_s = 503, "sign_in_busy", refusal.retry_s
    answer = page(status, problem, wait=waiting_time(wait_s, current_language()))
    answer.headers["Retry-After"] = str(round(wait_s) or 1)
    return answer
