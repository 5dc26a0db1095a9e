"""A running Asterisk with the files of telephony/asterisk, on ports of its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.asterisk.call_record import RecordedCall, read_events, sort_by_call
from tests.asterisk.real_parts import REPOSITORY, asterisk_root, free_port, wait_until

DEPLOYABLE = REPOSITORY / "telephony" / "asterisk"
PASSWORD = "{seat}-rahasia"
#: Where the instance's folder appears inside the Asterisk root.
INSIDE = "/mnt"
RTP_PORTS = 400


@dataclass(frozen=True)
class Ports:
    """Every port of one rig, so that any number of rigs run side by side."""

    sip: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    rtp: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM, block=RTP_PORTS))
    guard_1: int = field(default_factory=free_port)
    guard_2: int = field(default_factory=free_port)
    agi_one: int = field(default_factory=free_port)
    agi_two: int = field(default_factory=free_port)
    web_one: int = field(default_factory=free_port)
    web_two: int = field(default_factory=free_port)


class Asterisk:
    """A real Asterisk on ports of its own; `start` it, and `stop` it."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.folder = folder
        self.ports = ports
        self.sip_port = ports.sip
        self.system_name = "serang-uji"
        self._root = asterisk_root()
        self._process: subprocess.Popen[bytes] | None = None
        self._seen = 0
        #: The file in which it records its calls.
        self.record = folder / "log" / "cel-custom" / "siaga-112.csv"

    def start(self) -> None:
        """Start it and wait until it takes calls."""
        if not (self.folder / "etc").exists():
            for name in ("log/cdr-csv", "lib", "spool", "run", "agi"):
                (self.folder / name).mkdir(parents=True)
            self._write_settings()
        (self.folder / "run" / "asterisk.ctl").unlink(missing_ok=True)
        mounts = " && ".join(
            f"mount --bind '{source}' '{self._root}{target}'"
            for source, target in ((str(self.folder), INSIDE), ("/proc", "/proc"), ("/dev", "/dev"))
        )
        # The mounts live in a namespace of the process's own and are gone with it, however it ends.
        script = f"{mounts} && exec chroot '{self._root}' asterisk -f -C {INSIDE}/etc/asterisk.conf"
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
                stdout=output,
                stderr=output,
            )
        wait_until("Asterisk's control socket", (self.folder / "run" / "asterisk.ctl").exists)
        wait_until("Asterisk fully booted", lambda: "fully booted" in self.cli("core waitfullybooted"))

    def stop(self) -> None:
        """End it, at once if it does not go by itself."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)

    def kill(self) -> None:
        """End it without a word, as a power cut does; `start` brings it back with what was on its disk."""
        assert self._process
        self._process.kill()
        self._process.wait(5)

    def restart_now(self) -> None:
        """What an administrator's `core restart now` does: every call is cut off, and the program starts anew."""
        starts = self._starts()
        self.cli("core restart now")
        wait_until("Asterisk started anew", lambda: self._starts() > starts, 20)
        wait_until("Asterisk fully booted", lambda: "fully booted" in self.cli("core waitfullybooted"))

    def _starts(self) -> int:
        """How often it has come up so far."""
        return self.log().count("asterisk.c: Asterisk Ready")

    def freeze(self) -> None:
        """Stop the whole process where it is."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def cli(self, command: str) -> str:
        """Run one console command and return what it prints."""
        done = subprocess.run(
            [*self._client(), "-rx", command],
            check=False,
            capture_output=True,
            text=True,
            timeout=15,
        )
        return done.stdout

    def client_script(self) -> str:
        """A program that does for this instance what `asterisk` does for the one of the machine."""
        return f'#!/bin/sh\nexec {shlex.join(self._client())} "$@"\n'

    def _client(self) -> list[str]:
        assert self._process
        inside = ["nsenter", "--target", str(self._process.pid), "--mount", "chroot", str(self._root)]
        return [*inside, "asterisk", "-C", f"{INSIDE}/etc/asterisk.conf"]

    @contextmanager
    def also_dials(self, dialplan: str) -> Iterator[None]:
        """Add to the dialplan for a while: what might stand there in some city."""
        path = self.folder / "etc" / "extensions.conf"
        ours = path.read_text()
        path.write_text(f"{ours}\n{dialplan}\n")
        self.cli("dialplan reload")
        try:
            yield
        finally:
            path.write_text(ours)
            self.cli("dialplan reload")

    def hang_up_calls(self) -> None:
        """End every call; the channels that then tell of it are left alone."""
        self.cli("channel request hangup all")

    def hang_up_everything(self) -> None:
        """End every call, and every channel that still wants to tell of one."""

        def nothing_left() -> bool:
            self.cli("channel request hangup all")
            # Nor does the postman of the next test find anything of this one's.
            self.cli("database deltree siaga-112-post")
            return self.cli("core show channels count").startswith("0 active channels")

        wait_until("every channel gone", nothing_left)

    def log(self) -> str:
        """What Asterisk has logged so far."""
        return (self.folder / "log" / "full").read_text(errors="replace")

    def forget_calls(self) -> None:
        """From here on `calls` tells only of calls that begin later."""
        self._seen = len(read_events(self.record))

    def calls(self) -> list[RecordedCall]:
        """The calls from the trunk since `forget_calls`, in the order they came."""
        return sort_by_call(read_events(self.record)[self._seen :])

    def call_queued(self) -> RecordedCall:
        """The first of them that stands in the queue, as soon as one does."""
        return wait_until("a caller in the queue", lambda: [c for c in self.calls() if c.seconds_to_queue])[0]

    def call_over(self) -> RecordedCall:
        """The first of them that is over, as soon as one is."""
        return wait_until("the end of a call", lambda: [c for c in self.calls() if c.is_over])[0]

    def registered_seats(self) -> list[str]:
        """The seats whose telephone is signed in and answers."""
        return re.findall(r"Contact:\s+(op\d)/\S+\s+\S+\s+Avail", self.cli("pjsip show contacts"))

    def _write_settings(self) -> None:
        settings = self.folder / "etc"
        # As on a real machine: Debian's own files, and ours over them.
        shutil.copytree(self._root / "etc" / "asterisk", settings)
        modules = next((self._root / "usr" / "lib").glob("*/asterisk/modules"))
        folders = {
            "astetcdir": f"{INSIDE}/etc",
            "astmoddir": f"/{modules.relative_to(self._root)}",
            "astvarlibdir": f"{INSIDE}/lib",
            "astdbdir": f"{INSIDE}/lib",
            "astkeydir": f"{INSIDE}/lib",
            "astdatadir": "/usr/share/asterisk",
            "astagidir": f"{INSIDE}/agi",
            "astspooldir": f"{INSIDE}/spool",
            "astrundir": f"{INSIDE}/run",
            "astlogdir": f"{INSIDE}/log",
            "astsbindir": "/usr/sbin",
        }
        lines = ["[directories]", *(f"{name} => {folder}" for name, folder in folders.items())]
        lines += ["[options]", f"systemname = {self.system_name}"]
        (settings / "asterisk.conf").write_text("\n".join(lines) + "\n")
        (settings / "logger.conf").write_text("[logfiles]\nfull => notice,warning,error,verbose(3)\n")
        (settings / "manager.conf").write_text("[general]\nenabled = no\n")
        last_rtp = self.ports.rtp + RTP_PORTS - 1
        (settings / "rtp.conf").write_text(f"[general]\nrtpstart={self.ports.rtp}\nrtpend={last_rtp}\n")
        self._install()
        for source in DEPLOYABLE.glob("*.conf"):
            installed = settings / source.name
            installed.write_text(fill_in(installed.read_text(), self.ports))

    def _install(self) -> None:
        """As an administrator does it: with the script that is shipped, into this instance's folders."""
        folders = {
            "ASTERISK_ETC": "etc",
            "ASTERISK_LIB": "lib",
            "ASTERISK_LOG": "log",
            "HAPROXY_ETC": "haproxy",
            "TMPFILES_ETC": "tmpfiles.d",
        }
        environment = {name: str(self.folder / folder) for name, folder in folders.items()}
        subprocess.run(
            ["sh", DEPLOYABLE / "install.sh"],
            env={**os.environ, **environment, "ASTERISK_USER": "root"},
            check=True,
            capture_output=True,
        )


def fill_in(text: str, ports: Ports) -> str:
    """Put this rig's addresses, ports and passwords where a city's engineer would put hers, and change nothing else."""
    for written, meant in (
        ("192.0.2.5:5060", f"127.0.0.1:{ports.sip}"),
        ("192.0.2.5", "127.0.0.1"),
        ("192.0.2.10", "127.0.0.2"),
        ("127.0.0.1:4583", f"127.0.0.1:{ports.guard_1}"),
        ("127.0.0.1:4584", f"127.0.0.1:{ports.guard_2}"),
        ("192.0.2.21:4573 check port 5112", f"127.0.0.1:{ports.agi_one} check port {ports.web_one}"),
        ("192.0.2.22:4573 check port 5112", f"127.0.0.1:{ports.agi_two} check port {ports.web_two}"),
        ("/var/lib/asterisk/siaga/", f"{INSIDE}/lib/siaga/"),
        ("192.0.2.21:4573", f"127.0.0.1:{ports.agi_one}"),
        ("192.0.2.22:4573", f"127.0.0.1:{ports.agi_two}"),
    ):
        text = text.replace(written, meant)
    return re.sub(r"CHANGE-(op\d)", lambda seat: PASSWORD.format(seat=seat[1]), text)
