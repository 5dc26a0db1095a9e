"""Every signed-in person's share of the loop: so many requests at once, so many behind them, and the rest is refused.

Most requests do all their work in one go, and those of one person would otherwise stand in one row before everybody
else's. A person who sends hundreds waits behind the first few of them, and between any two others get their turn.
"""

from __future__ import annotations

import sys

import gevent
from gevent.event import Event

from app.load.fair_turns import Asker, FairTurns, TooBusy, Turn
from dispatch.city.policy import LoadPolicy

#: Whoever is refused hears of it only now: a program that asks again at once would keep the loop busy with refusals.
REFUSED_AFTER_S = 0.5
_NO_LIMIT = sys.maxsize  #: only each person's own requests are counted; what all of them do is bounded elsewhere


class FairShares:
    """The requests of all people of one node."""

    def __init__(self, load: LoadPolicy) -> None:
        self._wait_s = load.read_wait_s
        self.turns = FairTurns(
            _NO_LIMIT, for_agencies=_NO_LIMIT, at_once=load.requests_at_once, waiting=load.requests_waiting
        )

    def begin(self, asker: Asker) -> Turn:
        """Wait for this person's turn; it is to be ended. Raises TooBusy."""
        come = Event()
        try:
            turn = self.turns.ask(asker, lambda _turn: come.set())
        except TooBusy:
            gevent.sleep(REFUSED_AFTER_S)
            raise
        if not come.wait(self._wait_s):
            self.turns.withdraw(turn)
            raise TooBusy
        gevent.sleep(0)  # Whoever else is ready goes first: what follows may hold the loop for a while.
        return turn

    def end(self, turn: Turn) -> None:
        """The request has been answered."""
        self.turns.end(turn)
