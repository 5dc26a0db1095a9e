"""As whom a contact acts that was told of a task: by a signed link, or by an answer to a message."""

from __future__ import annotations

from sqlalchemy import Connection, select

from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.tables import Contact, User


def actor_of_contact(connection: Connection, contact_id: int) -> Actor | None:
    """The contact as commands name whoever gives them: as its user where it has one that works, else as itself.

    Either way it acts for its own agency and for nothing else, as a responder. None for a contact that was removed.
    """
    row = connection.execute(
        select(Contact.name, Contact.agency_code, User.id.label("user_id"))
        .outerjoin(User, (User.id == Contact.user_id) & User.deactivated_at.is_(None))
        .where(Contact.id == contact_id, Contact.removed_at.is_(None))
    ).first()
    if row is None:
        return None
    kind = ActorKind.CONTACT if row.user_id is None else ActorKind.USER
    return Actor(
        kind,
        user_id=row.user_id,
        name=row.name,
        role=Role.RESPONDER,
        agency_code=row.agency_code,
        contact_id=contact_id if row.user_id is None else None,
    )
