"""The WebSocket under the live feed: frames as RFC 6455 wants them, and a connection that ends when it has to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import gevent.socket
import pytest
import websocket
from websocket import ABNF

from app.feed.websocket import FRAME_LIMIT, MESSAGE_LIMIT_BYTES, FramedMessages, Frames, GeventWebSocket, encode_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_of_any_length_is_read_back_whole(length: int) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = websocket.WebSocket()
        reader.sock = theirs
        sender = gevent.get_hub().threadpool.spawn(ours.sendall, encode_frame("x" * length))
        opcode, data = reader.recv_data()
        sender.get()
    assert (opcode, data) == (ABNF.OPCODE_TEXT, b"x" * length)


def test_many_messages_for_many_readers_are_framed_once() -> None:
    packet = FramedMessages(['2["journal",{"seq":1}]', '2["journal",{"seq":2}]'])
    assert packet.encode() is packet.encode()
    assert packet.encode() == encode_frame('42["journal",{"seq":1}]') + encode_frame('42["journal",{"seq":2}]')
    assert isinstance(packet.encode(), Frames)


Handler = Callable[[GeventWebSocket], Any]


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], websocket.WebSocket]]:
    """Run a handler behind a real socket pair, as gunicorn would, and return the browser's end."""
    ends: list[Any] = []

    def start(handler: Handler) -> websocket.WebSocket:
        ours, theirs = gevent.socket.socketpair()
        browser = websocket.WebSocket()
        ends.extend([ours, theirs])
        environ = {
            "gunicorn.socket": ours,
            "HTTP_HOST": "localhost",
            "HTTP_UPGRADE": "websocket",
            "HTTP_CONNECTION": "Upgrade",
            "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
            "HTTP_SEC_WEBSOCKET_VERSION": "13",
            "HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate",
        }

        def run() -> None:
            with pytest.raises(StopIteration):
                GeventWebSocket(handler, None)(environ, lambda *_: None)

        gevent.spawn(run)
        greeting = b""
        while not greeting.endswith(b"\r\n\r\n"):
            greeting += theirs.recv(1)
        assert b"101" in greeting.split(b"\r\n")[0]
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in greeting
        assert b"extensions" not in greeting.lower()
        browser.sock = theirs
        browser.connected = True
        return browser

    yield start
    for end in ends:
        end.close()


def echo(ours: GeventWebSocket) -> None:
    while (message := ours.wait()) is not None:
        ours.send(message)


def test_text_and_bytes_come_back(serve: Callable[[Handler], websocket.WebSocket]) -> None:
    browser = serve(echo)
    browser.send("tolong 🔥")
    assert browser.recv() == "tolong 🔥"
    browser.send_binary(b"\x00\xff")
    assert browser.recv() == b"\x00\xff"


def test_a_message_in_pieces_is_put_together(serve: Callable[[Handler], websocket.WebSocket]) -> None:
    browser = serve(echo)
    browser.send_frame(ABNF.create_frame("to", ABNF.OPCODE_TEXT, 0))
    browser.send_frame(ABNF.create_frame("lo", ABNF.OPCODE_CONT, 0))
    browser.send_frame(ABNF.create_frame("ng", ABNF.OPCODE_CONT, 1))
    assert browser.recv() == "tolong"


def test_a_ping_is_answered(serve: Callable[[Handler], websocket.WebSocket]) -> None:
    browser = serve(echo)
    browser.ping("are you there")
    assert browser.recv_data(control_frame=True) == (ABNF.OPCODE_PONG, b"are you there")


@pytest.mark.parametrize(
    "frames",
    [
        [ABNF.create_frame("x" * (MESSAGE_LIMIT_BYTES + 1), ABNF.OPCODE_TEXT)],
        [ABNF.create_frame("x" * 40_000, ABNF.OPCODE_TEXT, 0), ABNF.create_frame("x" * 40_000, ABNF.OPCODE_CONT, 0)],
    ],
)
def test_a_message_beyond_the_limit_ends_the_connection(
    serve: Callable[[Handler], websocket.WebSocket], frames: list[ABNF]
) -> None:
    browser = serve(echo)
    for frame in frames:
        browser.send_frame(frame)
    goodbye = browser.recv_frame()
    assert (goodbye.opcode, goodbye.data[:2]) == (ABNF.OPCODE_CLOSE, (1009).to_bytes(2, "big"))


@pytest.mark.parametrize("opcode", [ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY, ABNF.OPCODE_PING])
def test_more_frames_than_a_browser_has_reason_to_send_end_the_connection(
    serve: Callable[[Handler], websocket.WebSocket], opcode: int
) -> None:
    heard: list[object] = []

    def hear(ours: GeventWebSocket) -> None:
        while (message := ours.wait()) is not None:
            heard.append(message)

    browser = serve(hear)
    frame = ABNF.create_frame("x", opcode).format()
    browser.sock.sendall(frame * FRAME_LIMIT)
    browser.sock.sendall(frame * 1000)
    goodbye = browser.recv_frame()
    while goodbye.opcode == ABNF.OPCODE_PONG:
        goodbye = browser.recv_frame()
    assert (goodbye.opcode, goodbye.data[:2]) == (ABNF.OPCODE_CLOSE, (1008).to_bytes(2, "big"))
    assert len(heard) <= FRAME_LIMIT


def test_a_long_message_in_many_pieces_of_the_network_is_one_frame(
    serve: Callable[[Handler], websocket.WebSocket],
) -> None:
    browser = serve(echo)
    frame = ABNF.create_frame("x" * 60_000, ABNF.OPCODE_TEXT).format()
    for start in range(0, len(frame), 400):
        browser.sock.sendall(frame[start : start + 400])
    assert browser.recv() == "x" * 60_000


def test_bytes_that_are_no_frame_end_the_connection(serve: Callable[[Handler], websocket.WebSocket]) -> None:
    ended = gevent.event.Event()

    def wait_for_the_end(ours: GeventWebSocket) -> None:
        assert ours.wait() is None
        with pytest.raises(OSError, match="ended"):
            ours.send("too late")
        ended.set()

    browser = serve(wait_for_the_end)
    browser.sock.sendall(b"\xff\xff\xff\xff")
    assert ended.wait(5)


def test_a_reader_that_takes_nothing_is_given_up(
    serve: Callable[[Handler], websocket.WebSocket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.feed.websocket.SEND_LIMIT_S", 0.05)
    given_up = gevent.event.Event()

    def send_for_ever(ours: GeventWebSocket) -> None:
        while True:
            ours.send("x" * 100_000)

    def flood(ours: GeventWebSocket) -> None:
        with pytest.raises(OSError, match="takes nothing"):
            send_for_ever(ours)
        assert ours.wait() is None
        given_up.set()

    serve(flood)
    assert given_up.wait(5)


def test_what_is_no_handshake_is_refused() -> None:
    ours, theirs = gevent.socket.socketpair()
    answers: list[str] = []
    environ = {"gunicorn.socket": ours, "HTTP_HOST": "localhost", "HTTP_UPGRADE": "websocket"}
    GeventWebSocket(echo, None)(environ, lambda status, headers: answers.append(status))
    assert answers == ["400 BAD REQUEST"]
    ours.close()
    theirs.close()
