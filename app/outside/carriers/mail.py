"""Notices by e-mail, step by step, because what has failed where decides whether the mail may have gone."""

from __future__ import annotations

import logging
import smtplib
import ssl
from contextlib import closing
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from app.outside.carriers.message import Message
from dispatch.deliveries.rules import Attempt, AttemptResult

log = logging.getLogger(__name__)

_HERE = ("localhost", "127.0.0.1", "::1")


class Mail:
    """Sends one mail per call, over a connection of its own."""

    configured = True

    def __init__(self, url: str, sender: str, timeout_s: float) -> None:
        pieces = urlsplit(url)
        self._host = pieces.hostname or ""
        self._tls = pieces.scheme == "smtps"
        self._port = pieces.port or (465 if self._tls else 587)
        self._user, self._password = unquote(pieces.username or ""), unquote(pieces.password or "")
        self._sender, self._timeout_s = sender, timeout_s

    def send(self, message: Message) -> AttemptResult:
        """Hand the mail to the server; a line that breaks after its words were sent leaves us in doubt."""
        mail = self._mail(message).as_bytes()
        try:
            server = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            log.error("the mail server refuses us code=%d: see docs/follow-up.md", error.smtp_code)
            return AttemptResult(Attempt.NEVER, "mail_sign_in", ours=True)
        except smtplib.SMTPNotSupportedError:
            log.error("the mail server offers no TLS, and our password goes nowhere without")
            return AttemptResult(Attempt.NEVER, "mail_no_tls", ours=True)
        except (OSError, smtplib.SMTPException):
            return AttemptResult(Attempt.LATER, "unreachable")
        with closing(server):
            return self._hand_over(server, message, mail)

    def _hand_over(self, server: smtplib.SMTP, message: Message, mail: bytes) -> AttemptResult:
        try:
            for step, address in ((server.mail, self._sender), (server.rcpt, message.to.address)):
                refused = _judged(step(address)[0])
                if refused is not None:
                    return refused
        except (OSError, smtplib.SMTPException):
            return AttemptResult(Attempt.LATER, "cut")
        try:
            return _judged(server.data(mail)[0]) or AttemptResult(Attempt.ACCEPTED, provider_id=message.message_id)
        except smtplib.SMTPDataError as error:
            return _judged(error.smtp_code) or AttemptResult(Attempt.LATER, "smtp")
        except (OSError, smtplib.SMTPException):
            return AttemptResult(Attempt.UNKNOWN, "cut")

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout_s, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout_s)
        try:
            server.ehlo_or_helo_if_needed()
            if not self._tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self._user and not self._tls and self._host not in _HERE:
                raise smtplib.SMTPNotSupportedError
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = f"Siaga 112 <{self._sender}>"
        mail["To"] = message.to.address
        mail["Subject"] = " ".join(message.title.split())
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{message.message_id}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text + "\n")
        return mail


def _judged(code: int) -> AttemptResult | None:
    """What an SMTP code means; None: go on."""
    if 200 <= code < 400:
        return None
    return AttemptResult(Attempt.NEVER if code >= 500 else Attempt.LATER, f"smtp_{code}")
