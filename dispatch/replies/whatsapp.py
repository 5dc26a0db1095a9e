"""Reads what WhatsApp tells: a batch into single events, and an event into what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from dispatch.city.ladders import Channel, Reach
from dispatch.city.policy import NumberingPlan
from dispatch.deliveries.inbound import RawEvent
from dispatch.phone_numbers import normalise_number
from dispatch.replies.told import Answer, Receipt, Told
from dispatch.text import storable

_LEVELS = {"sent": Reach.ACCEPTED, "delivered": Reach.DELIVERED, "read": Reach.READ, "played": Reach.READ}
_LONGEST_ID = 180
_LONGEST_NAME = 200  #: of an event or a message
_LONGEST_SENDER = 80


def events_of(body: Mapping[str, Any], phone_id: str) -> list[RawEvent]:
    """The single events of a webhook's batch, of our own number `phone_id`.

    Whatever has not the form that Meta describes is left out.
    """
    return list(_events(storable(body), phone_id))


def read(event: Mapping[str, Any], plan: NumberingPlan) -> Told:
    """What an event means; None for what does not concern us."""
    if isinstance(event.get("status"), Mapping):
        return _receipt(event["status"])
    if isinstance(event.get("message"), Mapping):
        return _answer(event["message"], plan)
    return None


def _events(body: Mapping[str, Any], phone_id: str) -> Iterator[RawEvent]:
    for entry in _objects(body.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            if not isinstance(value, Mapping) or _of_another_number(value, phone_id):
                continue
            for status in _objects(value.get("statuses")):
                if isinstance(status.get("id"), str):
                    name = f"{status['id'][:_LONGEST_ID]}:{status.get('status')}"
                    yield RawEvent(name[:_LONGEST_NAME], json.dumps({"status": status}))
            for message in _objects(value.get("messages")):
                if isinstance(message.get("id"), str):
                    person = _person(message, value)
                    kept = {"message": {**message, "from_user_id": person}}
                    sender = message.get("from") or person
                    yield RawEvent(
                        message["id"][:_LONGEST_NAME],
                        json.dumps(kept),
                        str(sender)[:_LONGEST_SENDER] if sender else None,
                    )
            if change.get("field") != "messages":
                whole = json.dumps(change, sort_keys=True)
                yield RawEvent(sha256(whole.encode()).hexdigest(), whole[:4000])


def _of_another_number(value: Mapping[str, Any], phone_id: str) -> bool:
    """One app may have several numbers, and tells of all of them."""
    about = value.get("metadata")
    return isinstance(about, Mapping) and about.get("phone_number_id", phone_id) != phone_id


def _person(message: Mapping[str, Any], value: Mapping[str, Any]) -> str | None:
    """What Meta calls the sender; it stands in the message, or with the contact of the same number."""
    given = message.get("from_user_id")
    if isinstance(given, str):
        return given[:_LONGEST_SENDER]
    for contact in _objects(value.get("contacts")):
        user = contact.get("user_id")
        if isinstance(user, str) and contact.get("wa_id") in (message.get("from"), None):
            return user[:_LONGEST_SENDER]
    return None


def _receipt(status: Mapping[str, Any]) -> Receipt | None:
    name = status.get("status")
    opaque = status.get("biz_opaque_callback_data")
    message_id = opaque if isinstance(opaque, str) else None
    id_ = str(status.get("id"))[:_LONGEST_NAME]
    if name == "failed":
        errors = _objects(status.get("errors"))
        code = errors[0].get("code") if errors else None
        return Receipt(Channel.WHATSAPP, id_, message_id, None, str(code)[:40] if code is not None else "failed")
    level = _LEVELS.get(str(name))
    return Receipt(Channel.WHATSAPP, id_, message_id, level) if level is not None else None


def _answer(message: Mapping[str, Any], plan: NumberingPlan) -> Answer | None:
    kind = str(message.get("type"))
    if kind == "system":
        return None  # somebody has a new number: it is verified anew, as every address
    number = message.get("from")
    person = message.get("from_user_id")
    national = normalise_number(f"+{number}", plan) if isinstance(number, str) and number.isdigit() else None
    addresses = tuple(one for one in (national, number, person) if isinstance(one, str))
    context = message.get("context")
    quoted = context.get("id") if isinstance(context, Mapping) else None
    payload, words = _content(kind, message)
    return Answer(
        Channel.WHATSAPP,
        addresses,
        _at(message.get("timestamp")),
        payload,
        quoted if isinstance(quoted, str) else None,
        words,
        readable=kind in ("text", "button", "interactive"),
        person=person if isinstance(person, str) else None,
    )


def _content(kind: str, message: Mapping[str, Any]) -> tuple[str | None, str]:
    """The payload of a button, and the words."""
    part = message.get(kind)
    if not isinstance(part, Mapping):
        return None, ""
    if kind == "text":
        return None, str(part.get("body") or "")
    if kind == "button":
        return _text(part.get("payload")), str(part.get("text") or "")
    reply = part.get("button_reply") if kind == "interactive" else None
    if isinstance(reply, Mapping):
        return _text(reply.get("id")), str(reply.get("title") or "")
    return None, ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _at(stamp: object) -> datetime:
    """Seconds as a text, as Meta writes instants."""
    seconds = int(stamp) if isinstance(stamp, str) and stamp.isascii() and stamp.isdigit() and len(stamp) < 12 else 0
    return datetime.fromtimestamp(seconds, UTC)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
