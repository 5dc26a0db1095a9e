"""From a dispatch to its message at the carrier, over the real node, while another channel hangs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, insert, select

from app.doubles.server import Trouble
from app.doubles.telegram import TelegramDouble
from app.doubles.whatsapp import WhatsAppDouble
from bench.figures import Figure, Target, percentile
from bench.real_server import ROOT, NotMeasurable, RealServer, real_server
from bench.rings import ring_fastagi
from dispatch.city.pack import CityPack, load_city
from dispatch.clock import SystemClock
from dispatch.storage.engine import make_engine
from dispatch.storage.migrate import upgrade
from dispatch.storage.tables import Assignment, Contact, ContactChannel, Notice, NoticeDelivery

TICKETS, QUICK_TICKETS = 150, 40
PER_S = 4.0  #: dispatches; one agency's person gets a message every 7 s at most, which WhatsApp's spacing allows
HANGS_S = 60.0
SETTLES_S = 5.0
WITHIN = Target(1.0)
PHONE, TOKEN, BOT = "1122", "bench", "1:bench"
_FORM_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Dispatch at a steady rate, once with all channels healthy and once while Telegram hangs."""
    tickets = QUICK_TICKETS if quick else TICKETS
    healthy = _handed_over(folder / "healthy", tickets, hanging=False)
    beside = _handed_over(folder / "hanging", tickets, hanging=True)
    name = f"{tickets} dispatches, to the carrier, p99"
    return [
        Figure("notices, SQLite", name, percentile(healthy, 0.99), "s", target=WITHIN),
        Figure(
            "notices, SQLite",
            f"{name}, while another channel hangs",
            percentile(beside, 0.99),
            "s",
            percentile(healthy, 0.99),
            "all healthy",
            WITHIN,
            note=f"p50 {percentile(beside, 0.5):.3f} s",
        ),
    ]


def _handed_over(folder: Path, tickets: int, *, hanging: bool) -> list[float]:
    """Seconds from each dispatch's commit until WhatsApp's double had its message."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'siaga.db'}"
    upgrade(url)
    city = load_city(ROOT / "city" / "serang")
    engine = make_engine(url)
    try:
        agencies = _make_people(engine, city)
        with _carriers(tickets if hanging else 0) as (meta, variables), real_server(folder, url, variables) as server:
            _dispatch_all(server, city, agencies, tickets)
            time.sleep(SETTLES_S)
            return _measured(engine, meta)
    finally:
        engine.dispose()


def _make_people(engine: Engine, city: CityPack) -> list[str]:
    """At each agency one person with WhatsApp and one with Telegram, both on duty; return the agencies."""
    now = SystemClock().now()
    agencies = [code for code, agency in city.agencies.items() if agency.dispatchable]
    with engine.begin() as connection:
        for place, code in enumerate(agencies):
            for channel, address in (("whatsapp", f"08120001{place:04d}"), ("telegram", str(100 + place))):
                made = insert(Contact).values(agency_code=code, role="duty", name=f"{code} {channel}", created_at=now)
                key = connection.execute(made).inserted_primary_key
                assert key is not None
                way = {"contact_id": key[0], "channel": channel, "address": address}
                connection.execute(insert(ContactChannel).values(position=0, changed_at=now, **way))
    return agencies


@contextmanager
def _carriers(hangs: int) -> Iterator[tuple[WhatsAppDouble, dict[str, str]]]:
    """Both doubles, and the settings that lead to them."""
    meta = WhatsAppDouble(token=TOKEN, phone_id=PHONE, app_secret="bench", tell=lambda body, headers: None)
    telegram = TelegramDouble(token=BOT)
    telegram.troubles.extend([Trouble(hang_s=HANGS_S)] * hangs)
    variables = {
        "SIAGA_WHATSAPP_URL": meta.url,
        "SIAGA_WHATSAPP_PHONE_ID": PHONE,
        "SIAGA_WHATSAPP_TOKEN": TOKEN,
        "SIAGA_WHATSAPP_APP_SECRET": "bench",
        "SIAGA_WHATSAPP_VERIFY_TOKEN": "bench",
        "SIAGA_TELEGRAM_URL": telegram.base,
        "SIAGA_TELEGRAM_TOKEN": BOT,
        "SIAGA_TELEGRAM_SECRET": "a-secret-of-the-bench",
    }
    meta.start()
    telegram.start()
    try:
        yield meta, variables
    finally:
        telegram.stop()
        meta.stop()


def _dispatch_all(server: RealServer, city: CityPack, agencies: list[str], tickets: int) -> None:
    """Let calls come, work their tickets, and send them at a steady rate, round the agencies."""
    operator = server.sign_in("operator1")
    token = _FORM_TOKEN.search(operator.get(f"{server.origin}/console", timeout=10).text)
    if token is None:
        raise NotMeasurable("the console has no form token")
    operator.headers["X-CSRFToken"] = token[1]
    for place in range(tickets):
        ring_fastagi(server.agi_port, f"1800000000.{place}")
    ready = [_ready(server, operator, city, number) for number in _numbers(server, operator, tickets)]
    began = time.monotonic()
    for place, number in enumerate(ready):
        time.sleep(max(0.0, began + place / PER_S - time.monotonic()))
        _post(server, operator, f"{number}/dispatch", {"agencies": [agencies[place % len(agencies)]]})


def _numbers(server: RealServer, operator: requests.Session, tickets: int) -> list[str]:
    found = operator.get(f"{server.origin}/api/v1/tickets?limit=200", timeout=10).json()["items"]
    numbers = [str(ticket["number"]) for ticket in found if ticket["state"] == "new"][:tickets]
    if not numbers:
        raise NotMeasurable("no ticket waits")
    return numbers


def _ready(server: RealServer, operator: requests.Session, city: CityPack, number: str) -> str:
    type_code, ward = next(iter(city.incident_types)), next(iter(city.kelurahan))
    _post(server, operator, f"{number}/claim", {})
    _post(server, operator, f"{number}/classify", {"classification": "genuine", "type_code": type_code})
    _post(server, operator, f"{number}/locate", {"kelurahan_code": ward})
    return number


def _post(server: RealServer, operator: requests.Session, path: str, body: dict[str, Any]) -> None:
    answer = operator.post(f"{server.origin}/api/v1/tickets/{path}", json=body, timeout=10)
    if answer.status_code != 200:
        raise NotMeasurable(f"{path.rpartition('/')[2]} was answered {answer.status_code}")


def _measured(engine: Engine, meta: WhatsAppDouble) -> list[float]:
    """For each task the time from its dispatch to the double."""
    came_at = {message.callback_data: message.at for message in meta.messages}
    with engine.connect() as connection:
        sent = connection.execute(
            select(NoticeDelivery.message_id, Assignment.sent_at)
            .join(Notice, Notice.id == NoticeDelivery.notice_id)
            .join(Assignment, Assignment.id == Notice.assignment_id)
            .where(NoticeDelivery.channel == "whatsapp", Notice.kind == "task")
        ).all()
    took = [came_at[row.message_id] - row.sent_at.timestamp() for row in sent if row.message_id in came_at]
    if len(took) < len(sent) or not took:
        raise NotMeasurable(f"{len(sent) - len(took)} of {len(sent)} messages did not come")
    return took
