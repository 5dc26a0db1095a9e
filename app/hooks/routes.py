"""The webhooks. None trusts a session; each has a proof of its own, and what is not configured is not there (404).

What has been kept is answered 200 at once; where it cannot be kept the answer is 503, and the carrier comes again.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Blueprint, Flask, abort, request
from werkzeug.wrappers import Response

from app.outside.carriers.push_receipts import message_of_token
from app.outside.carriers.telegram import Telegram, answer_press
from app.services import services
from app.web.guard import PUBLIC, access, csrf_exempt
from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import RawEvent, store_events
from dispatch.replies import push, telegram, whatsapp

log = logging.getLogger(__name__)

LARGEST_WHATSAPP = 3 * 1024 * 1024  #: bytes; Meta's own limit
WHATSAPP_PATH = "/hooks/whatsapp"
_LARGEST = 256 * 1024


def add_hooks(app: Flask) -> None:
    """Offer the webhooks."""
    blueprint = Blueprint("hooks", __name__)
    routes: tuple[tuple[str, Callable[..., Any], str], ...] = (
        (WHATSAPP_PATH, whatsapp_handshake, "GET"),
        (WHATSAPP_PATH, whatsapp_told, "POST"),
        ("/hooks/telegram", telegram_told, "POST"),
        ("/hooks/push/<string:token>/<string:what>", push_told, "POST"),
    )
    for path, view, method in routes:
        blueprint.add_url_rule(path, view.__name__, access(PUBLIC)(csrf_exempt(view)), methods=[method])
    app.register_blueprint(blueprint)


def whatsapp_handshake() -> Response:
    """Meta asks whether this is ours, with the word that was agreed on; the answer is its challenge."""
    word = services().settings.whatsapp_verify_token
    given = request.args.get("hub.verify_token", "")
    if not word or request.args.get("hub.mode") != "subscribe" or not _same(given, word):
        abort(403)
    return Response(request.args.get("hub.challenge", "")[:200], mimetype="text/plain")


def whatsapp_told() -> Response:
    """A batch of news from Meta, signed over its bytes as they came."""
    settings = services().settings
    if not settings.whatsapp_app_secret:
        abort(404)
    request.max_content_length = LARGEST_WHATSAPP
    body = request.get_data(cache=False)
    signed = "sha256=" + hmac.new(settings.whatsapp_app_secret.encode(), body, sha256).hexdigest()
    if not _same(request.headers.get("X-Hub-Signature-256", ""), signed):
        log.warning("a WhatsApp webhook came with a wrong signature")
        abort(403)
    return _keep(Channel.WHATSAPP, whatsapp.events_of(_object(body), settings.whatsapp_phone_id))


def telegram_told() -> Response:
    """One update from Telegram, proved by the secret that was agreed on."""
    secret = services().settings.telegram_secret
    if not secret:
        abort(404)
    if not _same(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), secret):
        log.warning("a Telegram webhook came with a wrong secret")
        abort(403)
    request.max_content_length = _LARGEST
    update = _object(request.get_data(cache=False))
    event = telegram.event_of(update)
    answer = _keep(Channel.TELEGRAM, [event] if event is not None else [])
    carrier, pressed = services().carriers.get(Channel.TELEGRAM), telegram.callback_of(update)
    if pressed is not None and isinstance(carrier, Telegram):
        answer_press(carrier, pressed)
    return answer


def push_told(token: str, what: str) -> Response:
    """Our own service worker tells that a message was shown or opened; the token came with the message."""
    message_id = message_of_token(services().settings.secret_key, token)
    event = push.event_of(message_id, what) if message_id is not None else None
    if event is None:
        abort(404)
    return _keep(Channel.PUSH, [event])


def _keep(channel: Channel, events: list[RawEvent]) -> Response:
    if events:
        services().centre.run(store_events, channel=channel.value, events=events)
        notices = services().notices
        if notices is not None:
            notices.wake()
    return Response("", 200, mimetype="text/plain")


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(told, dict):
        abort(400)
    return told


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
