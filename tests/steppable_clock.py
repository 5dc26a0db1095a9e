"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: A Tuesday morning in Serang (09.14 WIB); far from midnight, so that ticket numbers of one test share a date.
A_TUESDAY_MORNING = datetime(2026, 11, 24, 2, 14, 0, tzinfo=UTC)


class SteppableClock:
    """Satisfies dispatch.clock.Clock; time passes only through `step`."""

    def __init__(self, start: datetime = A_TUESDAY_MORNING) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def step(self, seconds: float) -> datetime:
        """Let that many seconds pass and return the new instant."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += timedelta(seconds=seconds)
        return self._now
