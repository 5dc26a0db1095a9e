"""A mail server that can refuse at each step, wait, and cut the line before and after it has a mail."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """What to do at one step (`connect`, `mail`, `rcpt`, `data`, `end`) of the next mail."""

    at: str
    code: int = 0  #: answer with this code
    cut: bool = False  #: cut the line instead of answering
    hang_s: float = 0.0  #: before anything else


class SmtpDouble:
    """Keeps what it was given; `mails` has sender, recipient and text of each."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, bytes]] = []
        self.troubles: deque[MailTrouble] = deque()
        self.let_go = threading.Event()
        double = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                _Conversation(double, self).hold()

        ThreadingTCPServer.allow_reuse_address = True
        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """What SIAGA_SMTP_URL is to be."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self.let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Cut(Exception):
    pass


class _Conversation:
    """One connection."""

    def __init__(self, double: SmtpDouble, handler: StreamRequestHandler) -> None:
        self._double, self._handler = double, handler
        self._trouble = double.troubles.popleft() if double.troubles else MailTrouble("")
        self._sender = self._recipient = ""

    def hold(self) -> None:
        """Speak until the other side or the trouble ends it."""
        try:
            if self._answer("connect", "220 double"):
                self._listen()
        except (_Cut, OSError):
            pass

    def _listen(self) -> None:
        for line in iter(self._handler.rfile.readline, b""):
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            verb = verb.upper()
            if verb == "QUIT":
                self._write("221 bye")
                return
            if verb == "MAIL" and self._answer("mail", "250 ok"):
                self._sender = rest
            elif verb == "RCPT" and self._answer("rcpt", "250 ok"):
                self._recipient = rest.partition("<")[2].rstrip(">")
            elif verb == "DATA" and self._answer("data", "354 go on"):
                self._take()
            elif verb in ("EHLO", "HELO", "RSET", "NOOP"):
                self._write("250 double")

    def _take(self) -> None:
        text = b""
        for line in iter(self._handler.rfile.readline, b".\r\n"):
            if not line:
                return
            text += line
        if not self._trouble.code or self._trouble.at != "end":
            self._double.mails.append((self._sender, self._recipient, text))
        self._answer("end", "250 taken")

    def _answer(self, step: str, normal: str) -> bool:
        """Answer at a step; whether it goes on from there."""
        trouble = self._trouble
        if trouble.at != step:
            self._write(normal)
            return True
        if trouble.hang_s:
            self._double.let_go.wait(trouble.hang_s)
        if trouble.cut:
            raise _Cut
        self._write(f"{trouble.code} told to" if trouble.code else normal)
        return not trouble.code

    def _write(self, line: str) -> None:
        self._handler.wfile.write(line.encode() + b"\r\n")
