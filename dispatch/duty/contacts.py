"""Commands about contacts: people whom ladders may tell, and how each is reached.

What is removed stays as a row: notices, steps and the journal name it. It has no channel any more, so that a rung that
was on its way to it goes on to the next person instead of breaking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dispatch.city.ladders import Channel
from dispatch.city.pack import CityPack
from dispatch.duty.addresses import channel_named, normalise_address
from dispatch.duty.rights import require_edit
from dispatch.errors import InvalidValue, NotFound, NotPermitted
from dispatch.roles import Actor, ActorKind, LadderRole, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import ContactChannelRow, ContactRow
from dispatch.storage.tables import Contact, ContactChannel, Duty, User
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line, one_of

NAME_LIMIT = 120
CHANNELS_LIMIT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdded(Outcome):
    """The contact: a new one, or the one that was there already."""

    contact_id: int


def add_contact(
    tx: Transaction,
    *,
    actor: Actor,
    agency_code: str,
    name: str,
    role: str,
    area_code: str | None = None,
    username: str | None = None,
) -> ContactAdded:
    """Make a person known whom ladders may tell; the same again (agency, area, role, name) changes nothing.

    Raises NotPermitted, NotFound or InvalidValue (`agency_code`, `area_code`, `role`, `name`, `username`).
    """
    if agency_code not in tx.city.agencies:
        raise InvalidValue("agency_code", "unknown")
    require_edit(actor, "add-contact", agency_code, "agency", agency_code)
    ladder_role = one_of(LadderRole, role, "role")
    named, area = contact_name(name), known_area(tx.city, agency_code, area_code)
    same = tx.connection.execute(
        select(Contact.id).where(
            Contact.agency_code == agency_code,
            Contact.role == ladder_role.value,
            Contact.name == named,
            Contact.removed_at.is_(None),
            Contact.area_code.is_(None) if area is None else Contact.area_code == area,
        )
    ).scalar()
    if same is not None:
        return ContactAdded(False, contact_id=same)
    contact_id = tx.insert(
        Contact,
        agency_code=agency_code,
        area_code=area,
        role=ladder_role.value,
        name=named,
        user_id=_user_of(tx, username, agency_code),
        created_at=tx.now,
    )
    seq = tx.record(JournalKind.CONTACT_ADDED, actor, contact_id=contact_id, agency=agency_code, role=ladder_role.value)
    return ContactAdded(True, seq=seq, contact_id=contact_id)


def change_contact(
    tx: Transaction,
    *,
    actor: Actor,
    contact_id: int,
    name: str,
    role: str,
    area_code: str | None = None,
    username: str | None = None,
) -> Outcome:
    """Correct who a contact is. What is left out is taken away. Raises as `add_contact` does."""
    contact = contact_to_edit(tx, actor, "change-contact", contact_id)
    values = {
        "name": contact_name(name),
        "role": one_of(LadderRole, role, "role").value,
        "area_code": known_area(tx.city, contact.agency_code, area_code),
        "user_id": _user_of(tx, username, contact.agency_code),
    }
    if all(getattr(contact, column) == value for column, value in values.items()):
        return Outcome(changed=False)
    tx.update(Contact, Contact.id == contact_id, **values)
    seq = tx.record(
        JournalKind.CONTACT_CHANGED, actor, contact_id=contact_id, agency=contact.agency_code, role=values["role"]
    )
    return Outcome(True, seq=seq)


def remove_contact(tx: Transaction, *, actor: Actor, contact_id: int) -> Outcome:
    """Tell somebody nothing any more: channels and the shifts to come end with the contact."""
    contact = find_contact(tx, contact_id)
    require_edit(actor, "remove-contact", contact.agency_code, "contact", contact_id)
    if contact.removed_at is not None:
        return Outcome(changed=False)
    tx.update(Contact, Contact.id == contact_id, removed_at=tx.now)
    tx.update(
        ContactChannel,
        ContactChannel.contact_id == contact_id,
        ContactChannel.removed_at.is_(None),
        removed_at=tx.now,
        test_code=None,
    )
    to_come = Duty.contact_id == contact_id, Duty.removed_at.is_(None), Duty.ends_at > tx.now
    tx.update(Duty, *to_come, removed_at=tx.now, removed_by=actor.user_id)
    seq = tx.record(
        JournalKind.CONTACT_REMOVED, actor, contact_id=contact_id, agency=contact.agency_code, role=contact.role
    )
    return Outcome(True, seq=seq)


def set_channels(tx: Transaction, *, actor: Actor, contact_id: int, channels: Sequence[tuple[str, str]]) -> Outcome:
    """Say how a contact is reached: (channel, address) in this order, and no other way.

    An address that is there already keeps its test, wherever it stands now; a new or changed one has to be tested.
    Raises InvalidValue: `channel`, `address` (form, no_mobile, taken twice), `channels` (too many).
    """
    contact = contact_to_edit(tx, actor, "set-channels", contact_id)
    wanted = [(kind, _address(tx, actor, kind, address)) for kind, address in _named(channels)]
    if len(wanted) > CHANNELS_LIMIT:
        raise InvalidValue("channels", "too_many")
    if len(set(wanted)) < len(wanted):
        raise InvalidValue("address", "taken")
    present = {(Channel(row.channel), row.address): row for row in channel_rows(tx, contact.id)}
    seq = None
    for position, way in enumerate(wanted):
        row = present.pop(way, None)
        if row is None:
            seq = _add_channel(tx, actor, contact_id, position, *way)
        elif row.position != position:
            tx.update(ContactChannel, ContactChannel.id == row.id, position=position)
            seq = _record_channel(tx, actor, JournalKind.CONTACT_CHANNEL_SET, row)
    for row in present.values():
        tx.update(ContactChannel, ContactChannel.id == row.id, removed_at=tx.now, test_code=None)
        seq = _record_channel(tx, actor, JournalKind.CONTACT_CHANNEL_REMOVED, row)
    return Outcome(seq is not None, seq=seq)


def contact_to_edit(tx: Transaction, actor: Actor, command: str, contact_id: int) -> ContactRow:
    """A contact that is there and that this actor may change. Raises NotFound or NotPermitted."""
    contact = find_contact(tx, contact_id)
    require_edit(actor, command, contact.agency_code, "contact", contact_id)
    if contact.removed_at is not None:
        raise NotFound("contact", contact_id)
    return contact


def find_contact(tx: Transaction, contact_id: int) -> ContactRow:
    """A contact, also one that was removed. Raises NotFound."""
    row = tx.connection.execute(select(Contact.__table__).where(Contact.id == contact_id)).first()
    if row is None:
        raise NotFound("contact", contact_id)
    return ContactRow.from_row(row)


def channel_rows(tx: Transaction, contact_id: int) -> list[ContactChannelRow]:
    """A contact's channels in order, those that were set by hand."""
    rows = tx.connection.execute(
        select(ContactChannel.__table__)
        .where(ContactChannel.contact_id == contact_id, ContactChannel.removed_at.is_(None))
        .order_by(ContactChannel.position, ContactChannel.id)
    )
    return [ContactChannelRow.from_row(row) for row in rows]


