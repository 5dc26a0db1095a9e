"""`flask --app wsgi check`: what is wrong is named with what to do, and what is right is not."""

from __future__ import annotations

import ipaddress
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.checks import clock as clock_checks
from app.checks import exchange, node
from app.checks.clock import check_clock
from app.checks.exchange import check_exchange
from app.checks.finding import Finding, Standing
from app.checks.node import check_node
from app.checks.settings import check_settings
from config import Settings
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.centre import Centre
from tests.app.house import House
from tests.steppable_clock import SteppableClock

ANYWHERE = "0.0.0.0"
ASTERISK = (ipaddress.ip_network("192.0.2.5/32"),)
AS_DEPLOYED = Settings(
    http_host=ANYWHERE,
    agi_host=ANYWHERE,
    agi_peers=ASTERISK,
    trusted_proxies=1,
    cookie_secure=True,
    secret_key="x" * 40,
)


def standings(findings: Iterator[Finding]) -> dict[str, Standing]:
    return {finding.words: finding.standing for finding in findings}


def wrong(findings: Iterator[Finding]) -> list[str]:
    found = [finding for finding in findings if finding.standing is Standing.WRONG]
    assert all(finding.advice for finding in found)
    return [finding.words for finding in found]


def test_the_settings_that_are_documented_contradict_nothing() -> None:
    assert wrong(check_settings(AS_DEPLOYED)) == []
    assert wrong(check_settings(replace(AS_DEPLOYED, http_host="127.0.0.1", agi_host="127.0.0.1", agi_peers=()))) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"http_host": "127.0.0.1"}, "/readyz"),
        ({"http_host": "localhost", "agi_host": "192.0.2.21"}, "/readyz"),
        ({"http_host": "::1"}, "/readyz"),
        ({"agi_host": "127.0.0.1"}, "this machine only"),
        ({"http_host": "192.0.2.21"}, "one address"),
        ({"agi_peers": ()}, "can make tickets"),
        ({"cookie_secure": False}, "cookies"),
        ({"trusted_proxies": 0, "public_url": "https://siaga.example"}, "none is trusted"),
        ({"public_url": "http://siaga.example"}, "plain http"),
        ({"demo": True}, "SIAGA_DEMO"),
    ],
)
def test_settings_that_contradict_each_other_are_named(change: dict[str, object], named: str) -> None:
    (words,) = wrong(check_settings(replace(AS_DEPLOYED, **change)))  # type: ignore[arg-type]
    assert named in words


class Answer(BaseHTTPRequestHandler):
    status, body = 200, b'{"checks": {}}'

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def running_node(settings: Settings) -> Iterator[Settings]:
    """Something that answers /readyz, and something that takes FastAGI connections."""
    web = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with closing(socket.create_server(("127.0.0.1", 0))) as agi:
        yield replace(settings, http_port=web.server_port, agi_port=agi.getsockname()[1])
    web.shutdown()
    web.server_close()
    thread.join()


def test_a_node_that_runs_and_has_people_is_well(running_node: Settings, staffed: House) -> None:
    assert wrong(check_node(running_node, staffed.centre)) == []


def test_without_an_admin_the_command_that_makes_one_is_named(running_node: Settings, sqlite_centre: Centre) -> None:
    advice = [finding.advice for finding in check_node(running_node, sqlite_centre) if "no admin" in finding.words]
    assert advice == ["flask --app wsgi create-admin NAME"]


@pytest.mark.parametrize(
    ("status", "body", "named"),
    [
        (503, b'{"checks": {"database": true, "agi": false, "writer": false}}', "503: agi, writer"),
        (503, b"[]", "503: no reason given"),
        (200, b"<html>another program</html>", "does not answer"),
        (404, b'{"checks": 7}', "404"),
    ],
)
def test_what_the_guard_would_see_of_a_node_that_is_not_well_is_said(
    running_node: Settings, staffed: House, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, named: str
) -> None:
    monkeypatch.setattr(Answer, "status", status)
    monkeypatch.setattr(Answer, "body", body)
    (words,) = wrong(check_node(running_node, staffed.centre))
    assert named in words


