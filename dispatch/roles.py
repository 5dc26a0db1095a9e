"""Who acts: the roles of a 112 centre and the actor that every command names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a signed-in person is to the centre."""

    CALL_TAKER = "call_taker"  #: answers calls, classifies, locates and dispatches
    RESPONDER = "responder"  #: works for one agency and sees only what concerns it
    SUPERVISOR = "supervisor"  #: watches the board and may do whatever a call taker may
    ADMIN = "admin"  #: makes users and tokens; reads what the centre reads
    LEADER = "leader"  #: Sekda or mayor: sees what the ladders have brought before the office, and follows it up


CENTRE_ROLES = frozenset({Role.CALL_TAKER, Role.SUPERVISOR, Role.ADMIN})  #: see every ticket
OPERATOR_ROLES = frozenset({Role.CALL_TAKER, Role.SUPERVISOR})  #: may work tickets


class LadderRole(StrEnum):
    """As what somebody stands on a ladder; those of an agency first, then the centre's, then those above."""

    DUTY = "duty"  #: on duty at the agency
    CHIEF = "chief"  #: chief of the shift
    HEAD = "head"  #: head of the agency
    SUPERVISOR = "supervisor"  #: of the centre
    DESK = "desk"  #: triage desk of the complaint service
    LEADER = "leader"  #: of an office above the agencies


AGENCY_ROLES = frozenset({LadderRole.DUTY, LadderRole.CHIEF, LadderRole.HEAD})


class TokenScope(StrEnum):
    """What a program's bearer token is good for."""

    ALL = "all"  #: whatever its user's role may do
    CALL_RECORD = "call-record"  #: handing in the exchange's own record of calls, and nothing else


class ActorKind(StrEnum):
    """Whether a person (with a sign-in or without), the exchange, the system itself or a caller's telephone acted."""

    USER = "user"
    ASTERISK = "asterisk"
    SYSTEM = "system"
    CALLER = "caller"  #: the caller's own telephone, through a location link
    CONTACT = "contact"  #: somebody of an agency without a sign-in, through a signed link or a reply to a message


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a command is carried out for; `name` is for screens and never reaches the journal."""

    kind: ActorKind
    user_id: int | None = None
    name: str = ""
    role: Role | None = None
    agency_code: str | None = None
    seat: str | None = None
    contact_id: int | None = None  #: of a contact without a sign-in

    @classmethod
    def asterisk(cls) -> Actor:
        """The telephone exchange, through FastAGI."""
        return cls(ActorKind.ASTERISK, name="Asterisk")

    @classmethod
    def system(cls) -> Actor:
        """The software itself: start-up, clocks, the command line."""
        return cls(ActorKind.SYSTEM, name="Siaga 112")

    @classmethod
    def caller(cls) -> Actor:
        """A caller's telephone that shares its position."""
        return cls(ActorKind.CALLER)

    @property
    def journal_id(self) -> int | None:
        """Who of this kind it was, as the journal keeps it: a user's id, of a contact the contact's."""
        return self.contact_id if self.kind is ActorKind.CONTACT else self.user_id

    @property
    def sees_all_tickets(self) -> bool:
        """Whether this actor belongs to the centre; a responder sees only the agency's own tickets."""
        return self.kind not in (ActorKind.USER, ActorKind.CONTACT) or self.role in CENTRE_ROLES
