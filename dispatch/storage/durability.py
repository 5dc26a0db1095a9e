"""Whether what the database says it has written stays written: what the writer sets, and what it refuses to start with.

A ticket is acknowledged when it is durable. A setting of the server, of its role or of the disk that makes "written"
mean less than that goes unnoticed until the power fails, and then the calls of the last second are gone although the
journal's chain is whole. So it is looked at before anything is promised.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, exc

#: What other machines can write to as well, or what passes locks and flushes on to somebody who may not keep them.
NETWORK_FILE_SYSTEMS = frozenset(
    "nfs nfs3 nfs4 cifs smb smb2 smb3 smbfs ncpfs afs coda ceph glusterfs lustre beegfs gpfs orangefs pvfs2 9p v9fs"
    " virtiofs vboxsf prl_fs vmhgfs davfs drvfs ocfs2 gfs2 webdav".split()
)
#: Of what a program of its own serves (`fuse.NAME`), these lie on a local disk.
LOCAL_FUSE = frozenset(
    "fuseblk fuse.ntfs fuse.ntfs-3g fuse.lxcfs fuse.gocryptfs fuse.encfs fuse.ext2 fuse.mergerfs".split()
)
MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})
MOUNTS = Path("/proc/self/mountinfo")

#: As durable as the writer asks for: flushed here, and where there are synchronous standbys also there.
#: Whatever the server's, the database's or the role's default; only what waits for more is left as it is.
SYNCHRONOUS_COMMIT = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply'"
)
_POSTGRESQL = (
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), pg_is_in_recovery(),"
    " current_setting('transaction_read_only'), current_setting('synchronous_commit')"
)
_SQLITE_FULL = 2  #: PRAGMA synchronous; 3 is EXTRA


class UnsafeStorage(Exception):
    """Why a commit on this storage would not be durable, and what to do about it."""


def demand_durability(engine: Engine) -> None:
    """See that a writer on this database could keep its word. Raises UnsafeStorage, or SQLAlchemyError."""
    if engine.dialect.name == "sqlite":
        _demand_a_file_of_our_own(engine.url.database or "")
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(SYNCHRONOUS_COMMIT)
        demand_of_connection(connection)


def demand_of_connection(connection: Connection) -> None:
    """The same for one connection that is set up as the writer's. Raises UnsafeStorage, or SQLAlchemyError."""
    if connection.dialect.name == "sqlite":
        _demand_of_sqlite(connection)
    else:
        _demand_of_postgresql(connection)


def _demand_of_postgresql(connection: Connection) -> None:
    fsync, full_pages, standby, read_only, synchronous = connection.exec_driver_sql(_POSTGRESQL).one()
    if standby:
        raise UnsafeStorage(
            "this PostgreSQL is a standby, which accepts no writes: name the primary, or both with "
            "?host=ONE:5432&host=TWO:5432&target_session_attrs=read-write"
        )
    if read_only == "on":
        raise UnsafeStorage(
            "transactions are read-only here: reset default_transaction_read_only (ALTER ROLE or DATABASE ... RESET, "
            "or in postgresql.conf)"
        )
    for name, value in (("fsync", fsync), ("full_page_writes", full_pages)):
        if value != "on":
            raise UnsafeStorage(
                f"PostgreSQL runs with {name} = {value}, and a power cut may take calls that were acknowledged: set "
                f"{name} = on in postgresql.conf and reload"
            )
    if synchronous not in ("on", "remote_apply"):
        raise UnsafeStorage(
            f"synchronous_commit stays {synchronous} although the connection sets it: is there a pooler in between? "
            "Connect to the server itself"
        )


def _demand_of_sqlite(connection: Connection) -> None:
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    if synchronous is None or synchronous < _SQLITE_FULL:
        raise UnsafeStorage(
            f"SQLite runs with synchronous={synchronous} instead of FULL: use an address without options"
        )
    if mode != "wal":
        raise UnsafeStorage(
            f"SQLite cannot keep its write-ahead log here (journal_mode is {mode}): use a file on a local disk"
        )


def _demand_a_file_of_our_own(database: str) -> None:
    if not database or ":memory:" in database or database.startswith("file:"):
        raise UnsafeStorage("a database in memory is gone with the process: name a file by its path")
    path = Path(database).resolve()
    kind = file_system_of(path.parent)
    if kind in NETWORK_FILE_SYSTEMS or (kind.startswith("fuse") and kind not in LOCAL_FUSE):
        raise UnsafeStorage(
            f"{path.parent} is on {kind}, which does not promise what SQLite needs (locks, shared memory, flushes): "
            "use a folder on a local disk, or PostgreSQL"
        )
    if path.exists():
        _demand_writable(path)
    elif path.parent.is_dir() and not os.access(path.parent, os.W_OK, effective_ids=True):
        raise _not_writable(path, "no file can be made")


def in_memory(engine: Engine) -> str | None:
    """The folder of an SQLite database that lies in memory, which the next power cut takes; None for any other."""
    folder = Path(engine.url.database or "").resolve().parent
    return str(folder) if engine.dialect.name == "sqlite" and file_system_of(folder) in MEMORY_FILE_SYSTEMS else None


def _not_writable(path: Path, why: object) -> UnsafeStorage:
    return UnsafeStorage(
        f"{path} or its folder cannot be written by this user ({why}): mount it read-write, and give the folder and "
        f"what is in it to the user who runs the service: chown -R USER {path.parent}"
    )


def _demand_writable(path: Path) -> None:
    """Begin to write, as the writer does, and take it back: rights, attributes and mounts all have their say."""
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise _not_writable(path, error) from None
        if code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise exc.OperationalError(None, None, error, hide_parameters=True) from error
    finally:
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def file_system_of(folder: Path) -> str:
    """The kind of file system that a folder is on, by the system's own table; empty where there is none."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    found, longest = "", -1
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = Path(_unescaped(fields[4]))
        # Of two on one point the later hides the earlier.
        if (point == folder or point in folder.parents) and len(point.parts) >= longest:
            found, longest = after.split(" ")[0].lower(), len(point.parts)
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
