"""Commands about rosters: shifts are given, taken away, swapped, and copied from the week before.

Several people may look at a roster at once. Each change says on which version of it it builds; of two that build on one
the first counts, and the second is told whose that was. What is taken away stays as a row, and who took it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from dispatch.deliveries.notices import NoticeKind
from dispatch.duty.contacts import contact_to_edit, find_contact
from dispatch.duty.rights import require_edit
from dispatch.duty.wall_times import WallShift, wall_shift
from dispatch.errors import InvalidValue, NotFound, RosterChanged
from dispatch.roles import Actor
from dispatch.rosters.telling import tell
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import ContactRow, DutyRow
from dispatch.storage.tables import Contact, Duty, User
from dispatch.storage.transaction import Outcome, Transaction

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAdded(Outcome):
    """The shift: a new one, or the one that was there already."""

    duty_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DutiesAdded(Outcome):
    """How many shifts are new, and how many were left out because there was one already."""

    added: int = 0
    left_out: int = 0


def add_duty(
    tx: Transaction,
    *,
    actor: Actor,
    contact_id: int,
    starts_local: str,
    ends_local: str,
    version: int | None = None,
) -> DutyAdded:
    """Give a contact a shift, by the city's wall (`2026-11-25T07:00`); the same again changes nothing.

    Raises InvalidValue (`starts_local` form or overlaps one of the same person, `ends_local`), NotFound, NotPermitted,
    or RosterChanged.
    """
    contact = contact_to_edit(tx, actor, "add-duty", contact_id)
    shift = wall_shift(starts_local, ends_local, tx.city.timezone)
    same = shift_of(tx.connection, contact_id, shift)
    if same is not None:
        return DutyAdded(False, duty_id=same)
    _require_version(tx, contact.agency_code, version)
    _require_free(tx, contact_id, shift)
    duty_id = _insert(tx, actor, contact_id, shift)
    seq = tx.record(JournalKind.DUTY_ADDED, actor, duty_id=duty_id, contact_id=contact_id, agency=contact.agency_code)
    if shift.ends_at > tx.now and contact.user_id != (actor.user_id or 0):
        _tell(tx, contact, "added", duty_id, shift.starts_local, shift.ends_local, shift.ends_at)
    return DutyAdded(True, seq=seq, duty_id=duty_id)


def remove_duty(tx: Transaction, *, actor: Actor, duty_id: int, version: int | None = None) -> Outcome:
    """Take a shift away that is not over yet; its time is a hole until somebody else has it."""
    duty, contact = _duty_to_edit(tx, actor, "remove-duty", duty_id)
    if duty.removed_at is not None:
        return Outcome(changed=False)
    _require_version(tx, contact.agency_code, version)
    _require_not_over(tx, duty)
    _take_away(tx, actor, duty)
    seq = tx.record(JournalKind.DUTY_REMOVED, actor, duty_id=duty_id, contact_id=contact.id, agency=contact.agency_code)
    if contact.removed_at is None and contact.user_id != (actor.user_id or 0):
        _tell(tx, contact, "removed", duty_id, duty.starts_local, duty.ends_local, duty.ends_at)
    return Outcome(True, seq=seq)


def swap_duty(
    tx: Transaction,
    *,
    actor: Actor,
    duty_id: int,
    contact_id: int,
    return_duty_id: int | None = None,
    version: int | None = None,
) -> DutyAdded:
    """Give a shift to somebody else of the same office and role, perhaps for one of theirs; both are told.

    The shift may have been taken away before, while nobody else had it. Raises as `add_duty` does; InvalidValue for
    `contact_id` (the same person, another office) and `return_duty_id` (not theirs, over).
    """
    duty, giver = _duty_to_edit(tx, actor, "swap-duty", duty_id)
    taker = contact_to_edit(tx, actor, "swap-duty", contact_id)
    if taker.id == giver.id or _office(taker) != _office(giver):
        raise InvalidValue("contact_id", "unexpected")
    _require_version(tx, giver.agency_code, version)
    _require_not_over(tx, duty)
    _require_untaken(tx, duty)
    back = _returned(tx, taker, return_duty_id)
    for given in (duty, back):
        if given is not None and given.removed_at is None:
            _take_away(tx, actor, given)
    new_id = _hand_over(tx, actor, duty, taker, giver)
    if back is not None:
        _hand_over(tx, actor, back, giver, taker)
    seq = tx.record(
        JournalKind.DUTY_SWAPPED,
        actor,
        duty_id=new_id,
        contact_id=taker.id,
        agency=taker.agency_code,
        with_contact_id=giver.id,
    )
    return DutyAdded(True, seq=seq, duty_id=new_id)


def copy_week(
    tx: Transaction, *, actor: Actor, agency_code: str, monday: date, version: int | None = None
) -> DutiesAdded:
    """Give everybody of an agency the shifts of the week before, in the week that begins on `monday`.

    What is filled already stays: a shift is left out where its office has somebody at any of that time.
    """
    require_edit(actor, "copy-week", agency_code, "agency", agency_code)
    _require_version(tx, agency_code, version)
    added = left_out = 0
    present = [(_office(row), row.starts_local, row.ends_local) for row in _between(tx.connection, agency_code, monday)]
    rows = []
    for row in _between(tx.connection, agency_code, monday - WEEK):
        starts, ends = (
            (datetime.fromisoformat(text) + WEEK).isoformat(timespec="minutes")
            for text in (row.starts_local, row.ends_local)
        )
        shift = wall_shift(starts, ends, tx.city.timezone)
        if any(office == _office(row) and shift.overlaps(begun, over) for office, begun, over in present):
            left_out += 1
            continue
        rows.append(_columns(tx, actor, row.contact_id, shift))
        added += 1
    tx.insert_rows(Duty, rows)
    if not added:
        return DutiesAdded(False, left_out=left_out)
    seq = tx.record(JournalKind.DUTIES_ADDED, actor, agencies=[agency_code], duties=added, by="copy")
    return DutiesAdded(True, seq=seq, added=added, left_out=left_out)


def roster_version(connection: Connection, agency_code: str) -> int:
    """A number that grows with every change of an agency's roster."""
    counts = connection.execute(
        select(func.count(), func.count(Duty.removed_at))
        .select_from(Duty)
        .join(Contact, Contact.id == Duty.contact_id)
        .where(Contact.agency_code == agency_code)
    ).one()
    return int(counts[0] + counts[1])


