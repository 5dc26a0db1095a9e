"""WhatsApp, by Meta's Cloud API.

Outside the 24 hours after a person's own message only a template that Meta has approved goes through; inside, free text
with buttons. Which of both is judged at the send itself, and where Meta sees it otherwise the template follows at once.
How long a template may be under way (`message_send_ttl_seconds`) is a property of the template: docs/follow-up.md.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from app.outside.carriers.http import Answer, NoAnswer, NotSent, by_status, post
from app.outside.carriers.message import BUTTON_TITLES, Button, Message
from dispatch.city.policy import NumberingPlan
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.phone_numbers import in_form, normalise_number

log = logging.getLogger(__name__)

LANGUAGE = "id"
_LONGEST_TEXT = 1024
_LONGEST_PARAMETER = 600
#: The last line of a template whose message asks for nothing; Meta takes no empty one.
NO_ANSWER = "Tidak perlu dibalas."

#: Meta's codes (its HTTP status says little). What is in none of these is our own fault: configuration.
_WAIT = frozenset({4, 80007, 130429, 131016, 131000, 131057})
_WAIT_FOR_PERSON = 131056
OUTSIDE_WINDOW = 131047
_OTHER_WAY = frozenset({131026, 131049, 130472, 131062})
_TEMPLATES = range(132000, 132017)
_PERSON_WAIT_S = 6.0


@dataclass(frozen=True, slots=True)
class WhatsAppSettings:
    """Where and as whom messages are sent, and the templates' names: the first, and one for when that is paused."""

    url: str  #: address and version: https://graph.facebook.com/v23.0
    phone_id: str
    token: str
    task_templates: tuple[str, ...]  #: with a button TERIMA
    notice_templates: tuple[str, ...]  #: without buttons


class WhatsApp:
    """Sends one message per call."""

    configured = True

    def __init__(self, settings: WhatsAppSettings, timeout_s: float, plan: NumberingPlan) -> None:
        self._settings, self._timeout_s, self._plan = settings, timeout_s, plan
        self._url = f"{settings.url.rstrip('/')}/{settings.phone_id}/messages"

    def send(self, message: Message) -> AttemptResult:
        """Send as free text where the window is open, else by the first template that goes through."""
        to = self._to(message)
        if to is None:
            return AttemptResult(Attempt.NEVER, "bad_address")
        if message.to.window_open:
            result = self._post({**to, **_free(message)}, message)
            if result.problem != str(OUTSIDE_WINDOW):
                return result
        accept = message.buttons[:1] == (Button.ACCEPT,)
        names = self._settings.task_templates if accept else self._settings.notice_templates
        result = AttemptResult(Attempt.NEVER, "no_template")
        for name in names:
            result = self._post({**to, **_template(message, name, with_button=accept)}, message)
            if not (result.problem or "").startswith("132"):
                break
        return result

    def _to(self, message: Message) -> dict[str, str] | None:
        """The number, or what Meta calls somebody whose number it does not tell us."""
        number = normalise_number(message.to.address, self._plan)
        if number is not None:
            return {"to": in_form(number, "international", self._plan)}
        return {"recipient": message.to.provider_user} if message.to.provider_user else None

    def _post(self, body: dict[str, Any], message: Message) -> AttemptResult:
        whole = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": message.message_id,
            **body,
        }
        headers = {"Authorization": f"Bearer {self._settings.token}", "Content-Type": "application/json"}
        try:
            answer = post(self._url, json.dumps(whole).encode(), headers, self._timeout_s)
        except NotSent as error:
            return AttemptResult(Attempt.LATER, str(error))
        except NoAnswer as error:
            return AttemptResult(Attempt.UNKNOWN, str(error))
        return judged(answer)


def judged(answer: Answer) -> AttemptResult:
    """What Meta's answer means."""
    told = _as_object(answer.body)
    if 200 <= answer.status < 300:
        messages = told.get("messages")
        first = messages[0] if isinstance(messages, list) and messages else {}
        provider_id = first.get("id") if isinstance(first, dict) else None
        return AttemptResult(Attempt.ACCEPTED, provider_id=str(provider_id)[:200] if provider_id else None)
    error = told.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, int):
        return by_status(answer)
    if code == _WAIT_FOR_PERSON:
        return AttemptResult(Attempt.LATER, str(code), wait_s=_PERSON_WAIT_S, this_person=True)
    transient = isinstance(error, dict) and error.get("is_transient") is True
    if code in _WAIT or transient:
        return AttemptResult(Attempt.LATER, str(code), wait_s=answer.retry_after_s)
    ours = code not in _OTHER_WAY and code != OUTSIDE_WINDOW
    if ours:
        log.error("WhatsApp refuses what we send code=%d: see docs/follow-up.md", code)
    return AttemptResult(Attempt.NEVER, str(code), ours=ours)


def is_template_problem(code: int) -> bool:
    """Whether a code says that a template is missing, paused or wrong."""
    return code in _TEMPLATES


def _free(message: Message) -> dict[str, Any]:
    if not message.buttons:
        return {"type": "text", "text": {"body": message.text[:_LONGEST_TEXT], "preview_url": False}}
    buttons = [
        {"type": "reply", "reply": {"id": button.payload(message.message_id), "title": BUTTON_TITLES[button]}}
        for button in message.buttons[:3]
    ]
    return {
        "type": "interactive",
        "interactive": {
            "type": "button",
            "body": {"text": message.text[:_LONGEST_TEXT]},
            "action": {"buttons": buttons},
        },
    }


def _template(message: Message, name: str, *, with_button: bool) -> dict[str, Any]:
    last = " ".join(part for part in (message.reply, message.link or "") if part)
    words = [_parameter(text) for text in (message.title, message.detail, last or NO_ANSWER)]
    components: list[dict[str, Any]] = [{"type": "body", "parameters": words}]
    if with_button:
        payload = {"type": "payload", "payload": Button.ACCEPT.payload(message.message_id)}
        components.append({"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [payload]})
    return {
        "type": "template",
        "template": {"name": name, "language": {"code": LANGUAGE}, "components": components},
    }


def _parameter(text: str) -> dict[str, str]:
    """One of a template's places: no line breaks, no rows of blanks, and never empty, or Meta refuses it."""
    return {"type": "text", "text": " ".join(text.split())[:_LONGEST_PARAMETER] or "-"}


def _as_object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
