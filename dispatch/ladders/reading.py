"""Reads ladders and reach for those who look at tickets: a query per table, however many tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, bindparam, exists, select

from dispatch.city.ladders import Reach
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.deliveries.notices import HOLE, PAGE, rank
from dispatch.ladders import shapes
from dispatch.ladders.running import rung_due_at
from dispatch.storage.epochs import read_epoch
from dispatch.storage.rows import LadderRow, LadderStepRow
from dispatch.storage.tables import (
    OPEN_LADDERS,
    Contact,
    Ladder,
    LadderStep,
    Notice,
    NoticeDelivery,
    Ticket,
    User,
)

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_OPEN = select(Ladder.__table__).where(Ladder.ticket_id.in_(_IDS), OPEN_LADDERS).order_by(Ladder.id)
_STEPS = select(LadderStep.__table__).where(LadderStep.ladder_id.in_(_IDS)).order_by(LadderStep.rung)
_NOTICES = (
    select(
        Notice.id,
        Notice.assignment_id,
        Notice.role,
        Notice.level,
        Notice.level_at,
        Notice.channel,
        Notice.problem,
        Notice.late,
        Contact.name,
        User.display_name,
        exists().where(NoticeDelivery.notice_id == Notice.id, NoticeDelivery.uncertain.is_(True)).label("uncertain"),
    )
    .outerjoin(Contact, Contact.id == Notice.contact_id)
    .outerjoin(User, User.id == Notice.user_id)
    .where(Notice.ticket_id.in_(_IDS), Notice.assignment_id.is_not(None))
    .order_by(Notice.id)
)


class LadderReader:
    """The open ladders of some tickets and who was told of their assignments."""

    def __init__(self, connection: Connection, ticket_ids: Sequence[int], assigned: Iterable[int]) -> None:
        """`assigned`: those of the tickets that have assignments; nobody was told anything of the others'."""
        self._ladders: dict[str, LadderRow] = {}
        self._steps: dict[int, list[LadderStepRow]] = defaultdict(list)
        self._people: dict[int, list[shapes.PersonReached]] = defaultdict(list)
        for row in connection.execute(_OPEN, {"ids": ticket_ids}):
            ladder = LadderRow.from_row(row)
            self._ladders[ladder.subject] = ladder
        self._epoch = read_epoch(connection) if self._ladders else None
        climbed = [ladder.id for ladder in self._ladders.values() if ladder.next_rung]
        if climbed:
            for row in connection.execute(_STEPS, {"ids": climbed}):
                step = LadderStepRow.from_row(row)
                self._steps[step.ladder_id].append(step)
        if ids := list(assigned):
            for notice in connection.execute(_NOTICES, {"ids": ids}):
                self._people[notice.assignment_id].append(
                    {
                        "notice_id": notice.id,
                        "name": notice.name or notice.display_name,
                        "role": notice.role,
                        "level": notice.level,
                        "at": to_iso(notice.level_at),
                        "channel": notice.channel,
                        "problem": notice.problem,
                        "late": notice.late,
                        "uncertain": bool(notice.uncertain),
                    }
                )

    def of_ticket(self, ticket_id: int) -> shapes.LadderView | None:
        """The ladder of a ticket's own clock; None while none runs."""
        return self._view(f"ticket:{ticket_id}")

    def of_assignment(self, assignment_id: int) -> shapes.LadderView | None:
        """The ladder of an assignment's clock; None while none runs."""
        return self._view(f"assignment:{assignment_id}")

    def reach(self, assignment_id: int, acknowledged_at: datetime | None) -> shapes.ReachView | None:
        """How far the news of an assignment has come; None before anybody was told, and had to be."""
        people = self._people[assignment_id]
        if acknowledged_at is not None:
            answered = next((one["channel"] for one in people if one["level"] == Reach.ANSWERED), PAGE)
            at = to_iso(acknowledged_at)
            return {"level": Reach.ANSWERED.value, "at": at, "channel": answered, "people": people}
        if people:
            best = max(people, key=lambda one: rank(one["level"]))
            return {"level": best["level"], "at": best["at"], "channel": best["channel"], "people": people}
        ladder = self._ladders.get(f"assignment:{assignment_id}")
        if ladder is None or not self._steps[ladder.id]:
            return None
        return {"level": HOLE, "at": to_iso(self._steps[ladder.id][0].fired_at), "channel": None, "people": []}

    def _view(self, subject: str) -> shapes.LadderView | None:
        ladder = self._ladders.get(subject)
        return ladder_view(ladder, self._steps[ladder.id], self._epoch) if ladder is not None else None


