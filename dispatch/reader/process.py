"""Reads typed texts outside of the node: `python -m dispatch.reader.process`, with the node's socket as descriptor 3.

One process, the stem, learns the city's words and reads the database's places, and forks a reader whenever the node
hands it a socket for one. A reader answers one question after the other and is ended by the kernel (SIGALRM) when one
takes longer than its deadline, also in the middle of a regular expression, which no thread could be. The next one is
forked within milliseconds and shares its memory. When places change, the stem reads them anew, and later readers know.

All of them end with the node, however that ends: their sockets do. Nothing of any text is written anywhere.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import socket
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dispatch.reader.frames import Broken, receive_frame, receive_frame_and_descriptor, send_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from dispatch.city.pack import CityPack
    from dispatch.places.boundaries import BoundaryLayer

DESCRIPTOR = 3
#: What the node says to the stem, and what the stem answers.
FORK, REFRESH = b"fork", b"refresh"
READY, READY_WITHOUT_PLACES = b"ready", b"ready without the places of the database"
REFRESHED, NOT_REFRESHED = b"refreshed", b"not refreshed"
#: How an answer of a reader begins: with the reading, or with where it failed.
READ, FAILED = b"r", b"f"
NICENESS = 5  #: whoever registers calls goes first
LARGEST_DESCRIPTOR = 65_536


def packed(city: CityPack, boundaries: BoundaryLayer | None, database_url: str) -> bytes:
    """What the stem is told first: the pack itself, because its folder may have been edited since the node started."""
    content = io.BytesIO()
    pickler = pickle.Pickler(content, protocol=5)
    pickler.dispatch_table = {MappingProxyType: _unproxied}
    pickler.dump((city, boundaries, database_url))
    return content.getvalue()


def _unproxied(mapping: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    return _proxied, (dict(mapping),)


def _proxied(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


class _PlacesAlone:
    """What `PlaceKeeper` needs of a centre."""

    def __init__(self, city: CityPack, boundaries: BoundaryLayer | None, database_url: str) -> None:
        from dispatch.landmarks.keeper import PlaceKeeper
        from dispatch.places.finder import Places

        self.city = city
        self.places = Places(city, boundaries)
        self._database_url = database_url
        self._keeper = PlaceKeeper(self)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that is closed again: none is left over a fork."""
        from dispatch.storage.engine import make_engine, reading

        engine = make_engine(self._database_url)
        try:
            with reading(engine) as connection:
                yield connection
        finally:
            engine.dispose()

    def refresh(self) -> bool:
        """Search what the database has now; False where it does not answer, and nothing has changed."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._keeper.refresh()
        except SQLAlchemyError:
            return False
        return True


def main() -> None:
    """Be the stem until the node is gone."""
    os.closerange(DESCRIPTOR + 1, LARGEST_DESCRIPTOR)  # a listening socket of the node, for instance
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the node's: it finishes what is under way
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a reader ended
    with suppress(OSError):  # a service manager may forbid it
        os.nice(NICENESS)
    node = _own(DESCRIPTOR)
    with suppress(OSError, Broken):
        first = receive_frame(node)
        if first is not None:
            _serve_node(node, first)


def _own(descriptor: int) -> socket.socket:
    """The socket of a descriptor; the node's event loop has made it one that never waits."""
    end = socket.socket(fileno=descriptor)
    end.setblocking(True)
    return end


def _serve_node(node: socket.socket, first: bytes) -> None:
    import gc

    from dispatch.reader.readings import Question, read
    from dispatch.triage.interpret import learn_words

    city, boundaries, database_url = pickle.loads(first)  # noqa: S301 written by the node that made this process
    centre = _PlacesAlone(city, boundaries, database_url)
    learn_words(city)
    read(Question(read_as="line", text="x", type_code=next(iter(city.incident_types))), city, centre.places)
    refreshed = centre.refresh()
    gc.collect()
    gc.freeze()  # what all readers share stays shared
    send_frame(node, READY if refreshed else READY_WITHOUT_PLACES)
    while True:
        asked, descriptor = receive_frame_and_descriptor(node)
        if asked is None:
            return
        if asked == FORK and descriptor is not None:
            _fork_reader(node, descriptor, centre)
        elif asked == REFRESH:
            refreshed = centre.refresh()
            gc.collect()
            gc.freeze()
            send_frame(node, REFRESHED if refreshed else NOT_REFRESHED)


def _fork_reader(node: socket.socket, descriptor: int, centre: _PlacesAlone) -> None:
    if os.fork() == 0:
        status = 1
        try:
            node.close()
            _answer(_own(descriptor), centre)
            status = 0
        except (OSError, Broken):
            status = 0  # the node is gone, or wants no answer of this reader any more
        finally:
            os._exit(status)
    os.close(descriptor)


def _answer(node: socket.socket, centre: _PlacesAlone) -> None:
    """Answer one question after the other; the alarm is not handled, so it ends this process."""
    from dispatch.reader.readings import read

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    while (asked := receive_frame(node)) is not None:
        question = json.loads(asked)
        signal.setitimer(signal.ITIMER_REAL, question.pop("deadline_s"))
        try:
            answer = READ + read(question, centre.city, centre.places)
        except Exception as error:  # noqa: BLE001 the words of it may hold the text; the node is told kind and place
            answer = FAILED + _where(error).encode()
        signal.setitimer(signal.ITIMER_REAL, 0)
        send_frame(node, answer)


def _where(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    at = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "?"
    return f"{type(error).__name__} at {at}"


if __name__ == "__main__":
    main()
