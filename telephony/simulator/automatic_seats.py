"""Seats that answer by themselves, for a replay without operators."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from time import monotonic


class AutomaticSeats:
    """Answers each call once it has rung for `after_s` real seconds, the extensions in turn; without any, none."""

    def __init__(self, extensions: Sequence[str], after_s: float) -> None:
        self._turns = cycle(extensions) if extensions else None
        self._after_s = after_s
        self._rang_at: dict[str, float] = {}

    def answered_by(self, linkedid: str) -> str | None:
        """The extension that answers this call now."""
        if self._turns is None:
            return None
        rang_at = self._rang_at.setdefault(linkedid, monotonic())
        if monotonic() - rang_at < self._after_s:
            return None
        del self._rang_at[linkedid]
        return next(self._turns)
