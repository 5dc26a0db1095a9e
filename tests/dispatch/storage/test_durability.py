"""What would let an acknowledged call be lost is set right, or refused in words that say what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

import dispatch.storage.durability
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import StorageUnavailable
from dispatch.storage.durability import (
    UnsafeStorage,
    demand_durability,
    demand_of_connection,
    file_system_of,
    in_memory,
)
from dispatch.storage.engine import make_engine
from dispatch.storage.transaction import Transaction

#: As a machine's table of mounts has them: a root disk, and one more of each kind.
ROOT_DISK = "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set what the system's table of mounts says beside the root disk."""

    def say(*lines: str) -> None:
        (tmp_path / "mountinfo").write_text(ROOT_DISK + "".join(f"{line}\n" for line in lines))
        monkeypatch.setattr(dispatch.storage.durability, "MOUNTS", tmp_path / "mountinfo")

    return say


def why_not(url: str) -> str:
    engine = make_engine(url)
    try:
        demand_durability(engine)
    except UnsafeStorage as unsafe:
        return str(unsafe)
    finally:
        engine.dispose()
    return ""


def synchronous_commit_of_the_writer(centre: Centre) -> str:
    def read(tx: Transaction) -> str:
        return str(tx.connection.exec_driver_sql("SHOW synchronous_commit").scalar())

    return str(centre.run(read))


@pytest.fixture
def role_default(postgres_url: str) -> Iterator[Callable[[str, str], None]]:
    """Set a default of the role, as an administrator does who has read about speed."""
    changed: list[str] = []

    def alter(name: str, value: str) -> None:
        changed.append(name)
        _as_admin(
            postgres_url, sql.SQL("ALTER ROLE postgres SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
        )

    yield alter
    for name in changed:
        _as_admin(postgres_url, sql.SQL("ALTER ROLE postgres RESET {}").format(sql.Identifier(name)))


def _as_admin(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("SET transaction_read_only = off")
        connection.execute(statement)


@pytest.mark.parametrize(
    ("default", "own"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
def test_the_writers_commits_are_flushed_whatever_the_roles_default(
    default: str, own: str, postgres_url: str, city: CityPack, role_default: Callable[[str, str], None]
) -> None:
    role_default("synchronous_commit", default)
    centre = open_centre(postgres_url, city)
    try:
        assert synchronous_commit_of_the_writer(centre) == own
    finally:
        centre.close()


def test_a_server_that_never_flushes_is_refused_by_start_and_writer(postgres_url: str, city: CityPack) -> None:
    """The tests' own server runs so."""
    assert why_not(postgres_url).startswith("PostgreSQL runs with fsync = off, and a power cut may take calls")
    centre = open_centre(postgres_url, city, demand_durability=True)
    try:
        with pytest.raises(StorageUnavailable, match="set fsync = on in"):
            centre.run(register_call, call=IncomingCall("a", "1.1"))
        assert "fsync" in (centre.writer.last_error or "")
    finally:
        centre.close()


def test_a_role_that_may_only_read_is_refused(postgres_url: str, role_default: Callable[[str, str], None]) -> None:
    role_default("default_transaction_read_only", "on")
    assert why_not(postgres_url).startswith("transactions are read-only here: reset default_transaction_read_only")


class Answering:
    """A server that answers as told, for what a test cannot set."""

    dialect = make_engine("postgresql+psycopg://nowhere/").dialect

    def __init__(self, *answer: object) -> None:
        self.answer = answer

    def exec_driver_sql(self, _statement: str) -> Answering:
        return self

    def one(self) -> tuple[object, ...]:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (("on", "on", False, "off", "on"), ""),
        (("on", "on", False, "off", "remote_apply"), ""),
        (("on", "off", False, "off", "on"), "set full_page_writes = on"),
        (("on", "on", True, "on", "on"), "is a standby, which accepts no writes: name the primary"),
        (("on", "on", False, "off", "off"), "is there a pooler in between"),
    ],
)
def test_what_a_server_says_about_itself_decides(answer: tuple[object, ...], said: str) -> None:
    connection: Connection = Answering(*answer)  # type: ignore[assignment]
    if said:
        with pytest.raises(UnsafeStorage, match=said):
            demand_of_connection(connection)
    else:
        demand_of_connection(connection)


@pytest.mark.parametrize(
    "kind",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "ceph",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.glusterfs",
        "fuse.rclone",
        "virtiofs",
    ],
)
def test_a_network_file_system_is_refused(
    kind: str, sqlite_url: str, mounts: Callable[..., None], tmp_path: Path
) -> None:
    mounts(f"40 27 0:50 / {tmp_path} rw,relatime shared:9 master:1 - {kind} there:/export rw")
    assert f"is on {kind}, which does not promise what SQLite needs" in why_not(sqlite_url)
    assert "PostgreSQL" in why_not(sqlite_url)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "fuseblk", "f2fs"])
