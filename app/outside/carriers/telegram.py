"""Telegram, by a bot's API: text with inline buttons, whose payload is opaque and names no ticket."""

from __future__ import annotations

import json
import logging
from typing import Any

import gevent

from app.outside.carriers.http import Answer, NoAnswer, NotSent, by_status, post
from app.outside.carriers.message import BUTTON_TITLES, Message
from dispatch.deliveries.rules import Attempt, AttemptResult

log = logging.getLogger(__name__)

_LONGEST_TEXT = 4096
_LONGEST_WAIT_S = 600.0
_PRESS_S = 5.0


class Telegram:
    """Sends one message per call."""

    configured = True

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._base, self._timeout_s = f"{url.rstrip('/')}/bot{token}", timeout_s

    def send(self, message: Message) -> AttemptResult:
        """Send to the chat; where a group has become another chat, to that one, which is kept."""
        result, moved = self._send(message, message.to.address)
        if moved is not None:
            result, _ = self._send(message, moved)
            if result.attempt is Attempt.ACCEPTED:
                return AttemptResult(Attempt.ACCEPTED, provider_id=result.provider_id, address=moved)
        return result

    def _send(self, message: Message, chat: str) -> tuple[AttemptResult, str | None]:
        """The result, and the chat that this one has become, if it has."""
        body: dict[str, Any] = {
            "chat_id": chat,
            "text": message.text[:_LONGEST_TEXT],
            "link_preview_options": {"is_disabled": True},
        }
        if message.buttons:
            row = [
                {"text": BUTTON_TITLES[button], "callback_data": button.payload(message.message_id)}
                for button in message.buttons
            ]
            body["reply_markup"] = {"inline_keyboard": [row]}
        try:
            answer = self.call("sendMessage", body)
        except NotSent as error:
            return AttemptResult(Attempt.LATER, str(error)), None
        except NoAnswer as error:
            return AttemptResult(Attempt.UNKNOWN, str(error)), None
        return _judged(answer)

    def call(self, method: str, body: dict[str, Any], timeout_s: float | None = None) -> Answer:
        """Call one of the bot's methods. Raises NotSent and NoAnswer."""
        headers = {"Content-Type": "application/json"}
        return post(f"{self._base}/{method}", json.dumps(body).encode(), headers, timeout_s or self._timeout_s)


def _judged(answer: Answer) -> tuple[AttemptResult, str | None]:
    told = as_object(answer.body)
    if told.get("ok") is True:
        result = told.get("result")
        id_ = result.get("message_id") if isinstance(result, dict) else None
        chat = result.get("chat") if isinstance(result, dict) else None
        chat_id = chat.get("id") if isinstance(chat, dict) else None
        return AttemptResult(Attempt.ACCEPTED, provider_id=f"{chat_id}:{id_}" if id_ is not None else None), None
    if told.get("ok") is not False:
        return by_status(answer), None
    code = told.get("error_code")
    more = told.get("parameters")
    more = more if isinstance(more, dict) else {}
    moved = more.get("migrate_to_chat_id")
    if isinstance(moved, int):
        return AttemptResult(Attempt.NEVER, "moved"), str(moved)
    if code == 429:
        wait = more.get("retry_after")
        wait_s = min(float(wait), _LONGEST_WAIT_S) if isinstance(wait, int) else None
        return AttemptResult(Attempt.LATER, "429", wait_s=wait_s, this_person=True), None
    if code == 403:
        return AttemptResult(Attempt.NEVER, "blocked"), None
    if isinstance(code, int) and code >= 500:
        return AttemptResult(Attempt.LATER, f"http_{code}"), None
    if code in (401, 404):
        log.error("Telegram does not know our bot code=%d: see docs/follow-up.md", code)
    return AttemptResult(Attempt.NEVER, f"http_{code}", ours=code in (401, 404)), None


def as_object(body: bytes) -> dict[str, Any]:
    """The JSON object that an answer holds, an empty one where it holds none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def answer_press(carrier: Telegram, callback_id: str) -> None:
    """Let a pressed button come to rest, in the background: the telephone shows a clock until then."""
    gevent.spawn(_answer_press, carrier, callback_id)


def _answer_press(carrier: Telegram, callback_id: str) -> None:
    limit = gevent.Timeout(_PRESS_S)
    try:
        with limit:
            carrier.call("answerCallbackQuery", {"callback_query_id": callback_id}, _PRESS_S)
    except gevent.Timeout as late:
        if late is not limit:
            raise
    except (NotSent, NoAnswer):
        pass  # it comes to rest by itself after a minute
