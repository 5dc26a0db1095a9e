"""Asks whoever's shift begins soon to say SIAP: it proves that somebody is there, and opens WhatsApp's free window."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select

from dispatch.city.pack import CityPack
from dispatch.deliveries.notices import NoticeKind
from dispatch.duty.contacts import find_contact
from dispatch.rosters.telling import tell
from dispatch.storage.rows import DutyRow
from dispatch.storage.tables import Duty
from dispatch.storage.transaction import Transaction


def any_to_ask(connection: Connection, city: CityPack, now: datetime) -> bool:
    """Whether somebody has to be asked: a look without a write."""
    return connection.execute(select(Duty.id).where(*_due(city, now)).limit(1)).first() is not None


def ask_for_check_in(tx: Transaction, *, limit: int = 20) -> int:
    """Ask those whose shift begins within `ask_before_s`, or has begun, each once; return how many."""
    rows = tx.connection.execute(
        select(Duty.__table__).where(*_due(tx.city, tx.now)).order_by(Duty.starts_at, Duty.id).limit(limit)
    ).all()
    for duty in map(DutyRow.from_row, rows):
        tx.update(Duty, Duty.id == duty.id, asked_at=tx.now)
        facts = {"duty_id": duty.id, "starts": duty.starts_local, "ends": duty.ends_local}
        tell(tx, find_contact(tx, duty.contact_id), NoticeKind.CHECK_IN, duty.ends_at, **facts)
    return len(rows)


def _due(city: CityPack, now: datetime) -> tuple[ColumnElement[bool], ...]:
    soon = now + timedelta(seconds=city.ladders.roster.ask_before_s)
    return (
        Duty.removed_at.is_(None),
        Duty.ends_at > now,
        Duty.starts_at <= soon,
        Duty.asked_at.is_(None),
        Duty.checked_in_at.is_(None),
    )
