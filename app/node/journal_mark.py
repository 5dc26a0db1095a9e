"""The mark that a node keeps outside of the database: how far the journal had come, as far as this node has seen.

A database that was put back into place while everything stood still looks like any other; only who has seen more of its
journal knows (`dispatch.storage.epochs`). The mark lies in SIAGA_DATA, is written seldom, and only ever says what is
durable already. Without one, as on a new machine, nothing is known and nothing is concluded.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import gevent
from sqlalchemy.exc import SQLAlchemyError

from dispatch.centre import Centre
from dispatch.storage.epochs import Mark, read_origin

log = logging.getLogger(__name__)

MARK_FILE = "journal-mark.json"
#: What was done in the seconds before a crash is not in the mark. A backup that is so new that nothing else is missing
#: from it brings no more back than this.
EVERY_S = 5.0


def read_mark(path: Path) -> Mark | None:
    """The mark that was kept; None where there is none that can be read, which the log says."""
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
        mark = Mark(str(kept["epoch"]), int(kept["seq"]), str(kept["hash"]), str(kept["origin"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the mark of the journal cannot be read error=%s", type(error).__name__)
        return None
    return mark


def write_mark(path: Path, mark: Mark) -> None:
    """Replace the mark at once and durably, so that no crash leaves half a one. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a node on PostgreSQL may have had no use for it yet
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(mark), file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class MarkKeeper:
    """Writes the mark while a node runs, whenever the journal has grown, off the loop."""

    def __init__(self, centre: Centre, path: Path) -> None:
        self._centre, self._path = centre, path
        self._origin: str | None = None
        self._written: Mark | None = None
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin."""
        self._greenlet = gevent.spawn(self._for_ever)

    def stop(self) -> None:
        """Write what was done last, and end."""
        if self._greenlet is not None:
            self._greenlet.kill()
        self._keep_quietly()

    def keep(self) -> bool:
        """Write the mark if there is something new to say; return whether there was. Raises OSError."""
        known = self._centre.writer.known
        if known is None:
            return False
        if self._origin is None:
            with self._centre.read() as connection:
                self._origin = read_origin(connection)
        mark = replace(known, origin=self._origin)
        if self._origin is None or mark == self._written:
            return False
        gevent.get_hub().threadpool.apply(write_mark, (self._path, mark))
        self._written = mark
        return True

    def _for_ever(self) -> None:
        while True:
            self._keep_quietly()
            gevent.sleep(EVERY_S)

    def _keep_quietly(self) -> None:
        try:
            with suppress(SQLAlchemyError):  # the alarm stands already
                self.keep()
        except OSError as error:
            log.error("the mark of the journal cannot be written: %s", error.strerror)
