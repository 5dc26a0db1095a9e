"""The application as it runs in production, in a process of its own, on free ports and a database of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import requests

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0
PASSWORD = "siaga-demo"
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class NotMeasurable(Exception):
    """Something that a measurement needs did not work; the text says what."""


@dataclass(frozen=True)
class RealServer:
    """A running application."""

    http_port: int
    agi_port: int
    database_url: str

    @property
    def origin(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.http_port}"

    def sign_in(self, username: str) -> requests.Session:
        """Sign in as one of the demo users, as a browser does, and return the session with its cookie."""
        session = requests.Session()
        form = session.get(f"{self.origin}/sign-in", timeout=10)
        token = _CSRF.search(form.text)
        if token is None:
            raise NotMeasurable("the sign-in page has no form token")
        answer = session.post(
            f"{self.origin}/sign-in",
            data={"csrf_token": token[1], "username": username, "password": PASSWORD},
            headers={"Origin": self.origin, "Referer": f"{self.origin}/sign-in"},
            allow_redirects=False,
            timeout=10,
        )
        if answer.status_code != 303:
            raise NotMeasurable(f"signing in as {username} was answered {answer.status_code}")
        return session


def cookies_of(session: requests.Session) -> str:
    """The session's cookies as one header's value."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)


@contextmanager
def real_server(
    folder: Path, database_url: str | None = None, variables: Mapping[str, str] = MappingProxyType({})
) -> Iterator[RealServer]:
    """Start the application on this database (by default a new SQLite file in `folder`) and stop it afterwards."""
    database_url = database_url or f"sqlite:///{folder / 'siaga.db'}"
    server = RealServer(_free_port(), _free_port(), database_url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIAGA_")}
    environment |= {
        "SIAGA_DATA": str(folder),
        "SIAGA_DATABASE_URL": database_url,
        "SIAGA_HTTP_PORT": str(server.http_port),
        "SIAGA_AGI_PORT": str(server.agi_port),
        "SIAGA_DEMO": "1",
        "SIAGA_DEMO_PHONES": "0",
        "SIAGA_SIMULATOR": "0",
        **variables,
    }
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "wsgi.py"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait_until_ready(server, process, log_path)
        yield server
    finally:
        if process.poll() is not None:
            sys.stderr.write("the application ended by itself:\n" + _end_of(log_path))
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # gunicorn and its worker
            process.wait()


def _wait_until_ready(server: RealServer, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{server.origin}/readyz", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise NotMeasurable("the application did not start:\n" + _end_of(log_path))


def _end_of(log_path: Path) -> str:
    return log_path.read_text(encoding="utf-8")[-3000:]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
