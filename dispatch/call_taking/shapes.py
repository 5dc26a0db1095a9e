"""What has been typed for a ticket and not sent, as operators receive it."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from dispatch.payloads import Instant
from dispatch.tickets.shapes import Person


class Draft(TypedDict):
    """What somebody has typed and chosen for the ticket and not sent yet."""

    by: Person
    version: int
    words: str
    choices: dict[str, Any]
    saved_at: Instant


class KeptText(TypedDict):
    """A text that was typed and never sent, kept when nothing else held it; the history names it by `note_id`."""

    note_id: int
    text: str
    at: Instant
