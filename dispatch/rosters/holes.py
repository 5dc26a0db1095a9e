"""Holes: where nobody would be told. Found ahead of time, listed when a roster is saved and every day.

What is found is pure: it asks a `DutyBook`, which answers as `on_duty` does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select

from dispatch.city.ladders import Channel, Rung
from dispatch.city.model import Priority
from dispatch.city.pack import CityPack
from dispatch.city.policy import ClockKind
from dispatch.deliveries.notices import About, NoticeKind, notify
from dispatch.duty.on_duty import ContactOfRole, DutyBook, PersonOnDuty, on_duty, read_duty_book
from dispatch.roles import AGENCY_ROLES, LadderRole
from dispatch.storage.tables import Notice
from dispatch.storage.transaction import Outcome, Transaction

DAY = timedelta(days=1)


class HoleKind(StrEnum):
    """What is missing; the order is that of urgency."""

    NOBODY = "nobody"  #: an office has no contact that stands for duty at all
    SHIFT = "shift"  #: a time that is nobody's shift
    RUNG = "rung"  #: a rung of the ladder that reaches nobody
    NO_CHANNEL = "no_channel"  #: a person who cannot be reached by anything
    UNTESTED = "untested"  #: a person none of whose channels was ever proved; used all the same
    OLD_TEST = "old_test"  #: the newest proof is older than `test_good_days`
    OVERTAKEN = "overtaken"  #: a channel that is tried only after the next rung has gone to somebody higher


#: Of these nobody learns anything; the others are warnings.
DEEP = frozenset({HoleKind.NOBODY, HoleKind.SHIFT, HoleKind.RUNG, HoleKind.NO_CHANNEL})
_ORDER = {kind: place for place, kind in enumerate(HoleKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One hole of an agency or office; `starts_at` is when it is open, now or later."""

    kind: HoleKind
    agency_code: str
    area_code: str | None = None
    role: LadderRole
    starts_at: datetime
    ends_at: datetime | None = None
    contact_id: int | None = None
    name: str | None = None
    channel: Channel | None = None


def holes_of(connection: Connection, city: CityPack, now: datetime, agency_code: str | None = None) -> list[Hole]:
    """The holes of the days to come, of one agency or of all, the deepest and soonest first."""
    until = now + timedelta(days=city.ladders.roster.holes_days)
    book = read_duty_book(connection, city, since=now, until=until, agency_code=agency_code)
    codes = ladder_agencies(city) if agency_code is None else [agency_code]
    return find_holes(book, city, codes, now, until)


def ladder_agencies(city: CityPack) -> list[str]:
    """Every agency that can be sent, the centre, and the offices above them that some ladder names."""
    offices = {rung.office for rungs in city.ladders.ladders.values() for rung in rungs if rung.office is not None}
    offices.add(city.ladders.centre)
    return [agency.code for agency in city.agencies.values() if agency.dispatchable or agency.code in offices]


def find_holes(book: DutyBook, city: CityPack, codes: Iterable[str], now: datetime, until: datetime) -> list[Hole]:
    """The holes of these agencies from `now` to `until`."""
    found: list[Hole] = []
    for code in codes:
        roles = roles_needed(city, code)
        if LadderRole.DUTY in roles:
            found += _duty_holes(book, code, now, until)
        found += [hole for role in roles - {LadderRole.DUTY} for hole in _rung_holes(book, code, role, now, until)]
        found += _people_holes(book, city, code, now)
    return sorted(found, key=lambda hole: (_ORDER[hole.kind], hole.starts_at, hole.agency_code, hole.contact_id or 0))


