"""The telephones of everybody who is told, behind a carrier that can stop in the middle of a message."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import requests
from sqlalchemy import Engine, Select, create_engine, or_, select
from sqlalchemy.exc import OperationalError

from app.doubles.server import Answered, Asked, Trouble
from app.doubles.whatsapp import OnPhone, WhatsAppDouble
from dispatch.storage.tables import NoticeDelivery

TOKEN, PHONE, SECRET = "a-token", "112112", "an-app-secret"
MAYBE_TWICE = "(mungkin ganda)"


class Telephones(WhatsAppDouble):
    """Remembers of which notices each message told, as the database said when it was taken."""

    def __init__(self, database_url: str) -> None:
        super().__init__(token=TOKEN, phone_id=PHONE, app_secret=SECRET, tell=self._to_a_node)
        self._engine: Engine = create_engine(database_url)
        self.hooks: list[str] = []  #: where nodes take webhooks; the next one is tried until one has kept it
        self.messages_of: dict[int, list[OnPhone]] = defaultdict(list)  #: notice -> the messages that told of it
        self.hold = ""  #: "before" or "after" a message is taken, until `let_go`
        self.holding = threading.Event()
        self.over = threading.Event()
        self._lock = threading.Lock()

    @property
    def settings(self) -> dict[str, str]:
        """A node's settings."""
        return {
            "SIAGA_WHATSAPP_URL": self.url,
            "SIAGA_WHATSAPP_PHONE_ID": PHONE,
            "SIAGA_WHATSAPP_TOKEN": TOKEN,
            "SIAGA_WHATSAPP_APP_SECRET": SECRET,
            "SIAGA_WHATSAPP_VERIFY_TOKEN": "a-word-that-was-agreed-on",
        }

    def answer(self, asked: Asked, trouble: Trouble) -> Answered:
        """Take a message; where told so, hang before it is taken or before that is said."""
        if self.hold == "before":
            self._hang()
        with self._lock:
            answered = super().answer(asked, trouble)
            if answered.status == 200:
                self._remember(self.messages[-1])
        if self.hold == "after":
            self._hang()
        return answered

    @contextmanager
    def held(self, when: str, send: Callable[[], object]) -> Iterator[None]:
        """Let what `send` makes known hang `before` or `after` it is taken, until the end of the block."""
        self.let_go.clear()
        self.holding.clear()
        self.hold = when
        send()
        assert self.holding.wait(90)
        yield
        self.hold = ""
        self.let_go.set()

    def twice_unmarked(self) -> list[int]:
        """The notices of which somebody was told more than once without a word that it may be so."""
        return [
            notice
            for notice, messages in self.messages_of.items()
            if any(MAYBE_TWICE not in message.text for message in messages[1:])
        ]

    def stop(self) -> None:
        """End, with whatever hangs."""
        self.over.set()
        self.let_go.set()
        super().stop()
        self._engine.dispose()

    def _hang(self) -> None:
        self.holding.set()
        self.let_go.wait(30)

    def _remember(self, message: OnPhone) -> None:
        own = select(NoticeDelivery.id).where(NoticeDelivery.message_id == message.callback_data).scalar_subquery()
        carried = or_(NoticeDelivery.id == own, NoticeDelivery.carried_by == own)
        for notice in self._read(select(NoticeDelivery.notice_id).where(carried)):
            self.messages_of[notice].append(message)

    def _read(self, statement: Select[tuple[int]]) -> list[int]:
        """What the database says, as soon as it says anything: it may be restarting."""
        while True:
            try:
                with self._engine.connect() as connection:
                    return list(connection.execute(statement).scalars())
            except OperationalError:
                if self.over.wait(0.1):
                    raise

    def _to_a_node(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Tell until some node has kept it, as Meta does."""
        tried = 0
        while not self.over.is_set():
            hooks = list(self.hooks)
            if hooks and _kept(hooks[tried % len(hooks)], body, headers):
                return
            tried += 1
            self.over.wait(0.1)


def _kept(hook: str, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        return requests.post(hook, data=body, headers=dict(headers), timeout=10).status_code == 200
    except requests.RequestException:
        return False
