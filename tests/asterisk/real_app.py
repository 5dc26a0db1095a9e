"""Siaga 112 itself, as it is started in production, behind the guard of the rig."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import create_engine, text

from tests.asterisk.real_parts import REPOSITORY, wait_until

CALLS_AND_TICKETS = text(
    "SELECT calls.linkedid, calls.state, calls.seat, calls.number, calls.caller_name, calls.hangup_cause,"
    " calls.duration_s, tickets.number AS ticket, tickets.state AS ticket_state"
    " FROM calls JOIN tickets ON tickets.id = calls.ticket_id ORDER BY calls.id"
)


#: Seconds of a machine on which others start too; a good one takes three.
START_LIMIT_S = 45.0


class RealApp:
    """One node: `python wsgi.py` on given ports, with the demo's users and no simulated calls."""

    def __init__(self, folder: Path, *, web_port: int, agi_port: int, database_url: str | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.agi_port = agi_port
        self._ports = (web_port, agi_port)
        self._url = f"http://127.0.0.1:{web_port}"
        self.database_url = database_url or f"sqlite:///{folder}/siaga.db"
        self._output = folder / "output"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SIAGA_")},
            "SIAGA_DATA": str(folder),
            "SIAGA_DATABASE_URL": self.database_url,
            "SIAGA_HTTP_PORT": str(web_port),
            "SIAGA_AGI_PORT": str(agi_port),
            "SIAGA_DEMO": "1",
            "SIAGA_DEMO_PHONES": "0",
            "SIAGA_SIMULATOR": "0",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        with self._output.open("ab") as output:
            # A session of its own, so that what happens to it happens to gunicorn's worker too.
            self._process = subprocess.Popen(
                [sys.executable, "wsgi.py"],
                cwd=REPOSITORY,
                env=self._environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_until("Siaga 112 ready", self._is_ready, START_LIMIT_S)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        self.thaw()
        self.kill()

    def freeze(self) -> None:
        """Stop every process of it where it is."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End every process of it at once, as a power cut does."""
        self._signal(signal.SIGKILL)
        if self._process:
            self._process.wait(5)
            self._process = None
            # gunicorn's worker is no child of ours: it is gone when somebody else may have its port.
            wait_until("the ports of the killed application free", lambda: all(map(_is_free, self._ports)))

    def make_token(self) -> None:
        """Have the API ready to be asked: the command line takes longer than some callers let it ring."""
        if self._token:
            return
        made = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "token", "create", "supervisor"],
            cwd=REPOSITORY,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        )
        self._token = made.stdout.strip()

    def call(self, linkedid: str) -> dict[str, Any]:
        """What the API says of a call, once it knows it."""
        return wait_until(f"call {linkedid} in the API", lambda: self._calls(linkedid), 20)[0]

    def call_when(self, linkedid: str, state: str) -> dict[str, Any]:
        """The same, once the call is in a state."""
        return wait_until(
            f"call {linkedid} {state}", lambda: [c for c in self._calls(linkedid) if c["state"] == state], 20
        )[0]

    def rows(self) -> list[dict[str, Any]]:
        """Every call in the database with its ticket, oldest first."""
        engine = create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                return [dict(row) for row in connection.execute(CALLS_AND_TICKETS).mappings()]
        finally:
            engine.dispose()

    def only_row(self, linkedid: str, *states: str) -> dict[str, Any]:
        """The row of a call, once it is in one of these states; fails when the call is there more than once."""

        def look() -> list[dict[str, Any]]:
            found = [row for row in self.rows() if row["linkedid"] == linkedid]
            assert len(found) < 2
            return [row for row in found if row["state"] in states]

        return wait_until(f"call {linkedid} {' or '.join(states)}", look, 30)[0]

    def user_id(self, username: str) -> int:
        """The id of one of the demo's people."""
        engine = create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                found = connection.execute(text("SELECT id FROM users WHERE username = :name"), {"name": username})
                return int(found.scalar_one())
        finally:
            engine.dispose()

    def log(self) -> str:
        """What it wrote to its standard output and error."""
        return self._output.read_text(errors="replace")

    def _calls(self, linkedid: str) -> list[dict[str, Any]]:
        self.make_token()
        answer = requests.get(
            f"{self._url}/api/v1/calls",
            params={"linkedid": linkedid},
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=5,
        )
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def _is_ready(self) -> bool:
        with suppress(requests.ConnectionError, requests.Timeout):
            return requests.get(f"{self._url}/readyz", timeout=1).status_code == 200
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


class Wiretap:
    """Stands on `port` before a server on `behind`, and does something when the server's first word comes."""

    def __init__(self, port: int, behind: int, at_first_word: Callable[[], None]) -> None:
        self.at_first_word = at_first_word
        self.words = 0
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                asterisk, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(asterisk,), daemon=True).start()

    def _pass_on(self, asterisk: socket.socket) -> None:
        with asterisk, suppress(OSError), socket.create_connection(("127.0.0.1", self._behind)) as server:
            threading.Thread(target=_pump, args=(asterisk, server), daemon=True).start()
            word = server.recv(4096)
            if word:
                self.words += 1
                self.at_first_word()
                asterisk.sendall(word)
                _pump(server, asterisk)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(4096):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
