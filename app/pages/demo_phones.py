"""The demo's telephones: what each has received, and its buttons to tap. Not there outside the demo."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask import Flask, abort, render_template, request, url_for
from sqlalchemy import select
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.outside.demo_phones import DemoPhones
from app.services import services
from app.web.guard import CENTRE, access
from dispatch.city.ladders import Channel
from dispatch.storage.tables import Contact, ContactChannel
from dispatch.text import clean_line

_LONGEST = 300
#: In a group, so that splitting keeps it.
_LINK = re.compile(r"(https?://\S+)")


def add_demo_phones(app: Flask) -> None:
    """Offer the page and what it posts to."""
    app.add_url_rule("/demo/phones", "demo_phones", demo_phones)
    app.add_url_rule("/demo/phones/press", "press_demo_phone", press_demo_phone, methods=["POST"])
    app.add_url_rule("/demo/phones/say", "say_on_demo_phone", say_on_demo_phone, methods=["POST"])


@access(CENTRE)
def demo_phones() -> str:
    """All telephones that have received something, the newest first; or one, with a line to write on."""
    phones = _phones()
    received = _received(phones)
    wanted = request.args.get("number")
    people = _people()
    shown = [_phone(number, people, received.get(phones.number(number), [])) for number in people]
    if wanted is not None:
        shown = [phone for phone in shown if phone["number"] == wanted]
        if not shown:
            abort(404)
    else:
        shown = sorted((phone for phone in shown if phone["messages"]), key=lambda phone: phone["newest"], reverse=True)
    return render_template("demo_phones.html", phones=shown, one=wanted is not None, silent=len(people) - len(shown))


@access(CENTRE)
def press_demo_phone() -> Response:
    """Tap a button."""
    if not _phones().press(request.form.get("message", ""), request.form.get("title", "")):
        abort(404)
    return _back()


@access(CENTRE)
def say_on_demo_phone() -> Response:
    """Write to 112 as the person whose telephone it is."""
    number, text = request.form.get("number", ""), clean_line(request.form.get("text", ""), _LONGEST)
    if number not in _people():
        abort(404)
    if text:
        _phones().say(number, text)
    return _back(number)


def _back(number: str | None = None) -> Response:
    return redirect(url_for("demo_phones", number=number), 303)


def _phones() -> DemoPhones:
    phones = services().phones
    if phones is None:
        abort(404)
    return phones


def _people() -> dict[str, tuple[str, str, str]]:
    """By number the name, agency and role of whoever has it."""
    with services().centre.read() as connection:
        rows = connection.execute(
            select(ContactChannel.address, Contact.name, Contact.agency_code, Contact.role)
            .join(Contact, Contact.id == ContactChannel.contact_id)
            .where(ContactChannel.channel == Channel.WHATSAPP.value, ContactChannel.removed_at.is_(None))
            .order_by(ContactChannel.id)
        ).all()
    return {row.address: (row.name, row.agency_code, row.role) for row in rows}


def _received(phones: DemoPhones) -> dict[str, list[Any]]:
    received: dict[str, list[Any]] = {}
    for message in reversed(phones.messages()):
        received.setdefault(message.to, []).append(message)
    return received


def _phone(number: str, people: dict[str, tuple[str, str, str]], messages: list[Any]) -> dict[str, Any]:
    zone = services().centre.city.timezone
    name, agency, role = people[number]
    known = services().centre.city.agencies.get(agency)
    return {
        "number": number,
        "name": name,
        "agency": known.short_name if known is not None else agency,
        "role": role,
        "newest": messages[0].at if messages else 0.0,
        "messages": [
            {
                "id": message.id,
                "lines": [_parts(line) for line in message.text.split("\n")],
                "at": datetime.fromtimestamp(message.at, UTC).astimezone(zone).strftime("%H.%M.%S"),
                "status": message.status,
                "buttons": [title for title, _ in message.buttons],
                "answers": message.answers,
            }
            for message in messages
        ],
    }


def _parts(line: str) -> list[tuple[str, bool]]:
    """A line as (text, whether that is a link), as a telephone makes links of what looks like one."""
    return [(part, bool(_LINK.fullmatch(part))) for part in _LINK.split(line) if part]
