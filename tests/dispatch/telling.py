"""People who are told, and what is looked at afterwards; for tests of ladders, deliveries and replies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from dispatch.city.ladders import Channel
from dispatch.deliveries.outbox import LeasedNotice
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.ladders.carrying import finish_sending, go_on_to_next_channels, lease_due
from dispatch.ladders.firing import fire_due_rungs
from dispatch.storage.tables import Contact, ContactChannel, Notice, NoticeDelivery, PushSubscription
from tests.dispatch.shift import Shift

ACCEPTED = AttemptResult(Attempt.ACCEPTED, provider_id="wamid.1")
OUTAGE = AttemptResult(Attempt.LATER, "http_503")
UNKNOWN = AttemptResult(Attempt.UNKNOWN, "timeout")
REFUSED = AttemptResult(Attempt.NEVER, "131026")


def add_contact(shift: Shift, agency: str, role: str, *channels: str, user_id: int | None = None) -> int:
    """Somebody who is always on duty, reached by these channels in order; addresses count up with the contact's id."""
    now = shift.clock.now()
    with shift.centre.engine.begin() as connection:
        made = insert(Contact).values(
            agency_code=agency, role=role, name=f"{agency} {role}", user_id=user_id, created_at=now
        )
        contact_id = int(connection.execute(made).inserted_primary_key[0])
        for position, channel in enumerate(channels):
            connection.execute(
                insert(ContactChannel).values(
                    contact_id=contact_id,
                    channel=channel,
                    position=position,
                    address=address_of(contact_id, channel),
                    changed_at=now,
                )
            )
    return contact_id


def address_of(contact_id: int, channel: str = "whatsapp") -> str:
    """The address that `add_contact` gave."""
    return f"{contact_id}@example.go.id" if channel == "email" else f"0812{contact_id:08d}"


def add_browser(shift: Shift, user_id: int, name: str = "a") -> int:
    """A browser that this user lets us wake."""
    with shift.centre.engine.begin() as connection:
        made = insert(PushSubscription).values(
            user_id=user_id,
            endpoint=f"https://push.example.org/{name}",
            p256dh="p",
            auth="a",
            created_at=shift.clock.now(),
        )
        return int(connection.execute(made).inserted_primary_key[0])


def rows(shift: Shift, table: Any) -> list[Any]:
    """All rows of a table, in order."""
    with shift.centre.read() as connection:
        return list(connection.execute(select(table.__table__).order_by(table.id)))


def change(shift: Shift, table: Any, id_: int, **values: Any) -> None:
    """Change a row, as nobody but a test may."""
    with shift.centre.engine.begin() as connection:
        connection.execute(update(table).where(table.id == id_).values(**values))


def fire(shift: Shift) -> Any:
    """Fire what is due."""
    return shift.run(fire_due_rungs, limit=100)


def lease(shift: Shift, channel: str = "whatsapp", limit: int = 10) -> list[LeasedNotice]:
    """What a worker is handed."""
    return list(shift.run(lease_due, channel=Channel(channel), limit=limit))


def finish(shift: Shift, leased: LeasedNotice, result: AttemptResult = ACCEPTED) -> bool:
    """Note how it ended."""
    return bool(shift.run(finish_sending, attempt_id=leased.attempt_id, lease=leased.lease, result=result))


def go_on(shift: Shift) -> int:
    """Use the next channels that are due."""
    return int(shift.run(go_on_to_next_channels))


def levels(shift: Shift) -> list[str]:
    """How far each notice has come."""
    return [notice.level for notice in rows(shift, Notice)]


def outcomes(shift: Shift) -> list[tuple[str, str | None]]:
    """Each delivery's channel and how it ended."""
    return [(delivery.channel, delivery.outcome) for delivery in rows(shift, NoticeDelivery)]
