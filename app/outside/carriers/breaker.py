"""A circuit breaker for one channel: while its carrier is down it is given one try now and then, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

#: Failures in a row after which the carrier counts as down.
FAILURES = 5
FIRST_REST_S, LONGEST_REST_S = 2.0, 30.0


class Breaker:
    """Open: `room` is 0 until the rest is over, then 1 for a try. Closed: there is no limit of its own."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._failures = 0
        self._rests_until = 0.0
        self._trying = False

    def room(self, free: int) -> int:
        """How many of `free` sends may begin now."""
        if self._now() < self._rests_until:
            return 0
        if self._failures < FAILURES:
            return free
        return 0 if self._trying else min(1, free)

    @property
    def is_open(self) -> bool:
        """Whether the carrier counts as down, or has asked us to wait."""
        return self._failures >= FAILURES or self._now() < self._rests_until

    def began(self) -> None:
        """A send begins."""
        self._trying = True

    def gave_up_trying(self) -> None:
        """A send ended before its carrier was asked, which says nothing of the carrier."""
        self._trying = False

    def ended(self, *, well: bool, wait_s: float | None = None) -> None:
        """A send ended; `wait_s`: the carrier asks for that long a pause of the whole channel."""
        self._trying = False
        if well:
            self._failures, self._rests_until = 0, 0.0
            return
        self._failures += 1
        rest_s = 0.0
        if self._failures >= FAILURES:
            rest_s = min(FIRST_REST_S * float(2 ** min(self._failures - FAILURES, 10)), LONGEST_REST_S)
        self._rests_until = max(self._rests_until, self._now() + max(rest_s, wait_s or 0.0))
