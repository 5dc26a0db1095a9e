"""Reads what Telegram tells: an update into one event, and an event into what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import RawEvent
from dispatch.replies.told import Answer, Moved, Told
from dispatch.text import storable

_NO_INSTANT = 2**37  #: seconds since 1970; no calendar of ours goes so far


def event_of(update: Mapping[str, Any]) -> RawEvent | None:
    """An update as one event; None for what has not the form that Telegram describes."""
    update_id = update.get("update_id")
    if not _is_id(update_id):
        return None
    chat = _id(_message(update).get("chat"))
    return RawEvent(str(update_id), json.dumps(storable(update)), chat)


def callback_of(update: Mapping[str, Any]) -> str | None:
    """The id of a button press, which wants an answer of its own, or its telephone shows a clock for a minute."""
    query = update.get("callback_query")
    id_ = query.get("id") if isinstance(query, Mapping) else None
    return id_ if isinstance(id_, str) else None


def read(update: Mapping[str, Any]) -> Told:
    """What an update means; None for what does not concern us."""
    message = _message(update)
    chat = _id(message.get("chat"))
    if chat is None:
        return None
    becomes = message.get("migrate_to_chat_id")
    if _is_id(becomes):
        return Moved(Channel.TELEGRAM, chat, str(becomes))
    query = update.get("callback_query")
    if isinstance(query, Mapping):
        presser = _id(query.get("from"))
        data = query.get("data")
        return Answer(
            Channel.TELEGRAM,
            # In a group whoever presses has an address of their own, or is nobody here.
            (presser,) if presser is not None and presser != chat else (chat,),
            None,  # a press carries no instant
            data if isinstance(data, str) else None,
            f"{chat}:{message.get('message_id')}",
        )
    if "message" not in update:
        return Answer(Channel.TELEGRAM, (chat,), _at(message), readable=False)
    quoted = message.get("reply_to_message")
    quoted_id = quoted.get("message_id") if isinstance(quoted, Mapping) else None
    text = message.get("text")
    sender = _id(message.get("from"))
    return Answer(
        Channel.TELEGRAM,
        (sender,) if sender is not None and sender != chat else (chat,),
        _at(message),
        None,
        f"{chat}:{quoted_id}" if quoted_id is not None else None,
        text if isinstance(text, str) else "",
        readable=isinstance(text, str),
    )


def _message(update: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message that an update is about."""
    query = update.get("callback_query")
    holder: Mapping[str, Any] = query if isinstance(query, Mapping) else update
    for name in ("message", "edited_message", "message_reaction"):
        message = holder.get(name)
        if isinstance(message, Mapping):
            return message
    return {}


def _id(of: object) -> str | None:
    id_ = of.get("id") if isinstance(of, Mapping) else None
    return str(id_) if _is_id(id_) else None


def _is_id(value: object) -> bool:
    """Telegram's ids have 64 bits at most; True is none."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _at(message: Mapping[str, Any]) -> datetime:
    stamp = message.get("date")
    return datetime.fromtimestamp(stamp if isinstance(stamp, int) and 0 <= stamp < _NO_INSTANT else 0, UTC)