def roles_needed(city: CityPack, code: str) -> set[LadderRole]:
    """The roles that some ladder's rung asks of this agency or office."""
    agency = city.agencies[code]
    roles: set[LadderRole] = set()
    for rungs in city.ladders.ladders.values():
        for rung in rungs:
            if code == city.ladders.centre:
                roles |= {role for role in rung.roles if role is LadderRole.SUPERVISOR}
            elif rung.office == code:
                roles.add(LadderRole.LEADER)
    if agency.dispatchable:
        own = {role for rung in first_ladder(city, code) for role in rung.roles if role in AGENCY_ROLES}
        roles |= own - {LadderRole.CHIEF}  # the chief is told beside others, never alone
    return roles


def first_ladder(city: CityPack, code: str, priority: Priority = Priority.P1) -> tuple[Rung, ...]:
    """The ladder of a task that was sent to an agency and not accepted yet."""
    return city.ladders.rungs(ClockKind.ACKNOWLEDGE, priority, city.agencies[code].kind)


def _duty_holes(book: DutyBook, code: str, now: datetime, until: datetime) -> Iterator[Hole]:
    areas = book.areas(code, LadderRole.DUTY)
    if not areas:
        yield Hole(kind=HoleKind.NOBODY, agency_code=code, role=LadderRole.DUTY, starts_at=now)
    for area in areas:
        for starts_at, ends_at in uncovered(book, book.contacts(code, LadderRole.DUTY, area), now, until):
            yield Hole(
                kind=HoleKind.SHIFT,
                agency_code=code,
                area_code=area,
                role=LadderRole.DUTY,
                starts_at=starts_at,
                ends_at=ends_at,
            )


