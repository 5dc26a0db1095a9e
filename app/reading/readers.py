"""Reading typed texts outside of the loop: no text holds calls up, whatever it is and whoever sends it.

A node's readers are processes (`dispatch.reader.process`). Each person's texts are read one after the other, and
people take turns; a reader that takes too long is ended and replaced. Where there are none, calls and everything done
by hand go on, and whoever typed is told that nothing is proposed. An application without a node (a test's, the command
line's) reads by itself.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from time import monotonic

import gevent
from gevent import socket
from gevent.event import Event
from sqlalchemy.exc import SQLAlchemyError

from app.load.fair_turns import Asker, FairTurns, TooBusy
from app.reading.stem import Stem, StemGone
from dispatch.centre import Centre
from dispatch.places.boundaries import BoundaryLayer
from dispatch.reader.frames import Broken, receive_frame, send_frame
from dispatch.reader.process import FAILED, packed
from dispatch.reader.readings import Question, read

log = logging.getLogger(__name__)

#: A node that starts has better things to do at first; a text that is typed sooner starts the readers sooner.
START_AFTER_S = 1.0
REFRESH_S = 2.0  #: how long somebody who has added a landmark waits for the readers to know it
GRACE_S = 0.5  #: for the way there and back, beyond a reading's own deadline


class NotRead(Exception):
    """A text that was not read; `code` says why: `reading_too_long` or `reading_unavailable`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Readers:
    """The readers of one node."""

    def __init__(self, centre: Centre, boundaries: BoundaryLayer | None) -> None:
        self._centre, self._boundaries = centre, boundaries
        self._policy = centre.city.policy.reading
        policy = self._policy
        self.turns = FairTurns(policy.readers, for_agencies=policy.readers, at_once=1, waiting=policy.waiting_per_user)
        self._stem: Stem | None = None
        self._starting: gevent.Greenlet | None = None
        self._idle: list[tuple[int, socket.socket]] = []  #: with the generation that each belongs to
        self.ends: Counter[str] = Counter()  #: what became of the texts

    @property
    def ready(self) -> bool:
        """Whether texts are read."""
        return self._stem is None or self._stem.ready.is_set()

    @property
    def stem(self) -> Stem | None:
        """The readers' process; None where this application reads by itself."""
        return self._stem

    def start(self) -> None:
        """Read elsewhere from now on."""
        url = self._centre.engine.url.render_as_string(hide_password=False)
        self._stem = Stem(packed(self._centre.city, self._boundaries, url))
        self._starting = gevent.spawn_later(START_AFTER_S, self._stem.start)

    def stop(self) -> None:
        """End all readers."""
        if self._starting is not None:
            self._starting.kill()
        if self._stem is not None:
            self._stem.stop()
        self._let_go()

    def refresh(self) -> bool:
        """Know the places of the database as they are now; False where that is not so yet and has to be tried again."""
        stem = self._stem
        if stem is None:
            try:
                self._centre.place_keeper.refresh()
            except SQLAlchemyError:
                return False
            return True
        if stem.pid is None and not stem.ready.is_set():
            return True  # it reads them when it starts
        try:
            return stem.refresh(REFRESH_S)
        except StemGone:
            return True

    def read(self, asker: Asker, question: Question) -> bytes:
        """The answer, as JSON. Raises TooBusy, or NotRead."""
        try:
            stem = self._stem
            answer = self._read_here(question) if stem is None else self._read_elsewhere(stem, asker, question)
        except TooBusy:
            self.ends["busy"] += 1
            raise
        except NotRead as problem:
            self.ends[problem.code] += 1
            raise
        self.ends["read"] += 1
        return answer

    def _read_here(self, question: Question) -> bytes:
        return read(question, self._centre.city, self._centre.places)

    def _read_elsewhere(self, stem: Stem, asker: Asker, question: Question) -> bytes:
        come = Event()
        turn = self.turns.ask(asker, lambda _turn: come.set())
        try:
            if not come.wait(self._policy.wait_s):
                raise TooBusy
            answer = self._ask(stem, question)
            if answer is None:
                # A reader that somebody ended while it had nothing to do, and others with it: no fault of this text.
                self._let_go()
                answer = self._ask(stem, question)
        finally:
            if come.is_set():
                self.turns.end(turn)
            else:
                self.turns.withdraw(turn)
        if answer is None:
            log.error("a text was not read: its reader ended")
            raise NotRead("reading_unavailable")
        if answer[:1] == FAILED:
            log.error("a text was not read: %s", answer[1:].decode(errors="replace"))
            raise NotRead("reading_unavailable")
        return answer[1:]

    def _ask(self, stem: Stem, question: Question) -> bytes | None:
        """A reader's answer; None where it ended before its time. Raises NotRead."""
        generation, reader = self._reader(stem)
        deadline_s = self._policy.deadline_s
        began = monotonic()
        limit = gevent.Timeout(deadline_s + GRACE_S)
        usable = False
        try:
            with limit:
                send_frame(reader, json.dumps({**question, "deadline_s": deadline_s}).encode())
                answer = receive_frame(reader)
                usable = answer is not None
        except gevent.Timeout as over:
            if over is not limit:
                raise
            log.warning("a text was not read: no answer of its reader")
            raise NotRead("reading_unavailable") from None
        except (OSError, Broken):
            answer = None
        finally:
            if usable:
                self._idle.append((generation, reader))
            else:
                reader.close()
        if answer is None and monotonic() - began >= 0.9 * deadline_s:
            log.warning("a text was not read: its time was over")
            raise NotRead("reading_too_long")
        return answer

    def _let_go(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    def _reader(self, stem: Stem) -> tuple[int, socket.socket]:
        """A reader that does nothing just now and knows the newest places, or a new one. Raises NotRead."""
        while self._idle:
            generation, reader = self._idle.pop()
            if generation == stem.generation or not stem.ready.is_set():
                return generation, reader
            reader.close()
        stem.start()
        if not stem.wait_until_ready(self._policy.wait_s):
            raise NotRead("reading_unavailable")
        try:
            return stem.generation, stem.fork()
        except StemGone:
            raise NotRead("reading_unavailable") from None
