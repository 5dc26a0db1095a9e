"""The mark that a node keeps in SIAGA_DATA, and what a start makes of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.node.journal_mark import MARK_FILE, MarkKeeper, read_mark, write_mark
from dispatch.centre import Centre
from dispatch.storage.epochs import Mark
from tests.app.running_server import Browser, running_server
from tests.dispatch.storage.writing import registration

MARK = Mark("e1", 12, "a" * 64, "b" * 64)


def test_a_mark_is_kept_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / MARK_FILE
    write_mark(path, MARK)
    assert read_mark(path) == MARK
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == [MARK_FILE]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"epoch": "e", "seq": "x", "hash": "h", "origin": "o"}', "ÿ"])
def test_one_that_cannot_be_read_says_nothing_and_the_log_says_so(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / MARK_FILE
    assert read_mark(path) is None
    assert not caplog.text
    path.write_text(text, encoding="latin-1")
    assert read_mark(path) is None
    assert "cannot be read" in caplog.text


def test_it_is_written_when_the_journal_has_grown_and_not_otherwise(sqlite_centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "kept" / MARK_FILE
    keeper = MarkKeeper(sqlite_centre, path)
    assert not keeper.keep()
    sqlite_centre.probe_storage()
    assert not keeper.keep()  # an empty journal is not known by anything
    registration(sqlite_centre, "1")()
    assert keeper.keep()
    assert not keeper.keep()
    registration(sqlite_centre, "2")()
    assert keeper.keep()
    mark = read_mark(path)
    assert mark is not None
    assert mark.seq == 2


def test_a_folder_that_cannot_be_written_ends_nothing(
    sqlite_centre: Centre, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registration(sqlite_centre, "1")()
    (tmp_path / "a file").touch()
    keeper = MarkKeeper(sqlite_centre, tmp_path / "a file" / MARK_FILE)
    keeper.stop()
    assert "cannot be written" in caplog.text


def epochs_of(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "siaga.db")) as connection:
        return [why for (why,) in connection.execute("SELECT why FROM epochs ORDER BY id")]


def restored_by_hand(data: Path, backup: Path) -> None:
    """What docs/deployment.md says: the file into its place, and nothing left beside it."""
    shutil.copyfile(backup, data / "siaga.db")
    for left in ("siaga.db-wal", "siaga.db-shm"):
        (data / left).unlink(missing_ok=True)


def test_a_backup_put_into_place_as_the_documentation_says_is_noticed_at_the_start(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup.db"
    with running_server(data) as server:
        browser = Browser(server, "operator1", "1")
        with closing(sqlite3.connect(data / "siaga.db")) as live, closing(sqlite3.connect(backup)) as copy:
            live.backup(copy)
        with Browser(server, "operator2", "2"):
            browser.session.close()
        assert server.stop() == 0
    mark = read_mark(data / MARK_FILE)
    assert mark is not None
    with closing(sqlite3.connect(data / "siaga.db")) as connection:  # the sign-out, told as the node stopped
        assert connection.execute("SELECT max(seq) FROM journal").fetchone() == (mark.seq,)
    restored_by_hand(data, backup)
    with running_server(data) as server:
        assert "brought back from a backup" in "".join(server.lines)
    assert epochs_of(data) == ["made", "restored"]
