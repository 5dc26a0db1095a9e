"""How gunicorn runs a node: one gevent worker, which starts and stops what runs beside the pages.

Used by `python wsgi.py`; for other service managers: `gunicorn -c app/gunicorn_settings.py "wsgi:create_app()"`.
gunicorn reads this file before it forks, so nothing that gevent has to patch first is imported at the top.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from contextlib import suppress
from typing import Any

from gunicorn.workers.ggevent import GeventWorker

from config import Settings, SettingsError

_BOOT_ERROR = 3  #: a worker's exit code with which gunicorn ends as a whole instead of trying again and again

try:
    _settings = Settings.from_environ()
except SettingsError as error:
    sys.stderr.write(f"Error: {error}\n")
    sys.exit(2)

bind = os.environ.get("SIAGA_LISTENING_SOCKET", "")
bind = f"fd://{bind}" if bind else f"{_settings.http_host}:{_settings.http_port}"


class Worker(GeventWorker):  # type: ignore[misc]
    """A gevent worker that stops on Ctrl-C as it does on SIGTERM, and does not wait for browsers that say nothing."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._clients: set[socket.socket] = set()

    def handle(self, listener: object, client: socket.socket, address: object) -> None:
        """Serve one connection."""
        self._clients.add(client)
        try:
            super().handle(listener, client, address)
        finally:
            self._clients.discard(client)

    def hear_no_more(self) -> None:
        """Let every connection end after the answer it is waiting for; idle ones end at once."""
        for client in list(self._clients):
            # Through a second descriptor: gevent would take the first one's reader for an error, not for the end.
            with suppress(OSError), client.dup() as same:
                same.shutdown(socket.SHUT_RD)

    def handle_quit(self, sig: int, frame: object) -> None:
        """Begin to stop."""
        self.alive = False


worker_class = Worker
workers = 1  # Socket.IO keeps its rooms in the process; more nodes are more processes, each with its own port
worker_connections = 4096
timeout = 30  # s without a sign of life from the loop, then the worker is replaced
graceful_timeout = int(_settings.agi_session_s) + 5  # s; AGI sessions under way may take their time
keepalive = 30
forwarded_allow_ips = ""  # proxies are trusted by SIAGA_TRUSTED_PROXIES alone
control_socket_disable = True
accesslog = None  # app.log_lines writes a line per request, without query strings
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Start the node in its worker, and have it stop as soon as gunicorn says so."""
    import gevent

    from app.log_lines import log_to_stderr
    from app.serving import Node, NotMigrated

    log_to_stderr()
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
        worker.hear_no_more()

    gevent.spawn(stop_with_worker)


def worker_exit(_server: Any, worker: Any) -> None:
    """Whatever way the worker ends, what is under way is finished first."""
    node = getattr(worker, "siaga_node", None)
    if node is not None:
        node.stop()
