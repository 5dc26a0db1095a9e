"""A database with years of closed tickets and a shift's worth of open ones, made in bulk.

What happened lies in the past and is written straight into the tables, with a journal whose chain holds; what is still
open is made by the product's own commands.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert

from bench.open_tickets import leave_open_tickets, operator_id
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.journal import JournalHead, read_head
from dispatch.storage.journal_kinds import JournalKind, kind_named
from dispatch.storage.migrate import upgrade
from dispatch.storage.tables import Assignment, Base, Call, Counter, Ticket, TicketNote

#: Kota Serang had 33,196 calls in eleven months of 2020; three times that is a busy centre.
CALLS_A_DAY = 300
#: Shares as Serang and Jakarta publish them, abandoned calls counted as dropped.
MIX = {"prank": 0.50, "ghost": 0.15, "dropped": 0.17, "information": 0.11, "wrong_number": 0.05, "genuine": 0.02}
CHUNK = 20_000
WORDS = "asap hitam dari lantai dua, warga sudah berkumpul, katanya masih ada orang di dalam"


@dataclass(slots=True)
class _Rows:
    """Rows that wait for their bulk insert."""

    tickets: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    assignments: list[dict[str, Any]]
    notes: list[dict[str, Any]]


def make_history(path: Path, city: CityPack, tickets: int, *, seed: int = 112) -> None:
    """Make an SQLite database at `path` with that many closed tickets, ending now, and the open ones of a shift."""
    url = f"sqlite:///{path}"
    upgrade(url)
    centre = open_centre(url, city)
    operator = operator_id(centre)
    centre.close()
    engine = create_engine(url)
    with engine.connect() as connection:
        # The file is thrown away if this fails, so nothing here has to survive a crash.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        head = read_head(connection)
        end = datetime.now(UTC) - timedelta(minutes=30)
        story = _History(city, operator, random.Random(seed), head, end, tickets)
        for rows in story.chunks():
            _insert(connection, rows, head)
        connection.execute(insert(Counter), story.counters())
        connection.commit()
    engine.dispose()
    centre = open_centre(url, city)
    try:
        leave_open_tickets(centre, operator)
    finally:
        centre.close()


def _insert(connection: Connection, rows: _Rows, head: JournalHead) -> None:
    for table, values in (
        (Ticket, rows.tickets),
        (Call, rows.calls),
        (Assignment, rows.assignments),
        (TicketNote, rows.notes),
    ):
        if values:
            connection.execute(insert(table), values)
    head.flush(connection)
    connection.commit()


def _blank(table: type[Base]) -> dict[str, Any]:
    """All columns of a table, empty, so that every row of a bulk insert names the same ones."""
    return dict.fromkeys(table.__table__.columns.keys())


class _History:
    """Tells, ticket by ticket, what a centre went through."""

    def __init__(
        self, city: CityPack, operator: int, dice: random.Random, head: JournalHead, end: datetime, tickets: int
    ) -> None:
        self._city = city
        self._dice = dice
        self._head = head
        self._count = tickets
        self._gap = timedelta(days=1) / CALLS_A_DAY
        self._begin = end - self._gap * tickets
        self._operator = Actor(ActorKind.USER, operator, "", Role.CALL_TAKER)
        self._types = list(city.incident_types.values())
        self._kelurahan = list(city.kelurahan.values())
        self._per_day: dict[str, int] = {}
        self._assignments = 0
        # Pranksters ring again and again: a few hundred numbers make most of the prank calls.
        self._pranksters = [self._new_number() for _ in range(400)]

    def chunks(self) -> Iterator[_Rows]:
        """Give all tickets, oldest first, in portions for the bulk insert."""
        for start in range(0, self._count, CHUNK):
            rows = _Rows([], [], [], [])
            for id_ in range(start + 1, min(start + CHUNK, self._count) + 1):
                self._tell(id_, self._begin + self._gap * id_, rows)
            yield rows

    def counters(self) -> list[dict[str, Any]]:
        """The running numbers of the days that were told, so that today's tickets go on from there."""
        return [{"name": f"ticket:{day}", "value": value} for day, value in self._per_day.items()]

    def _tell(self, id_: int, at: datetime, rows: _Rows) -> None:
        kind = self._dice.choices(list(MIX), list(MIX.values()))[0]
        answered = at + timedelta(seconds=self._dice.uniform(2, 17))
        ended = answered + timedelta(seconds=self._dice.uniform(10, 180))
        abandoned = kind == "dropped"
        ticket = _blank(Ticket) | {
            "id": id_,
            "number": self._number(at),
            "state": "closed",
            "version": 4,
            "owner_id": self._operator.user_id,
            "classification": kind,
            "disposition": kind,
            "priority_by_hand": False,
            "joined_count": 0,
            "answer_rows": 0,
            "place_approximate": False,
            "opened_at": at,
            "claimed_at": answered,
            "closed_at": ended,
            "closed_by": self._operator.user_id,
        }
        call = _blank(Call) | self._call(id_, at, kind)
        self._entry(JournalKind.CALL_REGISTERED, id_, at, Actor.asterisk(), number=ticket["number"])
        if abandoned:
            call |= {"state": "abandoned", "ended_at": answered}
            self._entry(JournalKind.CALL_ABANDONED, id_, answered, Actor.asterisk(), duration_s=8)
        else:
            seat = next(iter(self._city.seats))
            call |= {"state": "ended", "answered_at": answered, "answered_by": self._operator.user_id, "seat": seat}
            call |= {
                "ended_at": ended,
                "seat_at": answered,
                "hangup_cause": "16",
                "duration_s": int((ended - at).total_seconds()),
            }
            self._entry(JournalKind.CALL_ANSWERED, id_, answered, Actor.asterisk(), seat=seat)
        self._entry(
            JournalKind.TICKET_CLAIMED, id_, answered, self._operator, owner_id=self._operator.user_id, by="answer"
        )
        self._entry(
            JournalKind.TICKET_CLASSIFIED,
            id_,
            ended,
            self._operator,
            classification=kind,
            type_code=None,
            priority=None,
        )
        if kind == "genuine":
            self._handle(id_, answered, ticket, rows)
        elif not abandoned:
            self._entry(JournalKind.CALL_ENDED, id_, ended, Actor.asterisk(), duration_s=call["duration_s"])
        rows.tickets.append(ticket)
        rows.calls.append(call)

    def _call(self, id_: int, at: datetime, kind: str) -> dict[str, Any]:
        number = self._dice.choice(self._pranksters) if kind == "prank" else self._new_number()
        return {
            "id": id_,
            "ticket_id": id_,
            "system_name": "pbx1",
            "linkedid": f"{at.timestamp():.3f}.{id_}",
            "channel": f"PJSIP/trunk-{id_:08x}",
            "number": number,
            "number_as_sent": number,
            "presentation": "allowed_passed_screen",
            "caller_name": "",
            "dnid": "112",
            "prank_count": 0,
            "announced": True,
            "late": False,
            "answer_guessed": False,
            "cut_off": False,
            "timed_by": "age",
            "ended_how": "told",
            "treatment": "normal",
            "queue_priority": 10,
            "received_at": at,
        }

    def _handle(self, id_: int, at: datetime, ticket: dict[str, Any], rows: _Rows) -> None:
        """A genuine call: located, sent to its agencies, worked and closed within about an hour."""
        incident = self._dice.choice(self._types)
        kelurahan = self._dice.choice(self._kelurahan)
        done = at + timedelta(minutes=self._dice.uniform(20, 90))
        ticket |= {"type_code": incident.code, "priority": incident.priority.value, "words": WORDS, "version": 12}
        ticket |= {"kelurahan_code": kelurahan.code, "place_text": kelurahan.name, "place_source": "operator"}
        ticket |= {"disposition": "handled", "first_dispatched_at": at, "closed_at": done}
        self._entry(
            JournalKind.TICKET_LOCATED, id_, at, self._operator, kelurahan_code=kelurahan.code, approximate=False
        )
        for role, code in (("primary", incident.primary), *(("supporting", c) for c in incident.supporting[:2])):
            self._assignments += 1
            rows.assignments.append(
                _blank(Assignment)
                | {
                    "id": self._assignments,
                    "ticket_id": id_,
                    "agency_code": code,
                    "role": role,
                    "state": "cleared",
                    "note": "Selesai ditangani.",
                    "sent_seq": self._head.seq + 1,
                    "sent_at": at,
                    "sent_by": self._operator.user_id,
                    "acknowledged_at": at + timedelta(minutes=1),
                    "en_route_at": at + timedelta(minutes=4),
                    "on_scene_at": at + timedelta(minutes=15),
                    "cleared_at": done,
                }
            )
            self._entry(JournalKind.ASSIGNMENT_SENT, id_, at, self._operator, self._assignments, agency=code, role=role)
            for step in ("acknowledged", "en_route", "on_scene", "cleared"):
                self._entry(kind_named(f"assignment.{step}"), id_, done, self._operator, self._assignments, agency=code)
        self._entry(JournalKind.TICKET_CLOSED, id_, done, self._operator, disposition="handled")
        note = {"ticket_id": id_, "kind": "words", "text": WORDS, "written_at": at}
        rows.notes.append(note | {"written_by": self._operator.user_id})

    def _entry(
        self,
        kind: JournalKind,
        ticket_id: int,
        at: datetime,
        actor: Actor,
        assignment_id: int | None = None,
        **data: Any,
    ) -> None:
        call_id = ticket_id if kind.startswith("call.") else None
        ids = {"ticket_id": ticket_id, "call_id": call_id, "assignment_id": assignment_id}
        self._head.append(kind.value, actor, at, **ids, data=data)

    def _number(self, at: datetime) -> str:
        day = at.astimezone(self._city.timezone).strftime("%y%m%d")
        self._per_day[day] = self._per_day.get(day, 0) + 1
        return f"{day}-{self._per_day[day]:03d}"

    def _new_number(self) -> str:
        return f"08{self._dice.choice(('12', '13', '57', '78', '96'))}{self._dice.randrange(10**8):08d}"
