"""Web Push: signed, encrypted for one browser, and gone when the browser is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.doubles.push import BrowserDouble, PushDouble
from app.doubles.server import Answered, Trouble
from app.outside.carriers.message import Message
from app.outside.carriers.push import Push, new_private_key
from app.outside.carriers.push_receipts import message_of_token
from app.outside.carriers.push_services import is_push_service
from dispatch.deliveries.outbox import Address
from dispatch.deliveries.rules import Attempt, AttemptResult

SECRET = "s" * 40


@pytest.fixture
def service() -> Iterator[PushDouble]:
    double = PushDouble()
    double.start()
    yield double
    double.stop()


def port(timeout_s: float = 5.0) -> Push:
    return Push(new_private_key(), "mailto:it@example.go.id", SECRET, timeout_s, ("127.0.0.1",))


def to(service: PushDouble, browser: BrowserDouble) -> Message:
    address = Address(service.endpoint(browser), p256dh=browser.p256dh, auth=browser.auth_text)
    return Message("m" * 32, address, "TUGAS 112 nomor 047", "P1", "Balas: x", urgent=True, topic="n1-047", lasts_s=600)


def test_a_browser_decrypts_what_we_send_and_can_tell_that_it_came(service: PushDouble) -> None:
    browser = service.subscribe("a")
    assert port().send(to(service, browser)).attempt is Attempt.ACCEPTED
    [shown] = browser.shown
    assert shown["web_push"] == 8030
    assert shown["notification"]["title"] == "TUGAS 112 nomor 047"
    assert message_of_token(SECRET, shown["receipt"].rpartition("/")[2]) == "m" * 32
    [asked] = service.seen
    assert (asked.headers["TTL"], asked.headers["Urgency"], asked.headers["Topic"]) == ("600", "high", "n1-047")


def test_a_browser_that_is_gone_is_not_tried_again(service: PushDouble) -> None:
    browser = service.subscribe("a")
    browser.gone = True
    assert port().send(to(service, browser)) == AttemptResult(Attempt.NEVER, "gone")
    assert port().send(to(service, BrowserDouble("unknown"))) == AttemptResult(Attempt.NEVER, "gone")


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble(answer=Answered(403, {})), AttemptResult(Attempt.NEVER, "http_403", ours=True)),
        (Trouble(answer=Answered(413, {})), AttemptResult(Attempt.NEVER, "http_413")),
        (
            Trouble(answer=Answered(429, {}, {"Retry-After": "9"})),
            AttemptResult(Attempt.LATER, "http_429", wait_s=9.0),
        ),
        (Trouble(hang_s=5), AttemptResult(Attempt.UNKNOWN, "timeout")),
        (Trouble(cut=True), AttemptResult(Attempt.UNKNOWN, "cut")),
    ],
)
def test_what_trouble_means(service: PushDouble, trouble: Trouble, expected: AttemptResult) -> None:
    service.troubles.append(trouble)
    assert port(0.3).send(to(service, service.subscribe("a"))) == expected


def test_the_longest_message_is_small_enough(service: PushDouble) -> None:
    browser = service.subscribe("a")
    long = replace(to(service, browser), title="é" * 5000, detail="🔥" * 5000)
    assert port().send(long).attempt is Attempt.ACCEPTED


def test_a_subscription_leads_to_a_push_service_and_nowhere_else(service: PushDouble) -> None:
    good = (
        "https://fcm.googleapis.com/fcm/send/x",
        "https://web.push.apple.com/x",
        "https://db5p.notify.windows.com/w",
    )
    assert all(is_push_service(endpoint) for endpoint in good)
    bad = (
        "http://fcm.googleapis.com/x",
        "https://evil.example/x",
        "https://evilpush.apple.com.x.id/",
        "https://10.0.0.1/x",
    )
    assert not any(is_push_service(endpoint) for endpoint in bad)
    closed = Push(new_private_key(), "mailto:it@example.go.id", SECRET, 1.0)
    assert closed.send(to(service, service.subscribe("a"))) == AttemptResult(Attempt.NEVER, "bad_address")
    broken = replace(to(service, service.subscribe("b")), to=Address(service.base + "/send/b", p256dh="x", auth="y"))
    assert port().send(broken) == AttemptResult(Attempt.NEVER, "bad_keys")
