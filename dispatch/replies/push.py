"""What our own service worker tells of a message: that it was shown, that it was opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dispatch.city.ladders import Channel, Reach
from dispatch.deliveries.inbound import RawEvent
from dispatch.replies.told import Receipt

_LEVELS = {"shown": Reach.DELIVERED, "opened": Reach.OPENED}


def event_of(message_id: str, what: str) -> RawEvent | None:
    """A receipt as one event; None for what no worker of ours tells."""
    if what not in _LEVELS:
        return None
    return RawEvent(f"{message_id}:{what}", json.dumps({"message_id": message_id, "what": what}))


def read(event: Mapping[str, Any]) -> Receipt | None:
    """What an event means."""
    level = _LEVELS.get(str(event.get("what")))
    return Receipt(Channel.PUSH, None, str(event.get("message_id")), level) if level is not None else None
