"""The FastAGI server: takes Asterisk's connections, bounds them, and runs one script in each.

The dialplan goes on whatever happens here, so a session that cannot do its work ends at once: the channel variable
SIAGA_TICKET is then missing, the dialplan tries the next server and queues the caller anyway, and reconciliation finds
the call. Log lines carry linkedid and ticket number, never who called or what was said.
"""

from __future__ import annotations

import logging
import re
import traceback
from array import array
from collections.abc import Callable, Sequence
from fcntl import ioctl
from ipaddress import IPv4Network, IPv6Network, ip_address
from termios import FIONREAD
from time import monotonic, perf_counter
from typing import Any

import gevent
from asterisk.agi import AGIError, AGIHangup
from gevent.event import Event
from gevent.server import StreamServer
from gevent.socket import socket

from telephony.agi.line import AgiLine, close_now
from telephony.agi.scripts import SCRIPTS, RunsCommands
from telephony.agi.session import AgiSession, AgiTruncated, AgiUnused
from telephony.agi.statistics import AgiStatistics, SessionEnd

log = logging.getLogger(__name__)

#: Under overload the log says so this often, in s; the counter counts every refusal.
REFUSAL_LOG_INTERVAL_S = 10.0
#: How often it is looked whose time is over, in parts of the time that a session has.
LOOKS_PER_SESSION = 20
_LOGGABLE = re.compile(r"[A-Za-z0-9_.:-]{1,100}", re.ASCII)


#: Asterisk sends the whole environment as soon as it is connected. A connection without one goes after this time, in
#: parts of a session's; where all places are taken, the longest silent one goes at once, unless it is younger than the
#: second figure, in s, or has bytes that were not read yet.
SILENT_PARTS, SILENT_AT_LEAST_S = 0.4, 0.05
_PEERS_KEPT = 1000  #: addresses whose verdict is remembered


class SessionOverdue(BaseException):
    """The session has had its time; no script may take this for an error of its own."""


class SessionSilent(BaseException):
    """The other side said nothing for longer than Asterisk ever does."""


