"""Mail: 4xx later, 5xx never, and a line that breaks after the words were sent leaves us in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes

import pytest

from app.doubles.smtp import MailTrouble, SmtpDouble
from app.outside.carriers.mail import Mail
from app.outside.carriers.message import Message
from dispatch.deliveries.outbox import Address
from dispatch.deliveries.rules import Attempt, AttemptResult

MESSAGE = Message("m" * 32, Address("duty@damkar.example.go.id"), "TUGAS 112 nomor 047", "P1 · Kebakaran", "Balas: x")


@pytest.fixture
def server() -> Iterator[SmtpDouble]:
    double = SmtpDouble()
    double.start()
    yield double
    double.stop()


def port(server: SmtpDouble, timeout_s: float = 5.0) -> Mail:
    return Mail(server.url, "siaga112@example.go.id", timeout_s)


def test_a_mail_is_taken_once_and_says_who_made_it(server: SmtpDouble) -> None:
    assert port(server).send(MESSAGE).attempt is Attempt.ACCEPTED
    [(_, recipient, text)] = server.mails
    mail = message_from_bytes(text)
    assert recipient == "duty@damkar.example.go.id"
    assert mail["Subject"] == "TUGAS 112 nomor 047"
    assert mail["Message-ID"] == f"<{'m' * 32}@example.go.id>"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (MailTrouble("connect", code=421), AttemptResult(Attempt.LATER, "unreachable")),
        (MailTrouble("mail", code=451), AttemptResult(Attempt.LATER, "smtp_451")),
        (MailTrouble("rcpt", code=450), AttemptResult(Attempt.LATER, "smtp_450")),
        (MailTrouble("rcpt", code=550), AttemptResult(Attempt.NEVER, "smtp_550")),
        (MailTrouble("rcpt", cut=True), AttemptResult(Attempt.LATER, "cut")),
        (MailTrouble("data", code=554), AttemptResult(Attempt.NEVER, "smtp_554")),
        (MailTrouble("end", code=452), AttemptResult(Attempt.LATER, "smtp_452")),
        (MailTrouble("end", cut=True), AttemptResult(Attempt.UNKNOWN, "cut")),
        (MailTrouble("end", hang_s=5, cut=True), AttemptResult(Attempt.UNKNOWN, "cut")),
        (MailTrouble("connect", hang_s=5, cut=True), AttemptResult(Attempt.LATER, "unreachable")),
    ],
)
def test_what_trouble_means(server: SmtpDouble, trouble: MailTrouble, expected: AttemptResult) -> None:
    server.troubles.append(trouble)
    assert port(server, 0.3).send(MESSAGE) == expected


def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    assert Mail("smtp://127.0.0.1:9", "a@b.id", 1.0).send(MESSAGE) == AttemptResult(Attempt.LATER, "unreachable")


def test_a_password_does_not_go_out_without_tls(server: SmtpDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.outside.carriers.mail._HERE", ())
    with_password = Mail(server.url.replace("//", "//user:secret@"), "a@b.id", 1.0)
    assert with_password.send(MESSAGE) == AttemptResult(Attempt.NEVER, "mail_no_tls", ours=True)