def uncovered(
    book: DutyBook, office: Sequence[ContactOfRole], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The times that are nobody's shift, of an office in which everybody stands in a roster.

    That the shift before is still told in a gap is a net, and no reason to leave the gap.
    """
    if not all(book.is_rostered(contact.id) for contact in office):
        return
    covered_to = since
    for shift in book.shifts(office):
        if shift.starts_at > covered_to and covered_to < until:
            yield covered_to, min(shift.starts_at, until)
        covered_to = max(covered_to, shift.ends_at)
    if covered_to < until:
        yield covered_to, until


def _rung_holes(book: DutyBook, code: str, role: LadderRole, now: datetime, until: datetime) -> Iterator[Hole]:
    """When a role first reaches nobody, for each area that its offices have."""
    for area in book.areas(code, role) or (None,):
        office = book.contacts(code, role, area)
        for instant in _instants(book, office, now, until):
            told = [contact for contact, _ in book.standing(office, instant)]
            if not any(book.channels.get(contact.id) for contact in told):
                yield Hole(kind=HoleKind.RUNG, agency_code=code, area_code=area, role=role, starts_at=instant)
                break


def _instants(book: DutyBook, office: Sequence[ContactOfRole], now: datetime, until: datetime) -> list[datetime]:
    """The instants at which somebody else may be on duty."""
    ends = {shift.ends_at for shift in book.shifts(office)}
    changes = {shift.starts_at for shift in book.shifts(office)} | ends | {end + book.shift_before for end in ends}
    return [now, *sorted(instant for instant in changes if now < instant < until)]


def _people_holes(book: DutyBook, city: CityPack, code: str, now: datetime) -> Iterator[Hole]:
    fresh = now - timedelta(days=city.ladders.roster.test_good_days)
    for role in LadderRole:
        for contact in (one for area in book.areas(code, role) for one in book.contacts(code, role, area)):
            channels = book.channels.get(contact.id, ())
            tests = [channel.tested_at for channel in channels if channel.tested_at is not None]
            if not channels:
                kind = HoleKind.NO_CHANNEL
            elif not tests:
                kind = HoleKind.UNTESTED
            elif max(tests) < fresh:
                kind = HoleKind.OLD_TEST
            else:
                kind = None
            if kind is not None:
                yield _of_contact(kind, contact, now)
            overtaken = overtaken_channel(city, contact.role, code, [channel.channel for channel in channels])
            if overtaken is not None:
                yield _of_contact(HoleKind.OVERTAKEN, contact, now, overtaken)


def overtaken_channel(city: CityPack, role: LadderRole, code: str, channels: Sequence[Channel]) -> Channel | None:
    """The first of a person's channels that would be tried only when the next rung has gone to somebody higher."""
    if role not in AGENCY_ROLES or code not in city.agencies:
        return None
    rungs = first_ladder(city, code)
    own = [rung.after_s for rung in rungs if role in rung.roles]
    later = [rung.after_s for rung in rungs if own and rung.after_s > own[0] and set(rung.roles) != {role}]
    if not later:
        return None
    waited_s = 0
    for channel in dict.fromkeys(channels):
        if waited_s >= later[0] - own[0]:
            return channel
        waited_s += city.ladders.reach[channel].within_s
    return None


def _of_contact(kind: HoleKind, contact: ContactOfRole, now: datetime, channel: Channel | None = None) -> Hole:
    return Hole(
        kind=kind,
        agency_code=contact.agency_code,
        area_code=contact.area_code,
        role=contact.role,
        starts_at=now,
        contact_id=contact.id,
        name=contact.name,
        channel=channel,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HolesTold(Outcome):
    """How many people were told of holes."""

    people: int = 0


def holes_due_since(city: CityPack, now: datetime) -> datetime:
    """The newest instant at which holes were to be told, by the city's own time."""
    local = now.astimezone(city.timezone)
    today = local.replace(
        hour=city.ladders.roster.holes_at.hour, minute=city.ladders.roster.holes_at.minute, second=0, microsecond=0
    )
    return (today if today <= local else today - DAY).astimezone(now.tzinfo)


def nobody_sleeps(city: CityPack, now: datetime) -> bool:
    """Whether holes may be told now: holes of tomorrow wake nobody, whenever a node that stood still begins again."""
    local = now.astimezone(city.timezone).time()
    quiet = [city.ladders.quiet_hours.get(role) for role in (LadderRole.HEAD, LadderRole.SUPERVISOR)]
    return not any(hours is not None and hours.cover(local) for hours in quiet)


def tell_holes(tx: Transaction) -> HolesTold:
    """Tell each agency's head of its holes, and the supervisors of all; each person once a day, whoever asks."""
    holes = holes_of(tx.connection, tx.city, tx.now)
    by_agency: dict[str, list[Hole]] = defaultdict(list)
    for hole in holes:
        by_agency[hole.agency_code].append(hole)
    people = 0
    for code, own in by_agency.items():
        people += _tell(tx, _on_duty(tx, code, LadderRole.HEAD), {"agency": code, **_counted(own)})
    if holes:
        supervisors = _on_duty(tx, tx.city.ladders.centre, LadderRole.SUPERVISOR)
        people += _tell(tx, supervisors, {"agencies": len(by_agency), **_counted(holes)})
    return HolesTold(people > 0, people=people)


def _on_duty(tx: Transaction, code: str, role: LadderRole) -> tuple[PersonOnDuty, ...]:
    return on_duty(tx.connection, tx.city, agency_code=code, role=role, at=tx.now)


def _counted(holes: Iterable[Hole]) -> dict[str, object]:
    kinds = Counter(hole.kind.value for hole in holes)
    return {"holes": sum(kinds.values()), "kinds": dict(kinds)}


def _tell(tx: Transaction, people: Iterable[PersonOnDuty], facts: dict[str, object]) -> int:
    """Tell those who have a channel and were not told today."""
    told = 0
    since = holes_due_since(tx.city, tx.now)
    for person in people:
        if person.contact_id is None or not person.channels or _told_since(tx.connection, person.contact_id, since):
            continue
        notify(tx, person, About(NoticeKind.HOLES), facts=facts, deadline=tx.now + DAY)
        told += 1
    return told


def _told_since(connection: Connection, contact_id: int, since: datetime) -> bool:
    statement = select(Notice.id).where(
        Notice.contact_id == contact_id, Notice.kind == NoticeKind.HOLES.value, Notice.created_at >= since
    )
    return connection.execute(statement.limit(1)).first() is not None
