"""A telephone with two lines, for what sipp's one call at a time cannot play: asking a colleague before passing on."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType

from tests.asterisk.asterisk_instance import PASSWORD, Asterisk
from tests.asterisk.real_parts import wait_until

_numbers = count(1)


@dataclass
class Dialog:
    """One call of the telephone, as the next request in it needs it."""

    call_id: str
    ours: str  #: our From or To, with our tag
    theirs: str
    target: str
    cseq: int = 1

    def tag(self, side: str) -> str:
        """The tag in a header."""
        return re.findall(r";tag=([^;>\s]+)", side)[0]


@dataclass
class Telephone:
    """Signs in at a seat and answers every call at once; `ask` a colleague, then `put_through`."""

    asterisk: Asterisk
    seat: str
    answered: list[Dialog] = field(default_factory=list)

    def __enter__(self) -> Telephone:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self._port = self._socket.getsockname()[1]
        self._server = ("127.0.0.1", self.asterisk.sip_port)
        self._responses: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._with_password("REGISTER", f"sip:127.0.0.1:{self.asterisk.sip_port}", self.seat, "Expires: 300\r\n", "")
        wait_until(f"{self.seat} signed in", lambda: self.seat in self.asterisk.registered_seats())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()

    def ask(self, colleague: str) -> Dialog:
        """Call a colleague, and return when it is answered."""
        sdp = "Content-Type: application/sdp\r\n"
        uri = f"sip:{colleague}@127.0.0.1:{self.asterisk.sip_port}"
        return self._with_password("INVITE", uri, colleague, sdp, self._sdp())

    def put_through(self, caller: Dialog, colleague: Dialog) -> None:
        """Attended transfer: the caller takes our place in the call with the colleague (RFC 3891)."""
        replaces = (
            f"{colleague.call_id}%3Bto-tag%3D{colleague.tag(colleague.theirs)}"
            f"%3Bfrom-tag%3D{colleague.tag(colleague.ours)}"
        )
        caller.cseq += 1
        refer = f"Refer-To: <{colleague.target}?Replaces={replaces}>\r\nReferred-By: <sip:{self.seat}@127.0.0.1>\r\n"
        self._send("REFER", caller.target, caller.ours, caller.theirs, caller.call_id, caller.cseq, refer)
        self._wait_for(caller.call_id, caller.cseq, final=200)

    def _with_password(self, method: str, uri: str, to: str, headers: str, body: str) -> Dialog:
        call_id = f"{self.seat}-{next(_numbers)}-{self._port}"
        ours = f"<sip:{self.seat}@127.0.0.1>;tag={self.seat}{next(_numbers)}"
        theirs = f"<sip:{to}@127.0.0.1>"
        self._send(method, uri, ours, theirs, call_id, 1, headers, body)
        status, answer = self._wait_for(call_id, 1, final=200)
        if method == "INVITE":
            self._send("ACK", uri, ours, answer["to"], call_id, 1)
        assert status == 401
        challenge = dict(re.findall(r'(\w+)="?([^",]+)"?', answer["www-authenticate"]))
        password = PASSWORD.format(seat=self.seat)
        first = _md5(f"{self.seat}:{challenge['realm']}:{password}")
        both = f"{challenge['nonce']}:00000001:0a4f113b:auth"
        proof = _md5(f"{first}:{both}:{_md5(f'{method}:{uri}')}")
        shown = (
            f'Authorization: Digest username="{self.seat}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}",'
            f' uri="{uri}", response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="0a4f113b"'
        )
        if "opaque" in challenge:
            shown += f', opaque="{challenge["opaque"]}"'
        self._send(method, uri, ours, theirs, call_id, 2, f"{headers}{shown}\r\n", body)
        status, answer = self._wait_for(call_id, 2, final=200)
        assert status == 200, f"{method} was answered {status}"
        if method == "REGISTER":
            return Dialog(call_id, ours, theirs, uri)
        dialog = Dialog(call_id, ours, answer["to"], _uri(answer["contact"]), 2)
        self._send("ACK", dialog.target, ours, dialog.theirs, call_id, 2)
        return dialog

    def _send(
        self, method: str, uri: str, ours: str, theirs: str, call_id: str, cseq: int, headers: str = "", body: str = ""
    ) -> None:
        text = (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bK{self._port}{next(_numbers)};rport\r\n"
            f"From: {ours}\r\nTo: {theirs}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:{self.seat}@127.0.0.1:{self._port}>\r\nMax-Forwards: 70\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._socket.sendto(text.encode(), self._server)

    def _wait_for(self, call_id: str, cseq: int, *, final: int) -> tuple[int, dict[str, str]]:
        key = f"{call_id} {cseq}"
        what = f"the answer to {key}"
        return wait_until(what, lambda: [got for got in self._responses.get(key, []) if got[0] >= final])[0]

    def _listen(self) -> None:
        while self._open:
            with suppress(TimeoutError):
                data, _ = self._socket.recvfrom(65536)
                first, headers = _parse(data.decode("utf-8", "replace"))
                if first.startswith("SIP/2.0"):
                    key = f"{headers['call-id']} {headers['cseq'].split()[0]}"
                    self._responses.setdefault(key, []).append((int(first.split()[1]), headers))
                else:
                    self._answer(first.split()[0], headers)

    def _answer(self, method: str, headers: dict[str, str]) -> None:
        if method == "ACK":
            return
        to = headers["to"] if ";tag=" in headers["to"] else f"{headers['to']};tag={self.seat}{next(_numbers)}"
        body = self._sdp() if method == "INVITE" else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (
            "SIP/2.0 200 OK\r\n"
            f"Via: {headers['via']}\r\nFrom: {headers['from']}\r\nTo: {to}\r\nCall-ID: {headers['call-id']}\r\n"
            f"CSeq: {headers['cseq']}\r\nContact: <sip:{self.seat}@127.0.0.1:{self._port}>\r\n{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._socket.sendto(text.encode(), self._server)
        if method == "INVITE" and ";tag=" not in headers["to"]:
            self.answered.append(Dialog(headers["call-id"], to, headers["from"], _uri(headers["contact"])))

    def _sdp(self) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._port + 2} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )


def _parse(text: str) -> tuple[str, dict[str, str]]:
    head = text.partition("\r\n\r\n")[0].split("\r\n")
    headers: dict[str, str] = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return head[0], headers


def _uri(header: str) -> str:
    return re.findall(r"<([^>]+)>", header)[0]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
