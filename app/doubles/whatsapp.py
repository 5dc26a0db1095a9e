"""WhatsApp's Cloud API and the telephones behind it: takes messages, tells what became of them, lets people answer."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.request import Request, urlopen

from app.doubles.server import Answered, Asked, Double, Trouble

#: Tells our webhook something: body and headers.
Tell = Callable[[bytes, Mapping[str, str]], None]


@dataclass(slots=True)
class OnPhone:
    """A message as it lies on a person's telephone."""

    id: str
    to: str
    text: str
    buttons: list[tuple[str, str]]  #: title and payload
    template: str | None
    callback_data: str
    at: float
    status: str = "sent"
    answers: list[str] = field(default_factory=list)


class WhatsAppDouble(Double):
    """`statuses` and their delays say what is told of each message; `open_windows` who may get free text."""

    def __init__(
        self, *, token: str, phone_id: str, app_secret: str, tell: Tell | str, port: int = 0, poll_s: float = 0.05
    ) -> None:
        """`tell`: the webhook's address, or whatever takes its place."""
        super().__init__(port, poll_s)
        self.now: Callable[[], float] = time.time  #: the telephones' clock
        self._token, self.phone_id, self._app_secret = token, phone_id, app_secret
        self._tell: Tell = _poster(tell) if isinstance(tell, str) else tell
        self.statuses: Sequence[tuple[str, float]] = (("sent", 0.0), ("delivered", 0.0))
        self.times_each = 1  #: how often each webhook comes
        self.open_windows: set[str] | None = None  #: numbers that may get free text; None: all
        self.templates: set[str] | None = None  #: approved ones; None: all
        self.messages: list[OnPhone] = []
        self._ids = count(1)

    @property
    def url(self) -> str:
        """What SIAGA_WHATSAPP_URL is to be."""
        return f"{self.base}/v23.0"

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        """Take a message, or refuse it with one of Meta's codes."""
        if asked.path != f"/v23.0/{self.phone_id}/messages" or asked.method != "POST":
            return _error(404, 100, "unknown path")
        if asked.headers.get("Authorization") != f"Bearer {self._token}":
            return _error(401, 190, "bad token")
        try:
            message = self._taken(asked.json())
        except _Refused as refused:
            return _error(400, refused.code, str(refused))
        except (KeyError, TypeError, ValueError) as error:
            return _error(400, 131008, f"missing {error}")
        self.messages.append(message)
        if not trouble.quiet:
            self._later(message)
        return Answered(
            200,
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": message.to, "wa_id": message.to}],
                "messages": [{"id": message.id, "message_status": "accepted"}],
            },
        )

    def statuses_of(self, message: OnPhone) -> Sequence[tuple[str, float]]:
        """What is told of a message, and how many seconds after it was taken."""
        del message
        return self.statuses

    def tell_status(self, message: OnPhone, status: str, errors: Sequence[int] = (), *, opaque: bool = True) -> None:
        """Tell what became of a message, as often as `times_each` says."""
        message.status = status
        told: dict[str, Any] = {
            "id": message.id,
            "status": status,
            "timestamp": str(int(self.now())),
            "recipient_id": message.to,
        }
        if opaque:
            told["biz_opaque_callback_data"] = message.callback_data
        if errors:
            told["errors"] = [{"code": code, "title": "error"} for code in errors]
        for _ in range(self.times_each):
            self._webhook({"statuses": [told]})

    def say(self, number: str, text: str, *, quoting: str | None = None, kind: str = "text") -> str:
        """Somebody writes; `number` as WhatsApp has it (62812...). Returns the message's id."""
        body: dict[str, Any] = {"type": kind, kind: {"body": text} if kind == "text" else {"id": "1"}}
        return self._from(number, body, quoting)

    def press(self, message: OnPhone, title: str) -> str:
        """Somebody taps a button of a message."""
        payload = next(payload for name, payload in message.buttons if name == title)
        message.answers.append(title)
        if message.template is not None:
            return self._from(message.to, {"type": "button", "button": {"payload": payload, "text": title}}, message.id)
        reply = {"type": "button_reply", "button_reply": {"id": payload, "title": title}}
        return self._from(message.to, {"type": "interactive", "interactive": reply}, message.id)

    def _taken(self, body: Mapping[str, Any]) -> OnPhone:
        """Check what came as Meta does, and put it on the telephone."""
        if body["messaging_product"] != "whatsapp":
            raise _Refused(131009, "messaging_product")
        to = body.get("to") or body["recipient"]
        if len(body.get("biz_opaque_callback_data", "")) > 512:
            raise _Refused(131009, "biz_opaque_callback_data")
        text, buttons, template = self._content(body, str(to))
        return OnPhone(
            f"wamid.{next(self._ids):06d}",
            str(to),
            text,
            buttons,
            template,
            body.get("biz_opaque_callback_data", ""),
            self.now(),
        )

    def _content(self, body: Mapping[str, Any], to: str) -> tuple[str, list[tuple[str, str]], str | None]:
        kind = body["type"]
        if kind == "template":
            return self._of_template(body["template"])
        if self.open_windows is not None and to not in self.open_windows:
            raise _Refused(131047, "re-engagement message")
        if kind == "text":
            return _at_most(body["text"]["body"], 4096), [], None
        interactive = body["interactive"]
        if interactive["type"] != "button":
            raise _Refused(131009, "interactive")
        buttons = interactive["action"]["buttons"]
        if not 1 <= len(buttons) <= 3:
            raise _Refused(131009, "buttons")
        replies = [(_at_most(b["reply"]["title"], 20), _at_most(b["reply"]["id"], 256)) for b in buttons]
        return _at_most(interactive["body"]["text"], 1024), replies, None

    def _of_template(self, template: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]], str | None]:
        name = template["name"]
        if self.templates is not None and name not in self.templates:
            raise _Refused(132015, "template is paused")
        if template["language"]["code"] != "id":
            raise _Refused(132001, "template does not exist in the translation")
        words: list[str] = []
        buttons: list[tuple[str, str]] = []
        for component in template["components"]:
            if component["type"] == "body":
                words = [parameter["text"] for parameter in component["parameters"]]
            else:
                buttons.append(("TERIMA", component["parameters"][0]["payload"]))
        if any(not word or "\n" in word or "\t" in word or "    " in word for word in words):
            raise _Refused(132018, "parameters")
        return "\n".join(words), buttons, name

    def _later(self, message: OnPhone) -> None:
        """Tell of a message after the delays, from the background."""
        for status, delay_s in self.statuses_of(message):
            timer = threading.Timer(delay_s, self.tell_status, (message, status))
            timer.daemon = True
            timer.start()

    def _from(self, number: str, body: dict[str, Any], quoting: str | None) -> str:
        id_ = f"wamid.in{next(self._ids):06d}"
        message = {"id": id_, "from": number, "timestamp": str(int(self.now())), **body}
        if quoting is not None:
            message["context"] = {"from": "112", "id": quoting}
        contacts = [{"profile": {"name": "?"}, "wa_id": number, "user_id": f"ID.{number}"}]
        for _ in range(self.times_each):
            self._webhook({"contacts": contacts, "messages": [message]})
        return id_

    def _webhook(self, value: Mapping[str, Any]) -> None:
        whole = {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": "1",
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "messaging_product": "whatsapp",
                                "metadata": {"phone_number_id": self.phone_id, "display_phone_number": "112"},
                                **value,
                            },
                        }
                    ],
                }
            ],
        }
        body = json.dumps(whole).encode()
        self._tell(body, {"X-Hub-Signature-256": signature(self._app_secret, body)})


def signature(app_secret: str, body: bytes) -> str:
    """How Meta signs a webhook."""
    return "sha256=" + hmac.new(app_secret.encode(), body, sha256).hexdigest()


class _Refused(Exception):
    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def _error(status: int, code: int, message: str) -> Answered:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return Answered(status, {"error": error})


def refusing(code: int, status: int = 400) -> Trouble:
    """One refusal with one of Meta's codes."""
    return Trouble(answer=_error(status, code, "told to"))


def _at_most(text: str, limit: int) -> str:
    if not text or len(text) > limit:
        raise _Refused(131009, "length")
    return text


def _poster(url: str) -> Tell:
    """Post to a webhook, as long as there is one."""

    def tell(body: bytes, headers: Mapping[str, str]) -> None:
        request = Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")  # noqa: S310
        try:
            with urlopen(request, timeout=10):  # noqa: S310  our own address
                pass
        except OSError:
            pass  # Meta would come again; the demo's telephones do not

    return tell
