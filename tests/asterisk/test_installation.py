"""install.sh, and check.sh against a real Asterisk: what a deployer runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.asterisk.asterisk_instance import DEPLOYABLE, Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer, SitDown
from tests.asterisk.guard import Guard
from tests.asterisk.real_parts import wait_until


def install(folder: Path) -> str:
    (folder / "etc").mkdir(exist_ok=True)
    names = {"ETC": "etc", "LIB": "lib", "LOG": "log"}
    environment = {f"ASTERISK_{name}": str(folder / place) for name, place in names.items()}
    more = {"HAPROXY_ETC": str(folder / "haproxy"), "TMPFILES_ETC": str(folder / "tmpfiles"), "ASTERISK_USER": "root"}
    done = subprocess.run(
        ["sh", DEPLOYABLE / "install.sh"],
        env={**os.environ, **environment, **more},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="the files get an owner")
def test_the_installation_makes_the_folder_of_the_record_and_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "pjsip.conf").write_text("; Debian's example\n")
    said = install(tmp_path)
    record = tmp_path / "log" / "cel-custom"
    assert record.is_dir()
    assert record.stat().st_mode & 0o777 == 0o750
    assert str(record) in (tmp_path / "tmpfiles" / "siaga-112.conf").read_text()
    assert (tmp_path / "etc" / "pjsip.conf.before-siaga").read_text() == "; Debian's example\n"
    assert (tmp_path / "etc" / "pjsip.conf").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in (tmp_path / "etc").glob("*.conf")} == {
        path.name for path in DEPLOYABLE.glob("*.conf")
    }
    assert "CHANGE-op1" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="the files get an owner")
def test_installing_again_takes_no_password_away(tmp_path: Path) -> None:
    install(tmp_path)
    ours = tmp_path / "etc" / "pjsip.conf"
    ours.write_text(ours.read_text().replace("CHANGE-op1", "rahasia"))
    said = install(tmp_path)
    assert "rahasia" in ours.read_text()
    assert "CHANGE-op1" in (tmp_path / "etc" / "pjsip.conf.siaga-new").read_text()
    assert "pjsip.conf.siaga-new" in said
    assert not (tmp_path / "etc" / "queues.conf.siaga-new").exists()


def check(asterisk: Asterisk, guard: Path, **more: str) -> tuple[int, dict[str, str]]:
    """Run check.sh beside an instance: its exit code, and what it says of each thing that is wrong."""
    program = asterisk.folder / "asterisk"
    program.write_text(asterisk.client_script())
    program.chmod(0o755)
    environment = {
        "ASTERISK": str(program),
        "ASTERISK_RECORD": str(asterisk.folder / "log" / "cel-custom" / "siaga-112.csv"),
        "ASTERISK_USER": "root",
        "HAPROXY_CFG": str(guard),
    }
    done = subprocess.run(
        ["sh", DEPLOYABLE / "check.sh"],
        env={**os.environ, **environment, **more},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    wrong = {line[10:]: lines[at + 1].strip() for at, line in enumerate(lines) if line.startswith("WRONG ")}
    # Whether the clock of the machine that tests run on is synchronised is no matter of theirs.
    wrong = {words: advice for words, advice in wrong.items() if "synchronised" not in words}
    return done.returncode, wrong


@pytest.mark.real
def test_the_check_says_what_is_wrong_with_an_exchange_and_what_is_right(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, seat_phone: SitDown, tmp_path: Path
) -> None:
    code, wrong = check(asterisk, tmp_path / "haproxy.cfg")
    assert code == 1
    assert any("telephones is signed in" in words for words in wrong), wrong
    assert sum("/readyz does not answer" in words for words in wrong) == 2
    assert not any("record" in words for words in wrong)

    place_call(rings_s=0.3).wait()
    wait_until("news that nobody takes", lambda: "/siaga-112-post/" in asterisk.cli("database show siaga-112-post"))
    assert any("wait to be told" in words for words in check(asterisk, tmp_path / "haproxy.cfg")[1])

    server("one"), server("two")
    seat_phone("op1", answer=False)
    wait_until("the news told", lambda: "/siaga-112-post/" not in asterisk.cli("database show siaga-112-post"), 40)
    assert check(asterisk, tmp_path / "haproxy.cfg")[1] == {}


@pytest.mark.real
@pytest.mark.parametrize(
    ("breaks", "mends", "named"),
    [
        ("module unload cel_custom.so", "module load cel_custom.so", "cel_custom does not run"),
        ("module unload app_queue.so", "module load app_queue.so", "no queue"),
        ("dialplan set global SIAGA_SERVER_1 192.0.2.21:4573", "dialplan reload", "still an example"),
    ],
    ids=["record", "queue", "example"],
)
def test_the_check_names_a_part_that_is_missing(
    asterisk: Asterisk, tmp_path: Path, breaks: str, mends: str, named: str
) -> None:
    asterisk.cli(breaks)
    try:
        assert any(named in words for words in check(asterisk, tmp_path / "none.cfg")[1])
    finally:
        asterisk.cli(mends)


@pytest.mark.real
def test_the_check_finds_that_the_record_is_not_written(asterisk: Asterisk, tmp_path: Path) -> None:
    """As after an installation by hand: the module runs, its folder is missing, every event is lost."""
    folder = asterisk.folder / "log" / "cel-custom"
    folder.rename(folder.with_name("away"))
    try:
        wrong = check(asterisk, tmp_path / "none.cfg")[1]
        assert any("no folder" in words for words in wrong)
        folder.mkdir()
        (folder / "siaga-112.csv").mkdir()
        assert any("does not grow" in words for words in check(asterisk, tmp_path / "none.cfg")[1])
        (folder / "siaga-112.csv").rmdir()
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()
    finally:
        folder.with_name("away").rename(folder)
