"""SIAP: whose shift it is says that it has begun; until then the shift before is told too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from dispatch.duty.contacts import find_contact
from dispatch.duty.rights import require_edit
from dispatch.errors import NotFound
from dispatch.roles import Actor, ActorKind
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Duty, Notice, NoticeDelivery
from dispatch.storage.transaction import Outcome, Transaction

#: How SIAP can come.
PAGE, WHATSAPP, TELEGRAM, CENTRE = "page", "whatsapp", "telegram", "centre"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Outcome):
    """The shift that has begun; None where the contact has none now, nor one that begins soon."""

    duty_id: int | None = None
    ends_local: str | None = None


def check_in(tx: Transaction, *, contact_id: int, by: str, actor: Actor | None = None) -> CheckedIn:
    """Note that a contact is ready: for its present shift, and for one that begins within `ready_early_s`.

    A second SIAP changes nothing and names the same shift. `actor` is whoever pressed it on a page; a message was
    recognised by its sender already. Raises NotFound or NotPermitted.
    """
    contact = find_contact(tx, contact_id)
    if contact.removed_at is not None:
        raise NotFound("contact", contact_id)
    if actor is not None and not (actor.kind is ActorKind.USER and actor.user_id == contact.user_id):
        require_edit(actor, "check-in", contact.agency_code, "contact", contact_id)
    soon = tx.now + timedelta(seconds=tx.city.ladders.roster.ready_early_s)
    shifts = tx.connection.execute(
        select(Duty.id, Duty.ends_local, Duty.checked_in_at)
        .where(Duty.contact_id == contact_id, Duty.removed_at.is_(None), Duty.starts_at <= soon, Duty.ends_at > tx.now)
        .order_by(Duty.starts_at, Duty.id)
    ).all()
    if not shifts:
        return CheckedIn(False)
    seq = None
    for shift in [shift for shift in shifts if shift.checked_in_at is None]:
        tx.update(Duty, Duty.id == shift.id, checked_in_at=tx.now, checked_in_by=by)
        seq = tx.record(
            JournalKind.DUTY_CHECKED_IN,
            actor or Actor.system(),
            duty_id=shift.id,
            contact_id=contact_id,
            agency=contact.agency_code,
            by=by,
        )
    if seq is not None:
        _take_back_questions(tx, contact_id)
    return CheckedIn(seq is not None, seq=seq, duty_id=shifts[-1].id, ends_local=shifts[-1].ends_local)


def _take_back_questions(tx: Transaction, contact_id: int) -> None:
    """Whoever has answered on one way is not asked by the next one."""
    asked = select(Notice.id).where(
        Notice.contact_id == contact_id, Notice.kind == "check_in", Notice.ended_at.is_(None)
    )
    ids = list(tx.connection.execute(asked).scalars())
    if not ids:
        return
    tx.update(Notice, Notice.id.in_(ids), ended_at=tx.now, next_channel_at=None)
    waiting = NoticeDelivery.notice_id.in_(ids), NoticeDelivery.ended_at.is_(None)
    tx.update(NoticeDelivery, *waiting, ended_at=tx.now, outcome="withdrawn", lease=None, leased_until=None)