def contact_name(raw: str) -> str:
    """A person's name, cleaned. Raises InvalidValue for the field `name`."""
    name = clean_line(raw, NAME_LIMIT + 1)
    if not name:
        raise InvalidValue("name", "empty")
    if len(name) > NAME_LIMIT:
        raise InvalidValue("name", "too_long")
    return name


def known_area(city: CityPack, agency_code: str, area_code: str | None) -> str | None:
    """An office's area: a kelurahan or a kecamatan of the city. Raises InvalidValue for the field `area_code`."""
    area = (area_code or "").strip()
    if not area:
        return None
    if agency_code not in city.ladders.roster.areas:
        raise InvalidValue("area_code", "not_of_this_agency")
    if area not in city.kelurahan and all(code.rpartition(".")[0] != area for code in city.kelurahan):
        raise InvalidValue("area_code", "unknown")
    return area


def _user_of(tx: Transaction, username: str | None, agency_code: str) -> int | None:
    """The sign-in that a contact has; a responder's has to be of the same agency."""
    if not username:
        return None
    user = tx.connection.execute(
        select(User.id, User.role, User.agency_code, User.deactivated_at).where(User.username == username)
    ).first()
    if user is None or (user.role == Role.RESPONDER and user.agency_code != agency_code):
        raise InvalidValue("username", "unknown")
    if user.deactivated_at is not None:
        raise InvalidValue("username", "deactivated")
    return int(user.id)


def _named(channels: Sequence[tuple[str, str]]) -> list[tuple[Channel, str]]:
    return [(channel_named(name), address) for name, address in channels]


def _address(tx: Transaction, actor: Actor, channel: Channel, raw: str) -> str:
    """The address, written in one way. That of a further service is an address to call: not everybody may name one."""
    may_name = actor.kind is ActorKind.SYSTEM or actor.role in (Role.SUPERVISOR, Role.ADMIN)
    address = normalise_address(channel, raw, tx.city.policy.numbers)
    if channel is Channel.APPRISE and not may_name:
        raise NotPermitted("set-further-service", actor.role)
    return address


def _add_channel(tx: Transaction, actor: Actor, contact_id: int, position: int, channel: Channel, address: str) -> int:
    channel_id = tx.insert(
        ContactChannel,
        contact_id=contact_id,
        channel=channel.value,
        position=position,
        address=address,
        changed_at=tx.now,
    )
    return tx.record(
        JournalKind.CONTACT_CHANNEL_SET, actor, contact_id=contact_id, channel_id=channel_id, channel=channel.value
    )


def _record_channel(tx: Transaction, actor: Actor, kind: JournalKind, row: ContactChannelRow) -> int:
    told: dict[str, Any] = {"contact_id": row.contact_id, "channel_id": row.id}
    if kind is JournalKind.CONTACT_CHANNEL_SET:
        told["channel"] = row.channel
    return tx.record(kind, actor, **told)
