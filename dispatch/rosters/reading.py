"""Contacts, shifts and holes as pages and programs receive them, cut to whoever asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from dispatch.city.ladders import Rung
from dispatch.city.model import Priority
from dispatch.city.pack import CityPack
from dispatch.city.policy import Shift
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.duty.on_duty import DutyBook, lies_in, read_duty_book
from dispatch.duty.rights import may_edit, may_read
from dispatch.duty.wall_times import WallShift, wall_shift
from dispatch.errors import NotFound
from dispatch.roles import AGENCY_ROLES, Actor, LadderRole
from dispatch.rosters import shapes
from dispatch.rosters.changes import roster_version
from dispatch.rosters.holes import DEEP, Hole, first_ladder, holes_of, ladder_agencies, roles_needed
from dispatch.storage.tables import Contact, ContactChannel, Duty, PushSubscription, User

#: How far ahead shifts are offered in return for one.
GIVEN_WITHIN = timedelta(days=14)
#: Shifts with less between them are one stretch of work.
REST = timedelta(hours=8)


def readable_agencies(city: CityPack, actor: Actor) -> list[str]:
    """The agencies and offices on ladders whose people this actor may see, in the pack's order."""
    return [code for code in ladder_agencies(city) if may_read(actor, code)]


def require_readable(city: CityPack, actor: Actor, agency_code: str) -> None:
    """Raise NotFound for an agency that there is not, or whose people the actor may not see."""
    if agency_code not in city.agencies or not may_read(actor, agency_code):
        raise NotFound("agency", agency_code)


