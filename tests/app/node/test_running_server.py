"""The whole server, started as people start it: sockets, a call from Asterisk's side, stopping."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import websocket
from websocket import ABNF

from telephony.simulator.load import run_load
from tests.app.running_server import Browser, Live, RunningServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("running")) as started:
        yield started


@pytest.fixture(scope="module")
def operator(server: RunningServer) -> Iterator[Browser]:
    with Browser(server, "operator1", "1") as browser:
        yield browser


@pytest.fixture
def live(operator: Browser) -> Iterator[Live]:
    """The operator's live feed."""
    feed = operator.connect()
    yield feed
    feed.close()


def ring(server: RunningServer, calls: int = 1) -> None:
    """Let Asterisk report calls over FastAGI."""
    result = run_load(("127.0.0.1", server.agi_port), concurrency=min(calls, 50), sessions=calls)
    assert result.failed == 0


def test_it_says_where_it_is_and_how_to_sign_in(server: RunningServer, operator: Browser) -> None:
    said = "".join(server.lines)
    assert f"pages    {server.base}/" in said
    assert "operator1, operator2, supervisor, admin, damkar" in said
    assert "password of all: siaga-demo" in said
    assert operator.get("/readyz").json()["status"] == "ready"


def test_a_call_over_fastagi_appears_on_the_operators_screen_and_not_at_an_agency(
    server: RunningServer, operator: Browser, live: Live
) -> None:
    with Browser(server, "damkar") as agency:
        away = agency.connect()
        last = operator.get("/api/v1/snapshot").json()["newest"]
        ring(server)
        event = live.next("journal")
        while event["seq"] <= last:
            event = live.next("journal")
        assert event["kind"] == "call.registered"
        assert event["ticket"]["calls"][0]["state"] == "ringing"
        claimed = operator.post(f"/api/v1/tickets/{event['ticket_number']}/claim")
        assert claimed.json()["ticket"]["owner"]["seat"] == "1"
        assert live.next("journal")["kind"] == "ticket.claimed"
        beat = away.next("heartbeat")
        assert (beat["newest"], beat["alarms"]) == (0, [])
        assert away.resume(0)["items"] == []


def test_a_stranger_is_told_to_sign_in_and_then_cut(server: RunningServer) -> None:
    with Browser(server) as stranger:
        feed = stranger.connect()
        assert feed.answer == '44{"message":"sign_in_needed"}'
        feed.socket.send('421["resume",{"after":0}]')
        assert feed.ended()


@pytest.mark.parametrize(("of", "answer"), [("mine", "40{"), ("another's", "44{"), (None, "40{")])
def test_a_page_that_was_made_for_somebody_else_gets_nothing_by_this_persons_cookie(
    operator: Browser, of: str | None, answer: str
) -> None:
    me = operator.get("/api/v1/me").json()
    page_of = {"mine": me["id"], "another's": me["id"] + 1, None: None}[of]
    assert operator.connect(page_of=page_of).answer.startswith(answer)
    headers = {} if page_of is None else {"X-Siaga-Page-Of": str(page_of)}
    status = 401 if of == "another's" else 200
    for path in ("/api/v1/snapshot", "/api/v1/me"):
        assert operator.session.get(operator.server.base + path, headers=headers, timeout=10).status_code == status
    written = {**headers, "X-CSRFToken": me["form_token"]}
    address = f"{operator.server.base}/api/v1/interpret"
    assert operator.session.post(address, json={"text": "api"}, headers=written, timeout=10).status_code == status


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_site_cannot_connect_with_the_users_cookie(operator: Browser, origin: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
        operator.connect(origin=origin)


def test_only_websockets_are_served(operator: Browser) -> None:
    assert operator.get("/socket.io/?EIO=4&transport=polling").status_code == 400


def test_compression_is_not_agreed_on_even_when_offered(operator: Browser) -> None:
    feed = operator.connect(header=["Sec-WebSocket-Extensions: permessage-deflate"])
    assert "sec-websocket-extensions" not in feed.socket.getheaders()
    feed.close()


def test_a_slow_reader_gets_a_long_replay_whole(server: RunningServer, operator: Browser) -> None:
    ring(server, 300)
    feed = operator.connect(sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),))
    newest = feed.next("heartbeat")["newest"]
    feed.socket.send(f'421["resume",{{"after":{newest - 300}}}]')
    time.sleep(0.3)  # not a wait for something: this reader is slow
    message = feed.receive()
    while not message.startswith("431"):
        message = feed.receive()
    assert len(message) > 100_000
    assert feed.next("heartbeat")
    feed.close()


def test_who_missed_too_much_is_told_to_start_afresh(server: RunningServer, live: Live) -> None:
    ring(server, 300)
    assert (live.resume(1)["items"], live.resume(1)["reset"]) == ([], True)


def test_a_page_that_is_ahead_of_a_restored_database_starts_afresh_from_where_that_is(
    server: RunningServer, operator: Browser, live: Live
) -> None:
    ring(server)
    newest = operator.get("/api/v1/snapshot").json()["newest"]
    # The page has seen what the backup does not have: its number was never given out by this database.
    assert live.resume(newest + 1) == {"items": [], "newest": newest, "reset": True}
    assert live.resume(10**9) == {"items": [], "newest": newest, "reset": True}
    assert live.resume(newest) == {"items": [], "newest": newest, "reset": False}
    ring(server)
    assert {event["kind"] for event in live.resume(newest)["items"]} == {"call.registered"}


