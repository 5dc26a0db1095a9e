"""The timed guard: HAProxy with the deployable settings."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

from tests.asterisk.asterisk_instance import DEPLOYABLE, Ports, fill_in
from tests.asterisk.real_parts import wait_until


class Guard:
    """A running HAProxy; `freeze` and `stop` are what may become of it."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._socket = folder / "admin.sock"
        self._ports = ports
        settings = fill_in((DEPLOYABLE / "haproxy.cfg").read_text(), ports)
        settings = settings.replace("/run/haproxy/admin.sock", str(self._socket))
        self._settings = folder / "haproxy.cfg"
        self._settings.write_text(settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until both doors are open."""
        self._process = subprocess.Popen(
            ["haproxy", "-db", "-q", "-f", str(self._settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until("the guard's doors", lambda: len(self.states()) == 4)

    def stop(self) -> None:
        """End it; whoever connects is refused from then on."""
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(5)

    def freeze(self) -> None:
        """Stop the process where it is: it takes connections and never says a word."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def states(self) -> dict[tuple[str, str], bool]:
        """Whether each server, by door and name, is held to be well; those without a check are left out."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self._socket))
                connection.sendall(b"show servers state\n")
                answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        except OSError:
            return {}
        rows = [line.split() for line in answer.splitlines() if line and line[0].isdigit() and " " in line]
        return {(row[1], row[3]): row[5] != "0" for row in rows if not row[3].endswith("-unchecked")}

    def wait_until_known(self, server: str, *, well: bool) -> None:
        """Wait until both doors hold a server (`one` or `two`) to be well, or to be unwell."""
        what = f"server {server} held to be {'well' if well else 'unwell'}"
        wait_until(what, lambda: [state for (_, name), state in self.states().items() if name == server] == [well] * 2)
