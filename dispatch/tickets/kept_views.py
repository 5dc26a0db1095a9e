"""What an agency is out of stays as it was then.

Whoever declined or was called off sees the ticket as it was at that instant, wherever it looks: the command that ends
the assignment keeps the agency's own view in a row, which `views` reads.
"""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.storage.tables import Assignment, KeptView
from dispatch.storage.transaction import Transaction
from dispatch.tickets.views import TicketReader


def keep_as_seen(tx: Transaction, ticket_id: int, agencies: Iterable[tuple[int, str]], seq: int) -> None:
    """Keep what agencies see of a ticket that they are out of from journal number `seq` on.

    `agencies`: (assignment, agency). To be called last in the command, so that its own changes are in what is kept.
    """
    ended = list(agencies)
    if not ended:
        return
    reader = TicketReader(tx.connection, tx.city, [ticket_id])
    for assignment_id, agency in ended:
        tx.update(Assignment, Assignment.id == assignment_id, ended_seq=seq)
        view = reader.for_agency(ticket_id, agency)
        assert view is not None
        tx.insert(
            KeptView,
            assignment_id=assignment_id,
            ticket_id=ticket_id,
            agency_code=agency,
            state=view["state"],
            view=view,
            at=tx.now,
        )