def test_a_page_that_says_its_epoch_starts_afresh_in_another_one_whatever_its_number(
    server: RunningServer, operator: Browser, live: Live
) -> None:
    ring(server)
    snapshot = operator.get("/api/v1/snapshot").json()
    newest, epoch = snapshot["newest"], snapshot["epoch"]
    assert live.next("heartbeat")["epoch"] == epoch
    assert live.resume(newest, epoch=epoch) == {"items": [], "newest": newest, "reset": False, "epoch": epoch}
    assert live.resume(newest, epoch=None) == {"items": [], "newest": newest, "reset": False, "epoch": epoch}
    assert live.resume(newest, epoch="another") == {"items": [], "newest": newest, "reset": True, "epoch": epoch}
    assert live.resume(newest, epoch=7) == {"error": {"code": "invalid_value"}}


@pytest.mark.parametrize("after", [-1, "5", None, 1.5, True, 2**70, [1]])
def test_a_resume_that_makes_no_sense_is_answered_with_an_error(live: Live, after: object) -> None:
    assert live.resume(after) == {"error": {"code": "invalid_value"}}


def in_one_go(feed: Live, *messages: str) -> None:
    """Send messages so that the server has all of them before it can answer one."""
    feed.socket.sock.sendall(b"".join(ABNF.create_frame(message, ABNF.OPCODE_TEXT).format() for message in messages))


def test_a_socket_that_asks_for_more_while_two_of_its_questions_wait_is_cut_and_may_come_again(
    server: RunningServer, operator: Browser
) -> None:
    with Browser(server, "damkar") as responder:
        feed = responder.connect()
        in_one_go(feed, *(f'42{number}["resume",{{"after":{number}}}]' for number in range(3)))
        assert feed.ended()
        again = responder.connect()
        in_one_go(again, *(f'42{number}["resume",{{"after":{number}}}]' for number in range(2)))
        answers = [message for message in (again.receive() for _ in range(4)) if message.startswith("43")]
        assert [json.loads(answer[3:])[0]["reset"] for answer in answers] == [False, False]


def test_a_responders_flood_of_questions_is_cut_and_everybody_elses_pages_answer(
    server: RunningServer, operator: Browser
) -> None:
    with Browser(server, "damkar") as flooder, Browser(server, "pmi") as pmi:
        for _ in range(5):
            feed = flooder.connect()
            in_one_go(feed, *(f'42{number}["resume",{{"after":{number}}}]' for number in range(600)))
            assert operator.get("/api/v1/callbacks").status_code == 200
            assert pmi.get("/agency").status_code == 200
            assert feed.ended()


def test_a_message_that_is_far_too_long_ends_the_connection_and_nothing_else(operator: Browser, live: Live) -> None:
    live.socket.send("42" + "x" * 200_000)
    assert live.ended()
    assert operator.get("/healthz").status_code == 200


def test_signing_out_cuts_the_socket_of_that_browser_at_once_and_no_other(server: RunningServer, live: Live) -> None:
    with Browser(server, "operator2") as browser:
        feed = browser.connect()
        browser.session.post(server.base + "/sign-out", data={"csrf_token": browser.token()}, timeout=10)
        assert feed.ended()
    assert live.next("heartbeat")


def test_what_the_command_line_changes_reaches_the_running_server(server: RunningServer) -> None:
    with Browser(server, "pmi") as browser:
        feed = browser.connect()
        done = server.flask("user", "deactivate", "pmi")
        assert done.returncode == 0, done.stderr
        assert feed.ended()
        assert browser.get("/api/v1/snapshot").status_code == 401
    token = server.flask("token", "create", "supervisor").stdout.strip()
    with Browser(server) as program:
        program.session.headers["Authorization"] = f"Bearer {token}"
        assert program.get("/api/v1/board").status_code == 200


def test_nothing_of_a_caller_is_in_the_log(server: RunningServer) -> None:
    said = "".join(server.lines)
    assert "route=/sign-in" in said
    assert "0812" not in said
    assert "siaga_session" not in said
    assert "Traceback" not in said


def test_a_killed_worker_leaves_no_browser_waiting_and_another_takes_its_place(tmp_path: Path) -> None:
    """Whoever is refused at once goes to the other node, or tries again; whoever is let in and not answered waits."""
    with running_server(tmp_path) as killed:
        children = Path(f"/proc/{killed.process.pid}/task/{killed.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        refused, longest_s, back = 0, 0.0, False
        away_since = time.monotonic()
        deadline = away_since + 40
        while not back and time.monotonic() < deadline:
            began = time.monotonic()
            try:
                back = requests.get(f"{killed.base}/healthz", timeout=10).status_code == 200
            except requests.ConnectionError:
                refused += 1
                time.sleep(0.01)
            longest_s = max(longest_s, time.monotonic() - began)
        assert back
        assert refused > 10
        assert longest_s < (time.monotonic() - away_since) / 2  # what came first was not kept while it loaded


def test_ctrl_c_stops_it_in_order_and_soon(tmp_path: Path) -> None:
    with running_server(tmp_path) as stopping, Browser(stopping, "operator1") as browser:
        feed = browser.connect()
        began = time.monotonic()
        os.killpg(stopping.process.pid, signal.SIGINT)
        assert stopping.process.wait(20) == 0
        assert time.monotonic() - began < 8
        assert feed.ended()
    assert stopping.find("app.node.serving stopped")
    assert not stopping.find("Traceback"), "".join(stopping.lines)
