"""The real thing: `python wsgi.py` in a process of its own, and browsers that connect to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import websocket

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT_S = 45.0
PASSWORD = "siaga-demo"


@dataclass
class RunningServer:
    """A started server; its lines go on being collected."""

    process: subprocess.Popen[str]
    environ: Mapping[str, str]
    lines: list[str] = field(default_factory=list)
    http_port: int = 0
    agi_port: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def collect(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self.lines.append(line)

    def find(self, pattern: str) -> re.Match[str] | None:
        return next((found for line in list(self.lines) if (found := re.search(pattern, line))), None)

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `flask --app wsgi ...` beside the running server."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command, check=False, cwd=ROOT, env=dict(self.environ), capture_output=True, text=True, timeout=30
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)


def until(true: Callable[[], object], limit_s: float = 10.0) -> Any:
    """Wait for a condition and return what it returned."""
    deadline = time.monotonic() + limit_s
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


@contextmanager
def running_server(data: Path, *, root: Path = ROOT, **variables: str) -> Iterator[RunningServer]:
    """Start the demo on free ports, without simulated calls, and stop it afterwards; `root` has the software."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SIAGA_")},
        "SIAGA_DATA": str(data),
        "SIAGA_DEMO": "1",
        "SIAGA_DEMO_PHONES": "0",
        "SIAGA_SIMULATOR": "0",
        "SIAGA_HTTP_PORT": "0",
        "SIAGA_AGI_PORT": "0",
        # The tests' PostgreSQL never flushes (bench/postgres_server.py), which a server otherwise refuses.
        **({"SIAGA_ALLOW_UNSAFE_STORAGE": "1"} if "SIAGA_DATABASE_URL" in variables else {}),
        **variables,
    }
    process = subprocess.Popen(
        [sys.executable, "wsgi.py"],
        cwd=root,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    server = RunningServer(process, environ)
    reader = threading.Thread(target=server.collect)
    reader.start()
    try:
        until(lambda: server.find("FastAGI listens") or process.poll() is not None, START_LIMIT_S)
        assert process.poll() is None, "".join(server.lines)
        server.http_port = int(server.find(r"pages +http://127\.0\.0\.1:(\d+)/")[1])  # type: ignore[index]
        server.agi_port = int(server.find(r"FastAGI listens host=\S+ port=(\d+)")[1])  # type: ignore[index]
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        reader.join()


class Browser:
    """A person's browser: signs in, asks, commands."""

    def __init__(self, server: RunningServer, username: str | None = None, seat: str = "") -> None:
        self.server = server
        self.session = requests.Session()
        self.feeds: list[Live] = []
        if username is not None:
            form = {"username": username, "password": PASSWORD, "seat": seat, "csrf_token": self.token("/sign-in")}
            answer = self.session.post(f"{server.base}/sign-in", data=form, allow_redirects=False, timeout=10)
            assert answer.status_code == 303, answer.text

    def token(self, path: str = "/any-page") -> str:
        page = self.session.get(self.server.base + path, timeout=10).text
        return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.server.base + path, timeout=10)

    def post(self, path: str, body: object = None) -> requests.Response:
        headers = {"X-CSRFToken": self.token()}
        return self.session.post(self.server.base + path, json=body or {}, headers=headers, timeout=10)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)

    def connect(self, **options: Any) -> Live:
        """Open the live feed."""
        self.feeds.append(Live(self.server, self.cookie, **options))
        return self.feeds[-1]

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        for feed in self.feeds:
            feed.close()
        self.session.close()


class Live:
    """A browser's end of the live feed (Engine.IO 4, Socket.IO 5), spoken by hand."""

    def __init__(self, server: RunningServer, cookie: str = "", **options: Any) -> None:
        options.setdefault("origin", server.base)
        page_of = options.pop("page_of", None)
        self.socket = websocket.WebSocket(sockopt=options.pop("sockopt", ()))
        self.socket.settimeout(15)
        try:
            self.socket.connect(
                f"ws://127.0.0.1:{server.http_port}/socket.io/?EIO=4&transport=websocket", cookie=cookie, **options
            )
        except websocket.WebSocketBadStatusException:
            self.socket.shutdown()
            raise
        self.opened = self.socket.recv()
        self.socket.send("40" if page_of is None else "40" + json.dumps({"page_of": page_of}))
        self.answer = self.receive()

    def receive(self) -> str:
        """The next message; pings are answered on the way."""
        while True:
            message = self.socket.recv()
            if message != "2":
                return str(message)
            self.socket.send("3")

    def next(self, event: str) -> dict[str, Any]:
        """The next event of that name."""
        while True:
            message = self.receive()
            if message.startswith("42"):
                name, value = json.loads(message[2:])
                if name == event:
                    return dict(value)

    def resume(self, after: object, **more: object) -> dict[str, Any]:
        self.socket.send("421" + json.dumps(["resume", {"after": after, **more}]))
        while True:
            message = self.receive()
            if message.startswith("431"):
                return dict(json.loads(message[3:])[0])

    def ended(self) -> bool:
        """Wait until the server has cut the connection."""
        try:
            while self.receive():
                pass
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            return True
        return True

    def close(self) -> None:
        self.socket.close()
        self.socket.shutdown()  # close() does nothing where the server was first
