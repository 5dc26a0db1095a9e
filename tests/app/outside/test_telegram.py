"""Telegram: inline buttons with an opaque payload, groups that move, people who have blocked us, limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.doubles.server import Trouble
from app.doubles.telegram import TelegramDouble, limiting
from app.outside.carriers.message import Button, Message
from app.outside.carriers.telegram import Telegram
from dispatch.deliveries.outbox import Address
from dispatch.deliveries.rules import Attempt, AttemptResult

TOKEN = "1:abc"
MESSAGE = Message("m" * 32, Address("4711"), "TUGAS 112 nomor 047", "P1", "Balas: TERIMA 047", (Button.ACCEPT,))


@pytest.fixture
def double() -> Iterator[TelegramDouble]:
    made = TelegramDouble(token=TOKEN)
    made.start()
    yield made
    made.stop()


def port(double: TelegramDouble, timeout_s: float = 5.0, token: str = TOKEN) -> Telegram:
    return Telegram(double.base, token, timeout_s)


def test_a_message_has_buttons_whose_payload_is_short_and_opaque(double: TelegramDouble) -> None:
    result = port(double).send(MESSAGE)
    [message] = double.messages
    assert result == AttemptResult(Attempt.ACCEPTED, provider_id=f"4711:{message.id}")
    assert message.buttons == [("TERIMA", f"terima:{'m' * 32}")]
    assert "TUGAS 112 nomor 047" in message.text


def test_a_group_that_became_another_chat_is_followed_and_kept(double: TelegramDouble) -> None:
    double.moved["4711"] = -100
    result = port(double).send(MESSAGE)
    assert (result.attempt, result.address) == (Attempt.ACCEPTED, "-100")
    assert double.messages[0].chat == "-100"


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (limiting(9), AttemptResult(Attempt.LATER, "429", wait_s=9.0, this_person=True)),
        (Trouble(cut=True), AttemptResult(Attempt.UNKNOWN, "cut")),
        (Trouble(hang_s=5), AttemptResult(Attempt.UNKNOWN, "timeout")),
    ],
)
def test_what_trouble_means(double: TelegramDouble, trouble: Trouble, expected: AttemptResult) -> None:
    double.troubles.append(trouble)
    assert port(double, 0.3).send(MESSAGE) == expected


def test_whoever_has_blocked_us_is_told_by_another_way(double: TelegramDouble) -> None:
    double.blocked.add("4711")
    assert port(double).send(MESSAGE) == AttemptResult(Attempt.NEVER, "blocked")
    assert port(double).send(replace(MESSAGE, to=Address("1"), title="", detail="", reply="")).problem == "http_400"
    assert port(double, token="2:x").send(MESSAGE) == AttemptResult(Attempt.NEVER, "http_401", ours=True)
