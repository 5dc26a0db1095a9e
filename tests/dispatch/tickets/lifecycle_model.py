"""What a ticket should do, written down a second time in plain words.

The state machine gives every command to this model and to the product, and compares. A model method changes the model
and returns True (the command changes something) or False (it had been done before), or raises Refused. Who may give a
command, and from where it leads on, it asks of the product's rules: `test_lifecycle.py` says independently what those
are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dispatch.errors import (
    AgenciesOnIt,
    CommandRefused,
    IncidentClosed,
    InvalidValue,
    NotFound,
    RequirementMissing,
    TransitionRefused,
)
from dispatch.roles import Role
from dispatch.tickets.lifecycle import (
    AssignmentCommand,
    AssignmentState,
    Ownership,
    TicketCommand,
    TicketState,
    already_reached,
    check_assignment_command,
    check_may_report,
    check_ticket_command,
    check_works_tickets,
)

UNDO_S = 10
SHORT_CALL_S = 5
MOST_ATTEMPTS = 2
OPERATORS = ("dewi", "rizki", "ratna")
SUPERVISOR = "ratna"
SEATS = {"op1": "dewi", "op2": "rizki"}  #: op9 is nobody's
PICKUP_S = 15
LIVE = ("sent", "acknowledged", "en_route", "on_scene")
NUISANCES = ("prank", "ghost", "information", "wrong_number", "dropped")
DISPOSITIONS = ("handled", "handled_by_phone", "no_responder_needed", "cancelled", "duplicate")
#: The states to which an agency brings its assignment, and how it reports each.
STEPS = {
    "acknowledged": AssignmentCommand.ACKNOWLEDGE,
    "declined": AssignmentCommand.DECLINE,
    "en_route": AssignmentCommand.EN_ROUTE,
    "on_scene": AssignmentCommand.ON_SCENE,
    "cleared": AssignmentCommand.CLEAR,
}
_ROLES = {"dewi": Role.CALL_TAKER, "rizki": Role.CALL_TAKER, SUPERVISOR: Role.SUPERVISOR, "admin": Role.ADMIN}


class Refused(Exception):
    """The model expects a refusal of this kind."""

    def __init__(self, kind: type[CommandRefused]) -> None:
        self.kind = kind
        super().__init__(kind.__name__)


@contextmanager
def _as_the_rules_say() -> Iterator[None]:
    try:
        yield
    except CommandRefused as refusal:
        raise Refused(type(refusal)) from None


def role_of(who: str) -> Role:
    """Somebody's role; whoever has no other is an agency's."""
    return _ROLES.get(who, Role.RESPONDER)


@dataclass(eq=False)  # two assignments are never the same one
class Task:
    """An assignment."""

    agency: str
    state: str = "sent"


@dataclass(eq=False)  # two cases are never the same one
class Case:
    """A ticket with its call."""

    number: str | None = None
    announced: bool = True  #: its arrival was told, and not only what happened to it
    call: str = "ringing"
    answered: bool = False
    answered_at_s: float = 0  #: as far as it is known
    answer_timed: bool = True
    seat: str | None = None
    ended_how: str | None = None
    ended_at_s: float = 0
    pickup_due_s: float | None = None
    on_list: bool = False  #: waits for a callback, whether or not somebody works it
    state: str = "new"
    owner: str | None = None
    classification: str | None = None
    typed: bool = False
    worded: bool = False
    placed: bool = False
    disposition: str | None = None
    closed_by: str | None = None
    closed_at_s: float = 0
    tasks: dict[int, Task] = field(default_factory=dict)
    parent: Case | None = None  #: the case this caller's was attached to

    @property
    def event(self) -> Case:
        """The case at the end of the chain."""
        return self if self.parent is None else self.parent.event

    def picked_up(self, extension: str, now_s: float, others: Iterable[Case] = (), waits_since_s: float = 0) -> bool:
        """A seat answers; `waits_since_s` is the newest call of this number that waits for a callback."""
        seat = extension if extension in SEATS else None
        if self.answered and (self.seat == seat or (self.over and not self.conjectured)):
            return False
        first, was_over, in_time = not self.answered, self.over, not self.over or self.conjectured
        self.answered, self.seat = True, seat
        if in_time:
            self.call, self.ended_how = "answered", None
            for other in others:
                if other is not self and seat is not None and (other.call, other.seat) == ("answered", seat):
                    other.call, other.ended_how, other.ended_at_s = "ended", "inferred", now_s
            if first:
                self.answered_at_s = now_s
        else:
            self.call, self.answered_at_s, self.answer_timed = "ended", self.ended_at_s, False
        if was_over and self.on_list and self.state != "closed":
            self._leave_list()
        if first and waits_since_s <= self.answered_at_s:
            for other in others:
                if other is not self and self.number is not None and other.number == self.number:
                    other.got_through(now_s)
            if self.number is not None and self.on_list:
                self._leave_list()
        operator = SEATS.get(extension)
        self.pickup_due_s = None
        if self.state == "closed":
            if self.classification in NUISANCES and first and in_time:
                # Set aside while it rang; now somebody hears the caller.
                self.state, self.owner = "claimed" if operator else "new", operator
                self.disposition = self.closed_by = None
                self.classification = "genuine" if self.typed else None
                self.on_list = False
        elif operator and (self.owner is None or in_time):
            self.owner = operator
            if self.state in ("new", "callback"):
                self.state = "claimed"
        return True

    def announce(self, number: str | None, now_s: float, others: Iterable[Case], waits_since_s: float) -> None:
        """The arrival of a call is told after something that happened to it."""
        self.announced, self.number = True, number
        if self.answered and number is not None and waits_since_s <= self.answered_at_s:
            for other in others:
                if other is not self and other.number == number:
                    other.got_through(now_s)

    @property
    def over(self) -> bool:
        return self.call in ("abandoned", "ended")

    @property
    def conjectured(self) -> bool:
        return self.ended_how in ("inferred", "restart", "by_hand")

    def _leave_list(self) -> None:
        self.on_list = False
        if self.state == "callback":
            self.state = "new"

    def ended(self, now_s: float, how: str = "told") -> bool:
        """The call is over: as it was told, or as it follows from something else."""
        if self.over and (how != "told" or not self.conjectured):
            return False
        before = self.ended_how
        self.call = "ended" if self.answered else "abandoned"
        self.ended_how, self.ended_at_s, self.pickup_due_s = how, now_s, None
        short = how == "told" and self.answer_timed and now_s - self.answered_at_s <= SHORT_CALL_S
        cut_off = how == "restart" or (short and self.classification is None)
        anybody = how == "restart" and self.state != "closed"
        if self.answered and not cut_off:
            if before == "restart" and self.on_list and self.state != "closed":
                self._leave_list()
        elif not self.on_list and (anybody or self.state in ("new", "claimed")):
            self.on_list = True
            if self.state == "new":
                self.state = "callback"
        return True

    def given_back(self, now_s: float) -> bool:
        """Taken by hand, and nobody picked up."""
        if self.pickup_due_s is None or now_s < self.pickup_due_s:
            return False
        self.pickup_due_s = None
        if self.state == "claimed" and self.owner is not None and self.call == "ringing":
            self.state, self.owner = "callback" if self.on_list else "new", None
        return True

    def _taken_by_hand(self, now_s: float) -> None:
        self.pickup_due_s = now_s + PICKUP_S if self.call == "ringing" else None

    def got_through(self, now_s: float) -> None:
        """The same number talks to somebody on another ticket, or is reached by a callback."""
        if self.on_list and self.state == "callback":
            self._close(None, "got_through", now_s)
        self.on_list = False

    @property
    def waits(self) -> bool:
        """Whether it is to be seen on the callback list."""
        unsorted = (self.state == "claimed" and self.classification is None) or self.ended_how == "restart"
        return self.on_list and (self.state in ("callback", "closed") or unsorted)

    def take_up(self, who: str) -> None:
        """The caller was reached by dialling."""
        if self.state == "closed":
            self.classification = "genuine" if self.typed else None
        if self.state in ("callback", "closed"):
            self.state, self.owner, self.disposition, self.closed_by = "claimed", who, None, None
        self.on_list = False

    def claim(self, who: str, now_s: float = 0) -> bool:
        self._works_tickets(TicketCommand.CLAIM, who)
        if self.state != "closed" and self.owner == who:
            return False
        self._check(TicketCommand.CLAIM, who)
        self.owner = who
        self._taken_by_hand(now_s)
        if self.state in ("new", "callback"):
            self.state = "claimed"
        return True

    def release(self, who: str) -> bool:
        self._check(TicketCommand.RELEASE, who)
        if self.owner is None:
            return False
        self.owner = self.pickup_due_s = None
        if self.state == "claimed":
            self.state = "callback" if self.on_list else "new"
        return True

    def take_over(self, who: str, reason: str, now_s: float) -> bool:
        self._works_tickets(TicketCommand.TAKE_OVER, who)
        if self.state != "closed" and self.owner == who:
            return False
        self._check(TicketCommand.TAKE_OVER, who)
        if not reason.strip():
            raise Refused(RequirementMissing)
        self.owner = who
        self._taken_by_hand(now_s)
        return True

    def classify(self, who: str, kind: str, *, typed: bool, worded: bool, valid: bool, now_s: float) -> bool:
        self._works_tickets(TicketCommand.CLASSIFY, who)
        if kind in NUISANCES and self.state == "closed" and self.classification == kind:
            return False
        self._check(TicketCommand.CLASSIFY, who)
        if kind in NUISANCES:
            if self.state != "claimed":
                raise Refused(TransitionRefused)
            self._close(who, kind, now_s)
            self.on_list = kind == "dropped" and self.number is not None
        else:
            if not valid:
                raise Refused(InvalidValue)
            if not (typed or worded or self.typed or self.worded):
                raise Refused(RequirementMissing)
            self.typed |= typed
        self.worded |= worded
        self.classification = kind
        return True

    def locate(self, who: str, *, valid: bool) -> bool:
        self._check(TicketCommand.LOCATE, who)
        if not valid:
            raise Refused(CommandRefused)
        self.placed = True
        return True

    def dispatch(self, who: str, agencies: list[str], *, valid: bool) -> list[str]:
        """Return the agencies that get an assignment; `sent` enters them under the product's ids."""
        self._check(TicketCommand.DISPATCH, who)
        if not (self.typed and self.placed and agencies):
            raise Refused(RequirementMissing)
        if not valid:
            raise Refused(InvalidValue)
        have = {task.agency for task in self.tasks.values() if task.state in LIVE}
        return [agency for agency in dict.fromkeys(agencies) if agency not in have]

    def sent(self, ids: dict[int, str]) -> None:
        self.tasks |= {id_: Task(agency) for id_, agency in ids.items()}
        self._follow()

    def report(self, task: Task, who: str, step: str) -> bool:
        own_agency = who == task.agency.lower()
        if role_of(who) is Role.RESPONDER and not own_agency:
            raise Refused(NotFound)
        command, state = STEPS[step], AssignmentState(task.state)
        with _as_the_rules_say():
            check_may_report(command, role_of(who), own_agency)
            if already_reached(command, state):
                return False
            check_assignment_command(command, state, role_of(who), own_agency)
        task.state = step
        self._follow()
        return True

    def attach(self, who: str, to: Case, now_s: float) -> bool:
        self._works_tickets(TicketCommand.ATTACH, who)
        if to is self:
            raise Refused(InvalidValue)
        if to.event is self or (self.parent is not None and self.event is to.event):
            return False
        if self.state in ("dispatched", "in_progress", "verify") and who in (self.owner, SUPERVISOR):
            raise Refused(AgenciesOnIt)
        self._check(TicketCommand.ATTACH, who)
        if to.event.state == "closed":
            raise Refused(IncidentClosed)
        self.classification = "genuine"
        self._close(who, "duplicate", now_s)
        self.on_list = False
        self.parent = to.event
        return True

    def detach(self, who: str, now_s: float) -> bool:
        self._works_tickets(TicketCommand.DETACH, who)
        if self.parent is None and self.state == "claimed" and self.owner == who:
            return False
        self._check(TicketCommand.DETACH, who, owns_event=self.parent is not None and self.event.owner == who)
        self.owner = self.owner if self.owner and self.call == "answered" else who
        self.classification = "genuine" if self.typed or self.worded else None
        self.state, self.disposition, self.closed_by, self.parent = "claimed", None, None, None
        self._taken_by_hand(now_s)
        return True

    def add_words(self, who: str) -> None:
        self._check(TicketCommand.ADD_WORDS, who)
        self.worded = True

    def close(self, who: str, disposition: str, now_s: float) -> bool:
        if disposition not in DISPOSITIONS:
            raise Refused(InvalidValue)
        self._works_tickets(TicketCommand.CLOSE, who)
        if self.state == "closed" and self.disposition == disposition:
            return False  # attached or not: it is a duplicate already
        self._check(TicketCommand.CLOSE, who)
        calls_off = disposition in ("cancelled", "duplicate")
        if self.state in ("dispatched", "in_progress") and not calls_off:
            raise Refused(TransitionRefused)
        if disposition == "handled" and not any(task.state == "cleared" for task in self.tasks.values()):
            raise Refused(TransitionRefused)
        for task in self.tasks.values():
            if task.state in LIVE:
                task.state = "cancelled"
        self.classification = self.classification or "genuine"
        self._close(who, disposition, now_s)
        self.on_list = False
        return True

    def reopen(self, who: str, reason: str | None, now_s: float) -> bool:
        self._works_tickets(TicketCommand.REOPEN, who)
        if self.state == "claimed" and self.owner == who:
            return False
        self._check(TicketCommand.REOPEN, who)
        undo = self.closed_by == who and now_s <= self.closed_at_s + UNDO_S
        if not reason and not undo:
            raise Refused(RequirementMissing)
        if self.classification in NUISANCES:
            self.classification = "genuine" if self.typed else None
        self.state, self.owner, self.disposition, self.closed_by = "claimed", who, None, None
        self._taken_by_hand(now_s)
        return True

    def _works_tickets(self, command: TicketCommand, who: str) -> None:
        with _as_the_rules_say():
            check_works_tickets(command, role_of(who))

    def _check(self, command: TicketCommand, who: str, *, owns_event: bool = False) -> None:
        """Whether the rules let somebody give a command now; of an event's tickets all are its owner's."""
        owned = Ownership.SELF if owns_event or self.owner == who else Ownership.OTHER
        if self.owner is None and not owns_event:
            owned = Ownership.NOBODY
        with _as_the_rules_say():
            check_ticket_command(
                command, TicketState(self.state), owned, role_of(who), attached=self.parent is not None
            )

    def _close(self, who: str | None, disposition: str, now_s: float) -> None:
        self.state, self.disposition, self.closed_by, self.closed_at_s = "closed", disposition, who, now_s
        self.pickup_due_s = None

    def _follow(self) -> None:
        states = {task.state for task in self.tasks.values()}
        if states & set(LIVE):
            self.state = (
                "dispatched" if not states & {"acknowledged", "en_route", "on_scene", "cleared"} else "in_progress"
            )
        elif "cleared" in states:
            self.state = "verify"
        else:
            self.state = "claimed" if self.owner else "new"
