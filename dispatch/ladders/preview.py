"""Who would be told if a ticket were sent to these agencies now, by what, and who after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from dispatch.city.ladders import Rung
from dispatch.city.model import Agency, Priority
from dispatch.city.pack import CityPack
from dispatch.city.policy import ClockKind
from dispatch.duty.on_duty import PersonOnDuty, on_duty
from dispatch.ladders import shapes
from dispatch.roles import AGENCY_ROLES, LadderRole


def preview(
    connection: Connection,
    city: CityPack,
    now: datetime,
    agencies: Iterable[str],
    priority: Priority,
    kelurahan_code: str | None,
) -> list[shapes.AgencyPreview]:
    """Look each agency's ladder up as it would begin now; unknown agencies are left out."""
    found = []
    for code in agencies:
        agency = city.agencies.get(code)
        if agency is not None:
            found.append(_of_agency(connection, city, now, agency, priority, kelurahan_code))
    return found


def _of_agency(
    connection: Connection,
    city: CityPack,
    now: datetime,
    agency: Agency,
    priority: Priority,
    kelurahan_code: str | None,
) -> shapes.AgencyPreview:
    known: dict[tuple[str, LadderRole], tuple[PersonOnDuty, ...]] = {}

    def people(rung: Rung) -> list[PersonOnDuty]:
        told: dict[tuple[int | None, int | None], PersonOnDuty] = {}
        for role in rung.roles:
            of = agency.code if role in AGENCY_ROLES else rung.office or city.ladders.centre
            if (of, role) not in known:
                known[of, role] = on_duty(
                    connection, city, agency_code=of, role=role, at=now, kelurahan_code=kelurahan_code
                )
            told |= {(person.contact_id, person.user_id): person for person in known[of, role]}
        return list(told.values())

    rungs: list[shapes.RungPreview] = []
    for rung in city.ladders.rungs(ClockKind.ACKNOWLEDGE, priority, agency.kind):
        told = people(rung)
        rungs.append(
            {
                "after_s": rung.after_s,
                "who": rung.who,
                "people": [_person(person) for person in told],
                "hole": not any(person.reachable for person in told),
                "tested": any(way.tested_at is not None for person in told for way in person.channels),
            }
        )
    return {
        "agency": agency.code,
        "phone": agency.phone,
        "hole": rungs[0]["hole"],
        "tested": rungs[0]["tested"],
        "rungs": rungs,
    }


def _person(person: PersonOnDuty) -> shapes.PersonPreview:
    return {
        "name": person.name,
        "role": person.role.value,
        "channels": list(dict.fromkeys(way.channel.value for way in person.channels)),
        "at_screen": person.at_screen,
        "checked_in": person.checked_in,
    }
