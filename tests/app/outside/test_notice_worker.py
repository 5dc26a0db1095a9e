"""Notices go out: each channel by itself, a broken one takes no other along, and nothing is said too early."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest

from app.outside.carriers.breaker import FAILURES, Breaker
from app.outside.carriers.links import links_of
from app.outside.carriers.message import Button
from app.outside.notices import NoticeWorker
from config import Settings
from dispatch.agencies.assignments import acknowledge_assignment, set_en_route
from dispatch.city.ladders import Channel
from dispatch.city.model import Priority
from dispatch.city.policy import ClockKind
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.storage.tables import DeliveryAttempt
from tests.app.outside.fake_carriers import FakeCarrier, running, until
from tests.dispatch.shift import Shift
from tests.dispatch.telling import OUTAGE, add_contact, fire, lease, levels, outcomes, rows

WHATSAPP, TELEGRAM, SMS = Channel.WHATSAPP, Channel.TELEGRAM, Channel.SMS


def worker_of(shift: Shift, carriers: Mapping[Channel, FakeCarrier], limit_s: float = 5.0) -> NoticeWorker:
    return NoticeWorker(shift.centre, carriers, links_of(Settings()), limit_s=limit_s)


def send(worker: NoticeWorker) -> None:
    worker.look()
    worker.wait_until_sent(5)


def test_a_duty_officer_is_told_what_and_where_and_nothing_of_the_caller(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    number, _ = shift.sent("DAMKAR", ani="081200000417")
    fire(shift)
    carrier = FakeCarrier()
    with running(worker_of(shift, {WHATSAPP: carrier})):
        until(lambda: levels(shift) == ["accepted"])
    [message] = carrier.seen
    short = number.split("-")[1]
    assert message.title == f"TUGAS 112 nomor {short}"
    assert message.detail.startswith("P1 · ")
    assert "Kel. Cipare, Kec. Serang" in message.detail
    assert message.reply == f"Balas: TERIMA {short}, atau TOLAK {short} alasan"
    assert message.buttons == (Button.ACCEPT, Button.DECLINE)
    assert "0812" not in message.text
    assert "0812" not in caplog.text


def test_a_channel_that_hangs_starves_no_other_and_is_cut_off(shift: Shift) -> None:
    for _ in range(12):
        add_contact(shift, "DAMKAR", "duty", "whatsapp")
    add_contact(shift, "PSC119", "duty", "telegram")
    shift.sent("DAMKAR")
    fire(shift)
    hanging, healthy = FakeCarrier(hangs=True), FakeCarrier()
    worker = worker_of(shift, {WHATSAPP: hanging, TELEGRAM: healthy}, limit_s=0.2)
    worker.look()
    shift.sent("PSC119")
    fire(shift)
    worker.look()
    until(lambda: healthy.seen)
    worker.wait_until_sent(5)
    assert len(hanging.seen) == 8  # its own pool
    attempts = [attempt.outcome for attempt in rows(shift, DeliveryAttempt) if attempt.channel == "whatsapp"]
    assert attempts == ["unknown"] * 8


def test_a_carrier_that_is_down_is_asked_now_and_then_and_then_gets_everything(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    for _ in range(20):
        add_contact(shift, "DAMKAR", "duty", "telegram")
    shift.sent("DAMKAR")
    fire(shift)
    carrier = FakeCarrier(answers=[OUTAGE] * 8)
    worker = worker_of(shift, {TELEGRAM: carrier})
    while worker.standing()["telegram"] != (0, True):
        send(worker)
    seen = len(carrier.seen)
    send(worker)
    assert len(carrier.seen) == seen
    worker._lines[TELEGRAM].breaker._rests_until = 0  # its rest is over
    for _ in range(10):
        send(worker)
    assert outcomes(shift).count(("telegram", "accepted")) == 20 - 8


def test_a_channel_without_a_carrier_says_so_and_the_next_is_used_at_once(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp", "telegram")
    shift.sent("DAMKAR")
    fire(shift)
    carrier = FakeCarrier()
    worker = worker_of(shift, {TELEGRAM: carrier})
    send(worker)
    send(worker)
    assert outcomes(shift) == [("whatsapp", "failed"), ("telegram", "accepted")]
    assert rows(shift, DeliveryAttempt)[0].problem == "not_configured"


def test_a_port_that_breaks_is_tried_again_and_its_error_is_not_logged(
    sqlite_shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    shift = sqlite_shift
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    send(worker_of(shift, {WHATSAPP: FakeCarrier(breaks=True)}))
    [attempt] = rows(shift, DeliveryAttempt)
    assert (attempt.outcome, attempt.problem) == ("unknown", "broken")
    assert "0812-secret" not in caplog.text


def test_the_next_channel_is_used_when_the_level_does_not_come_in_time(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp", "sms")
    shift.sent("DAMKAR")
    fire(shift)
    accepting, sms = FakeCarrier(), FakeCarrier()  # accepts, and never delivers
    worker = worker_of(shift, {WHATSAPP: accepting, SMS: sms})
    send(worker)
    assert levels(shift) == ["accepted"]
    shift.clock.step(20)
    send(worker)
    send(worker)
    assert len(sms.seen) == 1


def test_what_a_person_may_answer_follows_what_the_agency_has_reported(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    add_contact(shift, "DAMKAR", "duty", "telegram")
    add_contact(shift, "DAMKAR", "head", "telegram")
    _, (assignment,) = shift.sent("DAMKAR")
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=assignment)
    shift.clock.step(shift.centre.city.policy.clocks[ClockKind.MOVE, Priority.P1])
    fire(shift)
    carrier = FakeCarrier()
    worker = worker_of(shift, {TELEGRAM: carrier})
    send(worker)
    assert carrier.seen[0].title.startswith("PENGINGAT 001: belum berangkat (Damkar)")
    assert carrier.seen[0].buttons == (Button.EN_ROUTE,)
    shift.run(set_en_route, actor=shift.damkar, assignment_id=assignment)


def test_late_and_uncertain_messages_say_so(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    shift.clock.step(45)
    fire(shift)
    carrier = FakeCarrier(answers=[AttemptResult(Attempt.UNKNOWN, "timeout")])
    worker = worker_of(shift, {WHATSAPP: carrier})
    send(worker)
    shift.clock.step(60)
    send(worker)
    first, second = carrier.seen
    assert first.title.startswith("TERLAMBAT · ")
    assert second.title.endswith("(mungkin ganda)")
    assert second.message_id == first.message_id


def test_a_worker_that_stood_still_sends_nothing_that_another_has_sent_meanwhile(shift: Shift) -> None:
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    carrier = FakeCarrier()
    stopped, other = worker_of(shift, {WHATSAPP: carrier}), worker_of(shift, {WHATSAPP: carrier})
    (leased,) = lease(shift)
    shift.clock.step(shift.centre.city.policy.deliveries.lease_s + 1)
    send(other)
    stopped._attempt(stopped._lines[WHATSAPP], leased)
    assert [message.title.endswith("(mungkin ganda)") for message in carrier.seen] == [True]
    assert outcomes(shift) == [("whatsapp", "accepted")]


def test_a_worker_that_stood_still_tries_again_what_nobody_else_has_taken(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    shift.sent("DAMKAR")
    fire(shift)
    carrier = FakeCarrier()
    worker = worker_of(shift, {WHATSAPP: carrier})
    (leased,) = lease(shift)
    shift.clock.step(shift.centre.city.policy.deliveries.lease_s + 1)
    worker._attempt(worker._lines[WHATSAPP], leased)
    assert not carrier.seen
    shift.clock.step(60)
    send(worker)
    assert [message.title.endswith("(mungkin ganda)") for message in carrier.seen] == [False]


def test_who_has_slept_through_a_night_of_tasks_reads_one_message_with_all_numbers(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    add_contact(shift, "DAMKAR", "duty", "whatsapp")
    for _ in range(40):
        shift.sent("DAMKAR")
    shift.clock.step(45)
    fire(shift)
    carrier = FakeCarrier()
    send(worker_of(shift, {WHATSAPP: carrier}))
    (message,) = carrier.seen
    assert message.title == "TERLAMBAT · 112: 40 hal menunggu Anda (001, 002, 003, 004, 005)"
    assert "; dan 35 lagi: 006, 007, " in message.detail
    assert message.detail.endswith("024, 025 ...")
    assert len(message.detail) < 600  # as much as one place of WhatsApp's templates takes


def test_a_channel_that_refuses_our_settings_is_an_alarm_until_it_accepts(sqlite_shift: Shift) -> None:
    shift = sqlite_shift
    add_contact(shift, "DAMKAR", "duty", "telegram")
    refused: list[int] = []
    carrier = FakeCarrier(answers=[AttemptResult(Attempt.NEVER, "http_401", ours=True)])
    worker = NoticeWorker(shift.centre, {TELEGRAM: carrier}, links_of(Settings()), on_refused=refused.append)
    for _ in range(2):
        shift.sent("DAMKAR")
        fire(shift)
        send(worker)
        shift.clock.step(1)
    assert refused == [1, 0]


def test_an_idle_worker_writes_nothing(shift: Shift) -> None:
    worker = worker_of(shift, {})
    before = shift.everything()
    for _ in range(3):
        worker.look()
    assert shift.everything() == before


def test_a_breaker_rests_longer_and_longer_and_obeys_the_carrier() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES - 1):
        breaker.ended(well=False)
    assert breaker.room(8) == 8
    breaker.ended(well=False)
    assert breaker.room(8) == 0
    now[0] += 2.0
    assert breaker.room(8) == 1
    breaker.began()
    assert breaker.room(8) == 0
    breaker.ended(well=False)
    now[0] += 2.0
    assert breaker.room(8) == 0
    now[0] += 2.0
    breaker.ended(well=True)
    assert breaker.room(8) == 8
    breaker.ended(well=False, wait_s=7)
    assert breaker.room(8) == 0
    now[0] += 7
    assert breaker.room(8) == 8
