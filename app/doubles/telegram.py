"""Telegram's bot API and the telephones behind it."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from app.doubles.server import Answered, Asked, Double, Trouble


@dataclass(frozen=True, slots=True)
class InChat:
    """A message in a chat."""

    chat: str
    id: int
    text: str
    buttons: list[tuple[str, str]]  #: title and payload


class TelegramDouble(Double):
    """Takes messages; what people answer is told by webhook or waits for `getUpdates`."""

    def __init__(self, *, token: str, tell: Callable[[bytes, Mapping[str, str]], None] | None = None) -> None:
        """Without `tell` the bot has to ask."""
        super().__init__()
        self.now: Callable[[], float] = time.time  #: the telephones' clock
        self._token, self._tell = token, tell
        self.secret = ""  #: what the webhook's header carries
        self.moved: dict[str, int] = {}  #: groups that have become another chat
        self.blocked: set[str] = set()
        self.messages: list[InChat] = []
        self.answered: list[str] = []  #: button presses that the bot has answered
        self._updates: deque[dict[str, Any]] = deque()
        self._ids = count(1)

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        """Carry a method out."""
        prefix, _, method = asked.path.rpartition("/")
        if prefix != f"/bot{self._token}":
            return _error(401, "Unauthorized")
        body = asked.json()
        if method == "sendMessage":
            return self._send(body)
        if method == "answerCallbackQuery":
            self.answered.append(body["callback_query_id"])
            return Answered(200, {"ok": True, "result": True})
        if method == "getUpdates":
            while self._updates and self._updates[0]["update_id"] < body.get("offset", 0):
                self._updates.popleft()
            return Answered(200, {"ok": True, "result": list(self._updates)})
        return _error(404, "Not Found")

    def say(self, chat: str, text: str, *, replying_to: int | None = None) -> int:
        """Somebody writes to the bot; returns the update's id."""
        message: dict[str, Any] = {**self._message(chat), "text": text}
        if replying_to is not None:
            message["reply_to_message"] = {"message_id": replying_to}
        return self._tell_update({"message": message})

    def press(self, message: InChat, title: str, *, by: str | None = None) -> int:
        """Somebody taps a button; `by`: another person than the chat's."""
        data = next(payload for name, payload in message.buttons if name == title)
        query = {
            "id": str(next(self._ids)),
            "from": {"id": int(by or message.chat)},
            "message": {**self._message(message.chat), "message_id": message.id},
            "chat_instance": "1",
            "data": data,
        }
        return self._tell_update({"callback_query": query})

    def _send(self, body: Mapping[str, Any]) -> Answered:
        chat = str(body["chat_id"])
        if chat in self.moved:
            return _error(400, "group chat was upgraded", migrate_to_chat_id=self.moved[chat])
        if chat in self.blocked:
            return _error(403, "Forbidden: bot was blocked by the user")
        text = body["text"]
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [(button["text"], button.get("callback_data", "")) for row in rows for button in row]
        if not text or len(text) > 4096 or any(len(data.encode()) > 64 for _, data in buttons):
            return _error(400, "Bad Request")
        message = InChat(chat, next(self._ids), text, buttons)
        self.messages.append(message)
        return Answered(
            200, {"ok": True, "result": {"message_id": message.id, "chat": {"id": int(chat)}, "date": int(self.now())}}
        )

    def _message(self, chat: str) -> dict[str, Any]:
        return {
            "message_id": next(self._ids),
            "from": {"id": int(chat)},
            "chat": {"id": int(chat), "type": "private"},
            "date": int(self.now()),
        }

    def _tell_update(self, update: dict[str, Any]) -> int:
        update_id = next(self._ids)
        whole = {"update_id": update_id, **update}
        if self._tell is None:
            self._updates.append(whole)
        else:
            self._tell(json.dumps(whole).encode(), {"X-Telegram-Bot-Api-Secret-Token": self.secret})
        return update_id


def _error(code: int, description: str, **parameters: Any) -> Answered:
    return Answered(code, {"ok": False, "error_code": code, "description": description, "parameters": parameters})


def limiting(retry_after: int) -> Trouble:
    """One answer that limits us."""
    return Trouble(answer=_error(429, "Too Many Requests", retry_after=retry_after))