def ladder_view(ladder: LadderRow, steps: Iterable[LadderStepRow], epoch: str | None) -> shapes.LadderView:
    """A ladder as people receive it."""
    fired = {step.rung: step for step in steps}
    next_number = _next(ladder, fired)
    rungs: list[shapes.LadderRung] = []
    for number, rung in enumerate(ladder.rungs):
        step = fired.get(number)
        due_at = step.due_at if step is not None else rung_due_at(ladder.started_at, ladder.shift_s, rung)
        rungs.append(
            {
                "after_s": rung["after_s"],
                "who": rung["who"],
                "due_at": to_iso(due_at),
                "fired_at": to_iso(step.fired_at) if step is not None else None,
                "people": step.people if step is not None else None,
                "hole": step is not None and step.hole,
                "late": step is not None and step.late,
            }
        )
    return {
        "id": ladder.id,
        "clock": ladder.clock_kind,
        "rung": next_number,
        "next_at": to_iso_if_any(ladder.next_at),
        "next_who": ladder.rungs[next_number]["who"] if next_number < len(ladder.rungs) else None,
        "held": ladder.ended_at is None and epoch is not None and ladder.epoch != epoch,
        "paused": _pause(ladder),
        "rungs": rungs,
    }


def _next(ladder: LadderRow, fired: Container[int]) -> int:
    """Which rung is next: the first that waits, unless it rests until the morning and another one comes before."""
    waiting = [number for number in range(ladder.next_rung, len(ladder.rungs)) if number not in fired]
    at_that_time = (
        number
        for number in waiting
        if rung_due_at(ladder.started_at, ladder.shift_s, ladder.rungs[number]) == ladder.next_at
    )
    return next(at_that_time, ladder.next_rung)


def _pause(ladder: LadderRow) -> shapes.Pause | None:
    if ladder.paused_at is None or ladder.paused_until is None or ladder.pause_reason is None:
        return None
    return {
        "reason": ladder.pause_reason,
        "since": to_iso(ladder.paused_at),
        "until": to_iso(ladder.paused_until),
        "by_id": ladder.paused_by,
    }


def list_ladders(
    connection: Connection, *, only_open: bool, after: int | None, limit: int, ticket_number: str | None = None
) -> tuple[list[shapes.OpenLadder], int | None]:
    """A page of ladders, newest first, and the id to go on from; the next due is for whoever sorts."""
    statement = select(Ladder.__table__, Ticket.number, Ticket.priority).join(Ticket, Ticket.id == Ladder.ticket_id)
    if only_open:
        statement = statement.where(OPEN_LADDERS)
    if ticket_number is not None:
        statement = statement.where(Ticket.number == ticket_number)
    if after is not None:
        statement = statement.where(Ladder.id < after)
    rows = connection.execute(statement.order_by(Ladder.id.desc()).limit(limit + 1)).all()
    return _as_listed(connection, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None


def listed_ladders(connection: Connection, *where: ColumnElement[bool]) -> list[shapes.OpenLadder]:
    """All ladders of which `where` holds, oldest first."""
    statement = select(Ladder.__table__, Ticket.number, Ticket.priority).join(Ticket, Ticket.id == Ladder.ticket_id)
    return _as_listed(connection, connection.execute(statement.where(*where).order_by(Ladder.id)).all())


def _as_listed(connection: Connection, rows: Sequence[Row[Any]]) -> list[shapes.OpenLadder]:
    found = [(LadderRow.from_row(row[:-2]), row.number, row.priority) for row in rows]
    steps: dict[int, list[LadderStepRow]] = defaultdict(list)
    if climbed := [ladder.id for ladder, _, _ in found if ladder.next_rung]:
        for row in connection.execute(_STEPS, {"ids": climbed}):
            step = LadderStepRow.from_row(row)
            steps[step.ladder_id].append(step)
    epoch = read_epoch(connection)
    return [_listed(ladder, steps[ladder.id], epoch, number, priority) for ladder, number, priority in found]


def _listed(
    ladder: LadderRow, steps: Sequence[LadderStepRow], epoch: str | None, number: str, priority: str | None
) -> shapes.OpenLadder:
    return {
        **ladder_view(ladder, steps, epoch),
        "ticket_number": number,
        "assignment_id": ladder.assignment_id,
        "agency": ladder.agency_code,
        "priority": priority,
        "started_at": to_iso(ladder.started_at),
        "due_at": to_iso(ladder.due_at),
        "ended_at": to_iso_if_any(ladder.ended_at),
        "ended_why": ladder.ended_why,
    }
