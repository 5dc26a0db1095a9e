"""What became of the lines of a record."""

from __future__ import annotations

from app.api.answers.basics import Answer


class RecordTaken(Answer):
    """Counts; `opened` had no ticket and have one now, `ended` were not known to be over."""

    calls: int
    opened: int
    ended: int
    garbage: int
    still_up: int
