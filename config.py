"""Settings: one frozen dataclass read from SIAGA_* variables; a bad value stops the start with its name."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET_KEY_FILE = "secret_key"
SECRET_KEY_MIN_LENGTH = 32
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")
GEOCODERS = ("nominatim", "photon")
TRUE_WORDS = ("1", "true", "yes", "on")
FALSE_WORDS = ("0", "false", "no", "off")
#: What an SMS gateway is sent, by its own names; the braces take the message's parts.
SMS_FIELDS = (("to", "{to}"), ("text", "{text}"), ("id", "{id}"))

IPNetwork = IPv4Network | IPv6Network


class SettingsError(ValueError):
    """A variable has a value that can't be used; the text names it and says what is allowed."""


@dataclass(frozen=True)
class Settings:
    """Everything an installation may decide outside the city pack. Lengths of time end in their unit."""

    http_host: str = "127.0.0.1"
    http_port: int = 5112  #: 0: any free one, which the start-up lines name
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    data_dir: Path = Path("var")
    database_url: str = "sqlite:///var/siaga.db"
    allow_unsafe_storage: bool = False  #: for tests: start although a power cut may take what was acknowledged
    city: Path = Path("city/serang")
    demo: bool = False
    demo_phones: bool = True  #: in the demo: people with telephones of the demo's own, and a ticket that is nearly late
    simulator: float = 6.0  #: simulated calls a minute, in the demo only; 0 turns it off
    secret_key: str = field(default="", repr=False)  #: empty until `with_secret_key` has found or made one
    allowed_origins: tuple[str, ...] = ()  #: further origins whose pages may connect; empty: our own only
    cookie_secure: bool = False
    trusted_proxies: int = 0  #: how many proxies in front of us set X-Forwarded-*
    agi_max_sessions: int = 600
    agi_session_s: float = 5.0
    agi_peers: tuple[IPNetwork, ...] = ()  #: who may speak FastAGI; empty: whoever reaches the port
    connections_per_address: int = 1000  #: HTTP; 0: only their sum is bounded
    request_s: float = 10.0  #: how long a request may take to arrive
    plain_http: bool = False  #: pages without TLS off this machine, on purpose
    session_hours: float = 12.0
    tile_url: str = ""  #: map tiles, such as https://tiles.example.go.id/{z}/{x}/{y}.png; empty: boundaries only
    tile_attribution: str = ""  #: what the tile source wants to have said about it
    public_url: str = ""  #: where callers' telephones reach us; empty: wherever the operator's browser does
    sms_url: str = ""  #: an SMS gateway's HTTP address; empty: links are read out or copied
    sms_token: str = field(default="", repr=False)
    sms_header: str = "Authorization"  #: carries the token; under this name as `Bearer TOKEN`
    sms_format: str = "json"  #: or `form`
    sms_number: str = "national"  #: how the gateway wants a number: 0812..., 62812... (international), +62812... (plus)
    sms_fields: tuple[tuple[str, str], ...] = SMS_FIELDS
    pmtiles: Path | None = None  #: a local PMTiles file with map tiles, raster or vector, which we serve ourselves
    geocoder: str = ""  #: "nominatim", "photon", or empty: offline search alone
    geocoder_url: str = ""  #: where the city's own geocoder answers; callers' words go nowhere else
    geocoder_s: float = 1.5  #: how long one of its answers may take
    heartbeat_url: str = field(default="", repr=False)  #: told after each clean audit, so that silence is noticed
    whatsapp_url: str = "https://graph.facebook.com/v23.0"  #: address and version of Meta's Graph API
    whatsapp_phone_id: str = ""  #: empty: no WhatsApp
    whatsapp_token: str = field(default="", repr=False)
    whatsapp_app_secret: str = field(default="", repr=False)  #: signs what Meta tells us
    whatsapp_verify_token: str = field(default="", repr=False)  #: of the webhook's handshake
    whatsapp_task_templates: tuple[str, ...] = ("siaga_tugas", "siaga_tugas_2")  #: with a button TERIMA
    whatsapp_notice_templates: tuple[str, ...] = ("siaga_kabar", "siaga_kabar_2")  #: without
    telegram_url: str = "https://api.telegram.org"
    telegram_token: str = field(default="", repr=False)  #: of our bot; empty: no Telegram
    telegram_secret: str = field(default="", repr=False)  #: of the webhook; empty: we ask (one node alone)
    smtp_url: str = field(default="", repr=False)  #: smtp://user:password@host:587, smtps://...; empty: no mail
    mail_from: str = ""
    push_key: str = field(default="", repr=False)  #: VAPID's private key; empty: no push
    push_subject: str = ""  #: mailto: or https:, where push services reach whoever runs this
    apprise_hosts: tuple[str, ...] = ()  #: which further services contacts may name: scheme://host, or scheme://
    cel_dir: Path | None = None  #: where Asterisk's own record of calls lies, if it lies on this machine

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the SIAGA_* variables; an empty one counts as unset. Raises SettingsError. Writes nothing."""
        read = _Reader(environ)
        data_dir = Path(read.text("SIAGA_DATA", str(cls.data_dir)))
        return cls(
            http_host=read.text("SIAGA_HTTP_HOST", cls.http_host),
            http_port=read.whole("SIAGA_HTTP_PORT", cls.http_port, 0, 65535),
            agi_host=read.text("SIAGA_AGI_HOST", cls.agi_host),
            agi_port=read.whole("SIAGA_AGI_PORT", cls.agi_port, 0, 65535),
            data_dir=data_dir,
            database_url=read.database_url("SIAGA_DATABASE_URL", f"sqlite:///{data_dir}/siaga.db"),
            allow_unsafe_storage=read.yes_or_no("SIAGA_ALLOW_UNSAFE_STORAGE", cls.allow_unsafe_storage),
            city=Path(read.text("SIAGA_CITY", str(cls.city))),
            demo=read.yes_or_no("SIAGA_DEMO", cls.demo),
            demo_phones=read.yes_or_no("SIAGA_DEMO_PHONES", cls.demo_phones),
            simulator=read.number("SIAGA_SIMULATOR", cls.simulator, 0.0, 6000.0),
            secret_key=read.secret("SIAGA_SECRET_KEY"),
            allowed_origins=read.origins("SIAGA_ALLOWED_ORIGINS"),
            cookie_secure=read.yes_or_no("SIAGA_COOKIE_SECURE", cls.cookie_secure),
            trusted_proxies=read.whole("SIAGA_TRUSTED_PROXIES", cls.trusted_proxies, 0, 10),
            agi_max_sessions=read.whole("SIAGA_AGI_MAX_SESSIONS", cls.agi_max_sessions, 1, 100_000),
            agi_session_s=read.number("SIAGA_AGI_SESSION_S", cls.agi_session_s, 0.1, 600.0),
            agi_peers=read.networks("SIAGA_AGI_PEERS"),
            connections_per_address=read.whole(
                "SIAGA_CONNECTIONS_PER_ADDRESS", cls.connections_per_address, 0, 100_000
            ),
            request_s=read.number("SIAGA_REQUEST_S", cls.request_s, 0.1, 600.0),
            plain_http=read.yes_or_no("SIAGA_PLAIN_HTTP", cls.plain_http),
            session_hours=read.number("SIAGA_SESSION_HOURS", cls.session_hours, 0.01, 168.0),
            tile_url=read.tile_url("SIAGA_TILE_URL"),
            tile_attribution=read.text("SIAGA_TILE_ATTRIBUTION", cls.tile_attribution),
            public_url=read.origin("SIAGA_PUBLIC_URL"),
            sms_url=read.http_address("SIAGA_SMS_URL"),
            sms_token=read.header_value("SIAGA_SMS_TOKEN"),
            sms_header=read.header_name("SIAGA_SMS_HEADER", cls.sms_header),
            sms_format=read.one_of("SIAGA_SMS_FORMAT", cls.sms_format, ("json", "form")),
            sms_number=read.one_of("SIAGA_SMS_NUMBER", cls.sms_number, ("national", "international", "plus")),
            sms_fields=read.sms_fields("SIAGA_SMS_FIELDS"),
            pmtiles=read.file("SIAGA_PMTILES"),
            **read.geocoder("SIAGA_GEOCODER", "SIAGA_GEOCODER_URL"),
            geocoder_s=read.number("SIAGA_GEOCODER_TIMEOUT", cls.geocoder_s, 0.1, 10.0),
            heartbeat_url=read.http_address("SIAGA_HEARTBEAT_URL"),
            cel_dir=read.folder("SIAGA_CEL_DIR"),
            **_carriers(read),
        )

    def with_secret_key(self) -> Settings:
        """These settings with a signing key: the given one, or one made once into the data folder (mode 600)."""
        if self.secret_key:
            return self
        return replace(self, secret_key=_kept_secret(self.data_dir / SECRET_KEY_FILE))


def _carriers(read: _Reader) -> dict[str, Any]:
    """What the carriers of notices are told by; each is whole or absent."""
    read.together("SIAGA_WHATSAPP_PHONE_ID", "TOKEN", "APP_SECRET", "VERIFY_TOKEN")
    read.together("SIAGA_SMTP_URL", "SIAGA_MAIL_FROM")
    read.together("SIAGA_PUSH_KEY", "SIAGA_PUSH_SUBJECT")
    return {
        "whatsapp_url": read.http_address("SIAGA_WHATSAPP_URL") or Settings.whatsapp_url,
        "whatsapp_phone_id": read.matching("SIAGA_WHATSAPP_PHONE_ID", r"[0-9]{1,40}", "Meta's id of our number"),
        "whatsapp_token": read.header_value("SIAGA_WHATSAPP_TOKEN"),
        "whatsapp_app_secret": read.header_value("SIAGA_WHATSAPP_APP_SECRET"),
        "whatsapp_verify_token": read.header_value("SIAGA_WHATSAPP_VERIFY_TOKEN"),
        "whatsapp_task_templates": read.names("SIAGA_WHATSAPP_TASK_TEMPLATES", Settings.whatsapp_task_templates),
        "whatsapp_notice_templates": read.names("SIAGA_WHATSAPP_NOTICE_TEMPLATES", Settings.whatsapp_notice_templates),
        "telegram_url": read.http_address("SIAGA_TELEGRAM_URL") or Settings.telegram_url,
        "telegram_token": read.matching("SIAGA_TELEGRAM_TOKEN", r"[0-9]+:[A-Za-z0-9_-]+", "the bot's token"),
        "telegram_secret": read.matching("SIAGA_TELEGRAM_SECRET", r"[A-Za-z0-9_-]{16,256}", "16 letters and digits"),
        "smtp_url": read.matching(
            "SIAGA_SMTP_URL", r"smtps?://[^\s/]+/?", "smtp://user:password@mail.example.go.id:587"
        ),
        "mail_from": read.matching("SIAGA_MAIL_FROM", r"[^@\s<>]+@[^@\s<>]+", "siaga112@example.go.id"),
        "push_key": read.matching("SIAGA_PUSH_KEY", r"[A-Za-z0-9_-]{43}=?", "the key that `push-key` prints"),
        "push_subject": read.matching(
            "SIAGA_PUSH_SUBJECT", r"(mailto:[^@\s]+@|https://)\S+", "mailto:it@example.go.id"
        ),
        "apprise_hosts": read.services("SIAGA_APPRISE_HOSTS"),
    }


def _kept_secret(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # O_EXCL makes two processes that start together agree on the one that came first.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            kept = path.read_text(encoding="ascii").strip()
        else:
            kept = secrets.token_urlsafe(48)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(kept + "\n")
    except OSError as error:
        raise SettingsError(f"SIAGA_DATA: cannot use {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        kept = ""
    if len(kept) < SECRET_KEY_MIN_LENGTH:
        raise SettingsError(f"SIAGA_DATA: {path} holds no usable key; delete it and start again")
    return kept


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str, default: str) -> str:
        value = self.environ.get(name, "").strip()
        if "\0" in value:
            raise SettingsError(f"{name}: a NUL byte is not allowed")
        return value or default

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if not (raw.isascii() and raw.isdigit() and low <= int(raw) <= high):
            raise SettingsError(f"{name}={raw!r}: a whole number from {low} to {high} is allowed")
        return int(raw)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        raw = self.text(name, str(default))
        try:
            value = float(raw)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:  # also refuses nan
            raise SettingsError(f"{name}={raw!r}: a number from {low:g} to {high:g} is allowed")
        return value

    def yes_or_no(self, name: str, default: bool) -> bool:
        raw = self.text(name, "1" if default else "0")
        if raw.lower() in TRUE_WORDS:
            return True
        if raw.lower() in FALSE_WORDS:
            return False
        raise SettingsError(f"{name}={raw!r}: 0 or 1 is allowed")

    def networks(self, name: str) -> tuple[IPNetwork, ...]:
        found = []
        for part in filter(None, (piece.strip() for piece in self.text(name, "").split(","))):
            try:
                found.append(ip_network(part))
            except ValueError:
                example = "192.0.2.20, 192.0.2.32/28"
                raise SettingsError(f"{name}={part!r}: addresses and networks such as {example} are allowed") from None
        return tuple(found)

    def secret(self, name: str) -> str:
        value = self.text(name, "")
        if value and len(value) < SECRET_KEY_MIN_LENGTH:
            # The value itself is never repeated: error texts reach logs.
            raise SettingsError(f"{name}: at least {SECRET_KEY_MIN_LENGTH} characters are needed")
        return value

    def database_url(self, name: str, default: str) -> str:
        value = self.text(name, default)
        scheme = value.partition("://")[0]
        if scheme not in DATABASE_SCHEMES or "://" not in value:
            allowed = ", ".join(f"{known}://..." for known in DATABASE_SCHEMES)
            raise SettingsError(f"{name}: an address that starts with one of {allowed} is allowed")
        # psycopg 3 is the driver that is installed; SQLAlchemy would look for psycopg2 under the bare name.
        return "postgresql+psycopg" + value[len(scheme) :] if scheme == "postgresql" else value

    def tile_url(self, name: str) -> str:
        value = self.text(name, "")
        if value and (urlsplit(value).scheme not in ("http", "https") or "{z}" not in value or ";" in value):
            example = "https://tiles.example.go.id/{z}/{x}/{y}.png"
            raise SettingsError(f"{name}={value!r}: an address such as {example} is allowed")
        return value

    def folder(self, name: str) -> Path | None:
        """A folder that may be made later."""
        raw = self.text(name, "")
        if raw and Path(raw).exists() and not Path(raw).is_dir():
            raise SettingsError(f"{name}={raw!r}: a folder is allowed")
        return Path(raw) if raw else None

    def file(self, name: str) -> Path | None:
        value = self.text(name, "")
        if value and not Path(value).is_file():
            raise SettingsError(f"{name}={value!r}: a file that is there is allowed")
        return Path(value) if value else None

    def geocoder(self, name: str, url_name: str) -> dict[str, Any]:
        kind, url = self.text(name, "").lower(), self.text(url_name, "")
        if not kind and not url:
            return {}
        if kind not in GEOCODERS:
            raise SettingsError(f"{name}={kind!r}: {' or '.join(GEOCODERS)} is allowed, or none and no {url_name}")
        pieces = urlsplit(url)
        plain = pieces.scheme in ("http", "https") and pieces.hostname and not pieces.query and not pieces.fragment
        if not plain or pieces.username is not None:
            raise SettingsError(f"{url_name}={url!r}: an address such as http://127.0.0.1:2322 is needed by {name}")
        return {"geocoder": kind, "geocoder_url": url.rstrip("/")}

    def origins(self, name: str) -> tuple[str, ...]:
        found = []
        for part in filter(None, (piece.strip() for piece in self.text(name, "").split(","))):
            pieces = urlsplit(part)
            if (
                pieces.scheme not in ("http", "https")
                or part != f"{pieces.scheme}://{pieces.netloc}"
                or not pieces.netloc
            ):
                raise SettingsError(f"{name}={part!r}: origins such as https://siaga.example.go.id are allowed")
            found.append(part)
        return tuple(found)

    def origin(self, name: str) -> str:
        value = self.text(name, "").removesuffix("/")
        pieces = urlsplit(value)
        if value and (value != f"{pieces.scheme}://{pieces.netloc}" or pieces.scheme not in ("http", "https")):
            raise SettingsError(f"{name}={value!r}: an address such as https://siaga.example.go.id is allowed")
        return value

    def http_address(self, name: str) -> str:
        value = self.text(name, "")
        pieces = urlsplit(value)
        if value and (pieces.scheme not in ("http", "https") or not pieces.hostname or not value.isprintable()):
            # The value is not repeated: some gateways want their key in the address.
            raise SettingsError(f"{name}: an address such as https://sms.example.go.id/send is allowed")
        return value

    def header_value(self, name: str) -> str:
        value = self.text(name, "")
        if not (value.isascii() and value.isprintable()):
            raise SettingsError(f"{name}: letters, digits and signs on one line are allowed")
        return value

    def header_name(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", value):
            raise SettingsError(f"{name}={value!r}: the name of an HTTP header such as X-Api-Key is allowed")
        return value

    def matching(self, name: str, pattern: str, example: str) -> str:
        """A value of this form, or none; the value is not repeated, because it may be a secret."""
        value = self.text(name, "")
        if value and not re.fullmatch(pattern, value):
            raise SettingsError(f"{name}: a value such as {example} is allowed")
        return value

    def together(self, first: str, *others: str) -> None:
        """All of these or none; names without SIAGA_ share the first one's beginning."""
        names = [first, *(o if o.startswith("SIAGA_") else f"{first.rsplit('_', 2)[0]}_{o}" for o in others)]
        given = [name for name in names if self.text(name, "")]
        if given and len(given) < len(names):
            missing = next(name for name in names if name not in given)
            raise SettingsError(f"{given[0]} needs {missing} too")

    def names(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Template names, separated by commas."""
        raw = self.text(name, ",".join(default))
        found = tuple(filter(None, (piece.strip() for piece in raw.split(","))))
        if not found or not all(re.fullmatch(r"[a-z0-9_]{1,512}", one) for one in found):
            raise SettingsError(f"{name}={raw!r}: template names such as {','.join(default)} are allowed")
        return found

    def services(self, name: str) -> tuple[str, ...]:
        found = []
        for part in filter(None, (piece.strip() for piece in self.text(name, "").split(","))):
            if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[A-Za-z0-9.:\[\]-]*", part):
                example = "ntfys://ntfy.example.go.id, slack://"
                raise SettingsError(f"{name}={part!r}: services such as {example} are allowed")
            found.append(part)
        return tuple(found)

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise SettingsError(f"{name}={value!r}: {' or '.join(allowed)} is allowed")
        return value

    def sms_fields(self, name: str) -> tuple[tuple[str, str], ...]:
        raw = self.text(name, "")
        fields = tuple(parse_qsl(raw, keep_blank_values=True)) if raw else SMS_FIELDS
        template = " ".join(value for _, value in fields)
        if "{to}" not in template or "{text}" not in template:
            example = "msisdn={to}&message={text}&ref={id}"
            raise SettingsError(f"{name}: fields that hold {{to}} and {{text}} are needed, such as {example}")
        return fields
