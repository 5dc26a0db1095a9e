"""For which offices somebody is the leader: by the contacts of the office that name the user, and by nothing else."""

from __future__ import annotations

from sqlalchemy import Connection, select

from dispatch.roles import Actor, LadderRole, Role
from dispatch.storage.tables import Contact, Ladder, LadderStep


def offices_of(connection: Connection, actor: Actor) -> tuple[str, ...]:
    """The offices whose leader this is, in order; none for whoever no contact names."""
    if actor.role is not Role.LEADER or actor.user_id is None:
        return ()
    rows = connection.execute(
        select(Contact.agency_code)
        .where(
            Contact.user_id == actor.user_id,
            Contact.role == LadderRole.LEADER.value,
            Contact.removed_at.is_(None),
        )
        .distinct()
        .order_by(Contact.agency_code)
    )
    return tuple(rows.scalars())


def office_that_was_told(connection: Connection, offices: tuple[str, ...], ticket_id: int) -> str | None:
    """Which of these offices a rung of one of the ticket's ladders has told, the newest; None: it is none of theirs."""
    return connection.execute(
        select(LadderStep.office_code)
        .join(Ladder, Ladder.id == LadderStep.ladder_id)
        .where(Ladder.ticket_id == ticket_id, LadderStep.office_code.in_(offices))
        .order_by(LadderStep.id.desc())
        .limit(1)
    ).scalar()
