"""Messages on a stream socket between a node and its readers: a length, then so many bytes, and at times a descriptor.

Works with whatever has a socket's `sendall`, `sendmsg`, `recv` and `recvmsg`, whether it blocks or waits in a loop.
"""

from __future__ import annotations

import array
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")
MOST_BYTES = 64 * 1024 * 1024
_PIECE = 256 * 1024


class Broken(Exception):
    """The other end is gone, or does not keep to the form."""


def send_frame(end: Any, content: bytes, descriptor: int | None = None) -> None:
    """Send one message. Raises OSError where the other end is gone."""
    if descriptor is not None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        end.sendmsg([_LENGTH.pack(len(content))], rights)
        end.sendall(content)
    else:
        end.sendall(_LENGTH.pack(len(content)) + content)


def receive_frame(end: Any) -> bytes | None:
    """The next message, None at the end of the stream. Raises Broken, or OSError."""
    head = _exactly(end, _LENGTH.size, at_start=True)
    return None if head is None else _body(end, head)


def receive_frame_and_descriptor(end: Any) -> tuple[bytes | None, int | None]:
    """The next message and the descriptor that came along, which is the receiver's to close."""
    room = array.array("i")
    head, ancillary, _flags, _address = end.recvmsg(_LENGTH.size, socket.CMSG_SPACE(room.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            room.frombytes(data[: len(data) - len(data) % room.itemsize])
    descriptor = room[0] if room else None
    if not head:
        return None, descriptor
    if len(head) < _LENGTH.size:
        head += _exactly(end, _LENGTH.size - len(head)) or b""
    return _body(end, head), descriptor


def _body(end: Any, head: bytes) -> bytes:
    (length,) = _LENGTH.unpack(head)
    if length > MOST_BYTES:
        raise Broken
    return _exactly(end, length) or b""


def _exactly(end: Any, count: int, *, at_start: bool = False) -> bytes | None:
    pieces: list[bytes] = []
    missing = count
    while missing:
        piece = end.recv(min(missing, _PIECE))
        if not piece:
            if at_start and missing == count:
                return None
            raise Broken
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
