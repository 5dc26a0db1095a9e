"""A PostgreSQL server of our own for tests and benchmarks, started from the machine's binaries and thrown away.

It listens on a socket in its own folder only, so that any number of them run side by side. As root it runs as the
user `postgres`, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

START_LIMIT_S = 30.0
#: Nothing in a test has to survive a power cut; a benchmark passes durable=True and leaves these out.
FORGETFUL = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
SETTINGS = ("-c", "listen_addresses=", "-c", "max_connections=200", "-c", "log_min_messages=fatal")


class PostgresMissing(Exception):
    """The machine has no PostgreSQL that could be started; the text says how to get it."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `url` is the SQLAlchemy address of its maintenance database."""

    url: str

    @contextmanager
    def database(self, name: str, template: str = "template0") -> Iterator[str]:
        """Make a database from a template that nobody is connected to, give its address, and drop it afterwards."""
        identifier = sql.Identifier(name)
        # Copying files beats writing the copy to the log ten times over when the template is small.
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._run(make.format(identifier, sql.Identifier(template)))
        try:
            yield make_url(self.url).set(database=name).render_as_string(hide_password=False)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute(statement)


def database_name(url: str) -> str:
    """Return the name of the database in an address."""
    return str(make_url(url).database)


@contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server in a new folder, and stop and remove it afterwards. Raises PostgresMissing."""
    binaries = _binaries()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="siaga-pg-"))
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        data = folder / "data"
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--no-locale",
        ]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        command = [binaries / "postgres", "-D", data, "-k", folder, *SETTINGS, *(() if durable else FORGETFUL)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, which takes no lock
                **user,
            )
        try:
            url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
            _wait_until_ready(server, url, folder / "log")
            yield PostgresServer(url)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away
            server.wait(START_LIMIT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = installed[-1] if installed else shutil.which("postgres")
    if found is None:
        raise PostgresMissing("no PostgreSQL here; .ci/install-real-parts postgresql installs it")
    return Path(found).resolve().parent


def _unprivileged_user() -> dict[str, Any]:
    """The arguments of subprocess that leave root behind; none are needed for anybody else."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError as error:
        raise PostgresMissing("PostgreSQL does not run as root, and there is no user postgres") from error
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """Have the kernel stop the server when the tests are killed and cannot do it themselves."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGQUIT)


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            psycopg.connect(url.replace("+psycopg", "", 1)).close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from error
            time.sleep(0.02)
