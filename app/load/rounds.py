"""One request, or one message of a socket, begins in each round of the loop, so that calls get their turn in between.

A call is four short exchanges with Asterisk, and between any two of them the loop serves whatever else is ready. If
that were all the requests that a hundred connections have sent, the caller would wait four times for all of them: a
stranger who keeps asking for the sign-in page was enough. So what is ready waits in line, and networks take turns.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any

from gevent import get_hub
from gevent.event import Event


class Rounds:
    """The lines of one node. Whoever comes while nothing else has begun in this round does not wait."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Event]] = OrderedDict()
        self._begun = False
        self._timer: Any = None

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def begin(self, network: str) -> None:
        """Return when it is this network's turn to begin something."""
        if not self._begun:
            self._begun = True
            self._end_with_this_round()
            return
        turn = Event()
        self._lines.setdefault(network, deque()).append(turn)
        try:
            turn.wait()
        finally:
            if not turn.is_set():  # it was ended while it waited
                self._leave(network, turn)

    def _end_with_this_round(self) -> None:
        # A timer that is over at once: the loop looks for what has come in before it looks at the time.
        self._timer = get_hub().loop.timer(0.0)
        self._timer.start(self._next_round)

    def _next_round(self) -> None:
        self._timer.close()
        if not self._lines:
            self._begun = False
            return
        network, line = self._lines.popitem(last=False)
        turn = line.popleft()
        if line:
            self._lines[network] = line
        self._end_with_this_round()
        turn.set()

    def _leave(self, network: str, turn: Event) -> None:
        line = self._lines[network]
        line.remove(turn)
        if not line:
            del self._lines[network]
