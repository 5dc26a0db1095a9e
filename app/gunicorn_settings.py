"""How gunicorn runs a node: one gevent worker, which starts and stops what runs beside the pages.

Used by `python wsgi.py`; behind other service managers: `gunicorn -c python:app.gunicorn_settings "wsgi:create_app()"`.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import gevent

from app.log_lines import log_to_stderr
from app.serving import Node, NotMigrated
from app.start import LISTENING_SOCKET, load_settings

_settings = load_settings()

bind = (
    f"fd://{os.environ[LISTENING_SOCKET]}"
    if LISTENING_SOCKET in os.environ
    else f"{_settings.http_host}:{_settings.http_port}"
)
worker_class = "gevent"
workers = 1  # Socket.IO keeps its rooms in the process; more nodes are more processes, each with its own port
worker_connections = 4096
timeout = 30  # s without a sign of life from the loop, then the worker is replaced
graceful_timeout = 15
keepalive = 30
forwarded_allow_ips = ""  # proxies are trusted by SIAGA_TRUSTED_PROXIES alone
control_socket_disable = True
accesslog = None  # app.log_lines writes a line per request, without query strings
loglevel = "warning"

_WORKER_BOOT_ERROR = 3  # gunicorn then ends as a whole instead of trying again and again


def post_worker_init(worker: Any) -> None:
    """Start the node in its worker."""
    log_to_stderr()
    node = worker.siaga_node = Node(worker.wsgi)
    try:
        node.start()
    except (NotMigrated, OSError) as error:
        sys.stderr.write(f"Siaga 112 cannot start: {error}\n")
        sys.exit(_WORKER_BOOT_ERROR)
    gevent.spawn(_stop_with, worker, node)


def _stop_with(worker: Any, node: Node) -> None:
    """Begin to stop as soon as gunicorn says so; it waits for open sockets, which only we can end."""
    while worker.alive:
        gevent.sleep(0.1)
    node.stop()


def worker_exit(_server: Any, worker: Any) -> None:
    """Whatever way the worker ends, what is under way is finished first."""
    node = getattr(worker, "siaga_node", None)
    if node is not None:
        node.stop()
