"""What the browsers' sockets say, and what is answered: connecting, and asking for what was missed."""

from __future__ import annotations

import logging

from flask import Flask, request
from flask_socketio import ConnectionRefusedError as SocketRefused
from sqlalchemy.exc import SQLAlchemyError

from app.feed.shapes import Resumed, SocketError
from app.feed.sockets import Connected
from app.load.fair_turns import TooBusy
from app.load.shared_reads import Dropped
from app.services import services, services_of
from app.web.guard import find_person, is_page_of
from dispatch.feed.streams import Replay, replay, stream_for
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import newest_seq
from dispatch.tickets.agency_past import past_since

log = logging.getLogger(__name__)

RESUME_LIMIT = 500  #: events in one replay; whoever missed more takes a fresh snapshot
RESUME_SCAN_LIMIT = 5000  #: journal entries looked through for them


def add_socket_events(app: Flask) -> None:
    """Serve /socket.io/ in `app`."""
    sockets = services_of(app).sockets
    sockets.attach(app)
    sockets.socketio.on_event("connect", on_connect)
    sockets.socketio.on_event("disconnect", on_disconnect)
    sockets.socketio.on_event("resume", on_resume)
    sockets.socketio.on_error_default(on_failure)


def on_connect(auth: object = None) -> None:
    """Let a signed-in person in; tell anybody else to sign in, and a page that was made for another person."""
    person = find_person(request)
    claimed = auth.get("page_of") if isinstance(auth, dict) else None
    if person is None or not is_page_of(person, claimed):
        raise SocketRefused("sign_in_needed")
    services().sockets.enter(request.sid, person)  # type: ignore[attr-defined]
    services().connections.works(request.environ.get("gunicorn.socket"))  # strangers' sockets do not displace it


def on_disconnect(_reason: object = None) -> None:
    """Forget the socket."""
    services().sockets.leave(request.sid)  # type: ignore[attr-defined]


def on_resume(message: object = None) -> Resumed | SocketError:
    """Replay the person's stream after the number last seen; `reset` when that is too far back.

    Takes {"after": N}; answers {"items", "newest", "reset"} or {"error": {"code"}}. A socket gets one answer at a time.
    With `reset` the person starts afresh from a snapshot, whose number may be lower than the last one seen. Who says in
    which "epoch" that number was seen (None: unknown) is told the present one, and starts afresh in another.
    """
    sid = request.sid  # type: ignore[attr-defined]
    sockets = services().sockets
    connected = sockets.connected(sid)
    if connected is None:
        return {"error": {"code": "sign_in_needed"}}  # it is being cut, or never said who it is
    if not connected.resumes.acquire(blocking=False):
        log.warning("a socket was cut: it asked for more while two of its questions waited")
        sockets.cut_for_now(sid)
        return {"error": {"code": "busy"}}
    try:
        with connected.one_resume:
            return _resume(sid, connected, message)
    except TooBusy:
        return {"error": {"code": "busy"}}
    except Dropped:
        return {"error": {"code": "gone"}}
    finally:
        connected.resumes.release()


def _resume(sid: str, connected: Connected, message: object) -> Resumed | SocketError:
    sockets = services().sockets
    if sockets.connected(sid) is not connected:
        raise Dropped
    person = find_person(request)
    if person is None:
        sockets.end_socket(sid)
        return {"error": {"code": "sign_in_needed"}}
    after = message.get("after") if isinstance(message, dict) else None
    if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**63:
        return {"error": {"code": "invalid_value"}}
    asks_epoch = isinstance(message, dict) and "epoch" in message
    seen_in = message.get("epoch") if isinstance(message, dict) else None
    if seen_in is not None and not isinstance(seen_in, str):
        return {"error": {"code": "invalid_value"}}
    centre, stream = services().centre, stream_for(person.actor)

    def read() -> tuple[int, str | None, Replay]:
        with centre.read() as connection:
            newest, epoch = newest_seq(connection), read_epoch(connection)
            missed = replay(
                connection,
                centre.city,
                stream,
                after,
                limit=RESUME_LIMIT,
                scan_limit=RESUME_SCAN_LIMIT,
                past_since=past_since(centre.city, centre.clock.now()),
            )
            return newest, epoch, missed

    # After an interruption all screens missed the same.
    newest, epoch, missed = services().reads.shared(person.asker, (stream, after), read, connected.reads)
    # A number that was never given out comes from another database: a restored backup, for instance.
    reset = not missed.complete or after > newest or (seen_in is not None and seen_in != epoch)
    reached = newest if reset else min(missed.scanned_to, newest)
    answer: Resumed = {"items": [] if reset else missed.events, "newest": reached, "reset": reset}
    return {**answer, "epoch": epoch} if asks_epoch else answer


def on_failure(error: Exception) -> SocketError:
    """Answer for a handler that failed; the log names the kind of error only, because its text may quote a caller."""
    log.error("socket handler failed: %s", type(error).__name__)
    return {"error": {"code": "storage_unavailable" if isinstance(error, SQLAlchemyError) else "server_error"}}
