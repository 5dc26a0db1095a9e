"""The port of the pages: the master process keeps it, and only a worker that can answer listens on it.

gunicorn's master would listen itself, so while there is no worker (it was killed, and the next one loads the
application for seconds) connections would be taken and nobody would answer: browsers and proxies wait instead of going
to the other node. A socket that is bound and does not listen keeps the port; connections to it are refused at once.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from gunicorn.sock import TCP6Socket, TCPSocket


def bind_without_listening(host: str, port: int) -> socket.socket:
    """Take a port that nobody else listens on; 0 for any. Raises OSError."""
    if port:
        # Tried without sharing first: with it another node of the same user would not be noticed.
        with _new_socket(host, share=False) as tried:
            tried.bind((host, port))
            tried.listen(1)
    reserved = _new_socket(host, share=True)
    try:
        reserved.bind((host, port))
    except OSError:
        reserved.close()
        raise
    return reserved


def _new_socket(host: str, *, share: bool) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    _set_options(made, share=share)
    return made


def _set_options(made: Any, *, share: bool) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(share))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is accepted has it from here


class _Kept:
    """As gunicorn's sockets, but it does not listen."""

    def set_options(self, sock: socket.socket, bound: bool = False) -> socket.socket:
        sock.set_inheritable(True)
        return sock


class _KeptTCPSocket(_Kept, TCPSocket):  # type: ignore[misc]
    pass


class _KeptTCP6Socket(_Kept, TCP6Socket):  # type: ignore[misc]
    pass


def keep_port(arbiter: Any, host: str, port: int, descriptor: str) -> None:
    """Give gunicorn's master the bound socket, or that of `descriptor`, in place of one that listens."""
    if "LISTEN_FDS" in os.environ:
        return  # the service manager listens, and knows why
    # Its own copy each: the one that came stays for a master that is started anew in place of this one.
    bound = os.dup(int(descriptor)) if descriptor else bind_without_listening(host, port).detach()
    kind = _KeptTCP6Socket if ":" in host else _KeptTCPSocket
    arbiter.LISTENERS = [kind((host, port), arbiter.cfg, arbiter.log, fd=bound)]


def listen(worker: Any) -> None:
    """Let a worker that is ready take connections; they end with it."""
    worker.sockets = [_listening(kept, worker.cfg.backlog) for kept in worker.sockets]


def _listening(kept: Any, backlog: int) -> Any:
    if kept.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return kept
    made = socket.socket(kept.family, socket.SOCK_STREAM)
    _set_options(made, share=True)
    made.bind(kept.getsockname())
    made.listen(backlog)
    kept.close()
    return made