def contacts_of(
    connection: Connection,
    city: CityPack,
    actor: Actor,
    now: datetime,
    *,
    agency_code: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[shapes.Contact]:
    """Contacts that were not removed, the oldest first, whom this actor may see."""
    statement = (
        select(Contact.__table__, User.username)
        .outerjoin(User, User.id == Contact.user_id)
        .where(Contact.removed_at.is_(None), Contact.id > after)
        .order_by(Contact.id)
        .limit(limit)
    )
    if agency_code is not None:
        statement = statement.where(Contact.agency_code == agency_code)
    else:
        statement = statement.where(Contact.agency_code.in_([code for code in city.agencies if may_read(actor, code)]))
    rows = connection.execute(statement).all()
    channels = _channels(connection, city, now, actor, rows)
    browsers = _browsers(connection, rows)
    return [
        {
            "id": row.id,
            "agency": row.agency_code,
            "area": row.area_code,
            "area_name": area_name(city, row.area_code),
            "role": row.role,
            "name": row.name,
            "username": row.username if may_edit(actor, row.agency_code) else None,
            "channels": channels.get(row.id, []),
            "browsers": browsers[row.user_id] if row.user_id is not None else 0,
        }
        for row in rows
    ]


def duties_of(
    connection: Connection, city: CityPack, actor: Actor, since: datetime, until: datetime, agency_code: str | None
) -> list[shapes.Duty]:
    """The shifts of a time that were not taken away, of one agency or of all that this actor may see."""
    codes = [agency_code] if agency_code else [code for code in city.agencies if may_read(actor, code)]
    where = Duty.removed_at.is_(None), Duty.starts_at < until, Duty.ends_at > since
    return [_duty(row) for row in _duty_rows(connection, codes, *where)]


def holes_view(
    connection: Connection, city: CityPack, actor: Actor, now: datetime, agency_code: str | None = None
) -> list[shapes.Hole]:
    """The holes of one agency, or of all that this actor may see."""
    return [
        _hole(city, hole) for hole in holes_of(connection, city, now, agency_code) if may_read(actor, hole.agency_code)
    ]


def rosters_overview(
    connection: Connection, city: CityPack, actor: Actor, now: datetime
) -> list[shapes.RosterOfAgency]:
    """Every agency whose people the actor may see: those with deep holes first, then those with any."""
    own = readable_agencies(city, actor)
    by_agency: dict[str, list[Hole]] = {code: [] for code in own}
    for hole in holes_of(connection, city, now, own[0] if len(own) == 1 else None):
        if hole.agency_code in by_agency:
            by_agency[hole.agency_code].append(hole)

    def depth(code: str) -> tuple[bool, bool]:
        holes = by_agency[code]
        return (not any(hole.kind in DEEP for hole in holes), not holes)

    return [
        {
            "code": code,
            "short_name": city.agencies[code].short_name,
            "name": city.agencies[code].name,
            "holes": len(by_agency[code]),
            "first": _hole(city, by_agency[code][0]) if by_agency[code] else None,
        }
        for code in sorted(own, key=depth)
    ]


def roster_week(
    connection: Connection,
    city: CityPack,
    actor: Actor,
    now: datetime,
    *,
    agency_code: str,
    monday: date,
    area_code: str | None,
    language: str,
) -> shapes.RosterWeek:
    """An agency's week by the policy's shifts, for one of its offices. What the actor may see was asked before."""
    agency = city.agencies[agency_code]
    days = [monday + timedelta(days=number) for number in range(7)]
    shifts = list(enumerate(city.policy.shifts))
    frames = [(day, number, _frame(city, day, shift)) for day in days for number, shift in shifts]
    since, until = frames[0][2].starts_at, max(frame.ends_at for *_, frame in frames)
    rows = _duty_rows(connection, [agency_code], Duty.starts_at < until, Duty.ends_at > since)
    contacts = contacts_of(connection, city, actor, now, agency_code=agency_code)
    offices = sorted({one["area"] for one in contacts if one["role"] == LadderRole.DUTY}, key=lambda area: area or "")
    area = area_code if area_code in offices else next(iter(offices), None)
    own = [row for row in rows if row.role == LadderRole.DUTY and row.area_code == area]
    office = {one["id"] for one in contacts if one["role"] == LadderRole.DUTY and one["area"] == area}
    # Where somebody stands for duty always, or no ladder asks for duty, as of the centre, no shift need be anybody's.
    may_be_empty = bool(office - _rostered(connection, agency_code)) or (
        not office and LadderRole.DUTY not in roles_needed(city, agency_code)
    )
    cells = [_cell(day, number, frame, own, now, may_be_empty) for day, number, frame in frames]
    shown = {duty["id"] for cell in cells for duty in cell["duties"]}
    return {
        "at": to_iso(now),
        "agency": agency_code,
        "short_name": agency.short_name,
        "name": agency.name,
        "may_edit": may_edit(actor, agency_code),
        "version": roster_version(connection, agency_code),
        "monday": monday.isoformat(),
        "today": now.astimezone(city.timezone).date().isoformat(),
        "days": [day.isoformat() for day in days],
        "shifts": [_shift(shift, language) for shift in city.policy.shifts],
        "offices": [{"area": one, "name": area_name(city, one)} for one in offices],
        "area": area,
        "cells": cells,
        "others": [_duty(row) for row in rows if row.removed_at is None and row.id not in shown],
        "now": _ready_now(connection, city, actor, now, agency_code),
        "contacts": contacts,
        "holes": holes_view(connection, city, actor, now, agency_code),
    }


def _cell(
    day: date, number: int, frame: WallShift, rows: Sequence[Row[Any]], now: datetime, may_be_empty: bool
) -> shapes.RosterCell:
    """One shift of one day, from an office's shifts of the week, those among them that were taken away."""
    live = [row for row in rows if row.removed_at is None]
    retaken = {row.swapped_from_id for row in live}
    own = [row for row in live if _touches(row, frame)]
    given = [row for row in rows if row.removed_at is not None and row.id not in retaken and _touches(row, frame)]
    return {
        "day": day.isoformat(),
        "shift": number,
        "starts_local": frame.starts_local,
        "ends_local": frame.ends_local,
        "starts_at": to_iso(frame.starts_at),
        "ends_at": to_iso(frame.ends_at),
        "over": frame.ends_at <= now,
        "hole": not may_be_empty and not _covers(own, frame),
        "duties": [_duty(row) for row in own],
        "given_away": [_duty(row) for row in given],
    }


def shift_view(
    connection: Connection,
    city: CityPack,
    actor: Actor,
    now: datetime,
    *,
    agency_code: str,
    shift: WallShift,
    area_code: str | None,
    priority: Priority,
) -> shapes.ShiftView:
    """Who would be told of a task sent in the middle of a shift (now, where it runs), and who could have the shift."""
    middle = shift.starts_at + (shift.ends_at - shift.starts_at) / 2
    at = now if shift.starts_at <= now < shift.ends_at else middle
    book = read_duty_book(connection, city, since=at - GIVEN_WITHIN, until=at + GIVEN_WITHIN)
    people = {contact["id"]: contact for contact in _everybody(connection, city, actor, now, agency_code)}
    steps = [
        _step(book, city, people, agency_code, number, rung, at, area_code)
        for number, rung in enumerate(first_ladder(city, agency_code, priority))
    ]
    return {
        "starts_local": shift.starts_local,
        "ends_local": shift.ends_local,
        "starts_at": to_iso(shift.starts_at),
        "ends_at": to_iso(shift.ends_at),
        "at": to_iso(at),
        "priority": priority.value,
        "steps": steps,
        "candidates": _candidates(connection, people, agency_code, area_code, shift, now),
    }


def _ready_now(
    connection: Connection, city: CityPack, actor: Actor, now: datetime, agency_code: str
) -> list[shapes.Duty]:
    """The shifts that run, or begin so soon that SIAP counts."""
    soon = now + timedelta(seconds=city.ladders.roster.ready_early_s)
    return duties_of(connection, city, actor, now, soon, agency_code)


def area_name(city: CityPack, area_code: str | None) -> str | None:
    """What an area is called: a kelurahan, or the kecamatan of some."""
    if area_code is None:
        return None
    ward = city.kelurahan.get(area_code)
    if ward is not None:
        return ward.name
    return next((ward.kecamatan for code, ward in city.kelurahan.items() if lies_in(code, area_code)), area_code)


def _everybody(
    connection: Connection, city: CityPack, actor: Actor, now: datetime, agency_code: str
) -> list[shapes.Contact]:
    """The people whom an agency's ladder may tell: its own, the centre's, and those of the offices above."""
    codes = [agency_code, city.ladders.centre]
    codes += [rung.office for rung in first_ladder(city, agency_code) if rung.office is not None]
    return [
        contact
        for code in dict.fromkeys(codes)
        for contact in contacts_of(connection, city, actor, now, agency_code=code)
    ]


def _step(
    book: DutyBook,
    city: CityPack,
    people: dict[int, shapes.Contact],
    agency_code: str,
    number: int,
    rung: Rung,
    at: datetime,
    area_code: str | None,
) -> shapes.Step:
    told: dict[int, shapes.StepPerson] = {}
    for role in rung.roles:
        code = agency_code if role in AGENCY_ROLES else rung.office or city.ladders.centre
        for person in book.on_duty(code, role, at, kelurahan_code=area_code):
            contact = people.get(person.contact_id or 0)
            if contact is None:
                continue
            told.setdefault(
                contact["id"],
                {
                    "contact_id": contact["id"],
                    "name": contact["name"],
                    "role": contact["role"],
                    "agency": contact["agency"],
                    "present": book.is_present(contact["id"], at),
                    "channels": contact["channels"],
                    "browsers": contact["browsers"],
                },
            )
    return {
        "rung": number,
        "after_s": rung.after_s,
        "who": rung.who,
        "roles": [role.value for role in rung.roles],
        "office": rung.office,
        "office_name": city.agencies[rung.office].short_name if rung.office else None,
        "people": list(told.values()),
        "hole": not any(one["present"] and (one["channels"] or one["browsers"]) for one in told.values()),
    }


def _candidates(
    connection: Connection,
    people: dict[int, shapes.Contact],
    agency_code: str,
    area_code: str | None,
    shift: WallShift,
    now: datetime,
) -> list[shapes.Candidate]:
    around = (
        Duty.removed_at.is_(None),
        Duty.starts_at < shift.ends_at + GIVEN_WITHIN,
        Duty.ends_at > (min(now, shift.starts_at) - GIVEN_WITHIN),
    )
    rows = _duty_rows(connection, [agency_code], *around)
    found: list[shapes.Candidate] = []
    for contact in people.values():
        if (contact["agency"], contact["area"], contact["role"]) != (agency_code, area_code, LadderRole.DUTY.value):
            continue
        own = [row for row in rows if row.contact_id == contact["id"]]
        found.append(
            {
                "contact_id": contact["id"],
                "name": contact["name"],
                "busy": any(shift.overlaps(row.starts_local, row.ends_local) for row in own),
                "hours_in_a_row": hours_in_a_row([(row.starts_at, row.ends_at) for row in own], shift),
                "proved": any(channel["proved"] for channel in contact["channels"]),
                "reachable": bool(contact["channels"] or contact["browsers"]),
                "to_give": [_duty(row) for row in own if row.starts_at > now and not _touches(row, shift)],
            }
        )
    return sorted(found, key=lambda one: (one["busy"], not one["reachable"], one["hours_in_a_row"], one["contact_id"]))


def hours_in_a_row(shifts: Iterable[tuple[datetime, datetime]], shift: WallShift) -> float:
    """How many hours somebody would work who took this shift too: with all that leaves less than REST between."""
    starts_at, ends_at = shift.starts_at, shift.ends_at
    worked = ends_at - starts_at
    rest = sorted(shifts)
    while True:
        near = [one for one in rest if one[0] < ends_at + REST and one[1] > starts_at - REST]
        if not near:
            return round(worked.total_seconds() / 3600, 1)
        for one in near:
            rest.remove(one)
            worked += one[1] - one[0]
            starts_at, ends_at = min(starts_at, one[0]), max(ends_at, one[1])


def _frame(city: CityPack, day: date, shift: Shift) -> WallShift:
    """A shift of the policy on a day, by the wall."""
    last = day + timedelta(days=shift.ends <= shift.starts)
    return wall_shift(f"{day}T{shift.starts:%H:%M}", f"{last}T{shift.ends:%H:%M}", city.timezone)


def _shift(shift: Shift, language: str) -> shapes.ShiftOfPolicy:
    name = shift.name_en if language == "en" else shift.name_id
    return {"name": name, "starts": f"{shift.starts:%H:%M}", "ends": f"{shift.ends:%H:%M}"}


def _touches(row: Row[Any], frame: WallShift) -> bool:
    return frame.overlaps(row.starts_local, row.ends_local)


def _covers(rows: Sequence[Row[Any]], frame: WallShift) -> bool:
    """Whether somebody has each moment of a shift."""
    covered_to = frame.starts_at
    for row in sorted(rows, key=lambda row: row.starts_at):
        if row.starts_at > covered_to:
            return False
        covered_to = max(covered_to, row.ends_at)
    return bool(covered_to >= frame.ends_at)


def _duty_rows(connection: Connection, codes: Sequence[str], *where: Any) -> Sequence[Row[Any]]:
    statement = (
        select(Duty.__table__, Contact.name, Contact.role, Contact.area_code)
        .join(Contact, Contact.id == Duty.contact_id)
        .where(Contact.agency_code.in_(codes), *where)
        .order_by(Duty.starts_at, Duty.id)
    )
    return connection.execute(statement).all()


def _rostered(connection: Connection, agency_code: str) -> set[int]:
    statement = (
        select(Duty.contact_id)
        .join(Contact, Contact.id == Duty.contact_id)
        .where(Contact.agency_code == agency_code)
        .distinct()
    )
    return set(connection.execute(statement).scalars())


def _duty(row: Row[Any]) -> shapes.Duty:
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "name": row.name,
        "role": row.role,
        "area": row.area_code,
        "starts_local": row.starts_local,
        "ends_local": row.ends_local,
        "starts_at": to_iso(row.starts_at),
        "ends_at": to_iso(row.ends_at),
        "asked_at": to_iso_if_any(row.asked_at),
        "checked_in_at": to_iso_if_any(row.checked_in_at),
        "swapped_from_id": row.swapped_from_id,
    }


