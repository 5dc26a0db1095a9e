"""The whole way: a rung fires, WhatsApp's double carries it, tells of it, and an officer presses TERIMA."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from app.doubles.server import Trouble
from app.doubles.whatsapp import WhatsAppDouble, refusing
from app.outside.carriers.links import links_of
from app.outside.carriers.whatsapp import WhatsApp, WhatsAppSettings
from app.outside.notices import NoticeWorker
from config import Settings
from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import store_events
from dispatch.replies import whatsapp
from tests.app.running_server import until
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_contact, fire, levels, outcomes

TOKEN, PHONE = "t", "1122"


@pytest.fixture
def meta(shift: Shift) -> Iterator[WhatsAppDouble]:
    def hook(body: bytes, headers: Mapping[str, str]) -> None:
        del headers
        events = whatsapp.events_of(json.loads(body), PHONE)
        shift.run(store_events, channel="whatsapp", events=events)

    double = WhatsAppDouble(token=TOKEN, phone_id=PHONE, app_secret="s", tell=hook)
    double.now = lambda: shift.clock.now().timestamp()
    double.start()
    yield double
    double.stop()


def worker_of(shift: Shift, meta: WhatsAppDouble) -> NoticeWorker:
    settings = WhatsAppSettings(meta.url, PHONE, TOKEN, ("siaga_tugas",), ("siaga_kabar",))
    port = WhatsApp(settings, 0.5, shift.centre.city.policy.numbers)
    return NoticeWorker(shift.centre, {Channel.WHATSAPP: port}, links_of(Settings()))


def look(worker: NoticeWorker) -> None:
    worker.look()
    worker.wait_until_sent(5)


def test_a_task_is_sent_delivered_accepted_and_answered(shift: Shift, meta: WhatsAppDouble) -> None:
    meta.times_each = 3  # every webhook comes three times
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    number, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    worker = worker_of(shift, meta)
    look(worker)

    def reached(level: str) -> bool:
        look(worker)
        return levels(shift)[0] == level

    until(lambda: reached("delivered"))
    [message] = meta.messages
    assert message.template == "siaga_tugas"  # nobody has written to us: the window is closed
    meta.press(message, "TERIMA")
    until(lambda: reached("answered"))
    assert shift.assignment(number, assignment)["state"] == "acknowledged"
    shift.clock.step(6)
    until(lambda: look(worker) or len(meta.messages) == 2)
    assert "tercatat, diterima" in meta.messages[1].text
    assert meta.messages[1].template is None  # now it is open


def test_an_hour_of_outage_limits_and_cuts_ends_with_one_message_that_says_it_may_be_two(
    shift: Shift, meta: WhatsAppDouble
) -> None:
    meta.statuses = ()
    meta.troubles += [Trouble(cut=True, quiet=True), refusing(130429), refusing(131056)]
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    worker = worker_of(shift, meta)
    for _ in range(8):
        look(worker)
        worker._lines[Channel.WHATSAPP].breaker.ended(well=True)  # its rests are real time
        shift.clock.step(60)
    assert outcomes(shift)[0] == ("whatsapp", "accepted")
    assert ["(mungkin ganda)" in message.text for message in meta.messages[:2]] == [False, True]
    assert len({message.callback_data for message in meta.messages[:2]}) == 1
