"""What was typed before a database was brought back, for something that got the number of something else since.

After a restore numbers and ids are given out again. A ticket that came back with the backup is the one that was meant;
one that was opened since is another caller's.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from dispatch.storage.tables import Assignment, Epoch, Ticket


def is_another(
    connection: Connection, epoch: str, *, ticket_number: str | None = None, assignment_id: int | None = None
) -> bool:
    """Whether what was meant in that epoch is not there any more, because this one was made in the present one."""
    present = connection.execute(select(Epoch.epoch, Epoch.began_at).order_by(Epoch.id.desc()).limit(1)).first()
    if present is None or present.epoch == epoch:
        return False
    made_at: datetime | None = None
    if assignment_id is not None:
        made_at = connection.execute(select(Assignment.sent_at).where(Assignment.id == assignment_id)).scalar()
    elif ticket_number is not None:
        made_at = connection.execute(select(Ticket.opened_at).where(Ticket.number == ticket_number)).scalar()
    return made_at is not None and made_at >= present.began_at
