"""Tests with a real Asterisk; each is marked `real`, so the everyday run leaves them out."""

from tests.asterisk.fixtures import (
    _running_asterisk,
    asterisk,
    first_app,
    guard,
    place_call,
    running_app,
    seat_phone,
    server,
)

__all__ = [
    "_running_asterisk",
    "asterisk",
    "first_app",
    "guard",
    "place_call",
    "running_app",
    "seat_phone",
    "server",
]
