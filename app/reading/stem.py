"""The process from which a node's readers are forked (`dispatch.reader.process`): started, spoken to, started again."""

from __future__ import annotations

import logging
import os
import signal
import socket as plain_socket
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from time import monotonic

import gevent
from gevent import socket
from gevent.event import AsyncResult, Event
from gevent.lock import RLock

from dispatch.reader.frames import Broken, receive_frame, send_frame
from dispatch.reader.process import (
    DESCRIPTOR,
    FORK,
    NOT_REFRESHED,
    READY,
    READY_WITHOUT_PLACES,
    REFRESH,
    REFRESHED,
)

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  #: between two starts of one that cannot start; each wait is twice the last
#: A start takes a second of processor; whoever types meanwhile waits for it rather than hear that nothing is read.
STARTING_S, LOOK_AGAIN_S = 6.0, 0.1
RETRY_S = 2.0  #: until the database is asked again
END_S = 2.0  #: it ends when its socket does; whatever hangs after this long is killed
#: numpy would start threads, and a process that forks must have none.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class StemGone(Exception):
    """There is no process to ask just now; another one is on its way."""


class Stem:
    """Keeps one such process alive; `first` is what it is told first."""

    def __init__(self, first: bytes) -> None:
        self._first = first
        self._end: socket.socket | None = None
        self._pid: int | None = None
        self._refreshes: deque[AsyncResult] = deque()
        self._keeping: gevent.Greenlet | None = None
        self._catching_up: gevent.Greenlet | None = None
        self._sending = RLock()
        self.ready = Event()  #: set while readers can be forked
        self._failed = False  #: the last one ended before it was ready
        self.generation = 0  #: readers forked in an earlier one do not know the newest places

    @property
    def pid(self) -> int | None:
        """The running process."""
        return self._pid

    def start(self) -> None:
        """Start it beside everything else, and again whenever it ends."""
        if self._keeping is None:
            self._keeping = gevent.spawn(self._keep)

    def stop(self) -> None:
        """End it and its readers."""
        for greenlet in (self._keeping, self._catching_up):
            if greenlet is not None:
                greenlet.kill()
        self._keeping = self._catching_up = None
        self._forget()

    def wait_until_ready(self, patience_s: float) -> bool:
        """Wait for as long as a start takes, or for `patience_s` where the last start failed."""
        began = monotonic()
        while not self.ready.is_set():
            limit_s = patience_s if self._failed else max(patience_s, STARTING_S)
            if monotonic() - began >= limit_s:
                return False
            self.ready.wait(min(limit_s, LOOK_AGAIN_S))
        return True

    def fork(self) -> socket.socket:
        """A new reader's socket: usable at once, answered as soon as the reader is there. Raises StemGone."""
        ours, theirs = socket.socketpair()
        try:
            self._say(FORK, theirs.fileno())
        except StemGone:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def refresh(self, timeout_s: float) -> bool:
        """Let it read the places of the database again; False where it could not in this time. Raises StemGone."""
        done = AsyncResult()
        with self._sending:  # the answers come in the order of the questions
            self._refreshes.append(done)
            self._say(REFRESH)
        try:
            return bool(done.get(timeout=timeout_s))
        except gevent.Timeout:
            return False

    def _say(self, what: bytes, descriptor: int | None = None) -> None:
        end = self._end
        if end is None:
            raise StemGone
        try:
            with self._sending:
                send_frame(end, what, descriptor)
        except OSError:
            raise StemGone from None

    def _keep(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                self._spawn()
                if self._listen():
                    wait_s = FIRST_WAIT_S
            except (OSError, Broken):
                pass
            finally:
                self._failed = not self.ready.is_set()
                self._forget()
            log.warning("the readers' process has ended; starts again in %.1f s", wait_s)
            gevent.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SIAGA_")}
        try:
            # Neither fork nor gevent's own way: this process has threads and an event loop that a copy must not run.
            self._pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-m", "dispatch.reader.process"],
                {**kept, **ONE_THREAD, "PYTHONPATH": str(ROOT)},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), DESCRIPTOR),
                ],
                setsigmask=[],
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._end = ours
        with self._sending:
            send_frame(ours, self._first)

    def _listen(self) -> bool:
        """Hear what it says until it is gone; whether it had ever been ready."""
        end = self._end
        assert end is not None
        while (said := receive_frame(end)) is not None:
            if said in (READY, READY_WITHOUT_PLACES):
                self.generation += 1
                self.ready.set()
                if said == READY_WITHOUT_PLACES:
                    self._catching_up = gevent.spawn(self._catch_up)
            elif said in (REFRESHED, NOT_REFRESHED):
                if said == REFRESHED:
                    self.generation += 1
                if self._refreshes:
                    self._refreshes.popleft().set(said == REFRESHED)
        return bool(self.ready.is_set())

    def _catch_up(self) -> None:
        """The database did not answer at the start: ask until it does."""
        with suppress(StemGone):  # the next one reads them when it starts
            while not self.refresh(LONGEST_WAIT_S):
                gevent.sleep(RETRY_S)

    def _forget(self) -> None:
        self.ready.clear()
        while self._refreshes:
            self._refreshes.popleft().set(False)
        if self._end is not None:
            with suppress(OSError):
                self._end.shutdown(plain_socket.SHUT_RDWR)
            self._end.close()
            self._end = None
        if self._pid is not None:
            _bury(self._pid)
            self._pid = None


def _bury(pid: int) -> None:
    """See the process end; the event loop may have taken note of that already."""
    patience = END_S
    with suppress(ChildProcessError, ProcessLookupError):
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if patience <= 0:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return
            gevent.sleep(0.01)
            patience -= 0.01