def test_a_node_that_does_not_run_is_wrong(settings: Settings, staffed: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    (words,) = wrong(check_node(replace(settings, http_port=nobody, agi_port=nobody), staffed.centre))
    assert "/readyz does not answer" in words


def test_a_database_without_our_tables_is_wrong(settings: Settings, tmp_path: Path, staffed: House) -> None:
    from dispatch.centre import open_centre

    with closing(open_centre(f"sqlite:///{tmp_path}/new.db", staffed.centre.city)) as empty:
        (words,) = wrong(check_node(settings, empty))
    assert words.startswith("database:")


def test_where_it_listens_everywhere_the_guard_finds_it_under_an_address_of_this_machine() -> None:
    address = node._address_for_others(ANYWHERE)
    assert ipaddress.ip_address(address).version == 4
    assert address != ANYWHERE
    assert node._address_for_others("192.0.2.21") == "192.0.2.21"


@pytest.fixture
def no_asterisk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def called(centre: Centre, linkedid: str) -> None:
    centre.run(register_call, call=IncomingCall("serang-1", linkedid, ani="081234567890"))


def test_an_asterisk_elsewhere_is_not_seen_and_its_own_check_is_named(
    settings: Settings, sqlite_centre: Centre, no_asterisk: None
) -> None:
    findings = list(check_exchange(settings, sqlite_centre))
    assert {finding.standing for finding in findings} == {Standing.UNSEEN}
    assert "check.sh" in findings[0].advice


@pytest.mark.parametrize("ahead_s", [-7 * 3600, 3600, 300])
def test_a_clock_of_asterisk_that_is_far_from_ours_is_wrong(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, no_asterisk: None, ahead_s: int
) -> None:
    for n in range(3):
        called(sqlite_centre, f"serang-1-{int(clock.now().timestamp()) + ahead_s}.{n}")
    (words,) = wrong(check_exchange(settings, sqlite_centre))
    assert "apart" in words


def test_one_call_that_was_told_late_does_not_make_the_clock_wrong(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, no_asterisk: None
) -> None:
    now = int(clock.now().timestamp())
    called(sqlite_centre, f"serang-1-{now - 7200}.1")
    called(sqlite_centre, f"serang-1-{now}.2")
    assert wrong(check_exchange(settings, sqlite_centre)) == []


def record_in(folder: Path, written: datetime) -> Path:
    path = folder / exchange.RECORD
    path.write_text("")
    os.utime(path, (written.timestamp(), written.timestamp()))
    return path


def test_a_record_that_grows_with_the_calls_is_well(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, no_asterisk: None, tmp_path: Path
) -> None:
    called(sqlite_centre, f"{int(clock.now().timestamp())}.1")
    record_in(tmp_path, clock.now())
    assert wrong(check_exchange(replace(settings, cel_dir=tmp_path), sqlite_centre)) == []


@pytest.mark.parametrize("fault", ["no folder", "no file", "does not grow"])
def test_a_record_that_is_not_written_is_wrong(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock, no_asterisk: None, tmp_path: Path, fault: str
) -> None:
    called(sqlite_centre, f"{int(clock.now().timestamp())}.1")
    folder = tmp_path / "cel-custom"
    if fault != "no folder":
        folder.mkdir()
    if fault == "does not grow":
        record_in(folder, clock.now() - timedelta(hours=2))
    (words,) = wrong(check_exchange(replace(settings, cel_dir=folder), sqlite_centre))
    assert words.startswith("record:")


def test_an_asterisk_on_this_machine_is_asked_and_what_it_says_is_passed_on(
    settings: Settings, sqlite_centre: Centre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An Asterisk that is too old and does not run, as its script sees it."""
    program = tmp_path / "asterisk"
    program.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Asterisk 16.28.0~dfsg"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    words = wrong(check_exchange(settings, sqlite_centre))
    assert words[0].startswith("Asterisk: Asterisk 16 is too old")
    assert words[1] == "Asterisk: Asterisk does not answer"


@pytest.mark.parametrize(
    ("state", "standing"), [(0, Standing.OK), (2, Standing.OK), (5, Standing.WRONG), (None, Standing.UNSEEN)]
)
def test_a_clock_that_nothing_steers_is_wrong(
    sqlite_centre: Centre, monkeypatch: pytest.MonkeyPatch, state: int | None, standing: Standing
) -> None:
    monkeypatch.setattr(clock_checks, "_kernel_state", lambda: state)
    assert [finding.standing for finding in check_clock(sqlite_centre)] == [standing]


def test_the_kernel_can_be_asked() -> None:
    assert clock_checks._kernel_state() in (None, 0, 1, 2, 3, 4, 5)


def test_a_clock_that_is_not_the_databases_is_wrong(centre: Centre) -> None:
    """SQLite's is this machine's own."""
    now = datetime.now(UTC)
    apart = [
        "the database are 60 s apart" in words for words in wrong(check_clock(centre, now - timedelta(seconds=60)))
    ]
    assert any(apart) is (centre.engine.dialect.name == "postgresql")
    assert not [words for words in wrong(check_clock(centre, now)) if "database" in words]


def test_the_command_prints_a_line_for_each_and_says_by_its_exit_code_that_something_is_wrong(house: House) -> None:
    done = house.app.test_cli_runner().invoke(args=["check"])
    assert done.exit_code == 1
    assert "WRONG     people: there is no admin\n          flask --app wsgi create-admin NAME\n" in done.output
    assert "to mend" in done.output
