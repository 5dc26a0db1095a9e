"""The demo's people: a duty officer and a head for each agency, the centre's supervisor, Sekda and mayor.

Their numbers are of a kind that nobody has (0812-0000-...), and lie on the demo's own telephones.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from dispatch.city.model import DemoUser
from dispatch.deliveries.notices import NoticeKind
from dispatch.duty.contacts import add_contact, set_channels
from dispatch.roles import Actor, LadderRole, Role
from dispatch.rosters.changes import add_duty
from dispatch.storage.tables import Contact, ContactChannel, Notice
from dispatch.storage.transaction import Transaction

_ROSTERED = 2  #: agencies whose officers stand in a roster, with shifts that are asked to say SIAP
_DAYS = 7
_SHIFTS = (("07:00", "19:00", 0), ("19:00", "07:00", 1))


def seed_people(centre: Centre) -> None:
    """Make the demo's people, in a database that has none."""
    centre.run(_seed)


def _seed(tx: Transaction) -> None:
    if tx.connection.execute(select(Contact.id).limit(1)).first() is not None:
        return
    responders = [user for user in tx.city.demo_users if user.role is Role.RESPONDER]
    for place, user in enumerate(responders, start=1):
        agency = user.agency_code or ""
        first = _add(tx, agency, LadderRole.DUTY, user.display_name, place * 10 + 1, user.username)
        _add(tx, agency, LadderRole.HEAD, f"Kepala {tx.city.agencies[agency].short_name}", place * 10 + 3)
        if place <= _ROSTERED:
            second = _add(tx, agency, LadderRole.DUTY, f"{user.display_name} (malam)", place * 10 + 2)
            _add(tx, agency, LadderRole.CHIEF, f"Danru {tx.city.agencies[agency].short_name}", place * 10 + 4)
            _roster(tx, first, second)
    # Nobody has to be told of a roster that the demo begins with.
    tx.update(Notice, Notice.kind == NoticeKind.ROSTER.value, ended_at=tx.now, next_channel_at=None)
    for place, user in enumerate(_above(tx)):
        office, role = _office(tx, user)
        if office is not None:
            _add(tx, office, role, user.display_name, 9001 + place, user.username)


def _above(tx: Transaction) -> list[DemoUser]:
    return [user for user in tx.city.demo_users if user.role in (Role.SUPERVISOR, Role.LEADER)]


def _office(tx: Transaction, user: DemoUser) -> tuple[str | None, LadderRole]:
    """Where somebody above the agencies stands on the ladders."""
    if user.role is Role.SUPERVISOR:
        return tx.city.ladders.centre, LadderRole.SUPERVISOR
    names = {agency.short_name.casefold(): code for code, agency in tx.city.agencies.items()}
    return names.get(user.display_name.casefold()), LadderRole.LEADER


def _add(tx: Transaction, agency: str, role: LadderRole, name: str, number: int, username: str | None = None) -> int:
    actor = Actor.system()
    added = add_contact(tx, actor=actor, agency_code=agency, name=name, role=role.value, username=username)
    channels = [(Channel.WHATSAPP.value, f"08120000{number:04d}")]
    set_channels(tx, actor=actor, contact_id=added.contact_id, channels=channels)
    tx.update(ContactChannel, ContactChannel.contact_id == added.contact_id, tested_at=tx.now)
    return added.contact_id


def _roster(tx: Transaction, day: int, night: int) -> None:
    """Twelve hours each, from yesterday's night on."""
    today = tx.now.astimezone(tx.city.timezone).date()
    for offset in range(-1, _DAYS):
        date = today + timedelta(days=offset)
        for contact_id, (starts, ends, later) in zip((day, night), _SHIFTS, strict=True):
            until = date + timedelta(days=later)
            add_duty(
                tx,
                actor=Actor.system(),
                contact_id=contact_id,
                starts_local=datetime.fromisoformat(f"{date}T{starts}").isoformat(timespec="minutes"),
                ends_local=datetime.fromisoformat(f"{until}T{ends}").isoformat(timespec="minutes"),
            )
