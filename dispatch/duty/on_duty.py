"""Who is on duty: the one function that says so, for ladders, previews, pages and lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

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


class ShiftOfPerson(NamedTuple):
    """A shift in a roster: from `starts_at` on, until `ends_at`, which is the next one's."""

    contact_id: int
    starts_at: datetime
    ends_at: datetime
    checked_in: bool


@dataclass(frozen=True, slots=True)
class ContactOfRole:
    """A contact that has not been removed."""

    id: int
    agency_code: str
    area_code: str | None
    role: LadderRole
    name: str
    user_id: int | None


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

    A contact that never stood in a roster is always on duty, one that ever did only during its shifts. Until somebody
    of the present shift has said SIAP, the shift before is told too. Where offices have an area, those count in whose
    area the place lies; without a place, or without such an office, those that have none.
    """
    book = read_duty_book(connection, city, since=at, until=at, agency_code=agency_code, role=role)
    screens = screens_of(read_screens(connection, city, at), agency_code, role) if role in _SCREENS else None
    return book.on_duty(agency_code, role, at, kelurahan_code=kelurahan_code, screens=screens)


class DutyBook:
    """All that is needed to say who is on duty, as it stood when it was read (`read_duty_book`).

    Whoever asks about many roles and instants reads one and asks it; the answer is that of `on_duty`.
    """

    def __init__(
        self,
        contacts: Iterable[ContactOfRole],
        rostered: Iterable[int],
        shifts: Iterable[ShiftOfPerson],
        channels: Mapping[int, tuple[ChannelOfPerson, ...]],
        shift_before: timedelta,
    ) -> None:
        self._offices: dict[tuple[str, LadderRole], dict[str | None, list[ContactOfRole]]] = defaultdict(dict)
        for contact in contacts:
            self._offices[contact.agency_code, contact.role].setdefault(contact.area_code, []).append(contact)
        self._rostered = frozenset(rostered)
        self._shifts: dict[int, list[ShiftOfPerson]] = defaultdict(list)
        for shift in shifts:
            self._shifts[shift.contact_id].append(shift)
        self.channels = channels
        self.shift_before = shift_before

    def areas(self, agency_code: str, role: LadderRole) -> tuple[str | None, ...]:
        """The areas that offices of this role have; None for an office without one."""
        return tuple(self._offices.get((agency_code, role), {}))

    def contacts(self, agency_code: str, role: LadderRole, area_code: str | None) -> Sequence[ContactOfRole]:
        """Those of one office."""
        return self._offices.get((agency_code, role), {}).get(area_code, ())

    def is_rostered(self, contact_id: int) -> bool:
        """Whether a contact ever stood in a roster, and so is on duty only during its shifts."""
        return contact_id in self._rostered

    def is_present(self, contact_id: int, at: datetime) -> bool:
        """Whether it is a contact's own time: one of its shifts, or any time where it stands in no roster."""
        own = self._shifts.get(contact_id, ())
        return not self.is_rostered(contact_id) or any(shift.starts_at <= at < shift.ends_at for shift in own)

    def shifts(self, contacts: Iterable[ContactOfRole]) -> list[ShiftOfPerson]:
        """The shifts of these that were read, the earliest first."""
        return sorted(
            (shift for contact in contacts for shift in self._shifts.get(contact.id, ())),
            key=lambda shift: (shift.starts_at, shift.ends_at),
        )

    def on_duty(
        self,
        agency_code: str,
        role: LadderRole,
        at: datetime,
        *,
        kelurahan_code: str | None = None,
        screens: Mapping[int, str] | None = None,
    ) -> tuple[PersonOnDuty, ...]:
        """See the function `on_duty`; `screens` are the open pages of this role, user id -> name."""
        offices = self._offices.get((agency_code, role), {})
        near = [area for area in offices if area is not None and lies_in(kelurahan_code, area)]
        screens = screens or {}
        people = [
            self._person(contact, checked_in, screens)
            for area in near or (None,)
            for contact, checked_in in self.standing(offices.get(area, ()), at)
        ]
        people.sort(key=lambda person: person.contact_id or 0)
        known = {person.user_id for person in people}
        people += [
            PersonOnDuty(None, user_id, name, role, agency_code, None, True, ())
            for user_id, name in screens.items()
            if user_id not in known
        ]
        return tuple(people)

    def standing(self, office: Sequence[ContactOfRole], at: datetime) -> Iterable[tuple[ContactOfRole, bool | None]]:
        """Who of one office is told at this instant, and whether each has said SIAP; None: stands in no roster."""
        shifts = [shift for contact in office for shift in self._shifts.get(contact.id, ())]
        present = [shift for shift in shifts if shift.starts_at <= at < shift.ends_at]
        told = {shift.contact_id for shift in present}
        ready = {shift.contact_id for shift in present if shift.checked_in}
        if not ready:
            over = [shift for shift in shifts if at - self.shift_before < shift.ends_at <= at]
            last = max((shift.ends_at for shift in over), default=at)
            told |= {shift.contact_id for shift in over if shift.ends_at == last}
        for contact in office:
            if contact.id not in self._rostered:
                yield contact, None
            elif contact.id in told:
                yield contact, contact.id in ready

    def _person(self, contact: ContactOfRole, checked_in: bool | None, screens: Mapping[int, str]) -> PersonOnDuty:
        return PersonOnDuty(
            contact.id,
            contact.user_id,
            contact.name,
            contact.role,
            contact.agency_code,
            checked_in,
            contact.user_id in screens,
            self.channels.get(contact.id, ()),
        )


