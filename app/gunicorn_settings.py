"""How gunicorn runs a node: one gevent worker, which starts and stops what runs beside the pages.

Used by `python wsgi.py`; for other service managers: `gunicorn -c app/gunicorn_settings.py "wsgi:create_app()"`.
gunicorn reads this file before it forks, so nothing that gevent has to patch first is imported at the top: of `app`
only what imports nothing of it (TLS that was imported before it is patched would block the loop).
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gevent import Timeout, getcurrent
from gunicorn.http.errors import ParseException
from gunicorn.util import write_error
from gunicorn.workers.ggevent import GeventWorker

from app.node.dangerous_starts import DangerousStart, refuse_danger
from app.node.own_listener import keep_port, listen
from config import Settings, SettingsError

if TYPE_CHECKING:
    from app.load.connections import Connections

log = logging.getLogger("app.gunicorn_settings")  # gunicorn runs this file under another name

_BOOT_ERROR = 3  #: a worker's exit code with which gunicorn ends as a whole instead of trying again and again

try:
    _settings = Settings.from_environ()
    refuse_danger(_settings)
except (SettingsError, DangerousStart) as error:
    sys.stderr.write(f"Error: {error}\n")
    sys.exit(2)

_host = f"[{_settings.http_host}]" if ":" in _settings.http_host else _settings.http_host
bind = f"{_host}:{_settings.http_port}"  # read, but never bound: see on_starting


def on_starting(arbiter: Any) -> None:
    """Keep the port without listening on it; `python wsgi.py` has it already."""
    keep_port(arbiter, _settings.http_host, _settings.http_port, os.environ.get("SIAGA_BOUND_SOCKET", ""))


class Worker(GeventWorker):  # type: ignore[misc]
    """A gevent worker that stops on Ctrl-C as on SIGTERM, bounds its connections, and logs nothing that was sent."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unheard: set[Any] = set()  #: greenlets whose connection has not brought its first request yet

    @property
    def connections(self) -> Connections:
        """All connections of this node."""
        from app.services import services_of

        return services_of(self.wsgi).connections

    def handle(self, listener: object, client: socket.socket, address: Any) -> None:
        """Serve one connection."""
        if not self.connections.enter(client, address[0] if address else ""):
            client.close()
            return
        self._unheard.add(getcurrent())
        try:
            super().handle(listener, client, address)
        finally:
            self._unheard.discard(getcurrent())
            self.connections.leave(client)

    def timeout_ctx(self) -> Timeout:
        """How long to wait for the head of a request: the first comes at once, the next when somebody wants it."""
        first = getcurrent() in self._unheard
        self._unheard.discard(getcurrent())
        return Timeout(_settings.request_s if first else self.cfg.keepalive, False)

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        """Answer what cannot be read, or what failed outside of the application, in one line of the log.

        gunicorn's own lines quote the request: it may hold a caller's words, or the secret of a location link.
        """
        malformed = isinstance(exc, ParseException)
        status, reason = _MALFORMED.get(type(exc).__name__, (400, "Bad Request")) if malformed else (500, "Failed")
        log.log(
            logging.WARNING if malformed else logging.ERROR,
            "HTTP request %s error=%s",
            "malformed" if malformed else "failed",
            type(exc).__name__,
        )
        with suppress(OSError):
            write_error(client, status, reason, "")

    def handle_quit(self, sig: int, frame: object) -> None:
        """Begin to stop."""
        self.alive = False


_MALFORMED = {
    "LimitRequestLine": (414, "URI Too Long"),
    "LimitRequestHeaders": (431, "Request Header Fields Too Large"),
    "ExpectationFailed": (417, "Expectation Failed"),
    "UnsupportedTransferCoding": (501, "Not Implemented"),
}

worker_class = Worker
workers = 1  # Socket.IO keeps its rooms in the process; more nodes are more processes, each with its own port
worker_connections = 4096  # app.load.connections keeps them below
timeout = 30  # s without a sign of life from the loop, then the worker is replaced
graceful_timeout = int(_settings.agi_session_s) + 5  # s; AGI sessions under way may take their time
keepalive = 30
forwarded_allow_ips = ""  # proxies are trusted by SIAGA_TRUSTED_PROXIES alone
control_socket_disable = True
accesslog = None  # app.node.log_lines writes a line per request, without query strings
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Start the node in its worker, and have it stop as soon as gunicorn says so."""
    import gevent

    from app.node.log_lines import log_to_stderr, one_line_for_greenlets
    from app.node.serving import Node, NotMigrated

    log_to_stderr()
    one_line_for_greenlets()
    listen(worker)
    node = worker.siaga_node = Node(worker.wsgi)
    try:
        node.start()
    except (NotMigrated, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(_BOOT_ERROR)

    # What was made at the start stays until the end: looking through it again and again would make calls wait.
    gc.collect()
    gc.freeze()
    # Calls leave few cycles behind: looking for them every 700 objects costs more than they do.
    gc.set_threshold(20_000, 20, 20)

    def stop_with_worker() -> None:
        while worker.alive:
            gevent.sleep(0.1)
        node.stop()
        worker.connections.shut_down_reads()

    gevent.spawn(stop_with_worker)


def worker_exit(_server: Any, worker: Any) -> None:
    """Whatever way the worker ends, what is under way is finished first."""
    node = getattr(worker, "siaga_node", None)
    if node is not None:
        node.stop()
