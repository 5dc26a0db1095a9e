"""The whole way: a browser is tested, a rung fires, the push service carries it, and our own worker tells of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.doubles.push import BrowserDouble, PushDouble
from app.outside.carriers.links import links_of
from app.outside.carriers.push import Push, new_private_key
from app.outside.carriers.push_receipts import message_of_token
from app.outside.notices import NoticeWorker
from config import Settings
from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import store_events
from dispatch.people.browsers import keep_browser
from dispatch.replies import push
from dispatch.rosters.browser_testing import begin_browser_test
from dispatch.storage.tables import PushSubscription
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_contact, change, fire, levels

SECRET = "s" * 40


@pytest.fixture
def service() -> Iterator[PushDouble]:
    double = PushDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def worker(shift: Shift, service: PushDouble) -> NoticeWorker:
    port = Push(new_private_key(), "mailto:it@example.go.id", SECRET, 5.0, ("127.0.0.1",))
    return NoticeWorker(shift.centre, {Channel.PUSH: port}, links_of(Settings(secret_key=SECRET)))


@pytest.fixture
def phone(shift: Shift, service: PushDouble) -> BrowserDouble:
    """The browser of DAMKAR's duty officer, who is a user with a contact."""
    browser = service.subscribe("a")
    keys = {"p256dh": browser.p256dh, "auth": browser.auth_text}
    kept = shift.run(
        keep_browser, actor=shift.damkar, session_id=None, endpoint="https://fcm.googleapis.com/send/a", **keys
    )
    change(shift, PushSubscription, kept.subscription_id, endpoint=service.endpoint(browser))
    return browser


def look(worker: NoticeWorker) -> None:
    worker.look()
    worker.wait_until_sent(5)


def tells(shift: Shift, worker: NoticeWorker, browser: BrowserDouble, what: str) -> None:
    """Our service worker posts to the address that came with the last message."""
    message_id = message_of_token(SECRET, browser.shown[-1]["receipt"].rpartition("/")[2])
    assert message_id is not None
    event = push.event_of(message_id, what)
    assert event is not None
    shift.run(store_events, channel="push", events=[event])
    look(worker)


def test_a_test_says_that_it_is_one_and_its_receipt_proves_the_browser(
    shift: Shift, service: PushDouble, worker: NoticeWorker, phone: BrowserDouble
) -> None:
    shift.run(begin_browser_test, actor=shift.damkar, endpoint=service.endpoint(phone))
    look(worker)
    [shown] = phone.shown
    assert shown["notification"]["title"] == "Uji: Siaga 112 Kota Serang dapat membangunkan perangkat ini"
    assert shown["notification"]["body"] == "Tidak perlu dibalas."
    assert levels(shift) == ["accepted"]
    assert shift.rows(PushSubscription)[0].receipt_at is None
    tells(shift, worker, phone, "shown")
    assert levels(shift) == ["delivered"]
    assert shift.rows(PushSubscription)[0].receipt_at == shift.clock.now()


def test_a_task_wakes_the_browser_leads_to_it_and_says_nothing_of_the_caller(
    shift: Shift, service: PushDouble, worker: NoticeWorker, phone: BrowserDouble
) -> None:
    add_contact(shift, "DAMKAR", "duty", user_id=shift.damkar.user_id)
    number, (assignment, *_) = shift.sent("DAMKAR", ani="081200000417")
    fire(shift)
    look(worker)
    [shown] = phone.shown
    told = shown["notification"]
    assert told["title"] == f"TUGAS 112 nomor {number.split('-')[1]}"
    assert (told["requireInteraction"], shown["mutable"]) == (True, True)
    assert shown["page"] == told["navigate"] == f"/agency/{assignment}"
    assert told["tag"].startswith(f"n{assignment}-")
    assert "0812" not in json.dumps(shown)
    tells(shift, worker, phone, "shown")
    tells(shift, worker, phone, "opened")
    assert levels(shift) == ["opened"]
    tells(shift, worker, phone, "shown")
    assert levels(shift) == ["opened"]


def test_a_browser_that_is_gone_is_noted_and_its_page_learns_it(
    shift: Shift, service: PushDouble, worker: NoticeWorker, phone: BrowserDouble
) -> None:
    phone.gone = True
    shift.run(begin_browser_test, actor=shift.damkar, endpoint=service.endpoint(phone))
    look(worker)
    (row,) = shift.rows(PushSubscription)
    assert row.gone_at == shift.clock.now()
