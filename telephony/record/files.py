"""Asterisk's record where it lies: followed as it grows and is rotated, or read once from files."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dispatch.calls.recorded import RecordedCall
from telephony.record.call_record import RecordReader, lines_of

#: The file that cel_custom.conf names.
RECORD = "siaga-112.csv"
CHUNK_BYTES = 64 * 1024
#: Lines that are parsed at one go before somebody else gets the processor.
LINES_AT_ONCE = 200


class RecordFollower:
    """Reads the record of a folder from its beginning, and then what is added to it.

    At the start the file before it is read too, if it lies there uncompressed: a call may have begun in it. Nothing is
    remembered on disk: what was read before a restart is read again, and changes nothing then.
    """

    def __init__(self, folder: Path) -> None:
        self.reader = RecordReader()
        self._path = folder / RECORD
        self._before: Path | None = folder / f"{RECORD}.1"
        self._file: BinaryIO | None = None
        self._rest = b""

    def read_some(self) -> list[RecordedCall] | None:
        """Read one piece: the calls that are over in it. None when there is nothing more for now. Raises OSError."""
        if self._file is None and not self._open():
            return None
        assert self._file is not None
        piece = self._file.read(CHUNK_BYTES)
        if not piece:
            if self._is_current():
                return None
            self._close()
            return []
        *whole, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > CHUNK_BYTES:
            self._rest = self._rest[:CHUNK_BYTES]  # no line of ours; what follows does not mend it
        return list(self.reader.read(line.decode("utf-8", "replace") for line in whole))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._close()

    def _open(self) -> bool:
        before, self._before = self._before, None
        for path in (before, self._path):
            if path is not None:
                try:
                    self._file = path.open("rb")
                except FileNotFoundError:
                    continue
                return True
        return False

    def _close(self) -> None:
        assert self._file is not None
        self._file.close()
        self._file, self._rest = None, b""

    def _is_current(self) -> bool:
        """Whether the open file is the one that Asterisk writes; it is not after a rotation, or once it was emptied."""
        assert self._file is not None
        try:
            current = self._path.stat()
        except FileNotFoundError:
            return True  # rotated, and nothing written since: wait
        open_one = os.fstat(self._file.fileno())
        same = (current.st_dev, current.st_ino) == (open_one.st_dev, open_one.st_ino)
        return same and self._file.tell() <= current.st_size


def calls_of_file(path: Path, reader: RecordReader) -> Iterator[list[RecordedCall]]:
    """The calls of a file (also of a rotated one, compressed with gzip), in pieces. Raises OSError."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        pieces = iter(lambda: file.read(CHUNK_BYTES), b"")
        some: list[str] = []
        for line in lines_of(pieces):
            some.append(line)
            if len(some) == LINES_AT_ONCE:
                yield list(reader.read(some))
                some = []
        yield list(reader.read(some))
