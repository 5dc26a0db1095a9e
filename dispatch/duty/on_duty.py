"""Who is on duty: the one function that says so, for ladders, previews, pages and lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from dispatch.city.ladders import Channel
from dispatch.city.pack import CityPack
from dispatch.roles import LadderRole, Role
from dispatch.storage.tables import Contact, ContactChannel, Duty, PushSubscription, User, WebSession


@dataclass(frozen=True, slots=True)
class ChannelOfPerson:
    """One way to reach a person; of push a browser, of all others an address that is looked up when it is used."""

    channel: Channel
    contact_channel_id: int | None
    push_subscription_id: int | None
    tested_at: datetime | None  #: None: nobody has ever answered a test on it

    @property
    def key(self) -> str:
        """Its name among all."""
        return (
            f"push:{self.push_subscription_id}" if self.push_subscription_id else f"channel:{self.contact_channel_id}"
        )


@dataclass(frozen=True, slots=True)
class PersonOnDuty:
    """Somebody whom a rung tells. One without a contact sits before an open page and has no other channel."""

    contact_id: int | None
    user_id: int | None
    name: str
    role: LadderRole
    agency_code: str
    checked_in: bool | None  #: None: stands in no roster, so there is nothing to say SIAP for
    at_screen: bool  #: has a page of ours open
    channels: tuple[ChannelOfPerson, ...]

    @property
    def reachable(self) -> bool:
        """Whether anything would reach this person at all."""
        return bool(self.channels) or self.at_screen


#: Whose open page stands for a person, where a role is looked for.
_SCREENS = {LadderRole.DUTY: Role.RESPONDER, LadderRole.SUPERVISOR: Role.SUPERVISOR}


def on_duty(
    connection: Connection,
    city: CityPack,
    *,
    agency_code: str,
    role: LadderRole,
    at: datetime,
    kelurahan_code: str | None = None,
) -> tuple[PersonOnDuty, ...]:
    """Return who is told when a rung names this role of this agency (or office) at this instant.

    A contact that stands in no roster is always on duty, one that stands in any only during its shifts. Until somebody
    of the present shift has said SIAP, the shift before is told too. Where offices have an area, those count in whose
    area the place lies; without a place, or without such an office, those that have none.
    """
    contacts = connection.execute(
        select(Contact.id, Contact.area_code, Contact.name, Contact.user_id)
        .where(Contact.agency_code == agency_code, Contact.role == role.value, Contact.removed_at.is_(None))
        .order_by(Contact.id)
    ).all()
    near = [row for row in contacts if row.area_code and (kelurahan_code or "").startswith(row.area_code)]
    contacts = near or [row for row in contacts if not row.area_code]
    ids = [row.id for row in contacts]
    shifts = _shifts(connection, city, ids, at)
    screens = _at_screens(connection, city, agency_code, role, at)
    told = [row for row in contacts if row.id not in shifts or shifts[row.id].told]
    channels = _channels(connection, [(row.id, row.user_id) for row in told])
    people = [
        PersonOnDuty(
            row.id,
            row.user_id,
            row.name,
            role,
            agency_code,
            shifts[row.id].checked_in if row.id in shifts else None,
            row.user_id in screens,
            channels[row.id],
        )
        for row in told
    ]
    known = {person.user_id for person in people}
    people += [
        PersonOnDuty(None, user_id, name, role, agency_code, None, True, ())
        for user_id, name in screens.items()
        if user_id not in known
    ]
    return tuple(people)


@dataclass(frozen=True, slots=True)
class _Standing:
    told: bool
    checked_in: bool


def _shifts(connection: Connection, city: CityPack, ids: Sequence[int], at: datetime) -> dict[int, _Standing]:
    """How each contact that stands in a roster stands at this instant; those in none are left out."""
    if not ids:
        return {}
    rostered = set(
        connection.execute(
            select(Duty.contact_id).where(Duty.contact_id.in_(ids), Duty.removed_at.is_(None)).distinct()
        ).scalars()
    )
    before = at - timedelta(hours=city.ladders.shift_before_h)
    duties = connection.execute(
        select(Duty.contact_id, Duty.starts_at, Duty.ends_at, Duty.checked_in_at)
        .where(Duty.contact_id.in_(ids), Duty.removed_at.is_(None), Duty.ends_at > before, Duty.starts_at <= at)
        .order_by(Duty.ends_at, Duty.id)
    ).all()
    present = [duty for duty in duties if duty.ends_at > at]
    told = {duty.contact_id for duty in present}
    checked_in = {duty.contact_id for duty in present if duty.checked_in_at is not None}
    if not checked_in:
        over = [duty for duty in duties if duty.ends_at <= at]
        told |= {duty.contact_id for duty in over if duty.ends_at == over[-1].ends_at}
    return {contact_id: _Standing(contact_id in told, contact_id in checked_in) for contact_id in rostered}


def _channels(
    connection: Connection, contacts: Iterable[tuple[int, int | None]]
) -> dict[int, tuple[ChannelOfPerson, ...]]:
    """Each contact's ways, in order: its user's browsers first, which cost nothing and ring at once."""
    users = dict(contacts)
    found: dict[int, list[ChannelOfPerson]] = defaultdict(list)
    if not users:
        return {}
    browsers = connection.execute(
        select(PushSubscription.id, PushSubscription.user_id, PushSubscription.receipt_at)
        .where(
            PushSubscription.user_id.in_([user_id for user_id in users.values() if user_id is not None]),
            PushSubscription.gone_at.is_(None),
        )
        .order_by(PushSubscription.id)
    ).all()
    for contact_id, user_id in users.items():
        found[contact_id] += [
            ChannelOfPerson(Channel.PUSH, None, row.id, row.receipt_at) for row in browsers if row.user_id == user_id
        ]
    rows = connection.execute(
        select(ContactChannel.id, ContactChannel.contact_id, ContactChannel.channel, ContactChannel.tested_at)
        .where(ContactChannel.contact_id.in_(list(users)), ContactChannel.removed_at.is_(None))
        .order_by(ContactChannel.position, ContactChannel.id)
    )
    for row in rows:
        found[row.contact_id].append(ChannelOfPerson(Channel(row.channel), row.id, None, row.tested_at))
    return {contact_id: tuple(found[contact_id]) for contact_id in users}


def channels_of(connection: Connection, contact_id: int | None, user_id: int | None) -> tuple[ChannelOfPerson, ...]:
    """One contact's ways, in order; none for whoever has no contact."""
    return _channels(connection, [(contact_id, user_id)])[contact_id] if contact_id is not None else ()


def _at_screens(
    connection: Connection, city: CityPack, agency_code: str, role: LadderRole, at: datetime
) -> dict[int, str]:
    """Who of this role has a page of ours open: user id -> name."""
    screen_role = _SCREENS.get(role)
    if screen_role is None:
        return {}
    since = at - timedelta(seconds=city.policy.presence.seen_within_s)
    of_agency = User.agency_code == agency_code if screen_role is Role.RESPONDER else User.agency_code.is_(None)
    seen = (
        select(User.id, User.display_name)
        .join(WebSession, WebSession.user_id == User.id)
        .where(
            User.role == screen_role.value,
            of_agency,
            User.deactivated_at.is_(None),
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > at,
            WebSession.wall.is_(False),
            WebSession.last_seen_at >= since,
        )
        .order_by(User.id)
    )
    return {row.id: row.display_name for row in connection.execute(seen)}
