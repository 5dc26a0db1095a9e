"""Who is meant by a rung of a ladder, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from dispatch.city.pack import CityPack
from dispatch.roles import LadderRole


def who_on_ladder(who: str, city: CityPack) -> str:
    """`duty+chief` or `leader:SETDA`, as people say it."""
    return ", ".join(_role(role, city) for role in who.split("+"))


def _role(role: str, city: CityPack) -> str:
    name, _colon, office = role.partition(":")
    if office:
        agency = city.agencies.get(office)
        return agency.short_name if agency else office
    names: dict[str, str] = {
        LadderRole.DUTY.value: _("piket"),
        LadderRole.CHIEF.value: _("kepala regu"),
        LadderRole.HEAD.value: _("kepala dinas"),
        LadderRole.SUPERVISOR.value: _("supervisor"),
        LadderRole.DESK.value: _("meja Rabeg"),
        LadderRole.LEADER.value: _("pimpinan"),
    }
    return names.get(name, name)
