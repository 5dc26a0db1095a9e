"""What a newcomer to the demo sees: with the first sign-in a house is on fire, and nobody at the agency looks.

The duty officer is told at once, a minute later the chief, then the head; until somebody presses TERIMA.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import gevent
from sqlalchemy import select

from app.node.demo import NO_SEAT
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.answering import call_answered
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import Centre
from dispatch.city.model import Priority
from dispatch.errors import CommandRefused, StorageUnavailable
from dispatch.roles import OPERATOR_ROLES, Actor, ActorKind, Role
from dispatch.storage.journal import Entry
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Call, Ticket, User

log = logging.getLogger(__name__)

SYSTEM = "demo-story"  #: the exchange that the story's calls come from
_CALLER = "081200000990"


class DemoStory:
    """Begins once in the life of a node, unless the story of before is still open."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._begun = False

    def start(self) -> None:
        """Wait for the first sign-in."""
        self._centre.journal_followers.append(self._follow)

    def _follow(self, entries: Sequence[Entry]) -> None:
        if not self._begun and any(entry.kind == JournalKind.SESSION_OPENED for entry in entries):
            self._begun = True
            gevent.spawn(self._tell)

    def _tell(self) -> None:
        try:
            self.tell()
        except (CommandRefused, StorageUnavailable) as error:
            log.warning("the demo's story could not begin error=%s", type(error).__name__)

    def tell(self) -> str | None:
        """A call, its ticket, and an agency that is sent; return the ticket's number, None where there is one."""
        centre, city = self._centre, self._centre.city
        agencies = [user.agency_code for user in city.demo_users if user.agency_code]
        urgent = [
            type_
            for type_ in city.incident_types.values()
            if type_.priority is Priority.P1 and type_.primary == (agencies[0] if agencies else None)
        ]
        operator = self._operator()
        if operator is None or not urgent or self._is_open():
            return None
        linkedid = f"{centre.clock.now().timestamp():.0f}.112"
        call = IncomingCall(system_name=SYSTEM, linkedid=linkedid, ani=_CALLER, presentation="allowed", dnid="112")
        number = centre.run(register_call, call=call).ticket_number
        centre.run(claim_ticket, actor=operator, number=number)
        centre.run(call_answered, system_name=SYSTEM, linkedid=linkedid, extension=NO_SEAT)
        ward = next(iter(city.kelurahan.values()))
        type_ = urgent[0]
        centre.run(classify_ticket, actor=operator, number=number, classification="genuine", type_code=type_.code)
        centre.run(locate_ticket, actor=operator, number=number, kelurahan_code=ward.code)
        centre.run(dispatch_ticket, actor=operator, number=number, agencies=[type_.primary])
        centre.run(call_ended, system_name=SYSTEM, linkedid=linkedid)
        return number

    def _is_open(self) -> bool:
        """Whether the story of before goes on."""
        open_ = (
            select(Ticket.id)
            .join(Call, Call.ticket_id == Ticket.id)
            .where(Call.system_name == SYSTEM, Ticket.closed_at.is_(None))
        )
        with self._centre.read() as connection:
            return connection.execute(open_.limit(1)).first() is not None

    def _operator(self) -> Actor | None:
        """The last of the demo's call takers: whoever has just signed in is more likely the first."""
        names = [user.username for user in self._centre.city.demo_users if user.role in OPERATOR_ROLES]
        takers = select(User.id, User.display_name).where(
            User.username.in_(names), User.role == Role.CALL_TAKER.value, User.deactivated_at.is_(None)
        )
        with self._centre.read() as connection:
            row = connection.execute(takers.order_by(User.id.desc()).limit(1)).first()
        return Actor(ActorKind.USER, row.id, row.display_name, Role.CALL_TAKER) if row is not None else None
