"""What carriers tell, as they write it, brought in as the webhook and the worker do."""

from __future__ import annotations

from typing import Any

from dispatch.deliveries.inbound import RawEvent, store_events, waiting_events
from dispatch.replies import telegram, whatsapp
from dispatch.replies.handling import handle_event
from tests.dispatch.shift import Shift

PHONE = "1122"
_ids = iter(range(1, 1_000_000))


def batch(**value: Any) -> dict[str, Any]:
    """A webhook of Meta's."""
    whole = {"metadata": {"phone_number_id": PHONE}, **value}
    return {"object": "x", "entry": [{"id": "1", "changes": [{"field": "messages", "value": whole}]}]}


def status(id_: str, name: str, *, opaque: str | None = None, code: int | None = None) -> dict[str, Any]:
    """What became of a message."""
    told: dict[str, Any] = {"id": id_, "status": name, "timestamp": "1795485240", "recipient_id": "62812"}
    if opaque is not None:
        told["biz_opaque_callback_data"] = opaque
    if code is not None:
        told["errors"] = [{"code": code, "title": "x"}]
    return told


def written(
    shift: Shift, number: str, text: str = "", *, quoting: str | None = None, age_s: float = 0, **more: Any
) -> dict[str, Any]:
    """A message that somebody writes now, or wrote `age_s` ago; `number` as people here write it."""
    message: dict[str, Any] = {
        "id": f"wamid.in{next(_ids)}",
        "from": "62" + number[1:],
        "timestamp": str(int(shift.clock.now().timestamp() - age_s)),
        "type": "text",
        "text": {"body": text},
        **more,
    }
    if quoting is not None:
        message["context"] = {"from": "112", "id": quoting}
    return message


def pressed(shift: Shift, number: str, payload: str, **more: Any) -> dict[str, Any]:
    """A button that somebody presses now."""
    reply = {"type": "button_reply", "button_reply": {"id": payload, "title": "x"}}
    return written(shift, number, type="interactive", interactive=reply, **more)


def tell(shift: Shift, *, statuses: Any = (), messages: Any = (), channel: str = "whatsapp") -> list[str | None]:
    """Bring a batch of WhatsApp's in; return what came of each event."""
    return bring(shift, channel, whatsapp.events_of(batch(statuses=list(statuses), messages=list(messages)), PHONE))


def bring(shift: Shift, channel: str, events: list[RawEvent]) -> list[str | None]:
    """Keep events and do what they ask for."""
    shift.run(store_events, channel=channel, events=events)
    return handle(shift)


def handle(shift: Shift) -> list[str | None]:
    """Do what waits."""
    with shift.centre.read() as connection:
        waiting = waiting_events(connection, 100)
    return [shift.run(handle_event, event_id=event_id) for event_id in waiting]


def update(shift: Shift, **told: Any) -> list[str | None]:
    """Bring one update of Telegram's in."""
    event = telegram.event_of({"update_id": next(_ids), **told})
    assert event is not None
    return bring(shift, "telegram", [event])
