"""Where no webhook is set up Telegram is asked, and what was not kept is asked for again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.doubles.server import Answered, Trouble
from app.doubles.telegram import TelegramDouble
from app.outside.carriers.http import NoAnswer
from app.outside.carriers.telegram import Telegram
from app.outside.telegram_polling import TelegramPolling
from dispatch.errors import StorageUnavailable
from dispatch.storage.tables import ContactChannel, InboundEvent
from tests.app.outside.fake_carriers import until
from tests.dispatch.replies.carriers_tell import handle
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_contact, change, fire, rows


@pytest.fixture
def double() -> Iterator[TelegramDouble]:
    made = TelegramDouble(token="1:abc")
    made.start()
    yield made
    made.stop()


def test_news_is_asked_for_kept_once_and_a_press_comes_to_rest(shift: Shift, double: TelegramDouble) -> None:
    add_contact(shift, "DAMKAR", "duty", "telegram")
    change(shift, ContactChannel, 1, address="4711")
    number, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    double.now = lambda: shift.clock.now().timestamp()
    polling = TelegramPolling(shift.centre, Telegram(double.base, "1:abc", 5.0))
    double.say("4711", f"TERIMA {number.split('-')[1]}")
    shift.clock.step(1)
    assert polling.ask(0) == 1
    assert polling.ask(0) == 0  # Telegram drops what we have
    assert rows(shift, InboundEvent)[0].sender == "4711"
    assert handle(shift) == ["done"]
    assert shift.assignment(number, assignment)["state"] == "acknowledged"


def test_what_cannot_be_kept_is_asked_for_again(sqlite_shift: Shift, double: TelegramDouble) -> None:
    shift = sqlite_shift
    polling = TelegramPolling(shift.centre, Telegram(double.base, "1:abc", 5.0))
    double.say("4711", "halo")
    with shift.centre.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbound_events RENAME TO elsewhere")
    with pytest.raises(StorageUnavailable):
        polling.ask(0)
    with shift.centre.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO inbound_events")
    assert polling.ask(0) == 1
    assert len(rows(shift, InboundEvent)) == 1


def test_a_pressed_button_is_answered(sqlite_shift: Shift, double: TelegramDouble) -> None:
    polling = TelegramPolling(sqlite_shift.centre, Telegram(double.base, "1:abc", 5.0))
    double._updates.append(
        {
            "update_id": 9,
            "callback_query": {"id": "q1", "from": {"id": 1}, "data": "x", "message": {"chat": {"id": 1}}},
        }
    )
    assert polling.ask(0) == 1
    until(lambda: double.answered == ["q1"])


def test_a_second_consumer_is_told_so(sqlite_shift: Shift, double: TelegramDouble) -> None:
    polling = TelegramPolling(sqlite_shift.centre, Telegram(double.base, "1:abc", 5.0))
    double.troubles.append(Trouble(answer=Answered(409, {"ok": False, "error_code": 409})))
    with pytest.raises(NoAnswer, match="conflict"):
        polling.ask(0)