def test_a_local_disk_below_a_network_file_system_will_do(
    kind: str, sqlite_url: str, mounts: Callable[..., None], tmp_path: Path
) -> None:
    mounts(
        f"40 27 0:50 / {tmp_path.parent} rw - nfs4 there:/export rw",
        f"41 40 0:51 / {tmp_path} rw - {kind} /dev/vdb rw",
        f"42 40 0:52 / {tmp_path}-beside rw - nfs4 there:/other rw",
    )
    assert why_not(sqlite_url) == ""


def test_the_folders_name_may_hold_spaces_and_the_last_mount_on_it_counts(
    mounts: Callable[..., None], tmp_path: Path
) -> None:
    folder = tmp_path / "two words"
    escaped = str(folder).replace(" ", "\\040")
    mounts(f"40 27 0:50 / {escaped} rw - ext4 /dev/vdb rw", f"41 40 0:51 / {escaped} rw - nfs4 there:/export rw")
    assert file_system_of(folder / "deep" / "down") == "nfs4"


def test_a_link_into_a_network_file_system_is_followed(
    sqlite_url: str, mounts: Callable[..., None], tmp_path: Path
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    Path(make_url(sqlite_url).database or "").rename(away / "siaga.db")
    (tmp_path / "here").symlink_to(away)
    mounts(f"40 27 0:50 / {away} rw - nfs4 there:/export rw")
    assert "is on nfs4" in why_not(f"sqlite:///{tmp_path / 'here' / 'siaga.db'}")


def test_a_folder_in_memory_is_told(sqlite_url: str, mounts: Callable[..., None], tmp_path: Path) -> None:
    engine = create_engine(sqlite_url)
    mounts()
    assert in_memory(engine) is None
    mounts(f"40 27 0:50 / {tmp_path} rw - tmpfs tmpfs rw")
    assert in_memory(engine) == str(tmp_path)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"])
def test_a_database_in_memory_is_refused(address: str) -> None:
    assert "gone with the process" in why_not(address)


@pytest.fixture
def open_folder(sqlite_url: str) -> Iterator[Path]:
    """A folder that everybody may enter, with a database in it; pytest's own are root's alone where root runs it."""
    folder = Path(tempfile.mkdtemp(prefix="siaga-open-"))
    folder.chmod(0o755)
    shutil.copyfile(make_url(sqlite_url).database or "", folder / "siaga.db")
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_database_that_cannot_be_written_is_refused_before_anything_is_promised(open_folder: Path) -> None:
    (open_folder / "siaga.db").chmod(0o444)
    open_folder.chmod(0o555)
    said = _as_another_user(lambda: why_not(f"sqlite:///{open_folder / 'siaga.db'}"))
    assert "cannot be written by this user" in said
    assert f"chown -R USER {open_folder}" in said


def test_a_folder_in_which_no_file_can_be_made_is_refused(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    said = _as_another_user(lambda: why_not(f"sqlite:///{open_folder / 'new.db'}"))
    assert "cannot be written by this user (no file can be made)" in said


def _as_another_user(ask: Callable[[], str]) -> str:
    """What somebody is told who may not do everything, as root may."""
    if os.geteuid() != 0:
        return ask()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setegid(65534)
            os.seteuid(65534)
            os.write(writing, ask().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        words = told.read()
    os.waitpid(child, 0)
    return words


def test_somebody_elses_lock_is_no_reason_to_refuse(sqlite_url: str) -> None:
    with closing(sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert why_not(sqlite_url) == ""


def test_a_healthy_database_is_written(sqlite_url: str, city: CityPack) -> None:
    assert why_not(sqlite_url) == ""
    centre = open_centre(sqlite_url, city, demand_durability=True)
    assert centre.run(register_call, call=IncomingCall("a", "1.1")).created
    centre.close()


@pytest.mark.parametrize("pragma", ["synchronous=OFF", "synchronous=NORMAL"])
def test_sqlite_that_was_told_not_to_flush_is_refused(pragma: str, sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        with pytest.raises(UnsafeStorage, match="instead of FULL"):
            demand_of_connection(connection)
    engine.dispose()


def test_sqlite_that_cannot_keep_its_log_is_refused(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        with pytest.raises(UnsafeStorage, match="journal_mode is delete"):
            demand_of_connection(connection)
    engine.dispose()