class FastAgiServer(StreamServer):
    """A FastAGI server on `listener`, an address (host, port) or a listening socket.

    At most `max_sessions` run at once; more are closed as they come. A session may last `session_s`, all in all.
    Cooperates with gevent by itself; whether `centre.run` does depends on the process being monkey-patched.
    """

    backlog = 1024

    def __init__(
        self,
        listener: tuple[str, int] | socket,
        centre: RunsCommands,
        *,
        max_sessions: int = 600,
        session_s: float = 5.0,
        peers: Sequence[IPv4Network | IPv6Network] = (),
    ) -> None:
        """`peers`: who may connect; empty: whoever reaches the port."""
        self.statistics = AgiStatistics()
        self._peers = tuple(peers)
        self._verdicts: dict[str, bool] = {}
        self._centre = centre
        self._max_sessions = max_sessions
        self._session_s = session_s
        self._drained: Event | None = None
        self._refusal_logged_at = float("-inf")
        self._idle: list[Callable[[int], object]] = []  #: what gives a connection to a worker that has none
        self._under_way: dict[Any, float] = {}  #: workers and when their sessions began, the oldest first
        #: Workers whose session has not brought its environment, with its descriptor and beginning, the oldest first.
        self._silent: dict[Any, tuple[int, float]] = {}
        is_address = isinstance(listener, tuple)
        super().__init__(listener, self._serve, backlog=self.backlog if is_address else None)
        look_s = session_s / LOOKS_PER_SESSION
        # One timer for all: one for each session is a cost that calls of a surge would notice.
        self._overdue_timer = self.loop.timer(look_s, look_s, ref=False)

    def start(self) -> None:
        """Listen."""
        super().start()
        self._overdue_timer.start(self._end_overdue)

    def do_read(self) -> tuple[int, object] | None:
        """Accept a connection, if there is one; gevent's own way of doing it makes one of its sockets of it."""
        try:
            accepted: tuple[int, object] = self.socket._accept()
        except BlockingIOError:
            return None
        return accepted

    def do_handle(self, connection: int, address: object) -> None:
        """Start a session, or close the connection when as many as allowed are under way."""
        statistics = self.statistics
        if self._peers and not self._is_peer(address):
            statistics.strangers += 1
            close_now(connection)
            log.warning("AGI connection closed: not from one of SIAGA_AGI_PEERS")
            return
        if statistics.in_progress >= self._max_sessions and not self._end_longest_silent():
            statistics.refused += 1
            close_now(connection)
            self._log_refusal()
            return
        statistics.in_progress += 1
        if self._idle:
            self.loop.run_callback(self._idle.pop(), connection)
        else:
            gevent.spawn_raw(self._work, connection)

    def stop(self, timeout: float | None = None) -> None:
        """Accept no more, and wait up to `timeout` seconds (by default the time a session may take) for the rest."""
        self._drained = Event()
        self.close()
        if self.statistics.in_progress and not self._drained.wait(timeout or self._session_s + 1.0):
            log.warning("FastAGI server stopped with %d sessions under way", self.statistics.in_progress)
        self._overdue_timer.close()
        self._idle.clear()

    def _work(self, connection: int) -> None:
        """Serve one connection after the other: a new greenlet for each costs the system a new stack for each."""
        while True:
            self._serve(connection)
            self._idle.append(gevent.getcurrent().switch)
            connection = gevent.get_hub().switch()

    def _serve(self, connection: int) -> None:
        began = perf_counter()
        script, end = "", SessionEnd.FAILED
        worker = gevent.getcurrent()
        self._under_way[worker] = began
        self._silent[worker] = (connection, began)
        line = AgiLine(connection)
        try:
            script, end = self._converse(line)
        finally:
            del self._under_way[worker]
            self._silent.pop(worker, None)
            line.close()
            self.statistics.in_progress -= 1
            self.statistics.count(script, end, perf_counter() - began)
            if self._drained is not None and self.statistics.in_progress == 0:
                self._drained.set()

    def _converse(self, line: AgiLine) -> tuple[str, SessionEnd]:
        """Run one session and return its script and its end; nothing that goes wrong in it gets out of here."""
        script, linkedid = "", "?"
        try:
            session = AgiSession(line)
            del self._silent[gevent.getcurrent()]
            script, linkedid = script_name(session), _loggable(session.env.get("agi_arg_1") or _uniqueid(session))
            run = SCRIPTS.get(script)
            if run is None:
                log.error("AGI script unknown script=%s linkedid=%s", _loggable(script), linkedid)
                return "unknown", SessionEnd.UNKNOWN_SCRIPT
            ticket = run(session, self._centre)
        except AgiUnused:
            return script, SessionEnd.UNUSED
        except AgiTruncated:
            log.warning("AGI environment incomplete, no call registered")
            return script, SessionEnd.TRUNCATED
        except AGIHangup:
            log.info("AGI connection ended early script=%s linkedid=%s", script, linkedid)
            return script, SessionEnd.HUNG_UP
        except AGIError as error:
            log.error("AGI session failed script=%s linkedid=%s error=%s", script, linkedid, type(error).__name__)
            return script, SessionEnd.REFUSED_BY_ASTERISK
        except SessionSilent:
            self.statistics.silent += 1
            return script, SessionEnd.SILENT
        except SessionOverdue:
            log.error("AGI session timed out script=%s linkedid=%s", script, linkedid)
            return script, SessionEnd.TIMED_OUT
        except Exception as error:  # noqa: BLE001 - a bug in a command ends this session, not the server
            # Not the error's own text, nor a traceback's: a database error quotes the row, and with it the caller.
            log.error("AGI script failed script=%s linkedid=%s error=%s", script, linkedid, _where(error))
            return script, SessionEnd.FAILED
        log.debug("AGI script=%s linkedid=%s ticket=%s", script, linkedid, ticket)
        return script, SessionEnd.COMPLETED

    def _end_overdue(self) -> None:
        """Runs in gevent's loop, where every worker waits for something; what it waits for then ends with an error."""
        now = perf_counter()
        for worker, (_, began) in list(self._silent.items()):
            if began > now - SILENT_PARTS * self._session_s:
                break
            worker.throw(SessionSilent())
        latest = now - self._session_s
        for worker, began in list(self._under_way.items()):
            if began > latest:
                return
            worker.throw(SessionOverdue())

    def _end_longest_silent(self) -> bool:
        """Let the session go that has said nothing for longest; whether there was one to let go."""
        for worker, (descriptor, began) in self._silent.items():
            if began > perf_counter() - SILENT_AT_LEAST_S:
                return False
            if not _has_bytes(descriptor):  # otherwise it has spoken, and we have not come to hear it
                worker.throw(SessionSilent())
                return True
        return False

    def _is_peer(self, address: object) -> bool:
        host = str(address[0]) if isinstance(address, tuple) and address else ""
        known = self._verdicts.get(host)
        if known is None:
            if len(self._verdicts) >= _PEERS_KEPT:
                self._verdicts.clear()
            known = self._verdicts[host] = _in_one_of(host, self._peers)
        return known

    def _log_refusal(self) -> None:
        now = monotonic()
        if now - self._refusal_logged_at >= REFUSAL_LOG_INTERVAL_S:
            self._refusal_logged_at = now
            log.error(
                "AGI connections refused: %d sessions under way, %d refused so far",
                self._max_sessions,
                self.statistics.refused,
            )


def _has_bytes(descriptor: int) -> bool:
    waiting = array("i", [0])
    try:
        ioctl(descriptor, FIONREAD, waiting)
    except OSError:
        return False
    return waiting[0] > 0


def _in_one_of(host: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


def script_name(session: AgiSession) -> str:
    """The script that the dialplan named: the path of agi://HOST:4573/incoming, without a query."""
    return session.env.get("agi_network_script", "").partition("?")[0].strip("/")


def _uniqueid(session: AgiSession) -> str:
    return session.env.get("agi_uniqueid", "")


def _loggable(identifier: str) -> str:
    """An identifier as Asterisk makes them, or `?`: nothing else gets into a log line."""
    return identifier if _LOGGABLE.fullmatch(identifier) else "?"


def _where(error: Exception) -> str:
    """The kind of error and the place it came from, without its text."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    place = f" at {frames[0].name}:{frames[0].lineno}" if frames else ""
    return type(error).__name__ + place
