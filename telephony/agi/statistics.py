"""What the FastAGI server has done since it was made, as plain counters for /metrics."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum


class SessionEnd(StrEnum):
    """How an AGI session ended."""

    COMPLETED = "completed"  #: the command is durable, and Asterisk took what it had to be told
    FAILED = "failed"  #: the command could not be made durable, or refused, or there is a bug
    HUNG_UP = "hung_up"  #: the connection ended before Asterisk had been told everything
    REFUSED_BY_ASTERISK = "refused_by_asterisk"  #: Asterisk did not take one of our commands, or spoke nonsense
    TIMED_OUT = "timed_out"  #: the session's time ran out
    UNKNOWN_SCRIPT = "unknown_script"  #: the dialplan asked for something that is not here
    TRUNCATED = "truncated"  #: the connection ended inside the environment; no call was registered
    SILENT = "silent"  #: nothing whole came in the time that Asterisk never needs; no call was registered
    UNUSED = "unused"  #: nothing was ever sent: a health check


#: Upper bounds of the latency buckets in seconds; the last bucket holds everything above.
LATENCY_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(slots=True)
class Latency:
    """How long sessions took, from accept to close, as a histogram."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_BOUNDS_S) + 1))
    sum_s: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one session that took `seconds`."""
        self.counts[bisect_left(LATENCY_BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    @property
    def count(self) -> int:
        """How many sessions were counted."""
        return sum(self.counts)

    def cumulative(self) -> list[tuple[float, int]]:
        """The buckets as Prometheus wants them: (upper bound in s, sessions up to it), the last bound infinite."""
        total = 0
        buckets: list[tuple[float, int]] = []
        for bound, count in zip((*LATENCY_BOUNDS_S, float("inf")), self.counts, strict=True):
            total += count
            buckets.append((bound, total))
        return buckets


@dataclass(slots=True)
class AgiStatistics:
    """Counters of one FastAGI server; `script` is a script's name, `unknown`, or empty where none was understood."""

    in_progress: int = 0
    #: Connections closed at once because `max_sessions` were under way.
    refused: int = 0
    #: Connections closed at once because their address is not among the peers.
    strangers: int = 0
    #: Connections that said nothing: closed in time, or for one that may have more to say.
    silent: int = 0
    ends: Counter[tuple[str, SessionEnd]] = field(default_factory=Counter)
    latency: defaultdict[str, Latency] = field(default_factory=lambda: defaultdict(Latency))

    def count(self, script: str, end: SessionEnd, seconds: float) -> None:
        """Count a session that has ended, `seconds` after it was accepted."""
        self.ends[script, end] += 1
        if script:
            self.latency[script].observe(seconds)

    @property
    def sessions(self) -> int:
        """Sessions that have ended, however they did."""
        return self.ends.total()

    @property
    def failed(self) -> int:
        """Sessions whose call may be without a ticket: what reconciliation will look for."""
        return sum(count for (_, end), count in self.ends.items() if end not in _WITHOUT_CONSEQUENCE)


_WITHOUT_CONSEQUENCE = frozenset({SessionEnd.COMPLETED, SessionEnd.UNUSED, SessionEnd.HUNG_UP, SessionEnd.SILENT})
