"""Who may see and change the people of an agency, and its roster."""

from __future__ import annotations

from dispatch.errors import NotFound, NotPermitted
from dispatch.roles import CENTRE_ROLES, Actor, ActorKind, Role


def may_edit(actor: Actor, agency_code: str) -> bool:
    """Supervisors and admins may everywhere, an agency's people in their own agency. They see addresses, others not."""
    if actor.kind is ActorKind.SYSTEM or actor.role in (Role.SUPERVISOR, Role.ADMIN):
        return True
    return actor.role is Role.RESPONDER and actor.agency_code == agency_code


def may_read(actor: Actor, agency_code: str) -> bool:
    """Whoever may edit; the centre's people and the leaders read everywhere."""
    return may_edit(actor, agency_code) or actor.role in CENTRE_ROLES or actor.role is Role.LEADER


def require_edit(actor: Actor, command: str, agency_code: str, entity: str, key: object) -> None:
    """Raise NotPermitted for whoever may only read, and NotFound for whoever may not know of it."""
    if may_edit(actor, agency_code):
        return
    if may_read(actor, agency_code):
        raise NotPermitted(command, actor.role)
    raise NotFound(entity, key)
