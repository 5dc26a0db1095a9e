"""Webhooks: proved or refused, kept before they are answered, and each repeat is one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.doubles.whatsapp import signature
from app.hooks.routes import LARGEST_WHATSAPP
from app.outside.carriers.push_receipts import token_of
from config import Settings
from dispatch.centre import Centre
from dispatch.storage.tables import InboundEvent
from tests.app.house import CHEAP, House
from tests.dispatch.replies.carriers_tell import PHONE, batch, status
from tests.steppable_clock import SteppableClock

SECRET, WORD, BOT = "app-secret", "the-word", "telegram-secret-of-ours"
assert isinstance(CHEAP, PasswordHasher)


@pytest.fixture
def hooked(settings: Settings, sqlite_centre: Centre, clock: SteppableClock) -> House:
    own = replace(
        settings,
        whatsapp_phone_id=PHONE,
        whatsapp_token="t",
        whatsapp_app_secret=SECRET,
        whatsapp_verify_token=WORD,
        telegram_secret=BOT,
    )
    return House(create_app(own, sqlite_centre, hasher=CHEAP), sqlite_centre, clock)


def post(client: FlaskClient, body: bytes, sign: str | None = None) -> TestResponse:
    headers = {"X-Hub-Signature-256": signature(SECRET, body) if sign is None else sign}
    return client.post("/hooks/whatsapp", data=body, headers=headers, content_type="application/json")


def events(house: House) -> list[Any]:
    with house.centre.read() as connection:
        return list(connection.execute(InboundEvent.__table__.select()))


def test_metas_handshake_is_answered_with_its_challenge_to_whoever_knows_the_word(hooked: House) -> None:
    client = hooked.browser()
    asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "42"}
    answer = client.get("/hooks/whatsapp", query_string=asked)
    assert (answer.status_code, answer.text) == (200, "42")
    assert client.get("/hooks/whatsapp", query_string={**asked, "hub.verify_token": "x"}).status_code == 403
    assert client.get("/hooks/whatsapp").status_code == 403


def test_a_batch_is_kept_as_single_events_and_a_repeat_is_one(hooked: House) -> None:
    body = json.dumps(
        batch(
            statuses=[status("wamid.1", "sent"), status("wamid.1", "delivered")],
            messages=[{"id": "wamid.2", "from": "6281", "timestamp": "1", "type": "text", "text": {"body": "halo"}}],
        )
    ).encode()
    client = hooked.browser()
    for _ in range(2):
        assert post(client, body).status_code == 200
    kept = events(hooked)
    assert [event.event_id for event in kept] == ["wamid.1:sent", "wamid.1:delivered", "wamid.2"]
    assert [event.sender for event in kept] == [None, None, "6281"]
    assert {event.handled_at for event in kept} == {None}


def test_a_forged_batch_is_refused_and_nothing_is_kept(hooked: House, caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps(batch(statuses=[status("wamid.1", "sent")])).encode()
    client = hooked.browser()
    for sign in ("", "sha256=", signature("other", body), "sha256=é"):
        assert post(client, body, sign).status_code == 403
    assert post(client, body + b" ", signature(SECRET, body)).status_code == 403  # its bytes, not its meaning
    assert events(hooked) == []
    assert "wrong signature" in caplog.text


def test_what_is_signed_and_has_no_form_does_no_harm(hooked: House) -> None:
    client = hooked.browser()
    for body in (b"", b"[]", b"{", b"[" * 20_000):
        assert post(client, body).status_code == 400
    for value in ({}, {"entry": 1}, {"entry": [{"changes": [1, {"value": []}]}]}, batch(messages=[{"id": 1}, 2])):
        assert post(client, json.dumps(value).encode()).status_code == 200
    other = batch(metadata={"phone_number_id": "other"}, statuses=[status("wamid.1", "sent")])
    assert post(client, json.dumps(other).encode()).status_code == 200
    assert events(hooked) == []


def test_a_large_batch_is_taken_and_a_larger_one_refused(hooked: House) -> None:
    client = hooked.browser()
    many = json.dumps(batch(statuses=[status(f"wamid.{n}", "sent") for n in range(3000)])).encode()
    assert 200_000 < len(many) < LARGEST_WHATSAPP
    assert post(client, many).status_code == 200
    assert len(events(hooked)) == 3000
    assert post(client, b" " * (LARGEST_WHATSAPP + 1)).status_code == 413


def test_what_cannot_be_kept_is_answered_503_so_that_it_comes_again(hooked: House) -> None:
    with hooked.centre.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbound_events RENAME TO elsewhere")
    body = json.dumps(batch(statuses=[status("wamid.1", "sent")])).encode()
    assert post(hooked.browser(), body).status_code == 503


def test_telegram_is_known_by_its_secret(hooked: House) -> None:
    client = hooked.browser()
    update = {"update_id": 7, "message": {"message_id": 1, "chat": {"id": 4711}, "date": 1, "text": "halo"}}
    wrong = client.post("/hooks/telegram", json=update, headers={"X-Telegram-Bot-Api-Secret-Token": "x"})
    assert wrong.status_code == 403
    for _ in range(2):
        answer = client.post("/hooks/telegram", json=update, headers={"X-Telegram-Bot-Api-Secret-Token": BOT})
        assert answer.status_code == 200
    [event] = events(hooked)
    assert (event.event_id, event.sender) == ("7", "4711")


def test_our_own_worker_tells_by_the_token_that_came_with_the_message(hooked: House) -> None:
    from app.services import services_of

    token = token_of(services_of(hooked.app).settings.secret_key, "m" * 32)
    client = hooked.browser()
    assert client.post(f"/hooks/push/{token}/shown").status_code == 200
    assert client.post(f"/hooks/push/{token}/shown").status_code == 200
    assert client.post(f"/hooks/push/{token}/eaten").status_code == 404
    assert client.post(f"/hooks/push/{token[:-1]}x/shown").status_code == 404
    assert [event.event_id for event in events(hooked)] == [f"{'m' * 32}:shown"]


def test_where_nothing_is_configured_nothing_is_there(house: House) -> None:
    client = house.browser()
    assert client.get("/hooks/whatsapp?hub.mode=subscribe&hub.verify_token=").status_code == 403
    assert client.post("/hooks/whatsapp", data=b"{}").status_code == 404
    assert client.post("/hooks/telegram", json={}).status_code == 404
