"""Whether this machine can run the real Asterisk, sipp and HAProxy, and where they are."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
INSTALLER = REPOSITORY / ".ci" / "install-real-parts"
Seen = TypeVar("Seen")
REQUIRED = os.environ.get("SIAGA_REQUIRE_REAL") == "1"


def asterisk_root() -> Path:
    """The folder that the installer makes the Asterisk root in."""
    cache_folder = os.environ.get("SIAGA_REAL_CACHE") or str(Path.home() / ".cache" / "siaga112")
    return Path(cache_folder) / "asterisk-root"


@cache
def need_real_asterisk() -> None:
    """Skip the test, saying what would bring the parts; with SIAGA_REQUIRE_REAL=1 bring them first."""
    if REQUIRED and _missing():
        subprocess.run([INSTALLER, "asterisk"], check=True)
    missing = _missing()
    if missing:
        pytest.skip(f"{missing}; as root, .ci/install-real-parts asterisk brings what these tests need")


def _missing() -> str:
    if os.geteuid() != 0:
        return "a real Asterisk is started in a root folder of its own, which takes root"
    absent = [name for name in ("sipp", "haproxy", "unshare", "nsenter", "chroot") if shutil.which(name) is None]
    if not (asterisk_root() / "usr/sbin/asterisk").exists():
        absent.append("asterisk")
    if absent:
        return f"not on this machine: {', '.join(absent)}"
    probe = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    return "this machine allows no mount namespaces" if probe.returncode else ""


#: Below the range from which the system takes ports for outgoing connections.
PORTS = range(10_000, 32_000)
PORT_TRIES = 2_000
_handed_out: set[int] = set()


def _our_ports() -> range:
    """The share of this test process: others that run beside it (pytest -n) have theirs."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = len(PORTS) // max(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), worker + 1)
    return PORTS[worker * share : (worker + 1) * share]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1", block: int = 1) -> int:
    """A port that nothing uses and that is handed out once; with `block` the first of so many."""
    ours = _our_ports()
    for _ in range(PORT_TRIES):
        port = random.randrange(ours.start, ours.stop - block, 2)
        wanted = range(port, port + block)
        if not _handed_out.isdisjoint(wanted):
            continue
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        _handed_out.update(wanted)
        return port
    pytest.fail(f"no {block} free ports in a row: {len(_handed_out)} of {len(ours)} were handed out")


def wait_until(what: str, look: Callable[[], Seen], limit_s: float = 10.0) -> Seen:
    """Look until there is something to see, and return it; fail with `what` after `limit_s`."""
    deadline = time.monotonic() + limit_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            pytest.fail(f"waited {limit_s:g} s in vain: {what}")
        time.sleep(0.02)
