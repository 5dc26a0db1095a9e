"""What the doubles that speak HTTP share: a server in the background, and what it is to do with the next requests."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LARGEST = 1 << 20
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer."""

    status: int
    body: Any = None  #: as JSON; bytes as they are
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What to do with a request instead of, or besides, what the contract says."""

    answer: Answered | None = None  #: instead of taking it
    hang_s: float = 0.0  #: before answering
    cut: bool = False  #: take it, and cut the line without an answer
    quiet: bool = False  #: take it, and never tell of it again


class Double:
    """A carrier's double; `answer` is what the contract says."""

    def __init__(self, port: int = 0, poll_s: float = _POLL_S) -> None:
        """`poll_s`: how soon it notices that it is to end."""
        self.seen: list[Asked] = []
        self.troubles: deque[Trouble] = deque()
        self.let_go = threading.Event()  #: ends every hanging
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                double._serve(self)

            def do_GET(self) -> None:
                double._serve(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: what is asked holds addresses."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(poll_s,), daemon=True)

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End, with whatever hangs."""
        self.let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        """What the contract says to this request."""
        raise NotImplementedError

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = min(int(handler.headers.get("Content-Length") or 0), _LARGEST)
        asked = Asked(handler.command, handler.path, dict(handler.headers), handler.rfile.read(length))
        self.seen.append(asked)
        trouble = self.troubles.popleft() if self.troubles else Trouble()
        if trouble.hang_s:
            self.let_go.wait(trouble.hang_s)
        answered = trouble.answer or self.answer(asked, trouble)
        handler.close_connection = True
        if trouble.cut:
            return
        body = answered.body if isinstance(answered.body, bytes) else json.dumps(answered.body).encode()
        try:
            handler.send_response(answered.status)
            for name, value in {"Content-Type": "application/json", **answered.headers}.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # whoever asked has given up