def lies_in(kelurahan_code: str | None, area_code: str) -> bool:
    """Whether a kelurahan is this area, or one of its parts: `36.73.01.1002` lies in `36.73.01`."""
    return kelurahan_code is not None and (kelurahan_code == area_code or kelurahan_code.startswith(f"{area_code}."))


def read_duty_book(
    connection: Connection,
    city: CityPack,
    *,
    since: datetime,
    until: datetime,
    agency_code: str | None = None,
    role: LadderRole | None = None,
    agency_codes: Collection[str] | None = None,
) -> DutyBook:
    """Read what is needed to say who is on duty at any instant of a time; of some agencies or one role, or of all."""
    statement = select(
        Contact.id, Contact.agency_code, Contact.area_code, Contact.role, Contact.name, Contact.user_id
    ).where(Contact.removed_at.is_(None))
    if agency_code is not None:
        statement = statement.where(Contact.agency_code == agency_code)
    if agency_codes is not None:
        statement = statement.where(Contact.agency_code.in_(agency_codes))
    if role is not None:
        statement = statement.where(Contact.role == role.value)
    contacts = [
        ContactOfRole(row.id, row.agency_code, row.area_code, LadderRole(row.role), row.name, row.user_id)
        for row in connection.execute(statement.order_by(Contact.id))
    ]
    before = timedelta(hours=city.ladders.shift_before_h)
    ids = [contact.id for contact in contacts]
    rostered, shifts = _shifts(connection, ids, since - before, until) if ids else ([], [])
    channels = _channels(connection, [(contact.id, contact.user_id) for contact in contacts])
    return DutyBook(contacts, rostered, shifts, channels, before)


def _shifts(
    connection: Connection, ids: Sequence[int], since: datetime, until: datetime
) -> tuple[Sequence[int], list[ShiftOfPerson]]:
    """Who of these ever stood in a roster, and the shifts that are not over by `since` and begin by `until`."""
    # Whoever gave the only shift away, or fell ill, has not become somebody who is always on duty.
    ever = select(Duty.contact_id).where(Duty.contact_id.in_(ids)).distinct()
    rostered = connection.execute(ever).scalars().all()
    if not rostered:
        return rostered, []
    rows = connection.execute(
        select(Duty.contact_id, Duty.starts_at, Duty.ends_at, Duty.checked_in_at)
        .where(Duty.contact_id.in_(ids), Duty.removed_at.is_(None), Duty.ends_at > since, Duty.starts_at <= until)
        .order_by(Duty.starts_at, Duty.id)
    )
    return rostered, [
        ShiftOfPerson(row.contact_id, row.starts_at, row.ends_at, row.checked_in_at is not None) for row in rows
    ]


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
        .join(User, User.id == PushSubscription.user_id)
        .where(
            User.deactivated_at.is_(None),
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
    """One contact's ways, in order; none for whoever has no contact, or none any more."""
    stays = select(Contact.id).where(Contact.id == contact_id, Contact.removed_at.is_(None))
    if contact_id is None or connection.execute(stays).first() is None:
        return ()
    return _channels(connection, [(contact_id, user_id)])[contact_id]


def read_screens(
    connection: Connection, city: CityPack, at: datetime
) -> Mapping[tuple[str | None, LadderRole], Mapping[int, str]]:
    """Who has a page of ours open, by agency (None: the centre) and role: user id -> name."""
    since = at - timedelta(seconds=city.policy.presence.seen_within_s)
    seen = (
        select(User.id, User.display_name, User.agency_code, User.role)
        .join(WebSession, WebSession.user_id == User.id)
        .where(
            User.role.in_([role.value for role in _SCREENS.values()]),
            User.deactivated_at.is_(None),
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > at,
            WebSession.wall.is_(False),
            WebSession.last_seen_at >= since,
        )
        .order_by(User.id)
    )
    found: dict[tuple[str | None, LadderRole], dict[int, str]] = {}
    of = {role.value: ladder_role for ladder_role, role in _SCREENS.items()}
    for row in connection.execute(seen):
        found.setdefault((row.agency_code, of[row.role]), {})[row.id] = row.display_name
    return found


def screens_of(
    screens: Mapping[tuple[str | None, LadderRole], Mapping[int, str]], agency_code: str, role: LadderRole
) -> Mapping[int, str]:
    """Whose open page stands for this role of this agency; of the centre's people whichever agency runs it."""
    return screens.get((None if role is LadderRole.SUPERVISOR else agency_code, role), {})