def _hole(city: CityPack, hole: Hole) -> shapes.Hole:
    return {
        "kind": hole.kind.value,
        "deep": hole.kind in DEEP,
        "agency": hole.agency_code,
        "area": hole.area_code,
        "area_name": area_name(city, hole.area_code),
        "role": hole.role.value,
        "starts_at": to_iso(hole.starts_at),
        "ends_at": to_iso_if_any(hole.ends_at),
        "contact_id": hole.contact_id,
        "name": hole.name,
        "channel": hole.channel.value if hole.channel else None,
    }


def _channels(
    connection: Connection, city: CityPack, now: datetime, actor: Actor, contacts: Sequence[Row[Any]]
) -> dict[int, list[shapes.ContactChannel]]:
    """Each contact's channels in order; the address only where the actor may edit."""
    fresh = now - timedelta(days=city.ladders.roster.test_good_days)
    seen = {row.id: may_edit(actor, row.agency_code) for row in contacts}
    rows = connection.execute(
        select(ContactChannel.__table__)
        .where(ContactChannel.contact_id.in_(list(seen)), ContactChannel.removed_at.is_(None))
        .order_by(ContactChannel.contact_id, ContactChannel.position, ContactChannel.id)
    )
    found: dict[int, list[shapes.ContactChannel]] = {}
    for row in rows:
        found.setdefault(row.contact_id, []).append(
            {
                "id": row.id,
                "channel": row.channel,
                "address": row.address if seen[row.contact_id] else None,
                "tested_at": to_iso_if_any(row.tested_at),
                "test_sent_at": to_iso_if_any(row.test_sent_at),
                "waiting": row.test_code is not None,
                "proved": row.tested_at is not None and row.tested_at >= fresh,
                "problem": row.problem,
                "problem_at": to_iso_if_any(row.problem_at),
            }
        )
    return found


def _browsers(connection: Connection, contacts: Sequence[Row[Any]]) -> Counter[int]:
    """How many browsers ring by push, by user."""
    users = [row.user_id for row in contacts if row.user_id is not None]
    statement = select(PushSubscription.user_id).where(
        PushSubscription.user_id.in_(users), PushSubscription.gone_at.is_(None)
    )
    return Counter(connection.execute(statement).scalars()) if users else Counter()
