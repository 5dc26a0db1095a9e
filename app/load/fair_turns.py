"""Turns: who may work next when more is asked for than can be done at once.

Each person has a line of their own, and a full line is refused at once. The centre (call takers, supervisors, the wall
board) goes before the agencies, but not for ever; within each of the two, people take turns. Agencies never hold all
places, so that whatever they ask for, the centre's next turn waits for no more than one of the centre's own.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

#: While an agency waits, this many turns of the centre go before it, and then one of the agencies.
CENTRE_TURNS_IN_A_ROW = 8


class TooBusy(Exception):
    """This person already has as much under way as one person may, or the turn did not come in time."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks, as far as it matters for whose turn it is."""

    who: Hashable
    of_an_agency: bool = False


@dataclass(eq=False, slots=True)
class Turn:
    """One place in a line. `granted` is called with it, once, when the turn has come."""

    asker: Asker
    key: Hashable  #: of two turns with the same key one waits until the other has ended; None: nothing to wait for
    granted: Callable[[Turn], object]


@dataclass(slots=True)
class _Lines:
    """The lines of the centre, or those of the agencies; whoever had a turn goes to the end."""

    lines: OrderedDict[Hashable, deque[Turn]] = field(default_factory=OrderedDict)
    under_way: int = 0


class FairTurns:
    """Grants turns. It waits for nothing itself and knows no clock: the same questions give the same order."""

    def __init__(self, places: int, *, for_agencies: int, at_once: int, waiting: int) -> None:
        """`places` turns run at once, at most `for_agencies` of them agencies'; a person runs `at_once` and has
        `waiting` more in line.
        """
        self._places, self._for_agencies, self._at_once, self._waiting = places, for_agencies, at_once, waiting
        self._centre, self._agencies = _Lines(), _Lines()
        self._running: dict[Hashable, int] = {}  #: turns under way by person
        self._keys: set[Hashable] = set()
        self._behind: dict[Hashable, dict[Turn, None]] = {}  #: turns that wait for the end of another with their key
        self._in_line: dict[Hashable, int] = {}
        self._in_a_row = 0
        self.refused = 0

    def ask(self, asker: Asker, granted: Callable[[Turn], object], key: Hashable = None) -> Turn:
        """Take a place in the person's line; `granted` may be called before this returns. Raises TooBusy."""
        if self._in_line.get(asker.who, 0) >= self._waiting:
            self.refused += 1
            raise TooBusy
        turn = Turn(asker, key, granted)
        self._in_line[asker.who] = self._in_line.get(asker.who, 0) + 1
        self._stand_in_line(turn)
        self._grant()
        return turn

    def withdraw(self, turn: Turn) -> None:
        """Leave the line; a turn that has been granted is ended with `end` instead."""
        behind = self._behind.get(turn.key, {})
        if turn in behind:
            del behind[turn]
        else:
            lines = self._lines_of(turn).lines
            line = lines.get(turn.asker.who)
            if line is None or turn not in line:
                return
            line.remove(turn)
            if not line:
                del lines[turn.asker.who]
        self._leave_line(turn)

    def end(self, turn: Turn) -> None:
        """What the turn was for has been done; who waited meanwhile goes before this person."""
        side = self._lines_of(turn)
        side.under_way -= 1
        if turn.asker.who in side.lines:
            side.lines.move_to_end(turn.asker.who)
        self._running[turn.asker.who] -= 1
        if not self._running[turn.asker.who]:
            del self._running[turn.asker.who]
        if turn.key is not None:
            self._keys.discard(turn.key)
            for other in self._behind.pop(turn.key, ()):
                self._stand_in_line(other)
        self._grant()

    @property
    def under_way(self) -> int:
        """Turns that were granted and have not ended."""
        return self._centre.under_way + self._agencies.under_way

    @property
    def in_line(self) -> int:
        """Turns that wait."""
        return sum(self._in_line.values())

    def _stand_in_line(self, turn: Turn) -> None:
        self._lines_of(turn).lines.setdefault(turn.asker.who, deque()).append(turn)

    def _leave_line(self, turn: Turn) -> None:
        who = turn.asker.who
        self._in_line[who] -= 1
        if not self._in_line[who]:
            del self._in_line[who]

    def _lines_of(self, turn: Turn) -> _Lines:
        return self._agencies if turn.asker.of_an_agency else self._centre

    def _grant(self) -> None:
        while self.under_way < self._places and (turn := self._next()) is not None:
            self._leave_line(turn)
            self._lines_of(turn).under_way += 1
            self._running[turn.asker.who] = self._running.get(turn.asker.who, 0) + 1
            if turn.key is not None:
                self._keys.add(turn.key)
            turn.granted(turn)

    def _next(self) -> Turn | None:
        agencies_may = self._agencies.under_way < self._for_agencies
        if agencies_may and self._in_a_row >= CENTRE_TURNS_IN_A_ROW and (turn := self._first(self._agencies)):
            self._in_a_row = 0
            return turn
        if turn := self._first(self._centre):
            self._in_a_row += 1
            return turn
        self._in_a_row = 0
        return self._first(self._agencies) if agencies_may else None

    def _first(self, side: _Lines) -> Turn | None:
        """The next turn of these lines that may begin; those that must wait for their key step aside."""
        for who in list(side.lines):
            line = side.lines[who]
            if self._running.get(who, 0) >= self._at_once:
                continue
            while line:
                turn = line.popleft()
                if turn.key is None or turn.key not in self._keys:
                    if line:
                        side.lines.move_to_end(who)
                    else:
                        del side.lines[who]
                    return turn
                self._behind.setdefault(turn.key, {})[turn] = None
            del side.lines[who]
        return None
