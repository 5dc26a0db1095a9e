"""Contacts with channels and shifts, in one line each."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from dispatch.duty.contacts import add_contact, set_channels
from dispatch.duty.on_duty import on_duty
from dispatch.duty.wall_times import wall_shift
from dispatch.roles import Actor, LadderRole
from dispatch.storage.tables import ContactChannel, Duty
from tests.dispatch.shift import Shift

SERANG = ZoneInfo("Asia/Jakarta")


def number_of(contact_id: int) -> str:
    """The telephone that a contact of these tests has."""
    return f"0812777{contact_id:05d}"


def contact(
    shift: Shift, name: str, agency: str = "DAMKAR", role: str = "duty", *, area: str | None = None, tested: bool = True
) -> int:
    """Somebody with WhatsApp, tested at the clock's now unless told otherwise."""
    system = Actor.system()
    made = shift.run(add_contact, actor=system, agency_code=agency, name=name, role=role, area_code=area)
    shift.run(
        set_channels, actor=system, contact_id=made.contact_id, channels=[("whatsapp", number_of(made.contact_id))]
    )
    if tested:
        with shift.centre.engine.begin() as connection:
            connection.execute(
                update(ContactChannel)
                .where(ContactChannel.contact_id == made.contact_id)
                .values(tested_at=shift.clock.now())
            )
    return int(made.contact_id)


def rostered(shift: Shift, contact_id: int, starts: str, ends: str, zone: ZoneInfo = SERANG, **columns: object) -> int:
    """A shift of the wall's times, as the table keeps it."""
    with shift.centre.engine.begin() as connection:
        key = connection.execute(
            insert(Duty).values(
                contact_id=contact_id,
                created_at=shift.clock.now(),
                **wall_shift(starts, ends, zone).columns,
                **columns,
            )
        ).inserted_primary_key
        assert key is not None
        return int(key[0])


def who(
    shift: Shift, at: datetime, agency: str = "DAMKAR", role: LadderRole = LadderRole.DUTY, kelurahan: str | None = None
) -> list[str]:
    """The names of those on duty."""
    with shift.centre.read() as connection:
        people = on_duty(connection, shift.centre.city, agency_code=agency, role=role, at=at, kelurahan_code=kelurahan)
    return [person.name for person in people]


def wall(text: str, zone: ZoneInfo = SERANG, fold: int = 0) -> datetime:
    """An instant by the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)
