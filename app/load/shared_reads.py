"""Long reads: on threads, so that calls go on being registered meanwhile, and one for all who want the same.

When a node comes back, every screen asks for its snapshot at once. Two hundred of them, one after the other on the
loop, kept calls waiting for half a minute (measured); read once for all who had asked by then, they do not show.

Who asks for much waits behind their own questions and not before everybody else's: `app.load.fair_turns` says whose
turn it is. Nobody waits for longer than the policy says; then it is too busy, which the API answers with 503.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from app.load.fair_turns import Asker, FairTurns, TooBusy, Turn
from dispatch.city.policy import LoadPolicy

Result = TypeVar("Result")

THREADS = 2
#: Reads of agencies leave a thread to the centre, and each person's go one after the other.
FOR_AGENCIES, OF_ONE_PERSON = 1, 1


class Dropped(Exception):
    """Nobody waits for this answer any more."""


class ReadLine:
    """What one connection waits for. Once it is ended, what it asked for and has not begun is not done."""

    def __init__(self) -> None:
        self.waiting: list[AsyncResult] = []

    def __len__(self) -> int:
        return len(self.waiting)

    def end(self) -> None:
        """Let go of everything that waits."""
        for waiting in self.waiting:
            waiting.set_exception(Dropped())


class _Awaited:
    """A read that somebody waits for. Each person who does has a turn of their own; whose comes first begins it."""

    def __init__(self, key: Hashable, read: Callable[[], Any]) -> None:
        self.key, self.read = key, read
        self.result = AsyncResult()
        self.begun = False
        self.people: Counter[Hashable] = Counter()  #: how often each person waits for it
        self.turns: dict[Hashable, Turn] = {}


class SharedReads:
    """Runs functions on a few threads. They must not touch the request: it belongs to the greenlet that waits."""

    def __init__(self, load: LoadPolicy) -> None:
        self._threads = ThreadPool(THREADS)
        self._wait_s = load.read_wait_s
        self.turns = FairTurns(
            THREADS, for_agencies=FOR_AGENCIES, at_once=OF_ONE_PERSON, waiting=load.reads_waiting_per_user
        )
        self._awaited: dict[Hashable, _Awaited] = {}

    def alone(self, asker: Asker, read: Callable[[], Result], line: ReadLine | None = None) -> Result:
        """Run `read` for this caller. Raises as `shared` does."""
        return self.shared(asker, object(), read, line)

    def shared(self, asker: Asker, key: Hashable, read: Callable[[], Result], line: ReadLine | None = None) -> Result:
        """The result of a `read` that began after this call, together with everybody who asks for `key` meanwhile.

        Raises TooBusy where the person has too many questions waiting or this one's turn does not come in time, and
        Dropped where `line` was ended meanwhile.
        """
        awaited = self._join(asker, key, read)
        answer = AsyncResult()
        awaited.result.rawlink(answer)
        if line is not None:
            line.waiting.append(answer)
        try:
            try:
                result: Result = answer.get(timeout=self._wait_s)
            except gevent.Timeout:
                if not awaited.begun:
                    raise TooBusy from None
                result = answer.get()
            return result
        finally:
            awaited.result.unlink(answer)
            if line is not None:
                line.waiting.remove(answer)
            self._leave(asker, awaited)

    def _join(self, asker: Asker, key: Hashable, read: Callable[[], Any]) -> _Awaited:
        """Wait with the others; the second time a person does so takes no further place in the person's line."""
        awaited = self._awaited.get(key) or _Awaited(key, read)
        if asker.who not in awaited.people:
            # Whoever is refused leaves no trace; a turn may be granted at once, which takes it out of `_awaited`.
            self._awaited[key] = awaited
            try:
                turn = self.turns.ask(asker, partial(self._begin, awaited), key)
            except TooBusy:
                self._forget_abandoned(awaited)
                raise
            if not awaited.begun:
                awaited.turns[asker.who] = turn
        awaited.people[asker.who] += 1
        return awaited

    def _begin(self, awaited: _Awaited, turn: Turn) -> None:
        awaited.begun = True
        del self._awaited[awaited.key]  # whoever asks from now on needs what is not read yet
        for other in awaited.turns.values():
            if other is not turn:
                self.turns.withdraw(other)
        awaited.turns.clear()
        gevent.spawn(self._read, awaited, turn)

    def _read(self, awaited: _Awaited, turn: Turn) -> None:
        try:
            awaited.result.set(self._threads.apply(awaited.read))
        except Exception as error:  # noqa: BLE001 it is raised again in everybody who waits
            awaited.result.set_exception(error)
        finally:
            self.turns.end(turn)

    def _leave(self, asker: Asker, awaited: _Awaited) -> None:
        awaited.people[asker.who] -= 1
        if awaited.people[asker.who] == 0:
            del awaited.people[asker.who]
            if asker.who in awaited.turns:
                self.turns.withdraw(awaited.turns.pop(asker.who))
        self._forget_abandoned(awaited)

    def _forget_abandoned(self, awaited: _Awaited) -> None:
        if not awaited.people and self._awaited.get(awaited.key) is awaited:
            del self._awaited[awaited.key]
