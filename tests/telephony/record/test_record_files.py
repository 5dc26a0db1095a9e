"""The record where it lies: followed while it is written and rotated, posted from another machine, read from files."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from dispatch.calls.recorded import RecordedCall
from telephony.record.call_record import RecordReader
from telephony.record.files import RECORD, RecordFollower, calls_of_file
from tests.asterisk.asterisk_instance import DEPLOYABLE
from tests.telephony.record.test_call_record import BEGAN, a_call, read, started


def write(path: Path, lines: list[str], *, half: str = "") -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines) + half)


def followed(follower: RecordFollower) -> list[str]:
    found: list[RecordedCall] = []
    while (some := follower.read_some()) is not None:
        found += some
    return [call.linkedid for call in found]


def names(*numbers: int) -> list[str]:
    return [f"serang-1-{BEGAN + n}.{n}" for n in numbers]


def test_a_record_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    follower = RecordFollower(tmp_path)
    assert followed(follower) == []
    write(tmp_path / RECORD, a_call(1))
    assert followed(follower) == names(1)
    follower.close()


def test_what_is_added_is_read_once_and_half_a_line_when_it_is_whole(tmp_path: Path) -> None:
    follower = RecordFollower(tmp_path)
    *first, last = a_call(2)
    write(tmp_path / RECORD, a_call(1) + first, half=last[:20])
    assert followed(follower) == names(1)
    assert followed(follower) == []
    write(tmp_path / RECORD, [last[20:]])
    assert followed(follower) == names(2)
    follower.close()


def test_a_call_that_goes_on_over_a_rotation_is_whole(tmp_path: Path) -> None:
    follower = RecordFollower(tmp_path)
    *begins, hang_up, channel_end, call_end = a_call(1, seats=("op2",))
    write(tmp_path / RECORD, begins)
    assert followed(follower) == []
    write(tmp_path / RECORD, [hang_up])
    (tmp_path / RECORD).rename(tmp_path / f"{RECORD}.1")
    write(tmp_path / RECORD, [channel_end, call_end, *a_call(2)])
    assert followed(follower) == names(1, 2)
    follower.close()


def test_a_node_that_starts_after_the_rotation_reads_the_file_before_too(tmp_path: Path) -> None:
    lines = a_call(1, seats=("op2",))
    write(tmp_path / f"{RECORD}.1", lines[:2])
    write(tmp_path / RECORD, lines[2:])
    follower = RecordFollower(tmp_path)
    assert followed(follower) == names(1)
    follower.close()


def test_a_record_that_was_emptied_where_it_lies_is_begun_again(tmp_path: Path) -> None:
    follower = RecordFollower(tmp_path)
    write(tmp_path / RECORD, a_call(1) + a_call(2))
    assert followed(follower) == names(1, 2)
    (tmp_path / RECORD).write_text("")
    assert followed(follower) == []
    write(tmp_path / RECORD, a_call(3))
    assert followed(follower) == names(3)
    follower.close()


def test_a_folder_that_is_taken_away_is_waited_for(tmp_path: Path) -> None:
    follower = RecordFollower(tmp_path)
    write(tmp_path / RECORD, a_call(1))
    assert followed(follower) == names(1)
    (tmp_path / RECORD).unlink()
    assert followed(follower) == []
    write(tmp_path / RECORD, a_call(2))
    assert followed(follower) == names(2)
    follower.close()


def test_a_line_without_an_end_fills_no_memory(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_bytes(b"x" * 5_000_000)
    follower = RecordFollower(tmp_path)
    assert followed(follower) == []
    assert len(follower._rest) < 200_000
    follower.close()


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_is_read_whole_and_in_pieces(tmp_path: Path, compressed: bool) -> None:
    lines = [line for n in range(300) for line in a_call(n)]
    path = tmp_path / (f"{RECORD}.2.gz" if compressed else RECORD)
    text = "".join(line + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if compressed else text)
    pieces = list(calls_of_file(path, RecordReader()))
    assert len(pieces) > 2
    assert [call for piece in pieces for call in piece] == read(lines)


@dataclass
class Software:
    """What stands where the software should: keeps what it is sent, or refuses it."""

    status: int = 200
    requests: list[dict[str, Any]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def calls(self) -> list[str]:
        return [call.linkedid for request in self.requests for call in read(request["lines"])]


@pytest.fixture
def software() -> Iterator[Software]:
    kept = Software()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if kept.status == 200 and self.path == "/api/v1/calls/record":
                kept.requests.append(json.loads(body))
                kept.sizes.append(len(body))
                kept.tokens.add(self.headers["Authorization"])
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(b'{"opened": 0}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


class Poster:
    """siaga-record-post with its files in a folder."""

    def __init__(self, folder: Path, software: Software) -> None:
        self.record = folder / RECORD
        self._token, self._state, self._url = folder / "token", folder / "state.json", software.url
        self._token.write_text("a-token\n")

    def run(self) -> tuple[int, str]:
        options = ["--record", self.record, "--state", self._state]
        done = subprocess.run(
            [sys.executable, DEPLOYABLE / "siaga-record-post", self._url, self._token, *options],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "no_proxy": "127.0.0.1"},
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def poster(tmp_path: Path, software: Software) -> Poster:
    return Poster(tmp_path, software)


def test_each_call_is_posted_once_when_it_is_over(poster: Poster, software: Software) -> None:
    *begins, end = a_call(2, seats=("op1",))
    write(poster.record, a_call(1) + begins, half=end[:10])
    assert poster.run() == (0, "")
    assert software.calls() == names(1)
    assert poster.run() == (0, "")
    write(poster.record, [end[10:], *a_call(3)])
    assert poster.run() == (0, "")
    assert software.calls() == names(1, 2, 3)
    assert software.tokens == {"Bearer a-token"}


def test_what_is_posted_says_the_same_as_the_record(poster: Poster, software: Software) -> None:
    lines = [*a_call(1, seats=("op1", "op2"), ends=False), *a_call(2), started(BEGAN + 60), *a_call(70)]
    write(poster.record, lines)
    poster.run()
    posted = [call for request in software.requests for call in read(request["lines"])]
    assert sorted(posted, key=lambda call: call.began_at) == sorted(read(lines), key=lambda call: call.began_at)


@pytest.mark.parametrize("status", [500, 503, 401, 413])
def test_what_was_not_taken_is_posted_again_and_nothing_of_the_caller_is_printed(
    poster: Poster, software: Software, status: int
) -> None:
    write(poster.record, a_call(1))
    software.status = status
    code, said = poster.run()
    assert (code, str(status) in said) == (1, True)
    assert "81234567890" not in said
    software.status = 200
    assert poster.run() == (0, "")
    assert software.calls() == names(1)


def test_many_calls_are_posted_in_bodies_that_are_taken(poster: Poster, software: Software) -> None:
    write(poster.record, [line for n in range(400) for line in a_call(n, name="x" * 900)])
    assert poster.run() == (0, "")
    assert sorted(software.calls()) == sorted(names(*range(400)))
    assert max(software.sizes) < 64 * 1024


def test_a_long_call_holds_no_other_back_and_sends_none_twice(poster: Poster, software: Software) -> None:
    *begins, end = a_call(1)
    write(poster.record, [*begins, *a_call(2)])
    poster.run()
    write(poster.record, a_call(3))
    poster.run()
    write(poster.record, [end])
    poster.run()
    assert software.calls() == names(2, 3, 1)


def test_a_rotated_record_is_posted_to_its_end_and_the_new_one_from_its_beginning(
    poster: Poster, software: Software
) -> None:
    write(poster.record, a_call(1))
    poster.run()
    write(poster.record, a_call(2))
    poster.record.rename(poster.record.with_name(f"{RECORD}.1"))
    write(poster.record, a_call(3))
    assert poster.run() == (0, "")
    assert software.calls() == names(1, 2, 3)


def test_lines_that_are_none_stop_nothing(poster: Poster, software: Software) -> None:
    first, *rest = a_call(1)
    write(poster.record, ["kebakaran", first, '"', "\0\0", *rest, "x" * 200_000, *a_call(2)])
    assert poster.run() == (0, "")
    assert software.calls() == names(1, 2)


def test_a_state_that_was_damaged_posts_all_again(poster: Poster, software: Software, tmp_path: Path) -> None:
    write(poster.record, a_call(1))
    poster.run()
    (tmp_path / "state.json").write_text('{"inode": 7, "off')
    assert poster.run() == (0, "")
    assert software.calls() == names(1, 1)


def test_without_a_record_it_says_what_is_missing(poster: Poster) -> None:
    code, said = poster.run()
    assert code == 1
    assert RECORD in said
