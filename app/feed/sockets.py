"""The browsers' sockets: who is behind each, which stream each receives, and when one has to go.

A stranger's socket is told so and cut; a session that ends or expires takes its sockets with it. Only the live feed
sends entries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_socketio import SocketIO, join_room
from gevent.lock import BoundedSemaphore

from app.feed.websocket import MESSAGE_LIMIT_BYTES, FramedMessages, GeventWebSocket
from app.load.shared_reads import ReadLine
from app.people.person import Person
from config import Settings
from dispatch.feed.streams import Stream, stream_for

log = logging.getLogger(__name__)

NAMESPACE = "/"
PING_INTERVAL_S = 10
PING_TIMEOUT_S = 8
STRANGER_LIMIT_S = 3.0  #: how long a connection may stay that has not said who it is
RESUMES_AT_ONCE = 2  #: one is answered and one may wait, as after an answer that took long; who asks on is cut
BACKLOG_LIMIT = 300  #: messages that wait for one slow reader; it is cut, reconnects and resumes


@dataclass(frozen=True, slots=True)
class Connected:
    """The person behind a socket, as at the moment of connecting, and what the socket waits for."""

    person: Person
    stream: Stream
    reads: ReadLine = field(default_factory=ReadLine)
    resumes: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(RESUMES_AT_ONCE))
    one_resume: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1))


class Sockets:
    """All sockets of this node. What a socket says is answered by `app.web.socket_events`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connected: dict[str, Connected] = {}
        self._first_seen: dict[str, float] = {}
        self.socketio = SocketIO(
            async_mode="gevent",
            transports=["websocket"],
            cors_allowed_origins=self._origin_allowed,
            http_compression=False,
            max_http_buffer_size=MESSAGE_LIMIT_BYTES,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            manage_session=False,
        )

    def attach(self, app: Flask) -> None:
        """Serve /socket.io/ in `app`."""
        self.socketio.init_app(app)
        engine = self.socketio.server.eio
        # The copy keeps the exchange to this server; see app.feed.websocket for the reason.
        engine._async = {**engine._async, "websocket": GeventWebSocket}

    def __len__(self) -> int:
        return len(self._connected)

    def streams(self) -> set[Stream]:
        """The streams that somebody here receives."""
        return {connected.stream for connected in self._connected.values()}

    def session_ids(self) -> set[int]:
        """The browsers that have a page open here."""
        ids = (connected.person.session_id for connected in self._connected.values())
        return {id_ for id_ in ids if id_ is not None}

    def enter(self, sid: str, person: Person) -> None:
        """Let a socket receive its person's stream from now on."""
        stream = stream_for(person.actor)
        self._connected[sid] = Connected(person, stream)
        join_room(stream.name, sid=sid, namespace=NAMESPACE)

    def leave(self, sid: str) -> None:
        """Forget a socket that is gone, and what it was waiting for."""
        connected = self._connected.pop(sid, None)
        if connected is not None:
            connected.reads.end()

    def connected(self, sid: str) -> Connected | None:
        """Who is behind a socket, None for a stranger's and for one that is gone."""
        return self._connected.get(sid)

    def cut_for_now(self, sid: str) -> None:
        """Cut one socket that asks for too much, and drop what it asked for; its browser may come again."""
        server = self.socketio.server
        engine_id = server.manager.eio_sid_from_sid(sid, NAMESPACE)
        self.leave(sid)
        self._close(engine_id)

    def send(self, stream: Stream, event: str, payloads: Iterable[str]) -> None:
        """Send one event for each JSON text to everybody on a stream; it is framed once, however many they are."""
        messages = FramedMessages(f'2["{event}",{payload}]' for payload in payloads)
        server = self.socketio.server
        for _sid, engine_id in list(server.manager.get_participants(NAMESPACE, stream.name)):
            socket = server.eio.sockets.get(engine_id)
            if socket is None:
                continue
            if socket.queue.qsize() > BACKLOG_LIMIT:
                log.warning("a socket was cut: it reads too slowly")
                socket.close(wait=False, abort=True)
                continue
            server.eio.send_packet(engine_id, messages)

    def end_socket(self, sid: str) -> None:
        """Cut one socket for good: its browser does not come back by itself."""
        server = self.socketio.server
        engine_id = server.manager.eio_sid_from_sid(sid, NAMESPACE)
        server.disconnect(sid, namespace=NAMESPACE)
        self._close(engine_id)

    def end_sessions(self, session_ids: Iterable[int]) -> None:
        """Cut the sockets of sessions that are over."""
        over = set(session_ids)
        self._cut_where(lambda person: person.session_id in over)

    def end_user(self, user_id: int) -> None:
        """Cut all sockets of a user."""
        self._cut_where(lambda person: person.user_id == user_id)

    def end_token(self, token_id: int) -> None:
        """Cut the sockets of a program whose token was revoked."""
        self._cut_where(lambda person: person.token_id == token_id)

    def sweep(self, now: datetime) -> None:
        """Cut sockets whose session has expired, and connections that never said who they are."""
        self._cut_where(lambda person: person.expires_at is not None and person.expires_at <= now)
        server = self.socketio.server
        known = {server.manager.eio_sid_from_sid(sid, NAMESPACE) for sid in self._connected}
        strangers = {key: self._first_seen.get(key, now.timestamp()) for key in server.eio.sockets if key not in known}
        self._first_seen = strangers
        for engine_id, since in list(strangers.items()):
            if now.timestamp() - since >= STRANGER_LIMIT_S:
                self._close(engine_id)

    def close_all(self) -> None:
        """Cut every connection in a way that makes browsers connect again (the node stops)."""
        for engine_id in list(self.socketio.server.eio.sockets):
            self._close(engine_id)

    def _cut_where(self, applies: Callable[[Person], bool]) -> None:
        for sid in [sid for sid, connected in self._connected.items() if applies(connected.person)]:
            self.end_socket(sid)

    def _close(self, engine_id: str | None) -> None:
        socket = self.socketio.server.eio.sockets.get(engine_id)
        if socket is not None:
            # Without waiting: a reader that takes nothing must not hold up the feed for everybody else.
            socket.close(wait=False)

    def _origin_allowed(self, origin: str | None, environ: dict[str, Any]) -> bool:
        if origin is None or origin in self._settings.allowed_origins:
            return True  # Only browsers send an origin, and only they can be tricked into connecting.
        asked = urlsplit(origin)
        return (asked.scheme, asked.netloc) == (environ.get("wsgi.url_scheme"), environ.get("HTTP_HOST"))
