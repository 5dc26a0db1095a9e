"""The block of `agi_name: value` lines with which Asterisk opens every AGI session."""

from __future__ import annotations

#: A caller whose telephone sends 64 kB for a number and as much for a name still gets a ticket.
MAX_ENVIRONMENT_BYTES = 160 * 1024
#: Asterisk 22 sends 21 lines and one for each argument.
MAX_ENVIRONMENT_LINES = 128
#: What is kept of a value; the rest is dropped.
MAX_VALUE_CHARS = 1024


def end_of_environment(received: bytes, searched: int = 0) -> tuple[int, int] | None:
    """Find the blank line that ends the environment: where its lines end, and where what follows begins.

    `searched` is where to begin: three bytes before the end of what an earlier call has seen, or 0.
    """
    at = received.find(b"\n\n", searched)
    if at >= 0 and received.find(b"\n\r\n", searched, at) < 0:
        return at, at + 2
    at = received.find(b"\n\r\n", searched)
    if at >= 0:
        return at, at + 3
    if received.startswith(b"\n"):
        return 0, 1
    if received.startswith(b"\r\n"):
        return 0, 2
    return None


def parse_environment(block: bytes) -> dict[str, str] | None:
    """Return the values by name, or None when there are more lines than Asterisk would send.

    A line break inside a caller's name makes lines of its own. The arguments come after it and the rest before it or
    without the caller's doing, so the last of several equal names counts for `agi_arg_`, and the first for all others.
    """
    lines = block.decode("utf-8", "replace").split("\n", MAX_ENVIRONMENT_LINES)
    if len(lines) > MAX_ENVIRONMENT_LINES:
        return None
    values: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and (name not in values or name.startswith("agi_arg_")):
            values[name] = value[:MAX_VALUE_CHARS].strip()
    return values
