"""Two real nodes on PostgreSQL are upgraded one after the other while calls come in: nobody notices."""

from __future__ import annotations

import io
import re
import shutil
import socket
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, select

from bench.postgres_server import PostgresMissing, throwaway_postgres
from dispatch.storage.journal import verify
from dispatch.storage.schema import current_revision
from dispatch.storage.tables import Call, Ticket
from tests.app.running_server import ROOT, Browser, RunningServer, running_server
from tests.app.running_server import until as until_within
from tests.upgrade.newer_software import AN_INDEX_BESIDE, CALLS_THEN_TICKETS, write_migrations
from tests.upgrade.two_doors import Door, Front

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

CALLS_PER_S = 30
LIMIT_S = 60.0  #: for whatever is waited for; a machine may be slow
#: What a node needs of the folder it runs from.
PARTS = ("app", "city", "dispatch", "migrations", "telephony", "templates", *(path.name for path in ROOT.glob("*.py")))
#: What is made, and so is in no archive.
MADE = ("app/static/vendor", "app/static/bundle")
#: A release without it stops at any schema but its own, and needs the one stop that docs/deployment.md tells of.
CAN_BE_UPGRADED_UNDER_WAY = re.compile(rb"^dispatch/(storage/)?schema\.py$", re.M)


def until(true: Callable[[], object]) -> None:
    until_within(true, LIMIT_S)


def newest_release(folder: Path) -> Path:
    """The newest tagged release that can be upgraded while it runs; where there is none, the software as it is."""
    tags = _git("tag", "--merged", "HEAD", "--sort=-creatordate").decode().split()
    for tag in tags:
        if CAN_BE_UPGRADED_UNDER_WAY.search(_git("ls-tree", "-r", "--name-only", tag)):
            with tarfile.open(fileobj=io.BytesIO(_git("archive", tag))) as archive:
                archive.extractall(folder, filter="data")
            for made in MADE:
                shutil.copytree(ROOT / made, folder / made, dirs_exist_ok=True)
            for words in ROOT.glob("app/translations/*/LC_MESSAGES/messages.mo"):
                shutil.copyfile(words, folder / words.relative_to(ROOT))
            return folder
    return ROOT


def _git(*arguments: str) -> bytes:
    """What git says; nothing in a copy without its history."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def release_to_come(folder: Path) -> Path:
    """This software with two more migrations."""
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / part, folder / part)
    write_migrations(folder / "migrations", CALLS_THEN_TICKETS, AN_INDEX_BESIDE)
    return folder


@pytest.fixture
def database_url() -> Iterator[str]:
    try:
        with throwaway_postgres() as server, server.database("rolling") as url:
            yield url
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def start(tmp_path: Path, database_url: str) -> Iterator[Callable[[Path, Door], RunningServer]]:
    """Start a node of some release at a door; all are stopped at the end."""
    with ExitStack() as stack:

        def begin(root: Path, door: Door) -> RunningServer:
            variables = {
                "SIAGA_DATABASE_URL": database_url,
                "SIAGA_SECRET_KEY": "the same secret key on both of these nodes",
                "SIAGA_HTTP_PORT": str(door.http_port),
                "SIAGA_AGI_PORT": str(door.agi_port),
            }
            server = stack.enter_context(running_server(tmp_path / f"data-{door.http_port}", root=root, **variables))
            until(lambda: requests.get(f"{door.base}/readyz", timeout=5).status_code == 200)
            return server

        yield begin


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def db_upgrade(root: Path, node: RunningServer) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    return subprocess.run(
        command, cwd=root, env=dict(node.environ), capture_output=True, text=True, timeout=90, check=False
    )


def test_two_nodes_are_upgraded_one_after_the_other_under_load_and_nobody_notices(
    tmp_path: Path, database_url: str, start: Callable[[Path, Door], RunningServer]
) -> None:
    old, new = newest_release(tmp_path / "old"), release_to_come(tmp_path / "new")
    doors = [Door(free_port(), free_port()), Door(free_port(), free_port())]
    nodes = [start(old, door) for door in doors]
    with Browser(nodes[0], "operator1", "1") as operator:
        front = Front(doors, operator.session)
        with front.busy(CALLS_PER_S):
            until(lambda: len(front.tickets) > CALLS_PER_S)

            upgraded = db_upgrade(new, nodes[1])
            assert upgraded.returncode == 0, upgraded.stderr
            # Both are of the release before, on the schema of the next.
            for door in doors:
                assert requests.get(f"{door.base}/readyz", timeout=5).json()["checks"]["schema"] is True
            still = len(front.tickets)
            until(lambda: len(front.tickets) > still + CALLS_PER_S)

            for index, door in enumerate(doors):
                assert nodes[index].stop() == 0
                until(lambda door=door: not door.up)
                nodes[index] = start(new, door)
                until(lambda door=door: door.up)
            still = len(front.tickets)
            until(lambda: len(front.tickets) > still + CALLS_PER_S)

    assert front.without_ticket == []
    assert front.longest_s < 3
    assert front.pages_down == []
    assert front.pages > 20
    assert_every_call_is_there_once(database_url, front.tickets)


def test_a_node_that_is_started_on_an_old_schema_says_what_to_do_and_changes_nothing(
    tmp_path: Path, database_url: str, start: Callable[[Path, Door], RunningServer]
) -> None:
    new = release_to_come(tmp_path / "new")
    node = start(ROOT, Door(free_port(), free_port()))
    environ = {**node.environ, "SIAGA_HTTP_PORT": "0", "SIAGA_AGI_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, "wsgi.py"], cwd=new, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert "other nodes may go on running while you run: flask --app wsgi db upgrade" in ended.stderr
    several = [
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=new, env=dict(node.environ)
        )
        for _ in range(3)
    ]
    assert [process.wait(90) for process in several] == [0, 0, 0]
    assert requests.get(f"{node.base}/readyz", timeout=5).status_code == 200


def assert_every_call_is_there_once(database_url: str, tickets: dict[str, str]) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(select(Call.linkedid, Ticket.number).join(Ticket, Ticket.id == Call.ticket_id)).all()
        assert current_revision(connection) == "future2"
        assert verify(connection).broken is None
    engine.dispose()
    assert Counter(linkedid for linkedid, _ in rows).most_common(1)[0][1] == 1
    assert {row.linkedid: row.number for row in rows} == tickets
