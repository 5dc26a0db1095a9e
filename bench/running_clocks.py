"""Running clocks by the thousand: assignments at agencies, each with its ladder, as the product writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert, select, update

from bench.open_tickets import operator_id
from dispatch.centre import Centre
from dispatch.city.model import Priority
from dispatch.ladders.running import Subject, begin_ladders
from dispatch.storage.tables import Assignment, Contact, ContactChannel, Ladder, Ticket
from dispatch.storage.transaction import Transaction

CLOCK = "acknowledge"
IN_ONE = 500  #: clocks of one transaction
#: Copies get numbers of a day long past, which no call can get.
NUMBERS = count(1)
#: As if each clock had been paused for so long.
AN_HOUR_S = 3600


def make_people(centre: Centre) -> None:
    """Give each agency somebody on duty, a chief and a head, each with a channel; and the offices above theirs."""
    now = centre.clock.now()
    offices = [
        (code, role) for code in centre.city.agencies for role in ("duty", "chief", "head", "supervisor", "leader")
    ]
    with centre.engine.begin() as connection:
        for number, (code, role) in enumerate(offices):
            made = connection.execute(
                insert(Contact).values(agency_code=code, role=role, name=f"{code} {role}", created_at=now)
            )
            key = made.inserted_primary_key
            assert key is not None
            connection.execute(
                insert(ContactChannel).values(
                    contact_id=key[0], channel="whatsapp", position=0, address=f"62812{number:08d}", changed_at=now
                )
            )


def make_clocks(centre: Centre, clocks: int) -> None:
    """Make so many tickets that an agency has not accepted, with clocks of which nobody is told for an hour."""
    operator_id(centre)
    agencies = [code for code, agency in centre.city.agencies.items() if agency.dispatchable]
    for first in range(0, clocks, IN_ONE):
        centre.run(_make, count=min(IN_ONE, clocks - first), agencies=agencies)


def _make(tx: Transaction, *, count: int, agencies: Sequence[str]) -> int:
    started_at = tx.now
    due_at = started_at + timedelta(seconds=60)
    clock: dict[str, Any] = {"clock_kind": CLOCK, "clock_started_at": started_at, "clock_due_at": due_at}
    for _ in range(count):
        number = next(NUMBERS)
        agency = agencies[number % len(agencies)]
        ticket_id = tx.insert(
            Ticket,
            number=f"000101-{number:06d}",
            state="dispatched",
            classification="genuine",
            type_code=next(iter(tx.city.incident_types)),
            priority=Priority.P1.value,
            kelurahan_code=next(iter(tx.city.kelurahan)),
            opened_at=tx.now,
        )
        assignment_id = tx.insert(
            Assignment,
            ticket_id=ticket_id,
            agency_code=agency,
            role="primary",
            state="sent",
            sent_seq=tx.next_seq,
            sent_at=tx.now,
            **clock,
        )
        subject = Subject(ticket_id, assignment_id, agency_code=agency)
        begin_ladders(tx, [subject], CLOCK, Priority.P1, [started_at], clock, shift_s=AN_HOUR_S)
    return count


def let_come_due(engine: Engine, clocks: int, at: datetime) -> list[int]:
    """Let so many of them begin at this very instant, so that their first rung is due then; return the ladders' ids."""
    with engine.begin() as connection:
        chosen = connection.execute(
            select(Ladder.id, Ladder.assignment_id).where(Ladder.next_rung == 0).order_by(Ladder.id).limit(clocks)
        ).all()
        ids, assignments = [row.id for row in chosen], [row.assignment_id for row in chosen]
        starts = {"clock_started_at": at, "clock_due_at": at + timedelta(seconds=60)}
        for first in range(0, len(ids), IN_ONE):
            some, theirs = ids[first : first + IN_ONE], assignments[first : first + IN_ONE]
            connection.execute(
                update(Ladder)
                .where(Ladder.id.in_(some))
                .values(started_at=at, due_at=at + timedelta(seconds=60), next_at=at, shift_s=0)
            )
            connection.execute(update(Assignment).where(Assignment.id.in_(theirs)).values(**starts))
    return ids
