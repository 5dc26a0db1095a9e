"""Asks Telegram for news, where no webhook is set up: one consumer alone, which Telegram itself sees to."""

from __future__ import annotations

import logging

import gevent

from app.outside.carriers.http import NoAnswer, NotSent
from app.outside.carriers.telegram import Telegram, answer_press, as_object
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import store_events
from dispatch.errors import StorageUnavailable
from dispatch.replies import telegram

log = logging.getLogger(__name__)

WAIT_S = 25  #: for how long Telegram holds a question for which there is no news
REST_S = 5.0  #: after a failure
CONFLICT_REST_S = 60.0  #: another node asks already


class TelegramPolling:
    """Keeps what Telegram has; only what is kept is asked for no more."""

    def __init__(self, centre: Centre, carrier: Telegram) -> None:
        self._centre, self._carrier = centre, carrier
        self._offset = 0
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin."""
        self._greenlet = gevent.spawn(self._work)

    def stop(self) -> None:
        """End; what was not kept is asked for at the next start."""
        if self._greenlet is not None:
            self._greenlet.kill()

    def ask(self, wait_s: int = WAIT_S) -> int:
        """Ask once and keep the news; return how many there were. Raises NotSent, NoAnswer, StorageUnavailable."""
        body = {"offset": self._offset, "timeout": wait_s, "allowed_updates": ["message", "callback_query"]}
        answer = self._carrier.call("getUpdates", body, wait_s + REST_S)
        told = as_object(answer.body)
        if told.get("ok") is not True:
            raise NoAnswer("conflict" if answer.status == 409 else f"http_{answer.status}")
        result = told.get("result")
        updates = [one for one in result if isinstance(one, dict)] if isinstance(result, list) else []
        events = [event for event in map(telegram.event_of, updates) if event is not None]
        if events:
            self._centre.run(store_events, channel=Channel.TELEGRAM.value, events=events)
            self._offset = max(int(event.event_id) for event in events) + 1
        for pressed in filter(None, map(telegram.callback_of, updates)):
            answer_press(self._carrier, pressed)
        return len(events)

    def _work(self) -> None:
        while True:
            try:
                self.ask()
            except StorageUnavailable:
                gevent.sleep(REST_S)
            except (NotSent, NoAnswer) as error:
                log.warning("Telegram tells no news problem=%s", error)
                gevent.sleep(CONFLICT_REST_S if str(error) == "conflict" else REST_S)
            except Exception:
                log.exception("Telegram's news cannot be read")
                gevent.sleep(REST_S)
