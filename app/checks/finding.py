"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How it is with what was looked at."""

    OK = "ok"
    WRONG = "WRONG"
    UNSEEN = "not seen"  #: cannot be told from here; no fault


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report, and below it what to do."""

    standing: Standing
    words: str
    advice: str = ""

    def lines(self) -> list[str]:
        """As it is printed."""
        first = f"{self.standing:<9} {self.words}"
        return [first, f"{'':<9} {self.advice}"] if self.advice else [first]


def ok(words: str) -> Finding:
    """Nothing to do."""
    return Finding(Standing.OK, words)


def wrong(words: str, advice: str) -> Finding:
    """Something to do, and what."""
    return Finding(Standing.WRONG, words, advice)


def unseen(words: str, advice: str = "") -> Finding:
    """Not to be seen from here."""
    return Finding(Standing.UNSEEN, words, advice)
