"""What root makes in a service's folder belongs to the service: otherwise its next start could not write there."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from app.node.boundary_choice import BOUNDARY_FILE
from config import SECRET_KEY_FILE, Settings

ROOT_ID = 0


def hand_over_at_exit(settings: Settings) -> None:
    """At the end of a command that root runs, give its files to the owner of the folder that they are in."""
    if os.geteuid() == ROOT_ID:
        atexit.register(hand_over, _files_of(settings))


def hand_over(files: Iterable[Path]) -> None:
    """Give each of the files that is root's to the owner of its folder."""
    for path in files:
        with suppress(FileNotFoundError):
            owner, group = _owner(path.parent)
            if _owner(path)[0] == ROOT_ID != owner:
                os.chown(path, owner, group, follow_symlinks=False)


def _files_of(settings: Settings) -> list[Path]:
    files = [settings.data_dir / SECRET_KEY_FILE, settings.data_dir / BOUNDARY_FILE]
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        files += [Path(url.database + suffix) for suffix in ("", "-wal", "-shm")]
    return files


def _owner(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_uid, found.st_gid
