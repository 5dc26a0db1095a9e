"""WhatsApp: templates outside the window, buttons inside, Meta's codes, and a server that misbehaves in every way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.doubles.server import Answered, Trouble
from app.doubles.whatsapp import WhatsAppDouble, refusing
from app.outside.carriers.choice import carriers_of
from app.outside.carriers.message import Button, Message
from app.outside.carriers.whatsapp import WhatsApp, WhatsAppSettings
from app.outside.sms import ConsolePort
from config import Settings
from dispatch.city.ladders import Channel
from dispatch.city.pack import CityPack
from dispatch.city.policy import NumberingPlan
from dispatch.deliveries.outbox import Address
from dispatch.deliveries.rules import Attempt, AttemptResult

TOKEN, PHONE = "token-of-ours", "1122"
MESSAGE = Message(
    "m" * 32,
    Address("081200000017", window_open=True),
    "TUGAS 112 nomor 047",
    "P1 · Kebakaran",
    "Balas: TERIMA 047",
    (Button.ACCEPT, Button.DECLINE),
    urgent=True,
)


@pytest.fixture
def meta() -> Iterator[WhatsAppDouble]:
    double = WhatsAppDouble(token=TOKEN, phone_id=PHONE, app_secret="s", tell=lambda body, headers: None)
    double.start()
    yield double
    double.stop()


def port(meta: WhatsAppDouble, timeout_s: float = 5.0, token: str = TOKEN) -> WhatsApp:
    settings = WhatsAppSettings(meta.url, PHONE, token, ("siaga_tugas", "siaga_tugas_2"), ("siaga_kabar",))
    return WhatsApp(settings, timeout_s, NumberingPlan())


def test_inside_the_window_it_is_free_text_with_buttons(meta: WhatsAppDouble) -> None:
    result = port(meta).send(MESSAGE)
    [message] = meta.messages
    assert result == AttemptResult(Attempt.ACCEPTED, provider_id=message.id)
    assert message.to == "6281200000017"
    assert message.buttons == [("TERIMA", f"terima:{'m' * 32}"), ("TOLAK", f"tolak:{'m' * 32}")]
    assert message.callback_data == MESSAGE.message_id
    assert "TUGAS 112 nomor 047" in message.text


def test_outside_the_window_it_is_a_template_with_a_button(meta: WhatsAppDouble) -> None:
    meta.open_windows = set()
    closed = replace(MESSAGE, to=Address("081200000017"), detail="P1\n\nKebakaran")
    assert port(meta).send(closed).attempt is Attempt.ACCEPTED
    [message] = meta.messages
    assert (message.template, message.buttons) == ("siaga_tugas", [("TERIMA", f"terima:{'m' * 32}")])
    assert len(meta.seen) == 1
    assert port(meta).send(replace(closed, buttons=())).attempt is Attempt.ACCEPTED
    assert meta.messages[1].template == "siaga_kabar"


def test_a_window_that_has_closed_meanwhile_costs_no_message(meta: WhatsAppDouble) -> None:
    meta.open_windows = set()
    assert port(meta).send(MESSAGE).attempt is Attempt.ACCEPTED
    assert [message.template for message in meta.messages] == ["siaga_tugas"]


def test_a_paused_template_is_replaced_by_the_second(meta: WhatsAppDouble) -> None:
    closed = replace(MESSAGE, to=Address("081200000017"))
    meta.templates = {"siaga_tugas_2"}
    assert port(meta).send(closed).attempt is Attempt.ACCEPTED
    assert [message.template for message in meta.messages] == ["siaga_tugas_2"]
    meta.templates = set()
    assert port(meta).send(closed) == AttemptResult(Attempt.NEVER, "132015", ours=True)


def test_somebody_whose_number_meta_does_not_tell_is_reached_by_what_it_calls_them(meta: WhatsAppDouble) -> None:
    hidden = replace(MESSAGE, to=Address("", provider_user="ID.4711", window_open=True))
    assert port(meta).send(hidden).attempt is Attempt.ACCEPTED
    assert meta.messages[0].to == "ID.4711"
    assert port(meta).send(replace(MESSAGE, to=Address("x"))) == AttemptResult(Attempt.NEVER, "bad_address")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, (Attempt.LATER, False)) for code in (4, 80007, 130429, 131016, 131000, 131057)),
        (131056, (Attempt.LATER, True)),
        *((code, (Attempt.NEVER, False)) for code in (131026, 131049, 130472, 131062)),
        *((code, (Attempt.NEVER, False)) for code in (0, 10, 190, 200, 368, 131005, 131008, 131042, 131045)),
    ],
)
def test_what_metas_codes_mean(meta: WhatsAppDouble, code: int, expected: tuple[Attempt, bool]) -> None:
    meta.troubles.append(refusing(code))
    result = port(meta).send(MESSAGE)
    assert (result.attempt, result.this_person) == expected
    assert result.problem == str(code)
    assert not meta.messages


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble(cut=True), AttemptResult(Attempt.UNKNOWN, "cut")),
        (Trouble(hang_s=5), AttemptResult(Attempt.UNKNOWN, "timeout")),
        (Trouble(answer=Answered(503, {})), AttemptResult(Attempt.LATER, "http_503")),
        (Trouble(answer=Answered(502, b"<html>")), AttemptResult(Attempt.UNKNOWN, "http_502")),
        (
            Trouble(answer=Answered(429, {}, {"Retry-After": "17"})),
            AttemptResult(Attempt.LATER, "http_429", wait_s=17.0),
        ),
        (
            Trouble(answer=Answered(302, {}, {"Location": "http://127.0.0.1:9/"})),
            AttemptResult(Attempt.NEVER, "http_302"),
        ),
        (Trouble(answer=Answered(200, b"[" * 5000)), AttemptResult(Attempt.ACCEPTED)),
    ],
)
def test_what_trouble_means(meta: WhatsAppDouble, trouble: Trouble, expected: AttemptResult) -> None:
    meta.troubles.append(trouble)
    assert port(meta, timeout_s=0.3).send(MESSAGE) == expected


def test_a_carrier_that_is_not_there_has_taken_nothing(meta: WhatsAppDouble) -> None:
    settings = WhatsAppSettings("http://127.0.0.1:9/v23.0", PHONE, TOKEN, ("a",), ("b",))
    assert WhatsApp(settings, 1.0, NumberingPlan()).send(MESSAGE) == AttemptResult(Attempt.LATER, "unreachable")


def test_a_wrong_token_is_said_loudly(meta: WhatsAppDouble, caplog: pytest.LogCaptureFixture) -> None:
    assert port(meta, token="wrong").send(MESSAGE) == AttemptResult(Attempt.NEVER, "190", ours=True)
    assert "code=190" in caplog.text
    assert "0812" not in caplog.text


def test_without_settings_there_is_no_whatsapp(city: CityPack) -> None:
    def channels(environ: Mapping[str, Any]) -> set[Channel]:
        return set(carriers_of(Settings.from_environ(environ), city, ConsolePort()))

    assert channels({}) == set()
    whole = {f"SIAGA_WHATSAPP_{name}": "1" for name in ("PHONE_ID", "TOKEN", "APP_SECRET", "VERIFY_TOKEN")}
    assert channels(whole) == {Channel.WHATSAPP}
    assert channels({"SIAGA_TELEGRAM_TOKEN": "1:a"}) == {Channel.TELEGRAM}
