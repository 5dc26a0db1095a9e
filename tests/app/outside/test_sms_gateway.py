"""Messages leave through a gateway: what it is sent, what its answers mean, and a worker that sends at least once."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from app.outside.deliveries import DeliveryWorker
from app.outside.sms import ConsolePort, HttpSmsGateway, sms_port
from config import SMS_FIELDS, Settings
from dispatch.centre import Centre
from dispatch.deliveries.commands import lease_deliveries, queue_delivery
from dispatch.deliveries.rules import SMS, Attempt, AttemptResult
from dispatch.storage.tables import Delivery
from dispatch.storage.transaction import Transaction
from tests.steppable_clock import SteppableClock

MOBILE, KEY = "081200000417", "the gateway's key"
TEXT = 'buka https://x/l/T "; DROP {to} 🙂'


@dataclass
class Gateway:
    """A gateway that answers as told and remembers what it was sent."""

    answers: list[int] = field(default_factory=list)
    delay_s: float = 0.0
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def port(self, timeout_s: float = 2.0, **options: Any) -> HttpSmsGateway:
        return HttpSmsGateway(self.url, timeout_s=timeout_s, **{"fields": SMS_FIELDS, "token": KEY, **options})


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.seen.append((dict(self.headers), body))
            if told.delay_s:
                time.sleep(told.delay_s)
            self.send_response(told.answers.pop(0) if told.answers else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_gateway_gets_its_own_field_names_and_the_key(gateway: Gateway) -> None:
    assert gateway.port().send("id-1", MOBILE, TEXT) == AttemptResult(Attempt.ACCEPTED)
    headers, body = gateway.seen[0]
    assert json.loads(body) == {"to": MOBILE, "text": TEXT, "id": "id-1"}
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Idempotency-Key"] == "id-1"
    fields = (("msisdn", "{to}"), ("message", "[112] {text} ({id}) {x}"), ("sender", "SIAGA"))
    gateway.port(form=True, header="X-Api-Key", fields=fields).send("id-2", MOBILE, TEXT)
    headers, body = gateway.seen[1]
    assert headers["X-Api-Key"] == KEY
    assert parse_qs(body.decode()) == {
        "msisdn": [MOBILE],
        "message": [f"[112] {TEXT} (id-2) {{x}}"],
        "sender": ["SIAGA"],
    }


@pytest.mark.parametrize(
    ("form", "recipient", "sent"),
    [
        ("national", MOBILE, MOBILE),
        ("international", MOBILE, "6281200000417"),
        ("plus", MOBILE, "+6281200000417"),
        ("international", "+6581234567", "6581234567"),
        ("plus", "+6581234567", "+6581234567"),
        ("plus", "14045", "14045"),
    ],
)
def test_a_gateway_gets_the_number_in_the_form_it_wants(gateway: Gateway, form: str, recipient: str, sent: str) -> None:
    settings = Settings.from_environ({"SIAGA_SMS_URL": gateway.url, "SIAGA_SMS_NUMBER": form})
    assert sms_port(settings, 2.0).send("id-1", recipient, TEXT).attempt is Attempt.ACCEPTED
    assert json.loads(gateway.seen[0][1])["to"] == sent


@pytest.mark.parametrize(
    ("status", "attempt"),
    [
        (200, Attempt.ACCEPTED),
        (202, Attempt.ACCEPTED),
        (500, Attempt.LATER),
        (503, Attempt.LATER),
        (429, Attempt.LATER),
        (408, Attempt.LATER),
        (400, Attempt.NEVER),
        (401, Attempt.NEVER),
        (302, Attempt.NEVER),  # number and key go nowhere else
    ],
)
def test_what_an_answer_means(gateway: Gateway, status: int, attempt: Attempt) -> None:
    gateway.answers = [status]
    result = gateway.port().send("id-1", MOBILE, TEXT)
    assert result.attempt is attempt
    assert result.problem == (None if attempt is Attempt.ACCEPTED else f"http_{status}")
    assert len(gateway.seen) == 1


def test_slow_and_absent_gateways_are_tried_again(gateway: Gateway) -> None:
    gateway.delay_s = 0.4
    assert gateway.port(timeout_s=0.1).send("id-1", MOBILE, TEXT) == AttemptResult(Attempt.LATER, "timeout")
    nobody = HttpSmsGateway("http://127.0.0.1:9/send", fields=SMS_FIELDS, timeout_s=1.0)
    assert nobody.send("id-1", MOBILE, TEXT) == AttemptResult(Attempt.LATER, "unreachable")


def test_without_a_gateway_nothing_looks_as_if_it_were_sent(settings: Settings) -> None:
    port = sms_port(settings, 1.0)
    assert isinstance(port, ConsolePort)
    assert not port.configured
    assert port.send("id", MOBILE, TEXT) == AttemptResult(Attempt.NEVER, "not_configured")


def _queue(tx: Transaction) -> int:
    return queue_delivery(tx, kind="location_link", channel=SMS, recipient=MOBILE, body=TEXT)


def _rows(centre: Centre) -> Any:
    with centre.read() as connection:
        return connection.execute(Delivery.__table__.select()).all()


def test_the_worker_sends_retries_and_marks(
    gateway: Gateway, centre: Centre, clock: SteppableClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.answers = [500, 200]
    worker = DeliveryWorker(centre, {SMS: gateway.port()})
    centre.run(_queue)
    for _ in range(2):
        worker.send_due()
        worker._pool.join()
    assert len(gateway.seen) == 1  # the second comes after the wait
    clock.step(centre.city.policy.deliveries.first_retry_s)
    worker.send_due()
    worker._pool.join()
    [row] = _rows(centre)
    assert (row.attempts, row.accepted_at, row.body) == (2, clock.now(), None)
    assert len({json.loads(body)["id"] for _, body in gateway.seen}) == 1
    for secret in (MOBILE, "/l/T", KEY):
        assert secret not in caplog.text


def test_a_mark_that_was_lost_sends_again_once_with_the_same_id(
    gateway: Gateway, centre: Centre, clock: SteppableClock
) -> None:
    centre.run(_queue)
    [leased] = centre.run(lease_deliveries)
    gateway.port().send(leased.message_id, leased.recipient, leased.body)  # and the process dies here
    worker = DeliveryWorker(centre, {SMS: gateway.port()})
    worker.send_due()
    assert len(gateway.seen) == 1
    clock.step(centre.city.policy.deliveries.lease_s)
    for _ in range(3):
        worker.send_due()
        worker._pool.join()
    assert [json.loads(body)["id"] for _, body in gateway.seen] == [leased.message_id] * 2
    assert _rows(centre)[0].accepted_at == clock.now()
