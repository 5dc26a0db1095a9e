"""Whatever a carrier tells, in whatever form: it is kept, understood or put aside, and never breaks the intake."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.replies import telegram, whatsapp
from dispatch.storage.tables import InboundEvent
from tests.dispatch.replies.carriers_tell import PHONE, batch, bring
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_contact, address_of, fire

NASTY: tuple[Any, ...] = (
    *("a\0b", "\ud800", "x" * 10_000, "\U0001f600" * 300, "", "99999999999", "²"),
    *(0, -1, True, 2**40, 2**70, 10**300, 1.5, None, [], {}, [None], {"\0": "\0"}),
)
_ids = count(100)
NUMBER = f"62{address_of(1)[1:]}"
MESSAGE = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": PHONE},
                        "contacts": [{"wa_id": NUMBER, "user_id": "ID.1"}],
                        "messages": [
                            {
                                "id": "wamid.1",
                                "from": NUMBER,
                                "timestamp": "1795485240",
                                "type": "text",
                                "text": {"body": "TERIMA 001"},
                                "context": {"id": "wamid.0"},
                            }
                        ],
                        "statuses": [
                            {
                                "id": "wamid.12",
                                "status": "failed",
                                "timestamp": "1795485240",
                                "recipient_id": NUMBER,
                                "biz_opaque_callback_data": "a" * 32,
                                "errors": [{"code": 131026}],
                            }
                        ],
                    },
                }
            ],
        }
    ],
}
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 2,
        "from": {"id": 5},
        "chat": {"id": 5, "type": "private"},
        "date": 1795485240,
        "text": "TERIMA 001",
        "reply_to_message": {"message_id": 1},
    },
}
PRESS = {
    "update_id": 2,
    "callback_query": {"id": "9", "from": {"id": 5}, "message": {**UPDATE["message"]}, "data": "terima:" + "a" * 32},  # type: ignore[dict-item]
}


def places(of: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value of a document."""
    if path:
        yield path
    inside = of.items() if isinstance(of, Mapping) else enumerate(of) if isinstance(of, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def each_replaced(document: Mapping[str, Any]) -> Iterator[Any]:
    """The document with each nasty value in each place."""
    for path in places(document):
        for value in NASTY:
            changed: Any = json.loads(json.dumps(document).replace("wamid.1", f"wamid.{next(_ids)}"))
            if "update_id" in changed:
                changed["update_id"] = next(_ids)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
            yield json.loads(json.dumps(changed))


@pytest.mark.parametrize(
    ("channel", "document"),
    [("whatsapp", MESSAGE), ("telegram", UPDATE), ("telegram", PRESS)],
    ids=["whatsapp", "telegram", "press"],
)
def test_any_value_in_any_place_is_kept_and_understood(shift: Shift, channel: str, document: Mapping[str, Any]) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    for changed in each_replaced(document):
        if channel == "whatsapp":
            events = whatsapp.events_of(changed, PHONE)
        else:
            event = telegram.event_of(changed)
            events = [event] if event is not None else []
        bring(shift, channel, events)
    with shift.centre.read() as connection:
        assert connection.execute(select(InboundEvent.id).where(InboundEvent.handled_at.is_(None))).first() is None


def test_what_is_nested_without_end_is_cut_off(sqlite_shift: Shift) -> None:
    nested: Any = "TERIMA 001"
    for _ in range(900):
        nested = [nested]
    (event,) = whatsapp.events_of(batch(messages=[{"id": "wamid.1", "text": nested}]), PHONE)
    assert len(event.body) < 200
    assert bring(sqlite_shift, "whatsapp", [event]) == ["stranger"]
