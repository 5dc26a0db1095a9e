"""One shift at the centre: who is on duty, and what they do, in one line each."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, Table, insert, select

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.answering import call_answered
from dispatch.calls.incoming import IncomingCall, RegisteredCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import Centre
from dispatch.people.commands import open_web_session, take_seat
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.tables import Base, JournalEntry, Ticket, User
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.tickets.views import TicketReader
from tests.steppable_clock import SteppableClock

SYSTEM_NAME = "siaga-a"
FIRE = "kebakaran-bangunan"  #: P1, DAMKAR is the primary agency
CIPARE = "36.73.01.1002"
IN_CIPARE = (-6.125925, 106.16315)
#: Three agencies that a fire concerns; the fourth is never sent anything.
AGENCIES = ("DAMKAR", "PSC119", "POLRESTA")
STAFF: tuple[tuple[str, Role, str | None], ...] = (
    ("dewi", Role.CALL_TAKER, None),
    ("rizki", Role.CALL_TAKER, None),
    ("ratna", Role.SUPERVISOR, None),
    ("admin", Role.ADMIN, None),
    *((agency.lower(), Role.RESPONDER, agency) for agency in (*AGENCIES, "DISHUB")),
)


@dataclass
class Shift:
    """The centre and its people; actors are attributes, verbs run commands."""

    centre: Centre
    clock: SteppableClock
    people: dict[str, Actor] = field(default_factory=dict)
    _linkedids: int = 0

    @classmethod
    def begin(cls, centre: Centre, clock: SteppableClock) -> Shift:
        """Sign everybody in who is on duty."""
        return cls(centre, clock, centre.run(_hire_everybody))

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def seat(self, actor: Actor, seat: str) -> int:
        """Sign the actor in at a seat; return the session."""
        session_id = self.sign_in(actor)
        self.run(take_seat, actor=actor, session_id=session_id, seat=seat)
        return session_id

    def sign_in(self, actor: Actor) -> int:
        """Open a session for the actor and return its id."""
        self._linkedids += 1
        opened = self.run(
            open_web_session,
            actor=actor,
            token_hash=f"{self._linkedids:064d}",
            expires_at=self.clock.now() + timedelta(hours=12),
        )
        return int(opened.session_id)

    def run(self, command: Any, **arguments: Any) -> Any:
        """Run any command."""
        return self.centre.run(command, **arguments)

    def run_once(self, request_id: str, command: Any, **arguments: Any) -> Any:
        """Run any command under a request's id."""
        return self.centre.run_once(request_id, command, **arguments)

    def ring(self, linkedid: str | None = None, **call: Any) -> RegisteredCall:
        """Let a call come in; without a linkedid it is a call like no other."""
        if linkedid is None:
            self._linkedids += 1
            linkedid = f"1795485240.{self._linkedids}"
        incoming = IncomingCall(system_name=SYSTEM_NAME, linkedid=linkedid, **call)
        answer: RegisteredCall = self.run(register_call, call=incoming)
        return answer

    def answer(self, linkedid: str, extension: str = "op1", **details: Any) -> Outcome:
        """A seat picks up."""
        call = {"system_name": SYSTEM_NAME, "linkedid": linkedid}
        outcome: Outcome = self.run(call_answered, extension=extension, **call, **details)
        return outcome

    def hang_up(self, linkedid: str, **details: Any) -> Outcome:
        """The call is over."""
        outcome: Outcome = self.run(call_ended, system_name=SYSTEM_NAME, linkedid=linkedid, **details)
        return outcome

    def claimed(self, actor: Actor | None = None, **call: Any) -> str:
        """A call came in and the actor (dewi) claimed its ticket; return its number."""
        number = self.ring(**call).ticket_number
        self.run(claim_ticket, actor=actor or self.dewi, number=number)
        return number

    def ready(self, actor: Actor | None = None, type_code: str = FIRE, **call: Any) -> str:
        """A claimed ticket whose type and place are known; return its number."""
        number, actor = self.claimed(actor, **call), actor or self.dewi
        self.run(classify_ticket, actor=actor, number=number, classification="genuine", type_code=type_code)
        self.run(locate_ticket, actor=actor, number=number, kelurahan_code=CIPARE)
        return number

    def sent(self, *agencies: str, actor: Actor | None = None, **call: Any) -> tuple[str, list[int]]:
        """A ticket that was sent to agencies (DAMKAR); return its number and the assignments in that order."""
        number = self.ready(actor, **call)
        return number, self.send(number, *(agencies or ("DAMKAR",)), actor=actor)

    def send(self, number: str, *agencies: str, actor: Actor | None = None) -> list[int]:
        """Send a ticket that is ready to (more) agencies; return the new assignments."""
        sent = self.run(dispatch_ticket, actor=actor or self.dewi, number=number, agencies=list(agencies))
        return list(sent.assignment_ids)

    def taken_up(self, *agencies: str, actor: Actor | None = None, **call: Any) -> tuple[str, list[int]]:
        """A ticket that its agencies have acknowledged."""
        agencies = agencies or ("DAMKAR",)
        number, assignments = self.sent(*agencies, actor=actor, **call)
        for agency, assignment in zip(agencies, assignments, strict=True):
            self.run(acknowledge_assignment, actor=self.people[agency.lower()], assignment_id=assignment)
        return number, assignments

    def ticket(self, number: str) -> dict[str, Any]:
        """The ticket as the centre sees it."""
        with self.centre.read() as connection:
            id_ = connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar_one()
            return TicketReader(connection, self.centre.city, [id_]).for_centre(id_)

    def agency_ticket(self, number: str, agency: str) -> dict[str, Any] | None:
        """The ticket as an agency sees it."""
        with self.centre.read() as connection:
            id_ = connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar_one()
            return TicketReader(connection, self.centre.city, [id_]).for_agency(id_, agency)

    def assignment(self, number: str, assignment_id: int) -> dict[str, Any]:
        """One assignment of a ticket as the centre sees it."""
        return next(a for a in self.ticket(number)["assignments"] if a["id"] == assignment_id)

    def entries(self, after: int = 0) -> Sequence[Row[Any]]:
        """The journal entries after a number."""
        with self.centre.read() as connection:
            return connection.execute(
                select(JournalEntry.__table__).where(JournalEntry.seq > after).order_by(JournalEntry.seq)
            ).all()

    def kinds(self, after: int = 0) -> list[str]:
        """What happened after a journal number."""
        return [entry.kind for entry in self.entries(after)]

    def newest(self) -> int:
        """The newest journal number."""
        entries = self.entries()
        return int(entries[-1].seq) if entries else 0

    def rows(self, model: type[Base]) -> Sequence[Row[Any]]:
        """All rows of a table, in the order of its key."""
        table = model.__table__
        with self.centre.read() as connection:
            return connection.execute(select(table).order_by(*table.primary_key.columns)).all()

    def everything(self, of: Container[str] | None = None) -> dict[str, Any]:
        """All that the database holds, or all that these tables hold, to see that nothing was written."""
        with self.centre.read() as connection:
            return {
                name: (connection.exec_driver_sql(query) if isinstance(query, str) else connection.execute(query)).all()
                for name, query in _EVERYTHING.items()
                if of is None or name in of
            }


def _everything_of(table: Table) -> Select[Any] | str:
    """All rows in order: with the types of their columns where tests look into them, else as the driver gives them."""
    in_order = select(table).order_by(*table.primary_key.columns)
    return in_order if table.name in LOOKED_INTO else str(in_order.compile())


LOOKED_INTO = {"tickets", "assignments", "callbacks", "journal", "web_sessions"}
#: Made once: a test of many steps asks for everything after each of them.
_EVERYTHING = {table.name: _everything_of(table) for table in Base.metadata.sorted_tables}


def _hire_everybody(tx: Transaction) -> dict[str, Actor]:
    """Make all users in one go; most tests need them and few care how they came to be."""
    rows = [
        {
            "username": username,
            "display_name": username.title(),
            "password_hash": "unusable",
            "role": role,
            "agency_code": agency,
            "created_at": tx.now,
        }
        for username, role, agency in STAFF
    ]
    tx.connection.execute(insert(User), rows)
    ids = {row.username: row.id for row in tx.connection.execute(select(User.username, User.id))}
    return {
        username: Actor(ActorKind.USER, ids[username], username.title(), role, agency)
        for username, role, agency in STAFF
    }