def shift_of(connection: Connection, contact_id: int, shift: WallShift) -> int | None:
    """The very same shift of a contact, if there is one."""
    return connection.execute(
        select(Duty.id).where(
            Duty.contact_id == contact_id,
            Duty.starts_local == shift.starts_local,
            Duty.ends_local == shift.ends_local,
            Duty.removed_at.is_(None),
        )
    ).scalar()


def _between(connection: Connection, agency_code: str, monday: date) -> list[Row[Any]]:
    """The shifts of an agency that begin in a week, by the wall."""
    first, last = (f"{day.isoformat()}T00:00" for day in (monday, monday + WEEK))
    return list(
        connection.execute(
            select(
                Duty.contact_id,
                Duty.starts_local,
                Duty.ends_local,
                Contact.agency_code,
                Contact.area_code,
                Contact.role,
            )
            .join(Contact, Contact.id == Duty.contact_id)
            .where(
                Contact.agency_code == agency_code,
                Contact.removed_at.is_(None),
                Duty.removed_at.is_(None),
                Duty.starts_local >= first,
                Duty.starts_local < last,
            )
            .order_by(Duty.starts_local, Duty.id)
        )
    )


def _office(contact: Any) -> tuple[str, str | None, str]:
    return contact.agency_code, contact.area_code, contact.role


def _require_version(tx: Transaction, agency_code: str, version: int | None) -> None:
    if version is not None and version != roster_version(tx.connection, agency_code):
        raise RosterChanged(_last_changed_by(tx, agency_code))


def _last_changed_by(tx: Transaction, agency_code: str) -> str:
    """The name of whoever changed an agency's roster last; the software's own where that was the command line."""
    of_agency = (
        select(Duty.created_at, Duty.created_by, Duty.removed_at, Duty.removed_by)
        .join(Contact, Contact.id == Duty.contact_id)
        .where(Contact.agency_code == agency_code)
    )
    made = tx.connection.execute(of_agency.order_by(Duty.id.desc()).limit(1)).first()
    taken = tx.connection.execute(
        of_agency.where(Duty.removed_at.is_not(None)).order_by(Duty.removed_at.desc(), Duty.id.desc()).limit(1)
    ).first()
    changes = [(taken.removed_at, taken.removed_by)] if taken else []
    changes += [(made.created_at, made.created_by)] if made else []
    user_id = max(changes, key=lambda change: change[0])[1] if changes else None
    name = tx.connection.execute(select(User.display_name).where(User.id == user_id)).scalar() if user_id else None
    return name or Actor.system().name


