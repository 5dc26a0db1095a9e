"""The people on the line, played by sipp: callers of 112 and the operators' telephones."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.asterisk.asterisk_instance import PASSWORD, Asterisk
from tests.asterisk.real_parts import free_port, wait_until

SCENARIOS = Path(__file__).parent / "scenarios"
TRUNK_ADDRESS = "127.0.0.2"
SEAT_ADDRESS = "127.0.0.1"
SIPP_RTP_PORTS = 6  #: sound and pictures, each with its reports
#: Longer than any test, in s.
FOR_EVER_S = 300.0

SDP = """Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=caller 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000
"""
#: What a network sends that knows where its caller is: RFC 6442, RFC 5491.
#: A telephone whose keys are sent as RFC 4733 events; sipp sends them as payload 96 whatever is agreed.
SDP_WITH_KEYS = (
    SDP.replace("RTP/AVP 8\n", "RTP/AVP 8 96\n")
    + """      a=rtpmap:96 telephone-event/8000
      a=fmtp:96 0-15
"""
)
#: Presses keys some time after the answer.
PRESS = """<pause milliseconds="{after_ms}"/>
  <nop><action><exec play_dtmf="{keys}"/></action></nop>"""
SING = """<pause milliseconds="{after_ms}"/>
  <nop><action><exec rtp_stream="{file},1,8,PCMA/8000"/></action></nop>"""
#: Passes the caller on, some time after the answer (blind transfer, RFC 3515).
PASS_ON = """<pause milliseconds="{after_ms}"/>
  <send retrans="500"><![CDATA[

      REFER sip:asterisk@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:{{{{seat}}}}@[local_ip]:[local_port]>;tag=seat[call_number]
      To: [$caller]
      Call-ID: [call_id]
      CSeq: 1 REFER
      Contact: <sip:[local_ip]:[local_port]>
      Refer-To: <sip:{to}@[remote_ip]:[remote_port]>
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
  <recv response="{accepted}"/>"""
SDP_AND_PIDF_LO = """Geolocation: <cid:place@carrier.test>
      Geolocation-Routing: no
      Content-Type: multipart/mixed;boundary=part
      Content-Length: [len]

      --part
      Content-Type: application/sdp

      v=0
      o=caller 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000

      --part
      Content-Type: application/pidf+xml
      Content-ID: <place@carrier.test>

      <?xml version="1.0" encoding="UTF-8"?>
      <presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" \
xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="pres:caller@carrier.test">
      <tuple id="place"><status><gp:geopriv><gp:location-info>
      <gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{lat} {lon}</gml:pos>\
<gs:radius uom="urn:ogc:def:uom:EPSG::9001">{radius_m}</gs:radius></gs:Circle>
      </gp:location-info><gp:usage-rules/><gp:method>Cell</gp:method></gp:geopriv></status></tuple>
      </presence>
      --part--
"""


@dataclass(frozen=True)
class Place:
    """Where the network says the caller is; WGS 84 degrees, radius in metres."""

    lat: float = -6.1186
    lon: float = 106.1537
    radius_m: int = 30


class CallUnderWay:
    """A caller on the line."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self._process = process
        self._errors = errors

    def wait(self, limit_s: float = 30.0) -> None:
        """Wait until the call is over and went as its scenario says; fail otherwise."""
        try:
            code = self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the call was not over after {limit_s:g} s")
        errors = self._errors.read_text(errors="replace") if self._errors.exists() else ""
        assert code == 0, f"sipp ended with {code}: {errors[-2000:]}"

    def vanish(self) -> None:
        """The caller's telephone is gone without a word."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(5)


def place_call(
    asterisk: Asterisk,
    folder: Path,
    *,
    ani: str = "081234567890",
    name: str | None = None,
    dialled: str = "112",
    place: Place | None = None,
    withheld: bool = False,
    anonymous: bool = False,
    identity: str | None = None,
    rings_s: float = FOR_EVER_S,
    talks_s: float = FOR_EVER_S,
    tcp: bool = False,
    presses: str | None = None,
    presses_after_s: float = 1.0,
    sings: bool = False,
) -> CallUnderWay:
    """Have somebody call; they give up after `rings_s` without an answer and hang up `talks_s` after it.

    `name` is put between quotes as it stands. `withheld`: the carrier vouches for the number and says that the caller
    does not want it shown. `anonymous`: nobody knows the number. `identity`: what the
    carrier vouches for, as it stands. `presses`: keys, some time after the answer;
    `sings`: not as events but as tones in the sound, as old exchanges pass them on (only the key 1).
    """
    sender = f"<sip:{ani}@carrier.test>"
    headers = [f"P-Asserted-Identity: {sender}"]
    if withheld:
        headers.append("Privacy: id")
    if anonymous or withheld:
        sender = '"Anonymous" <sip:anonymous@anonymous.invalid>'
    if anonymous:
        headers = ["Privacy: id"]
    if identity is not None:
        sender = '"Anonymous" <sip:anonymous@anonymous.invalid>'
        headers = [f"P-Asserted-Identity: {identity}", "Privacy: id"]
    if name is not None:
        sender = f'"{name}" {sender}'
        headers[0] = f"P-Asserted-Identity: {sender}"
    press = PRESS.format(after_ms=int(presses_after_s * 1000), keys=presses) if presses else ""
    plain = SDP_WITH_KEYS if presses is not None else SDP
    if sings:
        tone = folder / "key-1.alaw"
        tone.write_bytes(tone_of_key_1())
        press = SING.format(after_ms=int(presses_after_s * 1000), file=tone)
        plain = SDP.replace("[media_port]", "[rtpstream_audio_port]")
    body = SDP_AND_PIDF_LO.format(lat=place.lat, lon=place.lon, radius_m=place.radius_m) if place else plain
    process, errors = _sipp(
        asterisk,
        folder,
        "caller",
        address=TRUNK_ADDRESS,
        port=free_port(socket.SOCK_DGRAM, TRUNK_ADDRESS),
        options=["-m", "1", "-t", "t1" if tcp else "u1"],
        blanks={
            "from": sender,
            "dialled": dialled,
            "headers": "\n      ".join(headers),
            "body": body,
            "rings_ms": str(int(rings_s * 1000)),
            "press": press,
            "talks_ms": str(int(talks_s * 1000)),
        },
    )
    return CallUnderWay(process, errors)


class Seat:
    """An operator's telephone at a seat, signed in; `leave` signs it out."""

    def __init__(
        self,
        asterisk: Asterisk,
        folder: Path,
        extension: str,
        *,
        answer: bool = True,
        answers_after_s: float = 0.2,
        talks_s: float = FOR_EVER_S,
        busy: bool = False,
        passes_on_to: str | None = None,
        passes_on_after_s: float = 0.3,
    ) -> None:
        self.extension = extension
        self._asterisk = asterisk
        self._folder = folder
        self._port = free_port(socket.SOCK_DGRAM)
        self._process, self._errors = _sipp(
            asterisk,
            folder,
            "seat_busy" if busy else "seat",
            address=SEAT_ADDRESS,
            port=self._port,
            options=[],
            blanks={
                "passes_on": PASS_ON.format(after_ms=int(passes_on_after_s * 1000), to=passes_on_to, accepted=202)
                if passes_on_to
                else "",
                "seat": extension,
                "answers_ms": str(int((answers_after_s if answer else FOR_EVER_S) * 1000)),
                "talks_ms": str(int(talks_s * 1000)),
            },
        )
        self._sign_in(expires_s=300)
        wait_until(f"{extension} signed in", lambda: extension in asterisk.registered_seats())

    def lose_power(self) -> None:
        """The telephone is gone in this instant, without a word."""
        self._process.kill()
        self._process.wait(5)

    def leave(self) -> None:
        """Sign out and put the telephone away."""
        self._sign_in(expires_s=0)
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(5)

    def _sign_in(self, expires_s: int) -> None:
        process, errors = _sipp(
            self._asterisk,
            self._folder,
            "sign_in",
            address=SEAT_ADDRESS,
            port=free_port(socket.SOCK_DGRAM),
            options=["-m", "1"],
            blanks={
                "seat": self.extension,
                "password": PASSWORD.format(seat=self.extension),
                "phone_port": str(self._port),
                "expires": str(expires_s),
            },
        )
        CallUnderWay(process, errors).wait(10)


def tone_of_key_1() -> bytes:
    """Silence, half a second of 697 and 1209 Hz, silence: the key 1 as A-law at 8 kHz."""

    def level(at: int) -> float:
        if not 1600 <= at < 5600:
            return 0.0
        return 8000 * sum(math.sin(2 * math.pi * hz * at / 8000) for hz in (697, 1209)) / 2

    return bytes(_a_law(int(level(at))) for at in range(8000))


def _a_law(sample: int) -> int:
    """One sample of 16 bits as G.711 A-law."""
    size, mask = (sample >> 3, 0xD5) if sample >= 0 else (-(sample >> 3) - 1, 0x55)
    segment = max(size.bit_length() - 5, 0)
    return (segment << 4 | size >> max(segment, 1) & 0x0F) ^ mask


_scenario_numbers = count(1)


def _sipp(
    asterisk: Asterisk,
    folder: Path,
    scenario: str,
    *,
    address: str,
    port: int,
    options: list[str],
    blanks: dict[str, str],
) -> tuple[subprocess.Popen[bytes], Path]:
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for blank, value in blanks.items():
        text = text.replace("{{" + blank + "}}", value)
    path = folder / f"{scenario}-{next(_scenario_numbers)}.xml"
    path.write_text(text)
    errors = path.with_suffix(".errors")
    command = ["sipp", f"127.0.0.1:{asterisk.sip_port}", "-sf", str(path), "-i", address, "-p", str(port)]
    command += [
        "-mp",
        str(free_port(socket.SOCK_DGRAM, address, block=SIPP_RTP_PORTS)),
        "-nostdin",
        "-trace_err",
        "-error_file",
        str(errors),
    ]
    process = subprocess.Popen(
        command + options,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "dumb"},
    )
    return process, errors