def _duty_to_edit(tx: Transaction, actor: Actor, command: str, duty_id: int) -> tuple[DutyRow, ContactRow]:
    row = tx.connection.execute(select(Duty.__table__).where(Duty.id == duty_id)).first()
    if row is None:
        raise NotFound("duty", duty_id)
    duty = DutyRow.from_row(row)
    contact = find_contact(tx, duty.contact_id)
    require_edit(actor, command, contact.agency_code, "duty", duty_id)
    return duty, contact


def _require_not_over(tx: Transaction, duty: DutyRow) -> None:
    if duty.ends_at <= tx.now:
        raise InvalidValue("duty_id", "over")


def _require_untaken(tx: Transaction, duty: DutyRow) -> None:
    """A shift that was taken away may be given to one person, and not to a second."""
    taken = select(Duty.created_by).where(Duty.swapped_from_id == duty.id, Duty.removed_at.is_(None))
    row = tx.connection.execute(taken).first()
    if row is not None:
        name = tx.connection.execute(select(User.display_name).where(User.id == row.created_by)).scalar()
        raise RosterChanged(name or Actor.system().name)


def _require_free(tx: Transaction, contact_id: int, shift: WallShift) -> None:
    """Nobody has two shifts at a time, by the wall: an hour that comes twice is one."""
    clash = tx.connection.execute(
        select(Duty.id).where(
            Duty.contact_id == contact_id,
            Duty.removed_at.is_(None),
            Duty.starts_local < shift.ends_local,
            Duty.ends_local > shift.starts_local,
        )
    ).first()
    if clash is not None:
        raise InvalidValue("starts_local", "overlaps")


def _returned(tx: Transaction, taker: ContactRow, return_duty_id: int | None) -> DutyRow | None:
    """The shift that is given in return."""
    if return_duty_id is None:
        return None
    row = tx.connection.execute(
        select(Duty.__table__).where(
            Duty.id == return_duty_id, Duty.contact_id == taker.id, Duty.removed_at.is_(None), Duty.ends_at > tx.now
        )
    ).first()
    if row is None:
        raise InvalidValue("return_duty_id", "unknown")
    return DutyRow.from_row(row)


def _hand_over(tx: Transaction, actor: Actor, duty: DutyRow, taker: ContactRow, giver: ContactRow) -> int:
    """Write the shift anew for somebody else, and tell both."""
    shift = wall_shift(duty.starts_local, duty.ends_local, tx.city.timezone)
    _require_free(tx, taker.id, shift)
    new_id = _insert(tx, actor, taker.id, shift, swapped_from_id=duty.id)
    times = (duty.starts_local, duty.ends_local, duty.ends_at)
    _tell(tx, taker, "taken_over", new_id, *times, other=giver.id)
    if giver.removed_at is None:
        _tell(tx, giver, "handed_over", new_id, *times, other=taker.id)
    return new_id


def _insert(
    tx: Transaction, actor: Actor, contact_id: int, shift: WallShift, swapped_from_id: int | None = None
) -> int:
    return tx.insert(Duty, **_columns(tx, actor, contact_id, shift), swapped_from_id=swapped_from_id)


def _columns(tx: Transaction, actor: Actor, contact_id: int, shift: WallShift) -> dict[str, Any]:
    return {"contact_id": contact_id, "created_at": tx.now, "created_by": actor.user_id, **shift.columns}


def _take_away(tx: Transaction, actor: Actor, duty: DutyRow) -> None:
    tx.update(Duty, Duty.id == duty.id, removed_at=tx.now, removed_by=actor.user_id)


def _tell(
    tx: Transaction,
    contact: ContactRow,
    change: str,
    duty_id: int,
    starts_local: str,
    ends_local: str,
    until: datetime,
    **more: Any,
) -> None:
    facts = {"change": change, "duty_id": duty_id, "starts": starts_local, "ends": ends_local, **more}
    tell(tx, contact, NoticeKind.ROSTER, until, **facts)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """The wall's midnight at which a day begins, without a zone."""
    return datetime.combine(day, time())
